"""Addresses that proxies log with ports, one or a list of them: found by address and network, counted without ports."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.filters import only, parse
from parsing.index.snapshot import Snapshot
from parsing.questions import Breakdown, Count, answer
from tests.small_sets import Row, small_snapshot

LOGGED = (
    "203.0.113.7:33453,+172.16.0.1:49770",
    "203.0.113.7",
    "203.0.113.7:1024",
    "203.0.113.8:1024",
    "[2001:db8::7]:5000",
    "2001:db8::7",
    "[2001:db8::9],+203.0.113.8:80",
    "unknown",
    "/a:80,b",
    None,
)


@pytest.fixture(params=["coded", "not coded"])
def snapshot(request: pytest.FixtureRequest, tmp_path: Path) -> Snapshot:
    rows: list[Row] = [{"time": "2026-06-15T10:00:00", "X-Forwarded-For": text} for text in LOGGED]
    table = ("iis", "a.log", ("X-Forwarded-For",), rows)
    text = frozenset({"X-Forwarded-For"}) if request.param == "not coded" else frozenset[str]()
    return small_snapshot(tmp_path, [table], text=text)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        ("203.0.113.0/24", 5),
        ("203.0.113.7", 3),
        ("172.16.0.1", 1),
        ("172.16.0.0/12", 1),
        ("2001:db8::7", 2),
        ("2001:db8::/32", 3),
        ("(203.0.113.8, 2001:db8::9)", 2),
        ("203.0.113.9", 0),
    ],
)
def test_addresses_and_networks_match_what_is_listed(value: str, rows: int, snapshot: Snapshot) -> None:
    where = parse(f"X-Forwarded-For:{value}", custom=("X-Forwarded-For",))
    assert answer(snapshot, Count(where)).total == rows


def test_values_are_counted_without_ports_and_lead_to_their_rows(snapshot: Snapshot) -> None:
    table = answer(snapshot, Breakdown(by=("X-Forwarded-For",))).table
    counts = dict(table.select("X-Forwarded-For", "count").iter_rows())
    assert counts == {
        "203.0.113.7,+172.16.0.1": 1,
        "203.0.113.7": 2,
        "203.0.113.8": 1,
        "2001:db8::7": 2,
        "2001:db8::9,+203.0.113.8": 1,
        "unknown": 1,
        "/a:80,b": 1,
        None: 1,
    }
    for value, rows in counts.items():
        assert answer(snapshot, Count(only("X-Forwarded-For", value))).total == rows, value
