"""Records on their way out: frames of one schema, in order, made while they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import polars as pl
from polars.datatypes import DataTypeClass

from parsing.safe_text import safe

_NOT_PLAIN = r"[^\x20-\x7e]"


@dataclass(frozen=True, slots=True)
class Records:
    """Frames of records with the columns of ``schema``. They can be read once; reading may take long."""

    schema: Mapping[str, pl.DataType]
    frames: Iterator[pl.DataFrame]

    def through(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Records:
        """The records with every frame changed; the schema stays."""
        return replace(self, frames=(change(frame) for frame in self.frames))


_AT_ONCE = 16_384
"""Rows of a frame that are written at a time."""


def of_frame(frame: pl.DataFrame) -> Records:
    """A frame that is already whole. It is written some rows at a time: as text it takes several times its memory."""
    return Records(dict(frame.schema), frame.iter_slices(_AT_ONCE) if frame.height else iter([frame]))


def of_frames(frames: Iterator[pl.DataFrame]) -> Records:
    """Frames of one schema, at least one of them."""
    first = next(frames)
    return Records(dict(first.schema), chain([first], frames))


def iso_time(column: pl.Expr) -> pl.Expr:
    """A time as ISO 8601 with ``Z``; with milliseconds only where there are some."""
    whole, exact = column.dt.strftime("%Y-%m-%dT%H:%M:%SZ"), column.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    return pl.when(column.dt.millisecond() == 0).then(whole).otherwise(exact)


def with_iso_times(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every time written as text, inside lists and structures too."""
    return frame.with_columns(_iso(pl.col(name), dtype).alias(name) for name, dtype in frame.schema.items())


def _iso(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        return iso_time(value)
    if isinstance(dtype, pl.List):
        return value.list.eval(_iso(pl.element(), _type(dtype.inner)))
    if isinstance(dtype, pl.Struct):
        parts = [_iso(value.struct.field(field.name), _type(field.dtype)).alias(field.name) for field in dtype.fields]
        return pl.when(value.is_not_null()).then(pl.struct(parts))
    return value


def _type(dtype: DataTypeClass | pl.DataType) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()


def masked(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with all text columns made safe for a terminal."""
    return frame.with_columns(_masked(frame[name]) for name, dtype in frame.schema.items() if dtype == pl.String)


def _masked(texts: pl.Series) -> pl.Series:
    hostile = texts.filter(texts.str.contains(_NOT_PLAIN).fill_null(value=False)).unique()
    if not hostile.len():
        return texts
    return texts.replace(hostile, pl.Series([safe(text) for text in hostile], dtype=pl.String))
