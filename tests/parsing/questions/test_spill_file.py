"""Columns of numbers on disk are read back as they were put away."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest

from parsing.errors import IndexStoreError
from parsing.questions.rows.spill_file import SpillFile


@pytest.mark.parametrize("dtype", [pl.UInt32(), pl.Int64()])
@pytest.mark.parametrize("length", [0, 1, 3, 65_535, 65_537, 1_000_001])
def test_numbers_come_back_as_they_were(dtype: pl.DataType, length: int) -> None:
    values = (pl.int_range(0, length, eager=True) * 7919 % 2**31).cast(dtype)
    if dtype == pl.Int64() and length > 2:
        values = values.scatter([0, 1], [-(2**63), 2**63 - 1])
    spill = SpillFile()
    odd = spill.put(pl.Series([7], dtype=pl.UInt32))
    place = spill.put(values)
    assert spill.numbers(place).tolist() == values.to_list()
    later = spill.put(pl.Series([8, 9], dtype=pl.Int64))
    assert [spill.numbers(known).tolist() for known in (odd, later)] == [[7], [8, 9]]


def test_values_that_were_missing_once_leave_no_trace() -> None:
    values = pl.Series([None, 1, None, 2], dtype=pl.UInt32)
    spill = SpillFile()
    for known in (values.drop_nulls(), values.filter(values.is_not_null()).sort()):
        assert spill.numbers(spill.put(known)).tolist() == [1, 2]


def test_no_room_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(IndexStoreError) as caught:
        SpillFile()
    assert "TMPDIR" in caught.value.hint
