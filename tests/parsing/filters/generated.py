"""Rows and filters for property tests: small pools of values in which everything that matters happens to meet."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from parsing.index.snapshot import Snapshot
from tests.parsing.filters.oracle import PlainRow
from tests.small_sets import Table, small_snapshot

START = datetime.fromisoformat("2026-06-14T22:00:00")

POOLS: dict[str, tuple[Any, ...]] = {
    "c-ip": (
        None,
        "10.2.3.4",
        "10.2.255.1",
        "10.3.0.0",
        "::1",
        "::1%0",
        "fe80::1%13",
        "fe80:0::0001",
        "::ffff:10.2.3.4",
        "293.1.1.1",
        "...",
        "::FFFF:0a02:0304",
        "2001:4898:0:fff:0:5efe:10.164.167.30%0",
    ),
    "cs-method": (None, "GET", "get", "POST", "PROPFIND"),
    "cs-uri-stem": (
        None,
        "/",
        "/a",
        "/A",
        "/a/b c",
        "/a?b",
        "/reports/x.aspx",
        "/Reports/Ä",
        "/x*y",
        "...",
        "/[a].(b)",
    ),
    "cs-uri-query": (None, "id=1", "ID=1", "q=a?b", "...", "x=/a", "5", "?"),
    "cs-uri": (None, "/", "/a", "/a?id=1", "/A?b", "/a?", "?id=1", "*", "...", "/reports/x.aspx?q=a?b", "/[a].(b)?5"),
    "s-sitename": (None, "W3SVC1", "W3SVC12", "w3svc1", "Default"),
    "s-siteid": (None, "1", "12", "447434323"),
    "sc-status": (None, 200, 304, 404, 500, 503),
    "sc-win32-status": (None, 0, 64, 2147942464, -2147024832, 2148074254, 995),
    "time-taken": (None, 0, 15, 999, 1000, 1500, 94_000),
    "cs-version": (None, "HTTP/1.1", "HTTP/2", "HTTP/2.0", "http/2"),
    "cs(User-Agent)": (None, "curl/8.0", "Mozilla/5.0+(Windows+NT)", "-x", "and", "a,b", "..."),
    "X-Time": (None, "5", "10", "7.5", "5 ms", "nan", "10.2.3.4"),
    "c-port": (None, 80, 50123, 65535),
    "REMOTE_PORT": (None, 80, 50123),
    "s-reason": (None, "Timer_ConnectionIdle", "timer_connectionidle", "Connection_Dropped", "BadRequest"),
    "s-queuename": (None, "DefaultAppPool", "..."),
}

LAYOUTS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (
        "iis",
        "W3SVC1/u_ex260615.log",
        (
            "c-ip",
            "cs-method",
            "cs-uri-stem",
            "cs-uri-query",
            "s-sitename",
            "sc-status",
            "sc-win32-status",
            "time-taken",
            "cs-version",
            "cs(User-Agent)",
            "X-Time",
            "REMOTE_PORT",
        ),
    ),
    ("iis", "july.zip/u_ex1.log", ("cs-uri-stem", "s-sitename", "s-siteid", "sc-status")),
    (
        "httperr",
        "httperr1.log",
        ("c-ip", "c-port", "cs-version", "cs-method", "cs-uri", "s-siteid", "s-reason", "s-queuename", "sc-status"),
    ),
)

CUSTOM = ("X-Time", "REMOTE_PORT")


def tables(seed: int, rows: int) -> list[Table]:
    """Random rows of each layout, in time order, over two days."""
    dice = random.Random(seed)
    made: list[Table] = []
    for log, source, fields in LAYOUTS:
        times = sorted(START + timedelta(milliseconds=dice.randrange(0, 30 * 3_600_000, 500)) for _ in range(rows))
        content = [{"time": time.isoformat()} | {name: dice.choice(POOLS[name]) for name in fields} for time in times]
        made.append((log, source, fields, content))
    return made


def plain_rows(made: list[Table]) -> list[PlainRow]:
    return [
        PlainRow(log, source, number, datetime.fromisoformat(row["time"]), {name: row[name] for name in fields})
        for log, source, fields, rows in made
        for number, row in enumerate(rows, 1)
    ]


def snapshot_of(folder: Path, made: list[Table], *, text: frozenset[str] = frozenset()) -> Snapshot:
    folder.mkdir(parents=True, exist_ok=True)
    return small_snapshot(folder, made, text=text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


_TEXT_FIELDS = {
    "client": "c-ip",
    "method": "cs-method",
    "path": "cs-uri-stem",
    "query": "cs-uri-query",
    "uri": "cs-uri",
    "cs-uri": "cs-uri",
    "cs-uri-stem": "cs-uri-stem",
    "site": "s-sitename",
    "s-sitename": "s-sitename",
    "S-SITEID": "s-siteid",
    "version": "cs-version",
    "cs(User-Agent)": "cs(User-Agent)",
    "x-time": "X-Time",
    "Reason": "s-reason",
    "queue": "s-queuename",
    "host": "s-queuename",
}

_GLOBS = (
    "*",
    "/a*",
    "*a*",
    "*?*",
    "/*?*=1",
    "*.aspx*",
    "*1",
    "10.2.*",
    "W3*",
    "*_*",
    "**b",
    "/*/*",
    "*HTTP/2*",
    '*"0 (Win"*',
    "fe80:*",
)
_REGEXES = ("^/a", "a", "id=[0-9]", "(x|y)", r"\?", "^/a.id", "1$", "%", r"2\.0", "^10[.]2", "^$")
_NETWORKS = ("10.2.0.0/16", "10.2.3.0/24", "10.0.0.0/15", "0.0.0.0/0", "::/0", "fe80::/10", "::ffff:10.2.0.0/112")
_ADDRESSES = (
    "10.2.3.4",
    "::1",
    "fe80::1",
    "::ffff:10.2.3.4",
    "::1%7",
    "10.2.255.1..",
    "..fe80::5",
    "10.0.0.0..10.2.100.1",
)
_RANGES = ("5..10", "..7", "7.2..", "1..1")
_ORDERS = ("<", "<=", ">", ">=")


def _cased(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from([text, text.upper(), text.lower()])


def _words(field: str) -> st.SearchStrategy[str]:
    own = [value for value in POOLS[field] if value is not None]
    return st.sampled_from([*own, "nothing", "/a?id=1", "W3SVC1", "1", ""]).flatmap(_cased).map(_quoted)


@st.composite
def _text_terms(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(sorted(_TEXT_FIELDS)))
    is_address = name == "client"
    simple = st.one_of(
        _words(_TEXT_FIELDS[name]),
        st.just("-"),
        st.sampled_from(_NETWORKS),
        st.sampled_from(_ADDRESSES if is_address else _RANGES),
        st.sampled_from(_GLOBS),
    )
    kind = draw(st.integers(0, 9))
    if kind < 5:
        return f"{name}:{draw(simple)}"
    if kind == 5:
        return f"{name}:({', '.join(draw(st.lists(simple, min_size=1, max_size=3)))})"
    if kind < 8:
        value = draw(st.one_of(_words(_TEXT_FIELDS[name]), st.just("-")))
        return f"{name}{draw(st.sampled_from(['=', '!=']))}{value}"
    if kind == 8:
        return f"{name}{draw(st.sampled_from(['~', '!~']))}{draw(st.sampled_from(_REGEXES))}"
    bound = draw(st.sampled_from(["10.2.3.4", "::1"] if is_address else ["5", "7.5", "12"]))
    return f"{name}{draw(st.sampled_from(_ORDERS))}{bound}"


_NUMBERS = {
    "status": (
        "200",
        "404",
        "500",
        "5xx",
        "3XX",
        "404..503",
        "..300",
        "500..",
        "*0*",
        "-",
        "(200, 5xx, -)",
        "99999999999",
    ),
    "win32": ("64", "2147942464", "0..100", "1..", "..2147942464", "2148074254", "-"),
    "taken": ("0", "1.5s", "0.5", "1s..2s", "1000ms", "0.025m", "1H..", "..94s", "-", "-5"),
    "port": ("80", "50123", "1..1000", "-"),
    "line": ("1", "3..5", "10.."),
    "sc-substatus": ("0", "-", "19.."),
}


@st.composite
def _number_terms(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(sorted(_NUMBERS)))
    value = draw(st.sampled_from(_NUMBERS[name]))
    is_single = value.replace(".", "", 1).rstrip("smhHd").lstrip("-").isdigit()
    plain = [":"] if "*" in value else [":", "=", "!="]
    if draw(st.integers(0, 9)) == 0:
        return f"{name}{draw(st.sampled_from(['~', '!~']))}{draw(st.sampled_from(['^5', '0', '4$']))}"
    return f"{name}{draw(st.sampled_from([*plain, *(_ORDERS if is_single else ())]))}{value}"


_TIMES = (
    "2026-06-15",
    "2026-06-14T23",
    "2026-06-15T01:30",
    "2026-06-15T01:30:30",
    "2026-06-15T03:00:00.500+02:00",
    "10:15",
    "00:00",
    "23:59:59",
    "02:30:15.5",
)
_TIME_RANGES = (
    "22:30..01:15",
    "..10:30",
    "03:00..",
    "2026-06-14T23:00..2026-06-15T05",
    "2026-06-15T01:00..04:30",
    "-15m..",
    "..-2h",
    "-1d..-1.5h",
    "2026-06-15..",
    "00:00..23:59",
    "10:00..09:59",
)


@st.composite
def _time_terms(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return f"time{draw(st.sampled_from([':', '=', '!=']))}{draw(st.sampled_from(_TIME_RANGES))}"
    return f"time{draw(st.sampled_from([':', '=', '!=', *_ORDERS]))}{draw(st.sampled_from(_TIMES))}"


_OTHERS = st.sampled_from(
    [
        "log:iis",
        "log:HTTPERR",
        "log!=iis",
        "log:http*",
        "log~^i",
        "source:httperr1.log",
        "source:u_ex1.log",
        "source:JULY.zip/u_ex1.log",
        "source:W3SVC1/*",
        "source!=httperr1.log",
        "source=July.zip/u_ex1.log",
        "source:-",
        "time>-1h",
        "time<=-1h",
    ]
)

_BARE = st.sampled_from(
    [
        "a",
        "A?ID",
        "mozilla",
        '"/a/b c"',
        '"5.0 (windows nt"',
        "10.2",
        '"?"',
        "id=1".join('""'),
        "svc",
        '".."',
        "ä",
        '"b?5"',
    ]
)


def filters() -> st.SearchStrategy[str]:
    """Filter texts that parse."""
    simple = st.one_of(_text_terms(), _text_terms(), _number_terms(), _time_terms(), _OTHERS, _BARE)
    return st.recursive(simple, _combined, max_leaves=5)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map(" and ".join),
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(lambda both: f"({' OR '.join(both)})"),
        inner.map(lambda part: f"-({part})"),
        inner.map(lambda part: f"not ({part})"),
    )
