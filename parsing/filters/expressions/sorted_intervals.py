"""Many intervals of whole numbers as one: merged, in order, and looked up by bisection."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

Interval = tuple[int, int]
"""Least and greatest number, both included."""

APART = 8
"""Up to this many intervals are a comparison each, which starts sooner; more are looked up by bisection."""


def merged(intervals: Sequence[Interval]) -> list[Interval]:
    """The same numbers in as few intervals as can be, in their order; empty ones are left out."""
    found: list[Interval] = []
    for first, last in sorted(interval for interval in intervals if interval[0] <= interval[1]):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def in_sorted(column: pl.Expr, intervals: Sequence[Interval]) -> pl.Expr:
    """Whether a whole number is in one of many intervals, merged and in order; null where it is null."""
    firsts, lasts = (pl.Series([interval[end] for interval in intervals], dtype=pl.Int64) for end in (0, 1))

    def look_up(numbers: pl.Series) -> pl.Series:
        wide = numbers.cast(pl.Int64)
        places = firsts.search_sorted(wide.fill_null(firsts[0]), side="right").cast(pl.Int64) - 1
        return (places >= 0) & (wide <= lasts.gather(places.clip(0)))

    return column.map_batches(look_up, return_dtype=pl.Boolean, is_elementwise=True)
