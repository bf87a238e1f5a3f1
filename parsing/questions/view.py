"""A view: the rows that a filter keeps, in time order, read a page at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.blocks import bounds
from parsing.questions.records import decode, empty, picked, ranks, record_columns, roots
from parsing.questions.selection import Selection

_ORDER = ("time", "rank", "line")
_PLACE = {"part": pl.UInt32(), "row": pl.UInt32(), "time": pl.Datetime("ms"), "rank": pl.UInt32(), "line": pl.Int64()}


@dataclass(frozen=True, slots=True)
class Part:
    """The kept rows of one segment: how many in each block, and the rows themselves where they are few."""

    segment: Segment
    counts: pl.Series
    total: int
    few: pl.DataFrame | None = None


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
            self.by_log[part.segment.log] += part.total
        self._parts = tuple(parts)
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
        if limit <= 0 or offset >= self.count:
            return empty(names)
        return self._records(self._places(offset, min(limit, self.count - offset)), names)

    def offset_of(self, time: datetime) -> int:
        """How many rows of the view are older than ``time``: the offset of the first row from then on."""
        while True:
            blocks = self._blocks
            cut = blocks.table.filter((pl.col("first") < time) & (pl.col("last") >= time))
            if not self._refine(cut):
                break
        before = int(blocks.table.filter(pl.col("last") < time)["kept"].sum())
        return before + self._read(cut).filter(pl.col("time") < time).height

    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when the view does not have it. Quick where its time is given."""
        ids = [known.id for known in self.snapshot.sources if known.name == source]
        if not ids:
            return None
        is_row = (pl.col("source") == ids[0]) & (pl.col("line") == line)
        when = time or self._time_of(is_row)
        if when is None:
            return None
        while True:
            blocks = self._blocks
            same = blocks.table.filter((pl.col("first") <= when) & (pl.col("last") >= when))
            if not self._refine(same):
                break
        rank = ranks(self.snapshot, pl.Series(ids[:1], dtype=pl.UInt32)).item()
        places = self._read(same).filter(pl.col("time") <= when).sort(_ORDER)
        found = places.with_row_index("place").filter((pl.col("rank") == rank) & (pl.col("line") == line))
        before = int(blocks.table.filter(pl.col("last") < when)["kept"].sum())
        return before + int(found["place"].item()) if found.height else None

    def _time_of(self, is_row: pl.Expr) -> datetime | None:
        for part in self._parts:
            found = part.segment.scan().filter(is_row).select("time").collect()
            if found.height:
                time: datetime = found["time"].item()
                return time
        return None

    def _places(self, offset: int, limit: int) -> pl.DataFrame:
        """Part and row of each row of a page, in order."""
        while True:
            blocks = self._blocks
            touched, before, earliest = blocks.around(offset, limit)
            if not self._refine(touched):
                break
        places = self._read(touched)
        skipped = places.filter(pl.col("time") < earliest).height
        wanted = places.filter(pl.col("time") >= earliest).sort(_ORDER)
        return wanted.slice(offset - before - skipped, limit)

    def _refine(self, blocks: pl.DataFrame) -> bool:
        """Cut the segments among ``blocks`` that are still one block each; whether there were any."""
        whole = [number for number in blocks["part"].unique() if number not in self._refined]
        whole = [number for number in whole if self._parts[number].counts.len() > 1]
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

    def _read(self, blocks: pl.DataFrame) -> pl.DataFrame:
        """Where the kept rows of some blocks are, with what they are ordered by."""
        ranges = blocks.group_by("part").agg(pl.col("start").min(), pl.col("end").max())
        found = [pl.DataFrame(schema=_PLACE)]
        for number, start, end in ranges.iter_rows():
            rows = self._rows(number, start, end, ["time", "source", "line"])
            rank = ranks(self.snapshot, rows["source"]).alias("rank")
            part = pl.lit(number, dtype=pl.UInt32).alias("part")
            found.append(rows.select(part, "row", "time", rank, "line"))
        return pl.concat(found)

    def _rows(self, number: int, start: int, end: int, columns: Sequence[str]) -> pl.DataFrame:
        """Kept rows of a part between two row numbers, with their ``row``."""
        part = self._parts[number]
        if part.few is not None:
            return part.few.filter(pl.col("row").is_between(start, end - 1)).select("row", *columns)
        scan = part.segment.scan().slice(start, end - start).with_row_index("row", offset=start)
        wanted = self.selection.keeps(self.snapshot, part.segment)
        return (scan if wanted is True else scan.filter(wanted)).select("row", *columns).collect()

    def _records(self, places: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
        order = places.select("part", "row").with_row_index("place")
        found = []
        for (number,), mine in order.group_by("part"):
            part = self._parts[int(str(number))]
            rows = _picked(part, mine["row"], roots(part.segment, self.snapshot, names))
            placed = rows.join(mine, on="row", how="left", maintain_order="left")["place"]
            found.append(decode(self.snapshot, part.segment, rows, names).with_columns(placed))
        return (
            pl.concat([empty(names).with_columns(place=pl.lit(0, dtype=pl.UInt32)), *found]).sort("place").drop("place")
        )


def _picked(part: Part, rows: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    if part.few is not None:
        return part.few.filter(pl.col("row").is_in(rows.implode())).select("row", *columns)
    return picked(part.segment, rows, columns)


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
    return number, 0, segment.rows, part.total, segment.first, segment.last


def _fine(number: int, part: Part, snapshot: Snapshot) -> pl.DataFrame:
    """A segment as its blocks, without those of which no row is kept."""
    table = bounds(snapshot, part.segment).with_columns(part.counts.alias("kept"))
    return table.select(pl.lit(number, dtype=pl.UInt32).alias("part"), *list(_BLOCKS)[1:]).filter(pl.col("kept") > 0)
