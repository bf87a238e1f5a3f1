"""Columns of segments: read from Parquet once, then kept in memory while there is room."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions import cache

_NOT_KEPT = ("time", "source", "line")
"""Quickly read as they are sorted or nearly constant, and large in memory."""


def roots(*values: pl.Expr) -> list[str]:
    """The physical columns that expressions need, each once."""
    return list(dict.fromkeys(name for value in values for name in value.meta.root_names()))


def columns(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> pl.DataFrame:
    """Whole physical columns of a segment."""
    kept = cache.columns(snapshot)
    found = {name: None if name in _NOT_KEPT else kept.find(segment, name) for name in names}
    missing = [name for name, column in found.items() if column is None]
    if missing:
        read = segment.scan().select(missing).collect().rechunk()
        for name in missing:
            found[name] = read[name]
            if name not in _NOT_KEPT:
                kept.put(segment, name, read[name])
    return pl.DataFrame([found[name] for name in names])


def lazy(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> pl.LazyFrame:
    """Columns to compute with: those in memory, or the file where long text would have to be read whole."""
    if any(is_long(segment, name) for name in names):
        return segment.scan().select(names)
    return columns(snapshot, segment, names).lazy()


def is_long(segment: Segment, name: str) -> bool:
    """Whether a column is text without codes, of which a segment may have a hundred megabytes."""
    return name in segment.fields and segment.is_text(name) and name not in segment.coded
