"""Which rows a question is about: those that a filter keeps, of one log or both, maybe within a span of time."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from parsing.filters import EVERYTHING, Filter, Term, terms
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.columns import columns, is_long, lazy, roots

if TYPE_CHECKING:
    from parsing.filters.expressions import MaskCodes, Predicate

Span = tuple[datetime, datetime]
"""A stretch of time in UTC without zone: its start is included, its end is not."""

_FILTERS_KEPT = 16
"""Filters of which a snapshot keeps the codes: those that a screen goes back and forth between."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A set of rows, named by what keeps them."""

    where: Filter = EVERYTHING
    log: Log | None = None
    span: Span | None = None

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        """Segments that may hold such rows, newest first."""
        found = [segment for segment in snapshot.segments if self._may_hold(segment)]
        return sorted(found, key=lambda segment: segment.last, reverse=True)

    def _may_hold(self, segment: Segment) -> bool:
        if segment.rows == 0 or (self.log is not None and segment.log != self.log):
            return False
        return self.span is None or (segment.first < self.span[1] and segment.last >= self.span[0])

    def keeps(self, snapshot: Snapshot, segment: Segment) -> pl.Expr | bool:
        """A condition on the physical columns of the segment, never null, or a constant for all of its rows."""
        if not self._may_hold(segment):
            return False
        wanted = self.where == EVERYTHING or _predicate(self.where, snapshot).on(segment)
        within = self._within(segment)
        if isinstance(wanted, bool):
            return within if wanted and within is not None else wanted
        wanted = wanted.fill_null(value=False)
        if not wanted.meta.root_names():
            return bool(pl.select(wanted).item()) and (True if within is None else within)
        return wanted if within is None else within & wanted

    def key(self, snapshot: Snapshot, names: Sequence[str] = ()) -> Hashable:
        """What a result on a segment may be kept under, if it depends on the values of some fields.

        Filters with relative times change with the newest row, the names of sources when files are renamed.
        """
        is_named = "source" in names or _is_of_source(self.where)
        newest = snapshot.newest if is_relative(self.where) else None
        return (self, newest, snapshot.source_names if is_named else None)

    def _within(self, segment: Segment) -> pl.Expr | None:
        if self.span is None or (segment.first >= self.span[0] and segment.last < self.span[1]):
            return None
        return pl.col("time").is_between(pl.lit(self.span[0]), pl.lit(self.span[1]), closed="left")

    def rows(self, snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> pl.LazyFrame | None:
        """Physical columns of the kept rows in their order; ``None`` when the segment has none for certain."""
        wanted = self.keeps(snapshot, segment)
        if isinstance(wanted, bool):
            return lazy(snapshot, segment, names) if wanted else None
        needed = [*dict.fromkeys([*names, *roots(wanted)])]
        return lazy(snapshot, segment, needed).filter(wanted).select(names)

    def mask(self, snapshot: Snapshot, segment: Segment) -> pl.Series | bool:
        """Whether each row of the segment is kept, or a constant for all of them."""
        wanted = self.keeps(snapshot, segment)
        if isinstance(wanted, bool):
            return wanted
        if any(is_long(segment, name) for name in roots(wanted)):
            found = lazy(snapshot, segment, roots(wanted)).select(wanted.alias("kept")).collect()
        else:
            found = columns(snapshot, segment, roots(wanted)).select(wanted.alias("kept"))
        return found.to_series().rechunk()


def is_relative(where: Filter) -> bool:
    """Whether a filter speaks of times before the newest row, so that the same row may be kept now and not later."""
    return any(isinstance(term, Term) and term.value.is_relative for term in terms(where))


def _is_of_source(where: Filter) -> bool:
    return any(isinstance(term, Term) and term.field.name == "source" for term in terms(where))


_lock = threading.Lock()


def _predicate(where: Filter, snapshot: Snapshot) -> Predicate:
    """The filter on a snapshot, with the codes that it found there before.

    The snapshot keeps these codes and not the predicate, which holds the snapshot: together neither would ever go.
    """
    from parsing.filters.expressions import Predicate

    known: dict[Filter, dict[int, MaskCodes]] = snapshot.once("codes of filters", dict)
    with _lock:
        codes = known.pop(where, {})
        known[where] = codes
        while len(known) > _FILTERS_KEPT:
            del known[next(iter(known))]
    return Predicate(where, snapshot, codes)
