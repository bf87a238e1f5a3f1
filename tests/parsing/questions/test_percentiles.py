"""Percentiles and sparklines against sorting and counting plain rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.errors import UsageError
from parsing.questions.question import answer
from parsing.questions.times.sparklines import Sparklines
from parsing.questions.values import buckets
from parsing.questions.values.breakdown import Breakdown
from parsing.questions.values.percentile_buckets import SHARES
from parsing.questions.values.percentiles import Percentiles
from parsing.questions.values.slowest import Slowest
from tests.parsing.questions.plain import FILTERS, START, Kept, plain_rows, snapshot_of, tables, texts, value
from tests.small_sets import Table

filters = st.sampled_from(FILTERS)
names = st.sampled_from(["client", "status", "path", "log", "source", "line", "time", "X-Custom", "no"])
fields = st.lists(names, min_size=1, max_size=2, unique=True)


@settings(max_examples=300)
@given(st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 2000), min_size=1))
def test_what_stands_for_a_number_is_one_percent_from_it_at_most(numbers: list[int]) -> None:
    series = pl.Series("x", numbers, dtype=pl.Int64)
    found = series.to_frame().select(buckets.bucket(pl.col("x"), max(numbers))).to_series()
    for number, stand_in in zip(numbers, buckets.stand_ins().gather(found), strict=True):
        assert abs(stand_in - number) <= buckets.PERCENTILE_ERROR * number
        assert number >= 100 or stand_in == number


@settings(max_examples=60)
@given(tables(), texts, filters, fields | st.just([]), st.booleans())
def test_percentiles(found: list[Table], text: frozenset[str], kept: Kept, by: list[str], is_chosen: bool) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row) and isinstance(row.get("time-taken"), int)]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        key = tuple(value(row, name) for name in by)
        if ... not in key:
            groups.setdefault(key, []).append(row["time-taken"])
    chosen = tuple(sorted(groups, key=repr)[::2]) if is_chosen else None
    with snapshot_of(found, text) as snapshot:
        spread = answer(snapshot, Percentiles(kept.where, tuple(by), values=chosen))
    figures = {tuple(row[: len(by)]): row[len(by) :] for row in spread.table.iter_rows()}
    assert set(figures) == (set(groups) if chosen is None or not by else set(chosen)) or not rows
    for key, (count, *percentiles) in figures.items():
        taken = sorted(groups.get(key, []))
        assert count == len(taken)
        if taken:
            for share, percentile in zip(SHARES.values(), percentiles, strict=True):
                exact = taken[max(math.ceil(share * len(taken)), 1) - 1]
                assert abs(percentile - exact) <= 0.01 * exact
            assert percentiles[-1] == taken[-1], "the greatest is exact"


@settings(max_examples=60)
@given(
    tables(),
    filters,
    st.sampled_from(["client", "path"]),
    st.integers(0, 3),
    st.sampled_from(["-p95", "count", "-max"]),
)
def test_the_first_percentiles_are_those_of_all(found: list[Table], kept: Kept, by: str, top: int, order: str) -> None:
    with snapshot_of(found) as snapshot:
        whole = answer(snapshot, Percentiles(kept.where, (by,), order=order))
        first = answer(snapshot, Percentiles(kept.where, (by,), top=top, order=order))
    assert first.table.rows() == whole.table.rows()[:top]
    assert first.left_out == whole.table.height - first.table.height


@pytest.mark.slow
@settings(max_examples=60)
@given(tables(), texts, filters, fields, st.integers(0, 4) | st.none(), st.sampled_from(["-p95", "p50", "-max"]))
def test_values_by_how_long_they_took(
    found: list[Table], text: frozenset[str], kept: Kept, by: list[str], top: int | None, order: str
) -> None:
    with snapshot_of(found, text) as snapshot:
        slowest = answer(snapshot, Slowest(kept.where, tuple(by), top, order, least=1))
        counts = answer(snapshot, Breakdown(kept.where, tuple(by)))
        times = answer(snapshot, Percentiles(kept.where, tuple(by)))
    spreads = {row[: len(by)]: row[len(by) + 1 :] for row in times.table.iter_rows()}
    nothing = (None,) * len(SHARES)
    expected = [(*row, *spreads.get(row[: len(by)], nothing)) for row in counts.table.iter_rows()]
    place = tuple(SHARES).index(order.lstrip("-")) - len(SHARES)
    sign = -1 if order.startswith("-") else 1

    def rank(row: tuple[Any, ...]) -> tuple[Any, ...]:
        fields = [(True,) if value is None else (False, value) for value in row[: len(by)]]
        return (row[place] is None, row[place] * sign if row[place] is not None else -row[len(by)], fields)

    assert slowest.table.rows() == sorted(expected, key=rank)[:top]
    assert (slowest.rows, slowest.without, slowest.distinct) == (counts.rows, counts.without, counts.distinct)
    assert slowest.left_out == counts.distinct - slowest.table.height
    assert slowest.rows_left_out == counts.rows - sum(slowest.table["count"])


def taking(counts: Mapping[str, int]) -> list[Table]:
    """So many requests for each path; the first of ten takes long, and those of a rarer path take longer."""
    paths = [path for path, count in counts.items() for _ in range(count)]
    rows = [
        {
            "time": "2026-06-15T10:00:00",
            "line": line,
            "cs-uri-stem": path,
            "time-taken": 90_000 // counts[path] + line % 9,
        }
        for line, path in enumerate(paths)
    ]
    return [("iis", "u_ex1.log", ("cs-uri-stem", "time-taken"), rows)]


def test_values_with_too_few_rows_for_a_percentile_come_last() -> None:
    counts = {"/once": 1, "/often": 150, "/some": 25, "/few": 19}
    with snapshot_of(taking(counts)) as snapshot:
        found = {order: answer(snapshot, Slowest(order=order)) for order in ("-p50", "-p95", "p95", "-p99", "-max")}
        least = answer(snapshot, Slowest(order="-p95", least=19, top=2))
        most = answer(snapshot, Breakdown(by=("path",), order="value", least=20, top=1))
    paths = {order: table.table["path"].to_list() for order, table in found.items()}
    assert paths["-p50"] == ["/few", "/some", "/often", "/once"]
    assert paths["-p95"] == ["/some", "/often", "/once", "/few"]
    assert paths["p95"] == ["/often", "/some", "/few", "/once"]
    assert paths["-p99"] == ["/often", "/once", "/few", "/some"]
    assert paths["-max"] == ["/once", "/few", "/some", "/often"]
    assert [(table.few, table.left_out) for table in found.values()] == [(1, 0), (2, 0), (2, 0), (3, 0), (0, 0)]
    assert (least.table["path"].to_list(), least.few, least.left_out) == (["/few", "/some"], 1, 2)
    assert (most.table["path"].to_list(), most.few, most.left_out, most.rows_left_out) == (["/often"], 2, 3, 45)


def test_a_field_with_the_name_of_a_figure_keeps_its_column() -> None:
    rows = [{"time": "2026-06-15T10:00:00", "line": 1, "p95": "odd", "time-taken": 7}]
    with snapshot_of([("iis", "u_ex2.log", ("p95", "time-taken"), rows)]) as snapshot:
        table = answer(snapshot, Slowest(by=("p95",))).table
    assert table.select("p95#2", "count", "p95").rows() == [("odd", 1, 7)]


def test_pairs_that_hardly_come_twice_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parsing.questions.values.slowest.MOST_PAIRS", 1)
    rows = [{"time": "2026-06-15T10:00:00", "line": n, "c-ip": f"10.0.0.{n}", "cs-method": "GET"} for n in (1, 2)]
    with (
        snapshot_of([("iis", "u_ex2.log", ("c-ip", "cs-method"), rows)]) as snapshot,
        pytest.raises(UsageError, match="client, method"),
    ):
        answer(snapshot, Slowest(by=("client", "method")))


@settings(max_examples=60)
@given(tables(), texts, filters, fields, st.integers(1, 30))
def test_sparklines(found: list[Table], text: frozenset[str], kept: Kept, by: list[str], seconds: int) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row)]
    keys = [tuple(value(row, name) for name in by) for row in rows]
    with snapshot_of(found, text) as snapshot:
        tally = answer(snapshot, Breakdown(kept.where, tuple(by), 3))
        chosen = tuple(tally.table.select(pl.nth(range(len(by)))).rows())
        lines = answer(snapshot, Sparklines(kept.where, tuple(by), chosen, every=timedelta(seconds=seconds)))
    assert [sum(counts) for counts in lines.counts] == tally.table["count"].to_list()
    for wanted, counts in zip(chosen, lines.counts, strict=True):
        assert lines.start is not None
        places = [
            (row["time"] - lines.start) // lines.every for row, key in zip(rows, keys, strict=True) if key == wanted
        ]
        assert {place: count for place, count in enumerate(counts) if count} == dict(Counter(places))


def test_numbers_too_large_for_the_table_of_small_ones() -> None:
    times = (5, 1_048_575, 1_048_576, 4_000_000_000, 9_000_000_000_000)
    rows = [{"time": START.isoformat(), "time-taken": taken} for taken in times]
    with snapshot_of([("iis", "u_ex2.log", ["time-taken"], rows)]) as snapshot:
        spread = answer(snapshot, Percentiles())
    assert spread.table.row(0, named=True) == {
        "count": 5,
        "p50": pytest.approx(1_048_576, rel=0.01),
        **dict.fromkeys(("p90", "p95", "p99", "max"), pytest.approx(9_000_000_000_000, rel=0.01)),
    }
