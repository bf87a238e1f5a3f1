"""Lists of any length are one operation, and mean what their values mean one by one."""

from __future__ import annotations

import random
from ipaddress import ip_address, ip_network
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parsing.filters import Filter, parse
from parsing.filters.expressions.texts import fold_case, glob_regex, glob_regexes
from parsing.index.snapshot import Snapshot
from tests.parsing.filters.test_compiler_oracle import kept_rows
from tests.small_sets import Row, small_snapshot

FIELDS = ("c-ip", "cs-uri-stem", "cs-uri-query", "X-Time", "sc-status", "time-taken")
DICE = random.Random(5)
WORDS = (
    "/a",
    "/A",
    "/\u017fet",
    "/SET",
    "/Kelvin",
    "/kelvin",
    "/K",
    "/straße",
    "/STRASSE",
    "/\u0130",
    "/i",
    "/ΣΑΣ",
    "/σας",
    "/a b",
)
ADDRESSES = (
    "10.2.3.4",
    "10.2.255.1",
    "192.168.0.1",
    "::1",
    "fe80::1%13",
    "::ffff:10.2.3.4",
    "2001:db8::7",
    "293.1.1.1",
    "x",
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    rows: list[Row] = [
        {
            "time": f"2026-06-15T{DICE.randrange(24):02}:{DICE.randrange(60):02}:00",
            "c-ip": DICE.choice(ADDRESSES),
            "cs-uri-stem": DICE.choice(WORDS),
            "cs-uri-query": DICE.choice((None, "id=1", "q=a?b")),
            "X-Time": str(DICE.randrange(40)),
            "sc-status": DICE.choice((200, 404, 500)),
            "time-taken": DICE.randrange(400),
        }
        for _ in range(120)
    ]
    return small_snapshot(tmp_path_factory.mktemp("set"), [("iis", "a.log", FIELDS, rows)])


def one_by_one(field: str, values: list[str]) -> Filter:
    return parse(" or ".join(f"{field}:{value}" for value in values), custom=FIELDS)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("path", [f'"{word}"' for word in WORDS[::2]]),
        ("path", ["/a*", "*K", "/*e*t", "*ss*", "/s*", "*\u0391*", "*i", "*x*", "/z*", "*b", '"/a b"*', '"/A"*']),
        ("uri", ["/a?id=*", "/A", "*?q=A?B", "/k?*", "*a?b", "x", "y", "z*", "*=1?", "/i?ID=1"]),
        ("client", [f"10.{octet}.0.0/16" for octet in range(1, 40, 1)]),
        ("client", [f"2001:db8:{part:x}::/48" for part in range(30)] + ["fe80::/10"]),
        ("client", ["10.2.3.4", "::1", "10.3.0.0..10.9.0.0", "x", "192.*", "fe80::1"]),
        ("X-Time", [f"{start}..{start + 1}" for start in range(0, 40, 3)]),
        ("taken", [f"{start}..{start + 2}" for start in range(0, 400, 20)]),
        ("status", ["200", "5xx", "401..403", "40*"]),
        ("time", [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(0, 60, 7)]),
    ],
)
def test_a_list_keeps_what_its_values_keep(field: str, values: list[str], snapshot: Snapshot) -> None:
    listed = parse(f"{field}:({', '.join(values)})", custom=FIELDS)
    kept = kept_rows(listed, snapshot)
    assert kept == kept_rows(one_by_one(field, values), snapshot)
    assert kept
    assert kept_rows(parse(f"-({listed})", custom=FIELDS), snapshot).isdisjoint(kept)


_TEXT = st.text(st.sampled_from("aAbkK\u017f\u212aß\u1e9e\u03c3\u03c2\u03a3\u0130i\u0131é*.[+ /"), max_size=6)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(_TEXT, min_size=2, max_size=4).map(tuple), min_size=1, max_size=12), st.lists(_TEXT, max_size=20)
)
@example([("a" * place, "") for place in range(120)], ["a" * 100])
def test_globs_together_match_what_each_matches(globs: list[tuple[str, ...]], texts: list[str]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    alone = [
        any(column.slice(place, 1).str.contains(glob_regex(parts)).any() for parts in globs)
        for place in range(len(texts))
    ]
    together = [column.str.contains(pattern) for pattern in glob_regexes(globs)]
    assert [any(found[place] for found in together) for place in range(len(texts))] == alone


@settings(max_examples=500, deadline=None)
@given(_TEXT, _TEXT)
@example("\u017f", "S")
@example("\u212a", "k")
def test_words_are_alike_where_the_regex_crate_finds_them_alike(one: str, other: str) -> None:
    is_alike = pl.Series([one]).str.contains(glob_regex((other,))).item()
    assert (fold_case(one) == fold_case(other)) is is_alike


def test_networks_are_looked_up_as_python_has_them(tmp_path: Path) -> None:
    dice = random.Random(9)
    networks = [ip_network((dice.getrandbits(32), dice.randrange(8, 33)), strict=False) for _ in range(40)]
    given = [str(ip_address(dice.getrandbits(32))) for _ in range(400)]
    given += [str(network[0]) for network in networks] + [str(network[-1]) for network in networks]
    rows: list[Row] = [{"time": "2026-06-15T10:00:00", "c-ip": address} for address in given]
    snapshot = small_snapshot(tmp_path, [("iis", "a.log", ("c-ip",), rows)])
    where = parse(f"client:({', '.join(map(str, networks))})")
    wanted = {line for line, text in enumerate(given, 1) if any(ip_address(text) in network for network in networks)}
    assert {line for _, line in kept_rows(where, snapshot)} == wanted


def test_the_hash_of_a_long_list_is_that_of_its_values() -> None:
    one, other = (parse("path:(/a, /b*, /c)") for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != parse("path:(/a, /b*)")
