"""A segment that was damaged inside is one clear error with what to do, whatever is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from parsing.correlation.client_gone import client_gone
from parsing.correlation.correlate import correlate, correlate_one
from parsing.errors import IndexStoreError
from parsing.index.snapshot import Snapshot
from parsing.questions.question import answer
from parsing.questions.rows.all_rows import rows_in_order
from parsing.questions.rows.ordered_rows import OrderedRows
from parsing.questions.values.breakdown import Breakdown
from tests.small_sets import Table, small_snapshot

TIME = "2026-06-15T12:00:00"
ASKED: dict[str, Callable[[Snapshot], object]] = {
    "a breakdown": lambda snapshot: answer(snapshot, Breakdown()),
    "all rows": lambda snapshot: list(rows_in_order(snapshot)),
    "sorted rows": lambda snapshot: list(rows_in_order(snapshot, sort="reason")),
    "correlation": lambda snapshot: list(correlate(snapshot)),
    "one error": lambda snapshot: correlate_one(snapshot, "httperr1.log", 1),
    "clients that left": lambda snapshot: client_gone(snapshot),
}


def made(folder: Path, text: frozenset[str] = frozenset()) -> Snapshot:
    rows = [{"time": TIME, "s-reason": "QueueFull", "line": line} for line in range(1, 10)]
    errors: Table = ("httperr", "httperr1.log", ["s-reason"], rows)
    requests: Table = ("iis", "u_ex1.log", ["cs-uri-stem", "sc-win32-status"], [{"time": TIME, "cs-uri-stem": "/"}])
    return small_snapshot(folder, [errors, requests], text=text)


def damage(snapshot: Snapshot, *, is_gone: bool) -> None:
    for segment in snapshot.segments:
        if is_gone:
            segment.path.unlink()
        else:
            segment.path.write_bytes(b"\0" * segment.path.stat().st_size)


@pytest.mark.parametrize("is_gone", [False, True])
@pytest.mark.parametrize("asked", ASKED)
def test_a_damaged_segment_is_a_clear_error(tmp_path: Path, is_gone: bool, asked: str) -> None:
    snapshot = made(tmp_path)
    damage(snapshot, is_gone=is_gone)
    with pytest.raises(IndexStoreError, match="index cannot be read") as raised:
        ASKED[asked](snapshot)
    assert "cache clear" in raised.value.hint


@pytest.mark.parametrize("sort", [None, "-time", "reason"])
@pytest.mark.parametrize("text", [frozenset[str](), frozenset({"s-reason"})])
def test_a_segment_that_is_damaged_under_a_view_is_a_clear_error(
    tmp_path: Path, sort: str | None, text: frozenset[str]
) -> None:
    snapshot = made(tmp_path, text)
    rows = answer(snapshot, OrderedRows(log="httperr", sort=sort))
    damage(snapshot, is_gone=False)
    with pytest.raises(IndexStoreError, match="index cannot be read"):
        rows.page(0, 5)
    with pytest.raises(IndexStoreError, match="index cannot be read"):
        rows.offset_of_row("httperr1.log", 5, datetime.fromisoformat(TIME))


@pytest.mark.parametrize("text", [frozenset[str](), frozenset({"s-reason"})])
def test_no_room_to_sort_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: frozenset[str]
) -> None:
    snapshot = made(tmp_path, text)

    def full(*_: object, **__: object) -> None:
        raise pl.exceptions.ComputeError("cannot write: No space left on device (os error 28)")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(IndexStoreError, match="cannot sort: No space left on device") as raised:
        list(rows_in_order(snapshot, sort="reason"))
    assert "TMPDIR" in raised.value.hint
