"""A view in the order of time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from parsing.index.snapshot import Segment, Snapshot, Source
from parsing.questions.question import damage_worded
from parsing.questions.rows.blocks import Blocks, Kept, bounds, edges
from parsing.questions.rows.columns import ROW, roots, scan, stretch
from parsing.questions.rows.picked_rows import PART, RANK, TIME_ORDER, in_order, placed, read, records
from parsing.questions.rows.records import ranks
from parsing.questions.rows.rows_view import RowsView
from parsing.questions.selection import Selection

_MOST_READ_WHOLE = 20_000
"""Of more rows than this, those of the page are found first, and only they are read with all columns."""

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Part:
    """The kept rows of one segment."""

    segment: Segment
    kept: Kept


class TimeView(RowsView):
    """Rows in order of time, the oldest or the newest first; ties in order of the name of their source, then of line.

    Segments are in this order already: how many rows their blocks keep, and from when to when, says where a page is.
    """

    def __init__(
        self, snapshot: Snapshot, selection: Selection, parts: Sequence[Part], *, is_descending: bool = False
    ) -> None:
        super().__init__(snapshot, ((part.segment, part.kept.total) for part in parts))
        self.selection = selection
        self._is_descending = is_descending
        self._parts = tuple(parts)
        self._lock = threading.Lock()
        self._refined: set[int] = set()
        whole = [_coarse(number, part) for number, part in enumerate(parts)]
        self._blocks = Blocks(pl.DataFrame(whole, schema=_BLOCKS, orient="row"))

    def _records(self, offset: int, limit: int, names: Sequence[str]) -> pl.DataFrame:
        start = self.count - offset - limit if self._is_descending else offset
        touched, before = self._around(start, limit)
        height = int(touched["kept"].sum())
        if self._is_descending:
            # Whole blocks of times are touched, so that all rows of a time are there, in whichever order.
            before = self.count - before - height
        is_many = height > max(_MOST_READ_WHOLE, 2 * limit)
        found = read(self.snapshot, self.segments, self._wanted(touched), () if is_many else names)
        chosen = self._ordered(in_order(self.snapshot, found)).slice(offset - before, limit)
        if is_many:
            return records(self.snapshot, self.segments, chosen, names)
        return placed(self.snapshot, found, chosen, names)

    def _ordered(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.sort(TIME_ORDER, descending=[self._is_descending, False, False])

    def _around(self, offset: int, limit: int) -> tuple[pl.DataFrame, int]:
        while True:
            found = self._blocks.around(offset, limit)
            if not self._refine(found[0]):
                return found

    @damage_worded()
    def offset_of(self, time: datetime) -> int:
        """The offset of the first row from a time on: not older, or where the newest come first, not newer."""
        return self.count - self._older(time + _MILLISECOND) if self._is_descending else self._older(time)

    def _older(self, time: datetime) -> int:
        """How many rows are older than ``time``."""
        while True:
            blocks = self._blocks
            cut = blocks.table.filter((pl.col("first") < time) & (pl.col("last") >= time))
            if not self._refine(cut):
                break
        before = int(blocks.table.filter(pl.col("last") < time)["kept"].sum())
        return before + self._keys(cut).filter(pl.col("time") < time).height

    @damage_worded()
    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when the view does not have it. Quick where its time is given."""
        known = next((known for known in self.snapshot.sources if known.name == source), None)
        when = time if time is not None or known is None else self._time_of(known, line)
        if known is None or when is None:
            return None
        while True:
            blocks = self._blocks
            same = blocks.table.filter((pl.col("first") <= when) & (pl.col("last") >= when))
            if not self._refine(same):
                break
        rank = ranks(self.snapshot, pl.Series([known.id], dtype=pl.UInt32)).item()
        places = self._keys(same).filter(pl.col("time") == when).sort(TIME_ORDER)
        found = places.with_row_index("place").filter((pl.col(RANK) == rank) & (pl.col("line") == line))
        return self.offset_of(when) + int(found["place"].item()) if found.height else None

    def _time_of(self, source: Source, line: int) -> datetime | None:
        is_row = (pl.col("source") == source.id) & (pl.col("line") == line)
        for segment in self.segments:
            if source.first is None or source.last is None or not _overlap(segment, source.first, source.last):
                continue
            found = scan(self.snapshot, segment).filter(is_row).select("time").collect()
            if found.height:
                time: datetime = found["time"].item()
                return time
        return None

    def _refine(self, blocks: pl.DataFrame) -> bool:
        """Cut the segments among ``blocks`` that are still one block each; whether there were any."""
        whole = [number for number in blocks["part"].unique() if number not in self._refined]
        whole = [number for number in whole if len(edges(self._parts[number].segment)) > 2]
        if not whole:
            return False
        cut = [_fine(number, self._parts[number], self.snapshot) for number in whole]
        with self._lock:
            fresh = [number for number in whole if number not in self._refined]
            others = self._blocks.table.filter(~pl.col("part").is_in(fresh))
            wanted = [table for number, table in zip(whole, cut, strict=True) if number in fresh]
            self._blocks = Blocks(pl.concat([others, *wanted]))
            self._refined.update(fresh)
        return True

    def _keys(self, blocks: pl.DataFrame) -> pl.DataFrame:
        """What the kept rows of some blocks are ordered by."""
        return in_order(self.snapshot, read(self.snapshot, self.segments, self._wanted(blocks)))

    def _wanted(self, blocks: pl.DataFrame) -> pl.DataFrame:
        """Part and row of the kept rows of some blocks, in this order."""
        found = [pl.DataFrame(schema={PART: pl.UInt32(), ROW: pl.UInt32()})]
        for number, start, end in _ranges(blocks):
            rows = self._rows(number, start, end).alias(ROW).to_frame()
            found.append(rows.select(pl.lit(number, dtype=pl.UInt32).alias(PART), ROW))
        return pl.concat(found, rechunk=True)

    def _rows(self, number: int, start: int, end: int) -> pl.Series:
        """The numbers of the kept rows of a part between two of them."""
        segment = self._parts[number].segment
        remembered = self._parts[number].kept.between(start, end)
        if remembered is not None:
            return remembered
        wanted = self.selection.keeps(self.snapshot, segment)
        if isinstance(wanted, bool):
            return pl.int_range(start, end, dtype=pl.UInt32, eager=True)
        rows = stretch(self.snapshot, segment, roots(wanted), start, end - start)
        return rows.filter(wanted).select(ROW).collect().to_series()


