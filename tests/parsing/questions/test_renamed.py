"""Answers after a source got another name: its segments, and all that is kept of them, are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from parsing.filters import parse
from parsing.index.snapshot import Snapshot
from parsing.questions.count import Count
from parsing.questions.question import answer
from parsing.questions.rows.ordered_rows import OrderedRows
from parsing.questions.times.histogram import Histogram
from parsing.questions.times.sparklines import Sparklines
from parsing.questions.values.breakdown import Breakdown
from parsing.questions.values.percentiles import Percentiles
from parsing.questions.values.slowest import Slowest
from parsing.questions.values.top_values import TopValues
from tests.small_sets import small_snapshot

ROWS = [{"time": "2026-06-15T10:00:00", "cs-method": "GET", "time-taken": 5}]


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return small_snapshot(tmp_path, [("iis", name, ("cs-method", "time-taken"), ROWS) for name in ("a.log", "b.log")])


def renamed(snapshot: Snapshot, **names: str) -> Snapshot:
    new = {f"{old}.log": f"{name}.log" for old, name in names.items()}
    return replace(
        snapshot, sources=tuple(replace(source, name=new.get(source.name, source.name)) for source in snapshot.sources)
    )


def counts(snapshot: Snapshot, name: str) -> tuple[int, ...]:
    where = parse(f"source:{name}")
    bars = answer(snapshot, Histogram(where)).table["iis"].sum()
    by = answer(snapshot, Breakdown(where, ("method",))).rows
    return answer(snapshot, Count(where)).total, answer(snapshot, OrderedRows(where)).count, int(bars), by


def test_a_filter_by_source_goes_by_the_names_of_now(snapshot: Snapshot) -> None:
    assert counts(snapshot, "a.log") == (1, 1, 1, 1)
    later = renamed(snapshot, a="c")
    assert counts(later, "a.log") == (0, 0, 0, 0)
    assert counts(later, "c.log") == (1, 1, 1, 1)


def test_values_and_order_of_sources_are_those_of_now(snapshot: Snapshot) -> None:
    def figures(snapshot: Snapshot, name: str) -> tuple[object, ...]:
        spread = answer(snapshot, Percentiles(by=("source",), values=((name,),)))
        lines = answer(snapshot, Sparklines(by=("source",), values=((name,),), buckets=1))
        beside = answer(snapshot, TopValues(by=("source",), values=((name,),), fields=("method",)))
        slowest = answer(snapshot, Slowest(by=("source",))).table.filter(pl.col("source") == name)
        return spread.table["count"].sum(), lines.counts[0], len(beside), slowest["p95"].to_list()

    def order(snapshot: Snapshot) -> list[str]:
        page = answer(snapshot, OrderedRows(sort="source")).page(0, 9, ())
        return [str(name) for name in page["source"]]

    later = renamed(snapshot, a="c")
    assert figures(snapshot, "b.log") == figures(later, "b.log") == (1, (1,), 1, [5])
    assert figures(snapshot, "c.log") == (0, (0,), 0, [])
    assert figures(later, "c.log") == (1, (1,), 1, [5])
    assert order(snapshot) == ["a.log", "b.log"]
    assert order(later) == ["b.log", "c.log"]
