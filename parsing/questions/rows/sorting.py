"""A view in the order of a field that is text in its segments, and not codes.

Each segment's rows are sorted once, into a file of their texts and numbers. Of these files the first row of every block
is in memory, which says where an offset is but for a block of each file: only these blocks are read for a page.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from parsing.filters.expressions import column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.question import damage_worded, stop_if_cancelled
from parsing.questions.rows.columns import ROW, roots, scan
from parsing.questions.rows.paged import PagedRows
from parsing.questions.rows.reading import PART, RANK, TIME_ORDER, records
from parsing.questions.rows.records import field_dtype, rank
from parsing.questions.rows.spill_file import lack_of_room_worded
from parsing.questions.selection import Selection

_BLOCK = 512

_KEY, _START, _PLACE, _UNTIL = " key", " start", " place", " until"
_SORTED_BY = (_KEY, *TIME_ORDER)
_FIRSTS = {
    _KEY: pl.String(),
    "time": pl.Datetime("ms"),
    RANK: pl.UInt32(),
    "line": pl.Int64(),
    PART: pl.UInt32(),
    _START: pl.Int64(),
}


class _TextFile:
    """A temporary file that is gone when nobody holds it."""

    def __init__(self) -> None:
        with tempfile.NamedTemporaryFile(prefix="dropline-", suffix=".parquet", delete=False) as made:
            self.path = Path(made.name)
        weakref.finalize(self, _remove, self.path)


def _remove(path: Path) -> None:
    """Remove a file; one that another program looks at on Windows is left to those who clear the folder."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class TextRun:
    """The kept rows of a segment in the order of a text, and what the first row of each block is ordered by."""

    segment: Segment
    file: _TextFile
    total: int
    firsts: pl.DataFrame
    bytes: int


def text_run(
    snapshot: Snapshot, segment: Segment, selection: Selection, name: str, *, is_descending: bool
) -> TextRun | None:
    """The run of a segment, ``None`` where it keeps no row for certain.

    Raises ``IndexStoreError`` when there is no room for it in the folder for temporary files.
    """
    wanted = selection.keeps(snapshot, segment)
    if wanted is False:
        return None
    key = _key(snapshot, segment, name)
    needed = ["time", "source", "line", *roots(key), *([] if wanted is True else roots(wanted))]
    rows = scan(snapshot, segment).select(list(dict.fromkeys(needed))).with_row_index(ROW)
    rows = rows if wanted is True else rows.filter(wanted)
    found = rows.select(key, "time", rank(snapshot).alias(RANK), "line", ROW).collect()
    stop_if_cancelled()
    ordered = _in_order(found, is_descending=is_descending)
    stop_if_cancelled()
    with lack_of_room_worded():
        file = _TextFile()
        ordered.write_parquet(file.path, compression="lz4", statistics=False, row_group_size=32 * _BLOCK)
        size = file.path.stat().st_size
    firsts = ordered.select(_SORTED_BY).gather_every(_BLOCK).rechunk()
    return TextRun(segment, file, ordered.height, firsts, size)


def _key(snapshot: Snapshot, segment: Segment, name: str) -> pl.Expr:
    value = column(segment, name, snapshot)
    return (pl.lit(None) if value is None else value).cast(field_dtype(name)).alias(_KEY)


def _in_order(rows: pl.DataFrame, *, is_descending: bool) -> pl.DataFrame:
    return rows.sort(_SORTED_BY, descending=[is_descending, False, False, False], nulls_last=True, maintain_order=True)


class TextView(PagedRows):
    """The rows of a selection in the order of a text; rows without one come last, ties are in order of time."""

    def __init__(self, snapshot: Snapshot, name: str, runs: Sequence[TextRun], *, is_descending: bool) -> None:
        self.snapshot = snapshot
        self.by_log = {"iis": 0, "httperr": 0}
        for run in runs:
            self.by_log[run.segment.log] += run.total
        self.segments = [run.segment for run in runs]
        self._name = name
        self._runs = runs
        self._is_descending = is_descending
        firsts = [pl.DataFrame(schema=_FIRSTS)]
        for part, run in enumerate(runs):
            start = pl.int_range(0, pl.len() * _BLOCK, _BLOCK, dtype=pl.Int64).alias(_START)
            firsts.append(run.firsts.with_columns(pl.lit(part, dtype=pl.UInt32).alias(PART), start))
        ordered = self._ordered(pl.concat(firsts)).with_row_index(_PLACE)
        until = pl.col(_PLACE).shift(-1, fill_value=ordered.height + 1).over(PART)
        self._blocks = ordered.with_columns(until.alias(_UNTIL))

    def _ordered(self, rows: pl.DataFrame) -> pl.DataFrame:
        return _in_order(rows, is_descending=self._is_descending)

    def _records(self, offset: int, limit: int, names: Sequence[str]) -> pl.DataFrame:
        # Before the first row of a block there are at most the rows of the blocks before it, and at least those of
        # all of them but the last of each run.
        high = -(-(offset + limit) // _BLOCK) + len(self._runs)
        rows, before = self._between(offset // _BLOCK, high)
        return records(self.snapshot, self.segments, rows.slice(offset - before, limit), names)

    def _between(self, low: int, high: int) -> tuple[pl.DataFrame, int]:
        """The rows of the blocks that may hold rows from the first row of one block to that of another.

        They are in order, and so many rows of the view come before all of those that are wanted and are not among them.
        """
        touched = self._blocks.filter(pl.col(_PLACE) <= high, pl.col(_UNTIL) > low)
        spans = touched.group_by(PART).agg(pl.col(_START).min(), pl.col(_START).max().alias("last")).rows()
        plans = [
            pl.scan_parquet(self._runs[part].file.path)
            .slice(start, last + _BLOCK - start)
            .with_columns(pl.lit(part, dtype=pl.UInt32).alias(PART))
            for part, start, last in spans
        ]
        return self._ordered(pl.concat(pl.collect_all(plans))), sum(start for _, start, _ in spans)

    def offset_of(self, time: datetime) -> int:  # noqa: ARG002
        """The first row: in this order a time has no place."""
        return 0

    @damage_worded()
    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when the view does not have it."""
        known = next((known.id for known in self.snapshot.sources if known.name == source), None)
        mine = None if known is None else self._row(known, line, time)
        if mine is None:
            return None
        marked = pl.concat([mine.select(_SORTED_BY, is_mine=True), self._blocks.select(_SORTED_BY, is_mine=False)])
        place = int(self._ordered(marked)["is_mine"].arg_max() or 0)
        rows, before = self._between(place - 1, place)
        found = rows.with_row_index("place").join(mine, on=[RANK, "line"], how="semi")
        return before + int(found["place"].item()) if found.height else None

    def _row(self, source: int, line: int, time: datetime | None) -> pl.DataFrame | None:
        """What the row of a line is ordered by."""
        is_row = (pl.col("source") == source) & (pl.col("line") == line)
        for segment in self.segments:
            if time is not None and not segment.first <= time <= segment.last:
                continue
            rows = scan(self.snapshot, segment).filter(is_row if time is None else is_row & (pl.col("time") == time))
            key = _key(self.snapshot, segment, self._name)
            found = rows.select(key, "time", rank(self.snapshot).alias(RANK), "line").collect()
            if found.height:
                return found
        return None
