"""Gaps and what changed, against plain counting."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.questions.question import answer
from parsing.questions.times.gaps import Gaps
from parsing.questions.values.changed import ShareChanges
from tests.parsing.questions.plain import FILTERS, START, Kept, plain_rows, snapshot_of, tables
from tests.small_sets import Table

filters = st.sampled_from(FILTERS)
SECOND = timedelta(seconds=1)


@settings(max_examples=60)
@given(tables(), st.integers(1, 30))
def test_gaps(found: list[Table], seconds: int) -> None:
    least = timedelta(seconds=seconds)
    times: dict[str, list[Any]] = {}
    for row in plain_rows(found):
        times.setdefault(row["source"], []).append(row["time"])
    expected = [
        (source, before, after)
        for source in sorted(times)
        for before, after in zip(times[source], times[source][1:], strict=False)
        if after - before >= least
    ]
    with snapshot_of(found) as snapshot:
        assert answer(snapshot, Gaps(least)).rows() == expected


@settings(max_examples=60)
@given(tables(), filters, st.integers(0, 60), st.integers(1, 40))
def test_what_changed(found: list[Table], kept: Kept, start: int, length: int) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row)]
    span = (START + start * SECOND, START + (start + length) * SECOND)
    question = ShareChanges(span, kept.where, top=None)
    assert question.earlier == (START + (start - length) * SECOND, span[0])
    now = [row for row in rows if span[0] <= row["time"] < span[1]]
    before = [row for row in rows if question.earlier[0] <= row["time"] < span[0]]
    with snapshot_of(found) as snapshot:
        names = [name for name in snapshot.field_names if name != "time-taken"]
        table = answer(snapshot, question)
    expected = [move for name in names for move in _moves(name, now, before)]
    expected.sort(key=lambda move: (-abs(round(move[-1], 9)), move[0], move[1] is None, (move[1] or "").encode()))
    assert [tuple(row) for row in table.iter_rows()] == [
        tuple(pytest.approx(figure) if isinstance(figure, float) else figure for figure in move) for move in expected
    ]


def _moves(name: str, now: list[Any], before: list[Any]) -> list[tuple[Any, ...]]:
    after = Counter(_text(row[name]) for row in now if name in row)
    earlier = Counter(_text(row[name]) for row in before if name in row)
    rows, rows_before = sum(after.values()), sum(earlier.values())
    if not rows or not rows_before:
        return []
    moves = []
    for known in {*after, *earlier}:
        share, share_before = after[known] / rows, earlier[known] / rows_before
        together = (after[known] + earlier[known]) / (rows + rows_before)
        error = math.sqrt(together * (1 - together) * (1 / rows + 1 / rows_before))
        if abs(share - share_before) > 2 * error and share != share_before:
            moves.append((name, known, after[known], share, earlier[known], share_before, share - share_before))
    return moves


def _text(known: Any) -> str | None:
    return None if known is None else str(known)
