"""Buckets of numbers in which each is at most one percent from the number that stands for the bucket."""

from __future__ import annotations

from functools import cache

import polars as pl

PERCENTILE_ERROR = 0.01
"""The greatest relative error; numbers below 100 are exact."""

_TABLE = 1 << 20
GREATEST = 2**63 - 1
"""The greatest number that there is."""


@cache
def _lows() -> list[int]:
    """The least number of every bucket."""
    lows = [0]
    while True:
        low = lows[-1] + 1 if lows[-1] == 0 else _stand_in(lows[-1]) * 100 // 99 + 1
        if low > GREATEST:
            return lows
        lows.append(low)


def _stand_in(low: int) -> int:
    """The number for a bucket: one percent above its least, and so that its greatest is one percent above that."""
    return min(low * 101 // 100, GREATEST)


@cache
def stand_ins() -> pl.Series:
    """For every bucket the number that stands for what is in it (``Int64``)."""
    return pl.Series([_stand_in(low) for low in _lows()], dtype=pl.Int64)


@cache
def count() -> int:
    """How many buckets there are."""
    return len(_lows())


@cache
def _edges() -> pl.Series:
    return pl.Series(_lows(), dtype=pl.Int64)


@cache
def _table() -> pl.Series:
    """The bucket of each small number."""
    lows = [low for low in _lows() if low < _TABLE]
    widths = pl.Series([*lows[1:], _TABLE], dtype=pl.Int64) - pl.Series(lows, dtype=pl.Int64)
    numbers = pl.int_range(0, len(lows), dtype=pl.UInt16, eager=True)
    return (
        pl.DataFrame({"bucket": numbers, "width": widths})
        .select(pl.col("bucket").repeat_by("width").explode(empty_as_null=False, keep_nulls=False))
        .to_series()
    )


def bucket(number: pl.Expr, greatest: int) -> pl.Expr:
    """The bucket (``UInt16``) of a whole number of which none is above ``greatest``; a negative one counts as 0."""
    small = pl.lit(_table()).gather(number.clip(0, _TABLE - 1))
    if greatest < _TABLE:
        return small
    large = pl.lit(_edges()).search_sorted(number, side="right") - 1
    return pl.when(number < _TABLE).then(small).otherwise(large.cast(pl.UInt16))
