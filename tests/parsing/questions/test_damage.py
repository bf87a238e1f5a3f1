"""A segment that was damaged inside is one clear error with what to do, whatever is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.errors import IndexStoreError
from parsing.questions.breakdown import Breakdown
from parsing.questions.question import answer
from tests.small_sets import small_snapshot


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_damaged_segment_is_a_clear_error(tmp_path: Path, is_gone: bool) -> None:
    rows = [{"time": "2026-06-15T12:00:00", "s-reason": "QueueFull"}]
    snapshot = small_snapshot(tmp_path, [("httperr", "httperr1.log", ["s-reason"], rows)])
    path = snapshot.segments[0].path
    if is_gone:
        path.unlink()
    else:
        path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(IndexStoreError, match="index cannot be read") as raised:
        answer(snapshot, Breakdown())
    assert "cache clear" in raised.value.hint
