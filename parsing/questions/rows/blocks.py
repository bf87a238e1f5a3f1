"""Segments cut into blocks of 4,096 rows: when each begins and ends, and how many of its rows a selection keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.index.store.stored_files import ROWS_OF_BLOCK, read_block_times
from parsing.questions.rows.columns import columns
from parsing.questions.selection import Selection

BLOCK = ROWS_OF_BLOCK

FEW = 64
"""Where at most one row in this many is kept, the numbers of the kept ones are remembered."""


def edges(segment: Segment) -> list[int]:
    """The first row of every block, then the number of rows."""
    return [*range(0, segment.rows, BLOCK), segment.rows]


def bounds(snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
    """Blocks of rows from ``start`` to before ``end``, with the times of the ``first`` and ``last`` of them."""

    def read() -> pl.DataFrame:
        rows = pl.Series(edges(segment), dtype=pl.Int64)
        starts, ends = rows.head(-1), rows.slice(1)
        known = read_block_times(segment.checked_path(), BLOCK) if ends.len() > 1 else None
        if ends.len() == 1:
            first, last = (pl.Series([time], dtype=pl.Datetime("ms")) for time in (segment.first, segment.last))
        elif known is not None:
            first, last = known
        else:
            time = columns(snapshot, segment, ["time"]).to_series()
            first, last = time.gather(starts), time.gather(ends - 1)
        return pl.DataFrame({"start": starts, "end": ends, "first": first, "last": last})

    result: pl.DataFrame = snapshot.memory.blocks.get((segment.path, "bounds"), read)
    return result


@dataclass(frozen=True, slots=True)
class Kept:
    """How many rows of every block are kept (``Int64``), their total, and their numbers where they are few."""

    counts: pl.Series
    total: int
    rows: pl.Series | None = None

    def between(self, start: int, end: int) -> pl.Series | None:
        """The numbers of the kept rows from ``start`` to before ``end``, if they are remembered."""
        rows = self.rows
        return None if rows is None else rows.filter((rows >= start) & (rows < end))


def kept(snapshot: Snapshot, segment: Segment, selection: Selection) -> Kept | None:
    """The rows that a selection keeps; ``None`` when the segment keeps none for certain."""
    if selection.keeps(snapshot, segment) is False:
        return None

    def count() -> Kept:
        mask = selection.mask(snapshot, segment)
        counts = sums(mask, edges(segment))
        total = int(counts.sum())
        is_few = isinstance(mask, pl.Series) and total <= segment.rows // FEW
        return Kept(counts, total, mask.arg_true() if is_few and isinstance(mask, pl.Series) else None)

    result: Kept = snapshot.memory.partials.get((segment.path, "kept", selection.key(snapshot)), count)
    return result


class Blocks:
    """Blocks of rows with how many are ``kept`` and the times of their ``first`` and ``last``, and what pages touch.

    ``table`` may have more columns, which say where the rows are.
    """

    def __init__(self, table: pl.DataFrame) -> None:
        self.table = table
        so_far = pl.col("kept").cum_sum()
        self._begun = table.select("first", "kept").sort("first").with_columns(before=so_far - pl.col("kept"))
        self._ended = table.select("last", "kept").sort("last").with_columns(upto=so_far)

    def around(self, offset: int, limit: int) -> tuple[pl.DataFrame, int]:
        """Blocks that may hold the page, and how many rows come before all rows of theirs that may be on it.

        The rows of blocks that begin before a time are at least those older than it, and the rows of blocks that end by
        a time are at most those not newer.
        """
        earliest: datetime = self._begun.filter(pl.col("before") <= offset)["first"][-1]
        enough = self._ended.filter(pl.col("upto") >= offset + limit)["last"]
        latest = enough[0] if enough.len() else self._ended["last"][-1]
        touched = self.table.filter((pl.col("last") >= earliest) & (pl.col("first") <= latest))
        return touched, int(self.table.filter(pl.col("last") < earliest)["kept"].sum())


def sums(mask: pl.Series | bool, bounds: Sequence[int]) -> pl.Series:
    """How many rows of a mask are true between each two of the bounds (``Int64``)."""
    if isinstance(mask, bool):
        counts = [(end - start) * mask for start, end in pairwise(bounds)]
    else:
        counts = [int(mask.slice(start, end - start).sum()) for start, end in pairwise(bounds)]
    return pl.Series("kept", counts, dtype=pl.Int64)
