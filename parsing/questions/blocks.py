"""Segments cut into blocks of 4,096 rows: when each begins and ends, and how many of its rows a selection keeps."""

from __future__ import annotations

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.cache import BLOCKS
from parsing.questions.selection import Selection

BLOCK = 4096


def times(snapshot: Snapshot, segment: Segment) -> tuple[pl.Series, pl.Series]:
    """The time of the first and of the last row of every block."""

    def read() -> tuple[pl.Series, pl.Series]:
        time = segment.scan().select("time").collect().to_series()
        return time.gather_every(BLOCK), time.gather(_last_rows(segment))

    result: tuple[pl.Series, pl.Series] = BLOCKS.get(snapshot, segment, "times", read)
    return result


def kept(snapshot: Snapshot, segment: Segment, selection: Selection) -> pl.Series | None:
    """How many rows of every block are kept (``Int64``); ``None`` when the segment keeps none for certain."""
    wanted = selection.keeps(snapshot, segment)
    if wanted is False:
        return None
    if isinstance(wanted, bool):
        whole, rest = divmod(segment.rows, BLOCK)
        return pl.Series("kept", [BLOCK] * whole + [rest] * (rest > 0), dtype=pl.Int64)

    def count() -> pl.Series:
        mask = segment.scan().select(wanted.alias("kept"))
        so_far = mask.collect().to_series().cum_sum().cast(pl.Int64).gather(_last_rows(segment))
        return so_far.diff().fill_null(so_far.head(1))

    result: pl.Series = BLOCKS.get(snapshot, segment, ("kept", selection.key(snapshot)), count)
    return result


def _last_rows(segment: Segment) -> pl.Series:
    ends = range(BLOCK - 1, segment.rows, BLOCK)
    last = [] if segment.rows % BLOCK == 0 else [segment.rows - 1]
    return pl.Series([*ends, *last], dtype=pl.UInt32)
