"""Columns of segments: read from Parquet once, then kept in memory while there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.index.store.stored_files import ROW_GROUP

_NOT_KEPT = ("time", "source", "line")
"""Quickly read as they are sorted or nearly constant, and large in memory."""

ROW = " row"
"""The number of a row in its segment, under a name with a blank, which no field of a log can have."""

_EDGE = 4096
"""So many times at each end of a segment are kept: what is frequent occurs there."""

_GROUP_BYTES = 512
"""What knowing a column of a row group of a file takes in memory, about."""


def roots(*values: pl.Expr) -> list[str]:
    """The physical columns that expressions need, each once."""
    return list(dict.fromkeys(name for value in values for name in value.meta.root_names()))


@dataclass(frozen=True, slots=True)
class _Scan:
    """A file to be read and what is known of it after the first time."""

    frame: pl.LazyFrame
    bytes: int


def scan(snapshot: Snapshot, segment: Segment) -> pl.LazyFrame:
    """The file of a segment; where its parts are is read only once, which takes as long as reading a row."""

    def begin() -> _Scan:
        groups = segment.rows // ROW_GROUP + 1
        return _Scan(segment.scan(), groups * (len(segment.fields) + len(_NOT_KEPT)) * _GROUP_BYTES)

    found: _Scan = snapshot.memory.scans.get(segment.path, begin)
    return found.frame


def columns(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> pl.DataFrame:
    """Whole physical columns of a segment."""
    kept = snapshot.memory.columns
    found = {name: None if name in _NOT_KEPT else kept.find((segment.path, name)) for name in names}
    missing = [name for name, column in found.items() if column is None]
    if missing:
        read = scan(snapshot, segment).select(missing).collect().rechunk()
        for name in missing:
            found[name] = read[name]
            if name not in _NOT_KEPT:
                kept.put((segment.path, name), read[name])
    return pl.DataFrame([found[name] for name in names])


def stretch(snapshot: Snapshot, segment: Segment, names: Sequence[str], start: int, length: int) -> pl.LazyFrame:
    """A stretch of the rows with these columns and their numbers as ``ROW``: from memory, or else from the file."""
    kept = snapshot.memory.columns
    found = [None if name in _NOT_KEPT else kept.find((segment.path, name)) for name in names]
    whole = (
        scan(snapshot, segment).select(names)
        if not names or any(column is None for column in found)
        else pl.DataFrame(found).lazy()
    )
    return whole.slice(start, length).with_row_index(ROW, offset=start)


def times_at(snapshot: Snapshot, segment: Segment, rows: Sequence[int]) -> list[datetime]:
    """The times of some rows by their numbers. Those of the first and last rows of a segment are kept in memory."""
    ends = snapshot.memory.columns
    edge = min(_EDGE, segment.rows)
    starts = {0: range(edge), segment.rows - edge: range(segment.rows - edge, segment.rows)}
    found: dict[int, datetime] = {}
    for start, near in starts.items():
        mine = [row for row in rows if row in near and row not in found]
        if mine:
            times = ends.get((segment.path, "times", start), partial(_times, snapshot, segment, start, edge))
            found.update(zip(mine, (times[row - start] for row in mine), strict=True))
    far = [row for row in rows if row not in found]
    if far:
        start = min(far)
        times = _times(snapshot, segment, start, max(far) + 1 - start)
        found.update(zip(far, (times[row - start] for row in far), strict=True))
    return [found[row] for row in rows]


def _times(snapshot: Snapshot, segment: Segment, start: int, length: int) -> pl.Series:
    return scan(snapshot, segment).select("time").slice(start, length).collect().to_series().rechunk()


def lazy(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> pl.LazyFrame:
    """Columns to compute with: those in memory, or the file where long text would have to be read whole."""
    if any(is_long(segment, name) for name in names):
        return scan(snapshot, segment).select(names)
    return columns(snapshot, segment, names).lazy()


def is_long(segment: Segment, name: str) -> bool:
    """Whether a column is text without codes, of which a segment may have a hundred megabytes."""
    return name in segment.fields and segment.is_text(name) and name not in segment.coded
