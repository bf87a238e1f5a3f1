"""Requests in flight, against counting them one by one, however the rows are cut into segments."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.questions.question import answer
from parsing.questions.times.in_flight import InFlight
from tests.small_sets import Table, small_snapshot

NOON = datetime(2026, 6, 15, 12)  # noqa: DTZ001 - the engine's times are UTC without zone

ROWS = st.lists(
    st.tuples(st.integers(-300, 900), st.one_of(st.none(), st.integers(0, 400_000))), min_size=1, max_size=60
)


def row(second: int, taken: int | None) -> dict[str, Any]:
    return {"time": (NOON + timedelta(seconds=second)).isoformat(), "time-taken": taken}


@settings(max_examples=60)
@given(rows=ROWS, cut=st.integers(0, 60), seconds=st.integers(1, 600), points=st.integers(1, 50))
def test_counts_requests_that_have_begun_and_not_ended(
    rows: list[tuple[int, int | None]], cut: int, seconds: int, points: int
) -> None:
    tables: list[Table] = [
        ("iis", "u_ex.log", ["time-taken"], [row(*each) for each in part]) for part in (rows[:cut], rows[cut:]) if part
    ]
    span = (NOON, NOON + timedelta(seconds=seconds))
    with tempfile.TemporaryDirectory() as folder:
        curve = answer(small_snapshot(Path(folder), tables), InFlight(span, points))
    step = curve.every // timedelta(milliseconds=1)
    expected = []
    for point in range(points):
        at = point * step
        in_flight = [end for end, taken in rows if taken is not None and end * 1000 - taken <= at < end * 1000]
        expected.append(len(in_flight))
    assert list(curve.counts) == expected
    told = [end for end, taken in rows if taken is None and 0 <= end < seconds]
    assert curve.without_start == len(told)


def test_rows_of_a_log_without_time_taken_are_told_apart(tmp_path: Path) -> None:
    tables: list[Table] = [("iis", "ex.log", ["sc-status"], [{"time": NOON.isoformat(), "sc-status": 200}])]
    curve = answer(small_snapshot(tmp_path, tables), InFlight((NOON, NOON + timedelta(minutes=1)), 4))
    assert curve.counts == (0, 0, 0, 0)
    assert curve.without_start == 1
