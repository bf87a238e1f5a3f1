"""Columns of segments: read from Parquet once, then kept in memory while there is room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions import cache

_NOT_KEPT = ("time", "source", "line")
"""Quickly read as they are sorted or nearly constant, and large in memory."""

ROW = " row"
"""The number of a row in its segment, under a name with a blank, which no field of a log can have."""

_EDGE = 4096
"""So many times at each end of a segment are kept: what is frequent occurs there."""

_APART = 20_000
"""Rows further apart than this are not read together."""


def roots(*values: pl.Expr) -> list[str]:
    """The physical columns that expressions need, each once."""
    return list(dict.fromkeys(name for value in values for name in value.meta.root_names()))


def columns(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> pl.DataFrame:
    """Whole physical columns of a segment."""
    kept = cache.columns(snapshot)
    found = {name: None if name in _NOT_KEPT else kept.find((segment.path, name)) for name in names}
    missing = [name for name, column in found.items() if column is None]
    if missing:
        read = segment.scan().select(missing).collect().rechunk()
        for name in missing:
            found[name] = read[name]
            if name not in _NOT_KEPT:
                kept.put((segment.path, name), read[name])
    return pl.DataFrame([found[name] for name in names])


def stretch(snapshot: Snapshot, segment: Segment, names: Sequence[str], start: int, length: int) -> pl.LazyFrame:
    """A stretch of the rows with these columns and their numbers as ``ROW``: from memory, or else from the file."""
    kept = cache.columns(snapshot)
    found = [None if name in _NOT_KEPT else kept.find((segment.path, name)) for name in names]
    whole = (
        segment.scan().select(names)
        if not names or any(column is None for column in found)
        else pl.DataFrame(found).lazy()
    )
    return whole.slice(start, length).with_row_index(ROW, offset=start)


def picked(segment: Segment, rows: pl.Series, names: Sequence[str]) -> list[pl.LazyFrame]:
    """Some rows by their ascending numbers, as ``ROW`` with these columns: a frame for each crowd of them."""
    ends = (rows.diff() > _APART).fill_null(value=False).arg_true().to_list()
    found = []
    for first, after in pairwise([0, *ends, rows.len()]):
        crowd = rows.slice(first, after - first)
        start, stop = int(crowd[0]), int(crowd[-1]) + 1
        part = segment.scan().select(names).slice(start, stop - start).with_row_index(ROW, offset=start)
        found.append(part if stop - start == crowd.len() else part.filter(pl.col(ROW).is_in(crowd.implode())))
    return found


def times_at(snapshot: Snapshot, segment: Segment, rows: Sequence[int]) -> list[datetime]:
    """The times of some rows by their numbers. Those of the first and last rows of a segment are kept in memory."""
    ends = cache.columns(snapshot)
    edge = min(_EDGE, segment.rows)
    starts = {0: range(edge), segment.rows - edge: range(segment.rows - edge, segment.rows)}
    found: dict[int, datetime] = {}
    for start, near in starts.items():
        mine = [row for row in rows if row in near and row not in found]
        if mine:
            times = ends.get((segment.path, "times", start), partial(_times, segment, start, edge))
            found.update(zip(mine, (times[row - start] for row in mine), strict=True))
    far = [row for row in rows if row not in found]
    if far:
        start = min(far)
        times = _times(segment, start, max(far) + 1 - start)
        found.update(zip(far, (times[row - start] for row in far), strict=True))
    return [found[row] for row in rows]


def _times(segment: Segment, start: int, length: int) -> pl.Series:
    return segment.scan().select("time").slice(start, length).collect().to_series().rechunk()


def lazy(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> pl.LazyFrame:
    """Columns to compute with: those in memory, or the file where long text would have to be read whole."""
    if any(is_long(segment, name) for name in names):
        return segment.scan().select(names)
    return columns(snapshot, segment, names).lazy()


def is_long(segment: Segment, name: str) -> bool:
    """Whether a column is text without codes, of which a segment may have a hundred megabytes."""
    return name in segment.fields and segment.is_text(name) and name not in segment.coded
