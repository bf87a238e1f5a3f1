"""Conditions for rows that have one of a few values, as codes, to look at these rows alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from parsing.filters.expressions import counted_column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.rows.columns import roots
from parsing.questions.rows.records import field_dtype

Values = tuple[Any, ...]
"""A value of each field of a breakdown."""


def only_of(snapshot: Snapshot, segment: Segment, names: Sequence[str], values: Sequence[Values]) -> pl.Expr:
    """What holds for rows with any of these values (of several fields, maybe for some more rows)."""
    tests = [
        _test(snapshot, segment, name, tuple(dict.fromkeys(value[place] for value in values)))
        for place, name in enumerate(names)
    ]
    return pl.all_horizontal(tests)


def _test(snapshot: Snapshot, segment: Segment, name: str, wanted: Values) -> pl.Expr:
    value = counted_column(segment, name, snapshot)
    assert value is not None
    needed = roots(value)
    if len(needed) == 1 and needed[0] in segment.coded:
        root = needed[0]
        size = snapshot.dictionary(root).len()
        codes = snapshot.memory.values.get(
            ("only of", root, name, wanted, size), lambda: _codes(root, size, _is_in(value, name, wanted))
        )
        known = codes if codes.len() else pl.Series([2**32 - 1], dtype=pl.UInt32)
        found = pl.col(root).is_in(known.implode()).fill_null(value=False)
        return found | pl.col(root).is_null() if None in wanted else found
    return _is_in(value, name, wanted)


def _is_in(value: pl.Expr, name: str, wanted: Values) -> pl.Expr:
    known = pl.Series([found for found in wanted if found is not None], dtype=field_dtype(name))
    found = value.is_in(known.implode()).fill_null(value=False)
    return found | value.is_null() if None in wanted else found


def _codes(root: str, size: int, is_wanted: pl.Expr) -> pl.Series:
    codes = pl.int_range(0, size, dtype=pl.UInt32, eager=True).alias(root)
    return codes.to_frame().filter(is_wanted).to_series()
