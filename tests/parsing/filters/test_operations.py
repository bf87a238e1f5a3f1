"""Filters made from the cells of a row keep exactly the rows that have them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.filters.expressions.origin import column
from parsing.filters.language.grammar import parse
from parsing.filters.language.operations import (
    Cell,
    both,
    during,
    only,
    widened,
    without,
    without_conditions_on,
)
from parsing.filters.language.tree import EVERYTHING
from parsing.formats.clock import FIRST_YEAR, LAST_YEAR
from tests.parsing.filters.generated import CUSTOM, plain_rows, snapshot_of, tables
from tests.parsing.filters.oracle import PlainRow, keeps
from tests.parsing.filters.test_compiler_oracle import kept_rows
from tests.small_sets import Row, small_snapshot

at = datetime.fromisoformat

TABLES = tables(seed=3, rows=40)
ROWS = plain_rows(TABLES)
NAMES = sorted({name for row in ROWS for name in row.fields})


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (only("s-reason", "Timer_ConnectionIdle"), "reason=Timer_ConnectionIdle"),
        (without("s-reason", "BadRequest"), "-reason=BadRequest"),
        (only("sc-status", 500), "status:500"),
        (only("c-ip", "fe80::1%3"), "client:fe80::1"),
        (only("c-ip", "10.0.0.1"), "client:10.0.0.1"),
        (only("c-ip", "293.1.1.1"), 'client="293.1.1.1"'),
        (only("c-ip", "a/b"), 'client="a/b"'),
        (parse('client:("a/b", c)'), 'client:("a/b", c)'),
        (only("cs-uri-stem", "/a b*"), 'cs-uri-stem="/a b*"'),
        (only("cs(User-Agent)", 'say "hi"'), 'agent="say ""hi"""'),
        (only("s-queuename", None), "queue:-"),
        (only("cs-uri-query", "..."), "cs-uri-query:-"),
        (only("time", at("2026-06-15T10:31:40")), "time:2026-06-15T10:31:40Z"),
        (only("X-Team", "a"), "X-Team=a"),
        (only("x:y", "a"), '"x:y"=a'),
        (during(at("2026-06-15T10:00:00"), at("2026-06-15T10:15:00")), "time:2026-06-15T10:00..10:14"),
        (during(at("2026-06-15T23:59:58"), at("2026-06-16T00:00:00")), "time:2026-06-15T23:59:58..23:59:59"),
    ],
)
def test_text_of_what_the_keys_make(made: object, text: str) -> None:
    assert str(made) == text
    assert parse(text, custom=("X-Team", "x:y")) == made


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize("time", [datetime(FIRST_YEAR, 1, 1), datetime(LAST_YEAR, 12, 31, 23, 59, 59)])  # noqa: DTZ001
def test_any_time_that_a_row_can_have_makes_a_filter(time: datetime, zone: str) -> None:
    made = during(time - timedelta(days=400), time + timedelta(days=400), ZoneInfo(zone))
    assert parse(str(made), tz=ZoneInfo(zone)) == made
    assert parse(str(only("time", time))) == only("time", time)


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.sampled_from(["s-reason", "c-ip", "X-Team"]))
def test_any_value_survives_its_text(value: str, field: str) -> None:
    for made in (only(field, value), without(field, value)):
        assert parse(str(made), custom=("X-Team",)) == made


@pytest.mark.parametrize("name", NAMES)
def test_only_and_without_keep_the_rows_of_a_value(name: str, tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, TABLES)
    for value in {row.fields[name] for row in ROWS if name in row.fields}:
        kept = kept_rows(only(name, value), snapshot)
        assert {(row.source, row.line) for row in ROWS if name in row.fields and row.fields[name] == value} <= kept
        assert kept == {(row.source, row.line) for row in ROWS if keeps(only(name, value), row, row.time)}
        assert kept_rows(without(name, value), snapshot) == {(row.source, row.line) for row in ROWS} - kept


def test_text_is_kept_by_case(tmp_path: Path) -> None:
    rows: list[Row] = [{"time": "2026-06-15T10:00:00", "cs-uri-stem": text} for text in ("/a", "/A")]
    snapshot = small_snapshot(tmp_path, [("iis", "a.log", ("cs-uri-stem",), rows)])
    assert kept_rows(only("path", "/a"), snapshot) == {("a.log", 1)}


