"""Numbers in the order of a field's values, computed from the columns that segments keep it in."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import polars as pl

from parsing.filters.expressions import column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.rows.columns import roots
from parsing.questions.rows.records import field_dtype, rank
from parsing.questions.values.numbering import Numbering, numbering


@dataclass(frozen=True, slots=True, eq=False)
class Ordinals:
    """The ordinals of one field in a snapshot: one for each value, null for rows without a value.

    Those of a number (``Int64``) are the number itself, those of a text (``UInt32``) count the values before it.
    """

    snapshot: Snapshot
    name: str
    numbers: Numbering | None
    sizes: tuple[Hashable, ...] = ()

    @property
    def key(self) -> Hashable:
        """What tells them from others of the log set; it does not hold the snapshot."""
        return self.name, self.sizes

    def of(self, segment: Segment) -> pl.Expr:
        """The ordinal of a row."""
        if self.name == "log":
            return pl.lit(("httperr", "iis").index(segment.log), dtype=pl.UInt32)
        if self.name == "source":
            return rank(self.snapshot)
        value = column(segment, self.name, self.snapshot)
        if value is None:
            return pl.lit(None, dtype=pl.UInt32)
        if self.numbers is None:
            return value.cast(pl.Int64)
        return pl.lit(self.numbers.numbers[roots(value)[0]]).gather(pl.col(roots(value)[0]))


def ordinals(snapshot: Snapshot, name: str) -> Ordinals | None:
    """The ordinals of a field; ``None`` for text that is not all codes of one column of a segment."""
    if name == "source":
        return Ordinals(snapshot, name, None, snapshot.source_names)
    if name == "log" or field_dtype(name).is_numeric():
        return Ordinals(snapshot, name, None)
    found: dict[str, Segment] = {}
    for segment in snapshot.segments:
        value = column(segment, name, snapshot)
        if value is None:
            continue
        needed = roots(value)
        if len(needed) != 1 or needed[0] not in segment.coded:
            return None
        found.setdefault(needed[0], segment)
    sizes = tuple(sorted((root, snapshot.dictionary(root).len()) for root in found))
    return Ordinals(snapshot, name, numbering(snapshot, name, found, is_sorted=True) if found else None, sizes)
