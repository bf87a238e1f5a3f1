"""Every sentence of the language's description, on rows made for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from parsing.correlation.logs.requests import win32_code
from parsing.filters.expressions.compiler import Predicate
from parsing.filters.language.grammar import parse
from parsing.index.snapshot import Snapshot
from parsing.knowledge.win32 import fold
from tests.small_sets import Row, small_snapshot

IIS: tuple[str, ...] = tuple(
    "c-ip s-ip cs-method cs-uri-stem cs-uri-query s-sitename cs-username cs-version sc-status sc-substatus "
    "sc-win32-status sc-bytes cs-bytes time-taken cs(User-Agent)".split()
)
HTTPERR: tuple[str, ...] = tuple(
    "c-ip c-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename transport".split()
)


def _rows(fields: tuple[str, ...], given: list[dict[str, object]]) -> list[Row]:
    empty: dict[str, object] = dict.fromkeys(fields)
    return [{**empty, "time": f"2026-06-15T{10 + number:02}:00:00", **row} for number, row in enumerate(given)]


Keep = Callable[..., list[str]]
With = Callable[[list[dict[str, object]], list[dict[str, object]]], Keep]


@pytest.fixture
def keep(tmp_path: Path) -> With:
    """Given rows of an IIS log and of Httperr.log, a function from filter text to the names of kept rows: i1, h2."""

    def with_rows(iis: list[dict[str, object]], httperr: list[dict[str, object]]) -> Keep:
        extra = sorted({name for row in iis for name in row} - {"time", *IIS})
        tables = [
            ("iis", "W3SVC1/u_ex260615.log", (*IIS, *extra), _rows((*IIS, *extra), iis)),
            ("httperr", "july.zip/httperr1.log", HTTPERR, _rows(HTTPERR, httperr)),
        ]
        snapshot = small_snapshot(tmp_path, [table for table in tables if table[3]])  # type: ignore[misc]
        return lambda text, tz=UTC: _kept(snapshot, text, tz, extra)

    return with_rows


def _kept(snapshot: Snapshot, text: str, tz: tzinfo, custom: list[str]) -> list[str]:
    predicate = Predicate(parse(text, tz=tz, custom=custom), snapshot)
    kept: list[str] = []
    for segment in snapshot.segments:
        test = predicate.on(segment)
        rows = segment.scan() if isinstance(test, bool) else segment.scan().filter(test)
        if test is not False:
            kept += [f"{segment.log[0]}{line}" for line in rows.select("line").collect()["line"]]
    return sorted(kept)


AGENTS = [{"cs(User-Agent)": "curl/8.0"}, {"cs(User-Agent)": "Mozilla/5.0"}, {"cs(User-Agent)": "MyCurl"}]
PATHS: list[dict[str, object]] = [
    {"cs-uri-stem": text} for text in ("/a", "/A", "/a[b]c", "/axbxc", "/a?c", "/a*c", "/a.c")
]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("path:/a", ["i1", "i2"]),
        ("path=/a", ["i1"]),
        ("path=/A", ["i2"]),
        ("path!=/a", ["i2", "i3", "i4", "i5", "i6", "i7"]),
        ("path:/a*c", ["i3", "i4", "i5", "i6", "i7"]),
        ("path:/a[b]c", ["i3"]),
        ("path:/a?c", ["i5"]),
        ("path:/a.c", ["i7"]),
        (r"path:/a\*", []),
        ('path:"/a*c"', ["i6"]),
        ('path:"/a["*', ["i3"]),
        ("path=/a*c", ["i6"]),
        ("path:(/a.c, *b*)", ["i3", "i4", "i7"]),
        ("path:(/a, -)", ["i1", "i2"]),
        ("PATH:/a.c", ["i7"]),
        ("path~^/A.C$", ["i5", "i6", "i7"]),
        ("path~a(x|[.])", ["i4", "i7"]),
        ("(path~a(x|[.]) or path:/A)", ["i1", "i2", "i4", "i7"]),
        (r"path~\? or path~[*]", ["i5", "i6"]),
        ("path!~[.]", ["i1", "i2", "i3", "i4", "i5", "i6"]),
        ("", ["i1", "i2", "i3", "i4", "i5", "i6", "i7"]),
    ],
)
def test_matching_text(text: str, kept: list[str], keep: With) -> None:
    assert keep(PATHS, [])(text) == kept


def test_names_with_parentheses_and_bare_text(keep: With) -> None:
    rows = keep([dict(row) for row in AGENTS], [{"s-reason": "Curl"}])
    assert rows("cs(User-Agent):curl*") == ["i1"]
    assert rows("(CS(user-agent):curl*)") == ["i1"]
    assert rows("agent : curl*") == ["i1"]
    assert rows("agent = curl/8.0") == ["i1"]
    assert rows("CURL") == ["h1", "i1", "i3"]
    assert rows('"lla/5"') == ["i2"]
    assert rows("curl mycurl") == ["i3"]
    assert rows("curl AND Not mycurl") == ["h1", "i1"]
    assert rows("curl -(mycurl or curl/8)") == ["h1"]
    assert rows("reason:Curl or agent:m* agent:*5*") == ["h1", "i2"]


def test_short_names(keep: With) -> None:
    row = dict(
        zip(IIS[:8], ("10.0.0.1", "10.0.0.2", "GET", "/x", "q=1", "W3SVC7", r"CORP\ann", "HTTP/1.1"), strict=True)
    )
    error = {
        "c-ip": "10.0.0.3",
        "c-port": 4711,
        "cs-uri": "/x?q=1",
        "s-siteid": "7",
        "s-queuename": "Pool",
        "streamid": "5",
    }
    rows = keep([row | {"sc-bytes": 5, "cs-bytes": 6}], [error | {"transport": "QUIC", "cs-method": "PUT"}])
    for text in (
        "client:10.0.0.1",
        "server:10.0.0.2",
        "method:get",
        r"user:corp\ANN",
        "sent:5",
        "received:6",
        "log:iis",
    ):
        assert rows(text) == ["i1"], text
    for text in ("port:4711", "queue:pool", "stream:5", "transport:quic", "log:httperr", "method:PUT"):
        assert rows(text) == ["h1"], text
    for text in (
        "uri:/x?q=1",
        "uri:/X*",
        "uri:*1",
        "path:/x",
        "query:q=1",
        "site:7",
        "site:w3svc7",
        "line:1",
        "uri~^/x.q=1$",
    ):
        assert rows(text) == ["h1", "i1"], text
    assert rows("source:httperr1.log") == ["h1"]
    assert rows("source:july.zip/httperr1.log") == ["h1"]
    assert rows("source:W3SVC1/*") == ["i1"]
    assert rows("source=july.zip/httperr1.log") == ["h1"]
    assert rows("source=httperr1.log") == []
    assert rows("source!=httperr1.log") == ["h1", "i1"]
    assert rows("referer:x") == []
    assert rows("-referer:x") == ["h1", "i1"]
    assert rows("host:- or referer:-") == []


def test_the_port_is_found_under_whatever_name_it_is_logged(keep: With) -> None:
    rows = keep([{"REMOTE_PORT": 4711}, {"REMOTE_PORT": None}], [{"c-port": 4711}])
    assert rows("port:4711") == ["h1", "i1"]
    assert rows("remote_port:4711") == ["i1"]
    assert rows("port:-") == ["i2"]


def test_custom_fields(keep: With) -> None:
    rows = keep([{"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "7"}], [])
    assert rows("x-forwarded-for:203.*") == ["i1"]
    assert rows("X-Forwarded-For:203.0.113.0/24") == ["i1"]
    assert rows('"X-Forwarded-For":7') == ["i2"]
    assert rows("X-Forwarded-For>5") == ["i2"]


def test_ranges_and_units(keep: With) -> None:
    rows = keep(
        [
            {"time-taken": taken, "sc-bytes": sent}
            for taken, sent in ((999, 5), (1000, 999), (1500, 1000), (90_000, 10**6))
        ],
        [{"s-reason": "BadRequest"}],
    )
    assert rows("taken:1s..1.5s") == ["i2", "i3"]
    assert rows("taken:1000..1500") == ["i2", "i3"]
    assert rows("taken:1.5S..") == ["i3", "i4"]
    assert rows("taken:..1000MS") == ["i1", "i2"]
    assert rows("taken>1.5m") == []
    assert rows("taken>=1.5m") == ["i4"]
    assert rows("taken>0.0004h") == ["i3", "i4"]
    assert rows("taken<1s") == ["i1"]
    assert rows("sent:1KB") == ["i3"]
    assert rows("sent>0.0005gb") == ["i4"]
    assert rows("sent<=999B") == ["i1", "i2"]


def test_status_classes(keep: With) -> None:
    rows = keep([{"sc-status": status} for status in (200, 404, 499, 500, None)], [{"sc-status": 503}, {}])
    assert rows("status:5xx") == ["h1", "i4"]
    assert rows("status:(4XX, 200)") == ["i1", "i2", "i3"]
    assert rows("status!=4xx") == ["h1", "i1", "i4"]
    assert rows("status:-") == ["h2", "i5"]
    assert rows("status:404..500") == ["i2", "i3", "i4"]


def test_times_of_day_and_dates(keep: With) -> None:
    times = (
        "2026-06-14T10:00:00",
        "2026-06-14T10:15:59.999",
        "2026-06-14T10:16:00",
        "2026-06-15T10:05:00",
        "2026-06-15T23:30:00",
    )
    rows = keep([{"time": time} for time in times], [])
    assert rows("time:10:00..10:15") == ["i1", "i2", "i4"]
    assert rows("time:..10:15") == ["i1", "i2", "i4"]
    assert rows("time:10:15") == ["i2"]
    assert rows("time:10:15:59") == ["i2"]
    assert rows("time:2026-06-14") == ["i1", "i2", "i3"]
    assert rows("time:2026-06-14T10:16..") == ["i3", "i4", "i5"]
    assert rows("time:2026-06-14T10:15..10:16") == ["i2", "i3"]
    assert rows('time:"2026-06-14 10:15".."2026-06-14 10:16"') == ["i2", "i3"]
    assert rows("time>2026-06-14") == ["i4", "i5"]
    assert rows("time<=2026-06-14T10:15") == ["i1", "i2"]
    assert rows("time:23:00..10:00") == ["i1", "i5"]
    assert rows("time:2026-06-15T12:05+02:00") == ["i4"]


def test_times_before_the_newest_row_of_the_set(keep: With) -> None:
    rows = keep(
        [{"time": f"2026-06-15T10:{minute:02}:00"} for minute in (0, 14, 15, 16)], [{"time": "2026-06-15T10:30:00"}]
    )
    assert rows("time:-15m..") == ["h1", "i3", "i4"]
    assert rows("time>-15m") == ["h1", "i4"]
    assert rows("time:..-0.25h") == ["i1", "i2", "i3"]


def test_times_of_a_zone(keep: With) -> None:
    hours = (23, 0, 1, 2)
    rows = keep([{"time": f"2026-10-{24 if hour == 23 else 25}T{hour:02}:30:00"} for hour in hours], [])
    berlin = ZoneInfo("Europe/Berlin")
    # 25 October 2026: Berlin goes from UTC+2 to UTC+1 at 01:00 UTC, so 02:30 comes twice.
    assert rows("time:02:30", berlin) == ["i2", "i3"]
    assert rows("time:01:30", berlin) == ["i1"]
    assert rows("time:03:00..", berlin) == ["i4"]
    assert rows("time:2026-10-25T03:00..", berlin) == ["i4"]
    assert rows("time:2026-10-24T23:30Z..23:45", berlin) == ["i1"]
    assert rows("time:2026-10-25", berlin) == ["i1", "i2", "i3", "i4"]


def test_fields_that_a_row_does_not_have_match_nothing(keep: With) -> None:
    rows = keep([{"cs-method": "GET"}], [{"s-reason": "Timer_ConnectionIdle"}, {"s-reason": "BadRequest"}, {}])
    assert rows("-reason:Timer_ConnectionIdle") == ["h2", "h3", "i1"]
    assert rows("reason!=Timer_ConnectionIdle") == ["h2"]
    assert rows("reason!~Timer") == ["h2"]
    assert rows("not reason!~Timer") == ["h1", "h3", "i1"]
    assert rows("reason:-") == ["h3"]
    assert rows("-reason:-") == ["h1", "h2", "i1"]
    assert rows("reason!=-") == ["h1", "h2"]
    assert rows("reason:*") == ["h1", "h2"]
    assert rows("taken<1") == []


def test_a_withheld_value_counts_as_not_logged(keep: With) -> None:
    rows = keep([{"cs-uri-stem": "/a", "cs-uri-query": "..."}, {"cs-uri-stem": "..."}, {"cs-uri-stem": "/b"}], [])
    assert rows("query:-") == ["i1", "i2", "i3"]
    assert rows("path:-") == ["i2"]
    assert rows("path:*.*") == []
    assert rows('".."') == []
    assert rows("path!=/b") == ["i1"]
    assert rows("uri:/a") == ["i1"]


def test_addresses(keep: With) -> None:
    given = ("10.2.0.1", "::ffff:10.2.255.255", "10.3.0.0", "fe80::1%13", "FE80:0:0::1", "::1", "293.2.0.1")
    rows = keep([{"c-ip": address} for address in given], [])
    assert rows("c-ip:10.2.0.0/16") == ["i1", "i2"]
    assert rows("client:10.2.255.255") == ["i2"]
    assert rows("client:10.2.*") == ["i1", "i2"]
    assert rows("client:fe80::1") == ["i4", "i5"]
    assert rows("client=fe80::1%2") == ["i4", "i5"]
    assert rows("client!=fe80::1") == ["i1", "i2", "i3", "i6", "i7"]
    assert rows("client:fe80::/10") == ["i4", "i5"]
    assert rows("client:(::1, 10.3.0.0/32)") == ["i3", "i6"]
    assert rows("client:10.2.0.2..10.3.0.0") == ["i2", "i3"]
    assert rows("client>10.2.0.1") == ["i2", "i3"]
    assert rows('client:"293.2.0.1"') == ["i7"]
    assert rows("client~^10[.]2") == ["i1", "i2"]


def test_versions_and_windows_codes_are_folded(keep: With) -> None:
    rows = keep(
        [
            {"cs-version": version, "sc-win32-status": code}
            for version, code in (("HTTP/2", 64), ("HTTP/2.0", 2147942464))
        ],
        [{"cs-version": "HTTP/1.1"}],
    )
    assert rows("version:HTTP/2") == ["i1", "i2"]
    assert rows("version=HTTP/2.0") == ["i1", "i2"]
    assert rows("version!=http/2") == ["h1", "i1", "i2"]
    assert rows("version!=HTTP/2") == ["h1"]
    assert rows("version:http/2.*") == ["i1", "i2"]
    assert rows("win32:64") == ["i1", "i2"]
    assert rows("win32:2147942464") == ["i1", "i2"]
    assert rows("win32:0x80070040") == ["i1", "i2"]
    assert rows("win32:(0X40, 5)") == ["i1", "i2"]
    assert rows("win32<100") == ["i1", "i2"]
    assert rows("win32>100") == []


@pytest.mark.parametrize("operator", [":", "=", "!=", "<", "<=", ">", ">="])
def test_windows_codes_are_compared_in_every_form_in_which_they_are_logged(keep: With, operator: str) -> None:
    logged = [64, 2147942464, -2147024832, 995, -2147023901, 2148074254, -2146893042, -1, 4294967295, 0, -(2**33)]
    rows = keep([{"sc-win32-status": code} for code in logged], [{"cs-version": "HTTP/1.1"}])
    compare = {":": eq, "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}[operator]
    for code in (64, 995, 2148074254, 4294967295, 0):
        expected = [f"i{place}" for place, value in enumerate(logged, 1) if compare(fold(value), code)]
        assert rows(f"win32{operator}{code}") == sorted(expected), code
    frame = pl.DataFrame({"sc-win32-status": logged})
    assert frame.select(win32_code()).to_series().to_list() == list(map(fold, logged))


def test_a_list_of_thousands_of_patterns(keep: With) -> None:
    rows: list[dict[str, object]] = [{"cs-uri-stem": "/a/x17"}, {"cs-uri-stem": "/b"}]
    globs = ", ".join(f"/*/x{number}" for number in range(4_000))
    assert keep(rows, [])(f"path:({globs})") == ["i1"]
