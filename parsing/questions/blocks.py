"""Segments cut into blocks of 4,096 rows: when each begins and ends, and how many of its rows a selection keeps."""

from __future__ import annotations

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.cache import blocks
from parsing.questions.selection import Selection

BLOCK = 4096


def bounds(snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
    """Blocks of rows from ``start`` to before ``end``, with the times of the ``first`` and ``last`` of them."""

    def read() -> pl.DataFrame:
        ends = _last_rows(segment).cast(pl.Int64) + 1
        starts = ends.shift(1, fill_value=0)
        if ends.len() == 1:
            first, last = pl.Series([segment.first]), pl.Series([segment.last])
        else:
            time = segment.scan().select("time").collect().to_series()
            first, last = time.gather(starts), time.gather(ends - 1)
        table = pl.DataFrame({"start": starts, "end": ends, "first": first, "last": last})
        return table.with_columns(pl.col("first", "last").cast(pl.Datetime("ms")))

    result: pl.DataFrame = blocks(snapshot).get(segment, "bounds", read)
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

    result: pl.Series = blocks(snapshot).get(segment, ("kept", selection.key(snapshot)), count)
    return result


def _last_rows(segment: Segment) -> pl.Series:
    ends = range(BLOCK - 1, segment.rows, BLOCK)
    last = [] if segment.rows % BLOCK == 0 else [segment.rows - 1]
    return pl.Series([*ends, *last], dtype=pl.UInt32)
