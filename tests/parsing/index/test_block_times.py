"""The times of blocks that a segment's file keeps, against the segment itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from parsing.index.store.segments import SegmentLayout, write_rows
from parsing.index.store.stored_files import read_block_times

START = datetime(2026, 6, 15)  # noqa: DTZ001


@pytest.mark.parametrize("rows", [1, 4095, 4096, 4097, 8192, 10_000])
def test_a_segment_knows_when_its_blocks_begin_and_end(tmp_path: Path, rows: int) -> None:
    times = [START + timedelta(seconds=7 * row) for row in range(rows)]
    lines = pl.int_range(1, rows + 1, dtype=pl.Int64, eager=True)
    frame = pl.DataFrame({"time": times, "source": [1] * rows, "line": lines}).reverse()
    frame = frame.cast({"time": pl.Datetime("ms"), "source": pl.UInt32})
    file = write_rows(tmp_path, 1, SegmentLayout("iis", ()), frame)
    known = read_block_times(tmp_path / file.name)
    assert known is not None
    starts = range(0, rows, 4096)
    assert known[0].to_list() == [times[start] for start in starts]
    assert known[1].to_list() == [times[min(start + 4096, rows) - 1] for start in starts]


def test_a_file_without_them_says_so(tmp_path: Path) -> None:
    pl.DataFrame({"time": [START]}).write_parquet(tmp_path / "rows-1.parquet")
    assert read_block_times(tmp_path / "rows-1.parquet") is None
