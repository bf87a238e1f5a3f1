"""The kept rows of a segment in the order of a field's values, put away in a spill file."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.question import stop_if_cancelled
from parsing.questions.rows.blocks import edges
from parsing.questions.rows.columns import ROW, lazy, roots
from parsing.questions.rows.ordinals import Ordinals
from parsing.questions.rows.spill_file import SpilledColumn, SpillFile
from parsing.questions.selection import Selection

_KEY = " key"
_LARGEST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class ValueRun:
    """Keys in ascending order, the row that has each, and the rows that have none; equal keys in order of row."""

    segment: Segment
    spill: SpillFile
    keys: SpilledColumn
    rows: SpilledColumn
    without: SpilledColumn

    @property
    def total(self) -> int:
        return self.rows.length + self.without.length

    @property
    def bytes(self) -> int:
        """What it takes in the spill file."""
        return self.keys.bytes + self.rows.bytes + self.without.bytes


def run(
    snapshot: Snapshot, segment: Segment, selection: Selection, ordinals: Ordinals, view: Hashable
) -> ValueRun | None:
    """The run of a segment; those of the same ``view`` share a spill file. ``None`` where it keeps no row for certain."""
    wanted = selection.keeps(snapshot, segment)
    if wanted is False:
        return None
    key = ordinals.of(segment).alias(_KEY)
    needed = list(dict.fromkeys([*(roots(key) or ["source"]), *([] if wanted is True else roots(wanted))]))
    rows = lazy(snapshot, segment, needed).with_row_index(ROW)
    rows = rows if isinstance(wanted, bool) else rows.filter(wanted)
    found = rows.with_columns(key).select(_KEY, ROW).collect().rechunk()
    stop_if_cancelled()
    spill: SpillFile = snapshot.memory.sorted_rows.get(("spill file", view), SpillFile)
    known = found.filter(pl.col(_KEY).is_not_null())
    without = found.filter(pl.col(_KEY).is_null())[ROW] if known.height < found.height else found[ROW].head(0)
    ordered = _ordered(known, segment.rows.bit_length())
    stop_if_cancelled()
    return ValueRun(segment, spill, spill.put(ordered[_KEY]), spill.put(ordered[ROW]), spill.put(without))


def _ordered(rows: pl.DataFrame, width: int) -> pl.DataFrame:
    """Rows by key, then by number; sorting both as one number is twice as fast."""
    if not rows.height:
        return rows.cast({_KEY: pl.UInt32})
    least, greatest = int(str(rows[_KEY].min())), int(str(rows[_KEY].max()))
    kind = pl.UInt32 if least >= 0 and greatest <= _LARGEST else pl.Int64
    if least < 0 or greatest.bit_length() + width > 64:
        return rows.sort(_KEY, ROW).cast({_KEY: kind})
    packed = rows.select((pl.col(_KEY).cast(pl.UInt64) * 2**width + pl.col(ROW)).alias(_KEY)).to_series().sort()
    return pl.DataFrame({_KEY: (packed // 2**width).cast(kind), ROW: (packed % 2**width).cast(pl.UInt32)})


class ListedRows:
    """Rows of a segment that are kept, by their ascending numbers; as ``blocks.Kept`` for a view."""

    __slots__ = ("_numbers", "_segment")

    def __init__(self, segment: Segment, numbers: memoryview) -> None:
        self._segment = segment
        self._numbers = numbers

    @property
    def total(self) -> int:
        return len(self._numbers)

    @property
    def counts(self) -> pl.Series:
        """How many rows of each block are kept (``Int64``)."""
        places = [bisect_left(self._numbers, edge) for edge in edges(self._segment)]
        return pl.Series("kept", places, dtype=pl.Int64).diff().slice(1)

    def between(self, start: int, end: int) -> pl.Series:
        """The numbers of the kept rows from ``start`` to before ``end``."""
        first, after = (bisect_left(self._numbers, edge) for edge in (start, end))
        return pl.Series(self._numbers[first:after].tolist(), dtype=pl.UInt32)