@settings(max_examples=200)
@given(
    st.datetimes(at("2026-10-24T20:00:00"), at("2026-10-25T04:00:00"))
    | st.datetimes(at("2026-01-01T00:00:00"), at("2026-12-31T00:00:00")),
    st.timedeltas(timedelta(milliseconds=1), timedelta(hours=2)) | st.timedeltas(timedelta(1), timedelta(3)),
    st.sampled_from([UTC, ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")]),
    st.sampled_from([timedelta(minutes=1), timedelta(seconds=1), timedelta(milliseconds=1)]),
)
def test_a_span_is_kept_to_the_millisecond(start: datetime, length: timedelta, tz: ZoneInfo, unit: timedelta) -> None:
    start -= (start - at("2026-01-01T00:00:00")) % unit
    end = start + max(length // unit, 1) * unit
    made = during(start, end, tz)
    assert parse(str(made), tz=tz) == made
    tick = timedelta(milliseconds=1)
    for time, is_inside in ((start - tick, False), (start, True), (end - tick, True), (end, False)):
        assert keeps(made, PlainRow("iis", "a.log", 1, time, {}), time) is is_inside


def test_both_repeats_no_condition() -> None:
    first = parse("reason:A path:/x")
    assert str(both(first, parse("path:/x status:5xx"))) == "reason:A and path:/x and status:5xx"
    assert both(EVERYTHING, first) == first
    assert both(first, EVERYTHING) == first
    assert str(both(parse("a or b"), parse("c"))) == "(a or b) and c"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("reason:A path:/x", "path:/x"),
        ("s-reason=A", ""),
        ("-reason:A path:/x", "path:/x"),
        ("reason:A or path:/x", ""),
        ("not (reason:A or path:/x)", "-path:/x"),
        ("not (reason:A and path:/x)", ""),
        ("(reason:A or reason:B) status:5xx", "status:5xx"),
        ("path:/x", "path:/x"),
        ("-(path:/x) reason:-", "-path:/x"),
    ],
)
def test_a_field_is_set_free(text: str, rest: str) -> None:
    assert str(without_conditions_on(parse(text), "reason")) == rest


def test_a_filter_set_free_keeps_all_that_it_kept(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, TABLES)
    for text in ("-(status:5xx or reason:B*) path:/a", "not (path:/a status:500) or reason:-", "path:/* -path:/a"):
        where = parse(text, custom=CUSTOM)
        assert kept_rows(where, snapshot) <= kept_rows(without_conditions_on(where, "path"), snapshot)


@pytest.mark.parametrize(
    ("text", "values", "wider"),
    [
        ("reason:A", [("reason", "B")], "reason:A or reason=B"),
        ("path:/x reason:A taken>5s", [("reason", "B")], "path:/x and (reason:A or reason=B) and taken>5s"),
        ("reason=A or reason=B", [("reason", "C")], "reason=A or reason=B or reason=C"),
        ("-reason=A path:/x", [("reason", "A")], "path:/x"),
        ("-reason=A -reason=B", [("reason", "A")], "-reason=B"),
        ("-reason=A -reason:*", [("reason", "A")], "-reason=A and -reason:* or reason=A"),
        ("status:5xx queue:P", [("status", 404), ("queue", None)], "status:5xx and queue:P or status:404 and queue:-"),
        ("reason:A or path:/x", [("reason", "B")], "reason:A or path:/x or reason=B"),
        ("", [("reason", "B")], ""),
    ],
)
def test_a_filter_is_widened_by_a_value(text: str, values: list[tuple[str, Cell]], wider: str) -> None:
    assert str(widened(parse(text), values)) == wider


def test_a_widened_filter_keeps_what_it_kept_and_the_value_where_nothing_else_forbids_it(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, TABLES)
    texts = ("status:5xx path:/a", "-status:200 -status:404", "path:/a or status:404", "not (status:200 path:/a)")
    for text, status in product(texts, (200, 404, 500)):
        where = parse(text, custom=CUSTOM)
        value = both(without_conditions_on(where, "status"), only("status", status))
        wider = widened(where, [("status", status)])
        assert kept_rows(wider, snapshot) == kept_rows(where, snapshot) | kept_rows(value, snapshot), (text, status)


def test_columns_have_the_values_of_fields(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, TABLES, text=frozenset({"cs-uri", "cs-uri-query"}))
    iis, short, httperr = snapshot.segments
    wanted: dict[str, Callable[[Row], Any]] = {
        "uri": lambda row: row.get("cs-uri") or (row.get("cs-uri-stem") and _joined(row)),
        "s-reason": lambda row: row.get("s-reason"),
        "site": lambda row: (row.get("s-siteid") or row.get("s-sitename") or "").upper().removeprefix("W3SVC") or None,
        "port": lambda row: row.get("c-port") or row.get("REMOTE_PORT"),
        "status": lambda row: row.get("sc-status"),
    }
    for segment in (iis, httperr):
        rows = [row.fields for row in ROWS if row.log == segment.log and set(row.fields) == set(segment.fields)]
        for name, value_of in wanted.items():
            value = column(segment, name, snapshot)
            if value is None:
                assert name == "s-reason"
                continue
            found = segment.scan().select(value).collect()[name].to_list()
            upper = [text.upper() if name == "site" and text else text for text in found]
            assert upper == [value_of(row) for row in rows], name
    assert column(short, "port", snapshot) is None
    assert column(short, "nothing", snapshot) is None
    meta = [column(short, name, snapshot) for name in ("log", "source", "line", "time")]
    first = short.scan().select([value for value in meta if value is not None]).head(1).collect().row(0)
    assert first == ("iis", "july.zip/u_ex1.log", 1, short.first)


def _joined(row: Row) -> str:
    stem, query = row["cs-uri-stem"], row.get("cs-uri-query")
    return str(stem) if query is None else f"{stem}?{query}"
