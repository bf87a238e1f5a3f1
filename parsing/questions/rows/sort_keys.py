"""What rows are sorted by when they are put in the order of a field."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import polars as pl

from parsing.filters.expressions import column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.rows.columns import roots
from parsing.questions.rows.records import field_dtype, rank
from parsing.questions.values.numbering import Numbering, numbering

KEY = " key"
"""The column that holds the keys of rows."""


@dataclass(frozen=True, slots=True, eq=False)
class SortKeys:
    """The keys of one field in a snapshot, null for rows without a value.

    A number is its own key. The key of a text is its place among all texts of the field (``UInt32``) where every
    segment has codes for them, else the text itself.
    """

    snapshot: Snapshot
    name: str
    places: Numbering | None = None
    version: tuple[Hashable, ...] = ()
    """What the keys depend on apart from the rows: equal versions have equal keys."""

    def of(self, segment: Segment) -> pl.Expr:
        """The key of a row."""
        if self.name == "log":
            return pl.lit(("httperr", "iis").index(segment.log), dtype=pl.UInt32).alias(KEY)
        if self.name == "source":
            return rank(self.snapshot).alias(KEY)
        value = column(segment, self.name, self.snapshot)
        if self.places is not None:
            if value is None:
                return pl.lit(None, dtype=pl.UInt32).alias(KEY)
            (root,) = roots(value)
            return pl.lit(self.places.numbers[root]).gather(pl.col(root)).alias(KEY)
        return (pl.lit(None) if value is None else value).cast(field_dtype(self.name)).alias(KEY)


def sort_keys(snapshot: Snapshot, name: str) -> SortKeys:
    """The keys of a field by its name in the logs. Equal rows of equal names of sources have equal keys."""
    if name in ("log", "source") or field_dtype(name).is_numeric():
        return SortKeys(snapshot, name)
    found: dict[str, Segment] = {}
    for segment in snapshot.segments:
        value = column(segment, name, snapshot)
        if value is None:
            continue
        needed = roots(value)
        if len(needed) != 1 or needed[0] not in segment.coded:
            return SortKeys(snapshot, name)
        found.setdefault(needed[0], segment)
    if not found:
        return SortKeys(snapshot, name)
    sizes = tuple(sorted((root, snapshot.dictionary(root).len()) for root in found))
    return SortKeys(snapshot, name, numbering(snapshot, name, found, is_sorted=True), sizes)
