"""Codes stand for the same values whatever happened to the files of a dictionary, or for none."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from parsing.errors import IndexStoreError
from parsing.index.store.dictionaries import Dictionaries, store_values


def test_a_part_that_is_missing_shifts_no_codes(tmp_path: Path) -> None:
    parts = [
        store_values(tmp_path, number, {"s-reason": pl.Series(values)}, {"s-reason": (start, len(values))})
        for number, (start, values) in enumerate([(0, ["a", "b"]), (2, ["c"]), (3, ["d", "e"])])
    ]
    whole, broken = Dictionaries(tmp_path), Dictionaries(tmp_path)
    whole.show(parts)
    assert whole.load("s-reason").to_list() == ["a", "b", "c", "d", "e"]
    broken.show([parts[0], parts[2]])
    with pytest.raises(IndexStoreError, match="gaps"):
        broken.load("s-reason")
