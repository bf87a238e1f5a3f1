"""Numbers in the order of a field's values, computed from the columns that segments keep it in."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import polars as pl

from parsing.filters.values import column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.columns import roots
from parsing.questions.numbering import Numbering, numbering
from parsing.questions.records import dtype, rank
from parsing.questions.selection import Selection

_EXACT = 1 << 20
"""Numbers below it have ordinals of their own."""


@dataclass(frozen=True, slots=True)
class Ordinals:
    """The ordinals of one field in a snapshot: ``UInt32``, null for rows without a value.

    Text has an ordinal for each value. Numbers have one for each value below a million, above it one for each bucket
    at most a thousandth part wide. Negative numbers share one.
    """

    snapshot: Snapshot = field(compare=False)
    name: str
    numbers: Numbering | None = field(compare=False)
    sizes: tuple[Hashable, ...] = ()

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
            return _bucket(value)
        return pl.lit(self.numbers.numbers[roots(value)[0]]).gather(pl.col(roots(value)[0]))

    def value(self, segment: Segment) -> pl.Expr:
        """What rows with the same ordinal are ordered by."""
        value = column(segment, self.name, self.snapshot) if self.numbers is None else None
        if value is None or not dtype(self.name).is_numeric():
            return pl.lit(0, dtype=pl.Int64)
        return value.cast(pl.Int64)

    @property
    def exact(self) -> tuple[int, int]:
        """The least and greatest ordinal that is of one value alone."""
        return (1, _EXACT) if dtype(self.name).is_numeric() else (0, 2**32 - 1)


def ordinals(snapshot: Snapshot, name: str) -> Ordinals | None:
    """The ordinals of a field; ``None`` for text that is not all codes of one column of a segment."""
    if name in ("log", "source") or dtype(name).is_numeric():
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


def _bucket(number: pl.Expr) -> pl.Expr:
    """0 for negative numbers, then a million exact ones, then buckets as wide as a thousand, a million, a milliard."""
    number = number.cast(pl.Int64)
    return (
        pl.when(number < 0)
        .then(0)
        .when(number < _EXACT)
        .then(number + 1)
        .when(number < _EXACT << 10)
        .then(number // (1 << 10) + (_EXACT + 1))
        .when(number < _EXACT << 20)
        .then(number // (1 << 20) + (2 * _EXACT + 1))
        .otherwise((number // (1 << 30)).clip(upper_bound=_EXACT - 1) + (3 * _EXACT + 1))
        .cast(pl.UInt32)
    )


@dataclass(frozen=True, slots=True)
class Narrowed(Selection):
    """The rows of a selection whose ordinals are from ``low`` to ``high``, or that have none where these are null."""

    ordinals: Ordinals | None = None
    low: int | None = None
    high: int | None = None

    def keeps(self, snapshot: Snapshot, segment: Segment) -> pl.Expr | bool:
        wanted = Selection.keeps(self, snapshot, segment)
        if wanted is False or self.ordinals is None:
            return wanted
        ordinal = self.ordinals.of(segment)
        inside = (
            ordinal.is_null() if self.low is None else ordinal.is_between(self.low, self.high).fill_null(value=False)
        )
        if not roots(inside):
            return wanted if pl.select(inside).item() else False
        return inside if wanted is True else wanted & inside
