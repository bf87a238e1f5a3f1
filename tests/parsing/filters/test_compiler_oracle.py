"""The compiler against a plain reimplementation: the same rows for any filter, coded or not."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsing.filters.expressions.compiler import Predicate
from parsing.filters.language.grammar import parse
from parsing.filters.language.tree import Filter
from parsing.index.snapshot import Snapshot
from tests.parsing.filters.generated import CUSTOM, POOLS, filters, plain_rows, snapshot_of, tables
from tests.parsing.filters.oracle import PlainRow, keeps

pytestmark = pytest.mark.slow

Kept = set[tuple[str, int]]

NOT_CODED = {
    "all coded": frozenset[str](),
    "none coded": frozenset(POOLS),
    "some coded": frozenset({"cs-uri-query", "c-ip", "s-reason"}),
}
TABLES = tables(seed=7, rows=60)
ROWS = plain_rows(TABLES)
ZONES = (UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-9, minutes=-30)))


@pytest.fixture(scope="module", params=sorted(NOT_CODED))
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(tmp_path_factory.mktemp("set"), TABLES, text=NOT_CODED[request.param])


def kept_rows(where: Filter, snapshot: Snapshot) -> Kept:
    predicate = Predicate(where, snapshot)
    names = {source.id: source.name for source in snapshot.sources}
    kept: Kept = set()
    for segment in snapshot.segments:
        test = predicate.on(segment)
        rows = segment.scan()
        if not isinstance(test, bool):
            assert rows.select(test.alias("test")).collect()["test"].null_count() == 0
        rows = rows.filter(test) if not isinstance(test, bool) else rows if test else rows.clear()
        found = rows.select("source", "line").collect()
        kept |= {(names[source], line) for source, line in found.iter_rows()}
    return kept


def wanted_rows(where: Filter, rows: list[PlainRow]) -> Kept:
    newest = max(row.time for row in rows)
    return {(row.source, row.line) for row in rows if keeps(where, row, newest)}


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=filters(), tz=st.sampled_from(ZONES))
def test_keeps_the_rows_that_a_plain_reimplementation_keeps(text: str, tz: timezone, snapshot: Snapshot) -> None:
    where = parse(text, tz=tz, custom=CUSTOM)
    assert kept_rows(where, snapshot) == wanted_rows(where, ROWS)


@settings(max_examples=300)
@given(text=filters(), tz=st.sampled_from(ZONES))
def test_text_of_a_filter_parses_to_an_equal_filter(text: str, tz: timezone) -> None:
    where = parse(text, tz=tz, custom=CUSTOM)
    again = parse(str(where), tz=tz, custom=CUSTOM)
    assert again == where
    assert str(again) == str(where)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), text=filters())
def test_any_rows(seed: int, text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = tables(seed, rows=5)
    where = parse(text, custom=CUSTOM)
    snapshot = snapshot_of(tmp_path_factory.mktemp("set"), made)
    assert kept_rows(where, snapshot) == wanted_rows(where, plain_rows(made))


def test_a_test_without_rows_to_look_at_is_a_constant(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, TABLES)
    iis, _, httperr = snapshot.segments
    assert Predicate(parse("log:iis"), snapshot).on(httperr) is False
    assert Predicate(parse("log:iis"), snapshot).on(iis) is True
    assert Predicate(parse("reason:Nothing"), snapshot).on(httperr) is False
    assert Predicate(parse("-reason:*"), snapshot).on(iis) is True
    assert Predicate(parse("time:2020-01-01"), snapshot).on(iis) is False
    assert Predicate(parse("time:2020-01-01.."), snapshot).on(iis) is True
    assert isinstance(Predicate(parse("path:/a"), snapshot).on(iis), pl.Expr)