def _overlap(segment: Segment, first: datetime, last: datetime) -> bool:
    return segment.first <= last and segment.last >= first


def _ranges(blocks: pl.DataFrame) -> Iterator[tuple[int, int, int]]:
    """The part of some blocks, the first row of them and the row after the last, for each part."""
    return blocks.group_by("part").agg(pl.col("start").min(), pl.col("end").max()).iter_rows()


_BLOCKS = {
    "part": pl.UInt32(),
    "start": pl.Int64(),
    "end": pl.Int64(),
    "kept": pl.Int64(),
    "first": pl.Datetime("ms"),
    "last": pl.Datetime("ms"),
}


def _coarse(number: int, part: Part) -> tuple[int, int, int, int, datetime, datetime]:
    """A segment as one block."""
    segment = part.segment
    return number, 0, segment.rows, part.kept.total, segment.first, segment.last


def _fine(number: int, part: Part, snapshot: Snapshot) -> pl.DataFrame:
    """A segment as its blocks, without those of which no row is kept."""
    table, counts = bounds(snapshot, part.segment), part.kept.counts
    columns = [pl.repeat(number, counts.len(), dtype=pl.UInt32, eager=True), *table[:, :2], counts, *table[:, 2:]]
    found = pl.DataFrame([column.alias(name) for name, column in zip(_BLOCKS, columns, strict=True)])
    return found if counts.min() else found.filter(counts > 0)
