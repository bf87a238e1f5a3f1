"""Gaps between the rows of a source, against plain counting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.questions.question import answer
from parsing.questions.times.gaps import Gaps
from tests.parsing.questions.plain import plain_rows, snapshot_of, tables
from tests.small_sets import Table

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
