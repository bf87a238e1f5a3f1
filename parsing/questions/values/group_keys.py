"""Values to group by, as the columns that a segment keeps them in: codes are counted, and only results decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters import field_named
from parsing.filters.expressions import counted_column, is_counted_as_logged, origins
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.fields import wire_field
from parsing.questions.rows.columns import roots
from parsing.questions.rows.records import field_dtype

KEY = " key"
"""A column of this name has keys. Names with a blank before them are no field's."""


@dataclass(frozen=True, slots=True)
class Space:
    """Keys of one meaning: in all segments of a space, equal physical columns stand for equal values.

    ``widths`` are the bits of each root in a key of several; without them, a key is the only root, or there is none.
    ``is_one_to_one`` says that different keys are different values for certain. ``roots_of`` are those of each name.
    """

    names: tuple[str, ...]
    roots: tuple[str, ...]
    coded: frozenset[str]
    literal: str = ""
    widths: tuple[int, ...] = ()
    is_one_to_one: bool = False
    roots_of: tuple[tuple[str, ...], ...] = ()
    is_hashed: bool = False
    """Values are known by their hashes (``hashed_values``), and have no roots here."""

    @property
    def has_key(self) -> bool:
        """Whether one column can hold the keys."""
        return len(self.roots) == 1 or bool(self.widths)

    @property
    def columns(self) -> list[str]:
        """The columns of keys in a table."""
        return [KEY] if self.has_key else list(self.roots)

    def key(self) -> list[pl.Expr]:
        """Keys from physical columns."""
        if not self.widths:
            return [pl.col(root).alias(name) for root, name in zip(self.roots, self.columns, strict=True)]
        packed = [(pl.col(root).cast(pl.UInt64) + 1).fill_null(0) * 2**shift for root, shift, _ in self._places()]
        kind = pl.UInt32 if sum(self.widths) <= 32 else pl.UInt64
        return [pl.sum_horizontal(packed).cast(kind).alias(KEY)]

    def _places(self) -> Iterator[tuple[str, int, int]]:
        shift = 0
        for root, width in zip(self.roots, self.widths, strict=True):
            yield root, shift, width
            shift += width

    def physical(self) -> list[pl.Expr]:
        """Physical columns from keys."""
        if not self.widths:
            return [pl.col(name).alias(root) for root, name in zip(self.roots, self.columns, strict=True)]
        whole = pl.col(KEY).cast(pl.UInt64)
        parts = [(root, whole // 2**shift % 2**width) for root, shift, width in self._places()]
        return [pl.when(part > 0).then(part - 1).cast(pl.UInt32).alias(root) for root, part in parts]

    def decode(self, snapshot: Snapshot, segment: Segment, table: pl.DataFrame) -> pl.DataFrame:
        """The values of keys under the names asked for, then the other columns; ``segment`` is any of the space."""
        values = []
        for name in self.names:
            value = counted_column(segment, name, snapshot)
            assert value is not None
            values.append(value.cast(field_dtype(name)).alias(name))
        others = [name for name in table.columns if name.startswith(" ")]
        decoded = table.select(self.physical()) if self.roots else pl.DataFrame({KEY: [0] * table.height})
        return pl.concat([decoded.with_columns(values).select(self.names), table.select(others)], how="horizontal")


def space(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> Space | None:
    """The space of the keys of a segment, ``None`` when it does not have every field of ``names``."""
    values = [counted_column(segment, name, snapshot) for name in names]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    found = tuple(roots(*known))
    literal = segment.log if "log" in names else ""
    is_one_to_one = len(found) == len(names) and all(_is_whole(segment, name, snapshot) for name in names)
    return Space(
        tuple(names),
        found,
        segment.coded.intersection(found),
        literal,
        _widths(snapshot, segment, found),
        is_one_to_one,
        tuple(tuple(roots(value)) for value in known),
    )


def _is_whole(segment: Segment, name: str, snapshot: Snapshot) -> bool:
    """Whether the value of a field is all that one column holds."""
    field = field_named(name, segment.fields)
    found = () if field is None else origins(segment, field)
    return name in ("time", "line") or (
        len(found) == 1 and found[0].part == "whole" and is_counted_as_logged(segment, name, snapshot)
    )


def _widths(snapshot: Snapshot, segment: Segment, found: Sequence[str]) -> tuple[int, ...]:
    """How many bits each of several columns takes, if together they fit into 64; a missing value takes a place."""
    if len(found) < 2:
        return ()
    widths = [_width(snapshot, segment, name) for name in found]
    return () if None in widths or sum(width or 0 for width in widths) > 64 else tuple(width or 0 for width in widths)


def _width(snapshot: Snapshot, segment: Segment, name: str) -> int | None:
    if name in segment.coded:
        return max(1, snapshot.dictionary(name).len().bit_length())
    if name == "source":
        return 32
    known = name in segment.fields and wire_field(name).is_number
    return {"UInt16": 17, "UInt32": 33}.get(wire_field(name).dtype) if known else None
