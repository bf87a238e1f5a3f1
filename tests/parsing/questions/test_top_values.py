"""What goes with values, against counting plain rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.index import memory
from parsing.questions.question import answer
from parsing.questions.values.breakdown import Breakdown
from parsing.questions.values.top_values import TopValues
from tests.parsing.questions.plain import FILTERS, Kept, plain_rows, snapshot_of, tables, texts, value
from tests.small_sets import Table

names = st.sampled_from(["client", "status", "path", "template", "log", "reason", "X-Custom", "no"])
fields = st.lists(names, min_size=1, max_size=2, unique=True)


def in_order(values: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(values.items(), key=lambda found: (-found[1], found[0] is None, found[0]))


@settings(max_examples=80)
@given(tables(), texts, st.sampled_from(FILTERS), fields, st.lists(names, unique=True), st.integers(1, 3))
def test_the_most_frequent_values_of_other_fields(
    found: list[Table], text: frozenset[str], kept: Kept, by: list[str], others: list[str], top: int
) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row)]
    expected: dict[tuple[Any, ...], dict[str, Counter[Any]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        key = tuple(value(row, name) for name in by)
        for name in others:
            if ... not in key and name not in by and (beside := value(row, name)) is not ...:
                expected[key][name][beside] += 1
    with snapshot_of(found, text) as snapshot:
        counted = answer(snapshot, Breakdown(kept.where, tuple(by))).table
        chosen = tuple(row[: len(by)] for row in counted.iter_rows())[::2]
        tops = answer(snapshot, TopValues(kept.where, tuple(by), chosen, tuple(others), top))
    assert {key: {name: list(values) for name, values in known.values.items()} for key, known in tops.items()} == {
        key: {name: in_order(values)[:top] for name, values in expected[key].items()} for key in chosen
    }
    count = counted.columns.index("count", len(by))
    assert {key: known.rows for key, known in tops.items()} == {
        row[: len(by)]: row[count] for row in counted.iter_rows() if row[: len(by)] in chosen
    }


def test_what_is_kept_by_field_takes_the_room_of_all_fields() -> None:
    one = pl.Series([0] * 1_000)
    assert memory.size({"path": one, "client": one}) > 2 * one.estimated_size()
