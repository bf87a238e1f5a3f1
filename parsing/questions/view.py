"""A view: the rows that a filter keeps, in time order, read a page at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Log, Segment, Snapshot, Source
from parsing.questions.blocks import Kept, bounds, edges
from parsing.questions.columns import ROW, picked, roots, stretch
from parsing.questions.reading import PART, collected, needed, placed, records
from parsing.questions.records import empty, ranks, record_columns
from parsing.questions.selection import Selection
from parsing.questions.value_runs import ListedRows

RANK = " rank"
"""The place of a row's source in the order of names."""

_SORTED_BY = ("time", RANK, "line")
_ORDERED_BY = ("time", "source", "line")
_AT_ONCE = 20_000
"""Of more rows than this, those of the page are found first, and only they are read with all columns."""

_PLACE = {PART: pl.UInt32(), ROW: pl.UInt32(), "time": pl.Datetime("ms"), RANK: pl.UInt32(), "line": pl.Int64()}


@dataclass(frozen=True, slots=True)
class Part:
    """The kept rows of one segment."""

    segment: Segment
    kept: Kept | ListedRows


class View:
    """The rows that a selection keeps in a snapshot, ordered by time, then by name of source, then by line.

    Offsets count from 0. Safe to use from any thread. Columns may be given by any name of a field; without them, a
    page has every wire name of the snapshot.
    """

    def __init__(self, snapshot: Snapshot, selection: Selection, parts: Sequence[Part]) -> None:
        self.snapshot = snapshot
        self.selection = selection
        self.by_log: dict[Log, int] = {"iis": 0, "httperr": 0}
        for part in parts:
            self.by_log[part.segment.log] += part.kept.total
        self._parts = tuple(parts)
        self.segments = [part.segment for part in parts]
        self._lock = threading.Lock()
        self._refined: set[int] = set()
        whole = [_coarse(number, part) for number, part in enumerate(parts)]
        self._blocks = _Blocks(pl.DataFrame(whole, schema=_BLOCKS, orient="row"))

    @property
    def count(self) -> int:
        return sum(self.by_log.values())

    def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Records ``offset`` to ``offset + limit`` of the view, fewer at its end."""
        names = record_columns(self.snapshot, columns)
        offset = max(offset, 0)
        limit = min(limit, self.count - offset)
        if limit <= 0:
            return empty(names)
        touched, before, earliest = self._around(offset, limit)
        if touched["kept"].sum() > _AT_ONCE:
            order = self._chosen(self._read(touched, {}), offset - before, limit, earliest)
            return records(self.snapshot, self.segments, order, names)
        frames = self._read(touched, needed(self.snapshot, self.segments, touched["part"].unique(), names))
        places = self._chosen(frames, offset - before, limit, earliest)
        return placed(self.snapshot, self.segments, frames, places, names)

    def candidates(self, offset: int, limit: int) -> tuple[pl.DataFrame, int]:
        """Part and row of little more than the rows ``offset`` to ``offset + limit``, before any of them is read.

        Once they are in order, the number is how many of them come before the rows wanted.
        """
        touched, before, _ = self._around(offset, limit)
        rows = [_row_places(number, self._rows(number, start, end)) for number, start, end in _ranges(touched)]
        return pl.concat(rows), offset - before

    def _around(self, offset: int, limit: int) -> tuple[pl.DataFrame, int, datetime]:
        while True:
            found = self._blocks.around(offset, limit)
            if not self._refine(found[0]):
                return found

    def _chosen(self, frames: Mapping[int, pl.DataFrame], start: int, limit: int, earliest: datetime) -> pl.DataFrame:
        """The rows from ``start`` among those that were read, counted from the first that is not before a time."""
        order = in_view(self.snapshot, frames)
        skipped = order.filter(pl.col("time") < earliest).height
        return order.filter(pl.col("time") >= earliest).sort(_SORTED_BY).slice(start - skipped, limit)

    def offset_of(self, time: datetime) -> int:
        """How many rows of the view are older than ``time``: the offset of the first row from then on."""
        while True:
            blocks = self._blocks
            cut = blocks.table.filter((pl.col("first") < time) & (pl.col("last") >= time))
            if not self._refine(cut):
                break
        before = int(blocks.table.filter(pl.col("last") < time)["kept"].sum())
        return before + in_view(self.snapshot, self._read(cut, {})).filter(pl.col("time") < time).height

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
        places = in_view(self.snapshot, self._read(same, {})).filter(pl.col("time") <= when).sort(_SORTED_BY)
        found = places.with_row_index("place").filter((pl.col(RANK) == rank) & (pl.col("line") == line))
        before = int(blocks.table.filter(pl.col("last") < when)["kept"].sum())
        return before + int(found["place"].item()) if found.height else None

    def _time_of(self, source: Source, line: int) -> datetime | None:
        is_row = (pl.col("source") == source.id) & (pl.col("line") == line)
        for part in self._parts:
            segment = part.segment
            if (
                source.first is None
                or source.last is None
                or segment.last < source.first
                or segment.first > source.last
            ):
                continue
            found = segment.scan().filter(is_row).select("time").collect()
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
            self._blocks = _Blocks(pl.concat([others, *wanted]))
            self._refined.update(fresh)
        return True

    def _read(self, blocks: pl.DataFrame, columns: Mapping[int, Sequence[str]]) -> dict[int, pl.DataFrame]:
        """The kept rows of some blocks by their part: ``row`` and physical columns."""
        found: dict[int, list[pl.LazyFrame]] = {}
        for number, start, end in _ranges(blocks):
            rows = self._rows(number, start, end)
            if rows.len():
                found[number] = picked(self._parts[number].segment, rows, columns.get(number, _ORDERED_BY))
        return collected(found)

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


def in_view(snapshot: Snapshot, frames: Mapping[int, pl.DataFrame]) -> pl.DataFrame:
    """Part and row of rows, with what they are ordered by."""
    found = [pl.DataFrame(schema=_PLACE)]
    for number, rows in frames.items():
        part = pl.lit(number, dtype=pl.UInt32).alias(PART)
        rank = ranks(snapshot, rows["source"]).alias(RANK)
        found.append(rows.select(part, ROW, "time", rank, "line"))
    return pl.concat(found)


def _ranges(blocks: pl.DataFrame) -> Iterator[tuple[int, int, int]]:
    """The part of some blocks, the first row of them and the row after the last, for each part."""
    return blocks.group_by("part").agg(pl.col("start").min(), pl.col("end").max()).iter_rows()


def _row_places(number: int, rows: pl.Series) -> pl.DataFrame:
    return rows.alias(ROW).to_frame().select(pl.lit(number, dtype=pl.UInt32).alias(PART), ROW)


class _Blocks:
    """Blocks of rows with how many are kept and when they begin and end, and which of them a page can touch."""

    def __init__(self, table: pl.DataFrame) -> None:
        self.table = table
        begun = table.group_by("first").agg(pl.col("kept").sum()).sort("first")
        self._begun = begun.with_columns(before=pl.col("kept").cum_sum() - pl.col("kept"))
        ended = table.group_by("last").agg(pl.col("kept").sum()).sort("last")
        self._ended = ended.with_columns(upto=pl.col("kept").cum_sum())

    def around(self, offset: int, limit: int) -> tuple[pl.DataFrame, int, datetime]:
        """Blocks that may hold the page, how many rows end before all of them, and a time no later than its rows.

        The rows of blocks that begin before a time are at least those older than it, and the rows of blocks that end by
        a time are at most those not newer.
        """
        earliest: datetime = self._begun.filter(pl.col("before") <= offset)["first"][-1]
        enough = self._ended.filter(pl.col("upto") >= offset + limit)["last"]
        latest = enough[0] if enough.len() else self._ended["last"][-1]
        touched = self.table.filter((pl.col("last") >= earliest) & (pl.col("first") <= latest))
        before = int(self.table.filter(pl.col("last") < earliest)["kept"].sum())
        return touched, before, earliest


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
