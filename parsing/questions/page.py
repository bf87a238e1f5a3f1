"""A page of records: by time, or by the values of any field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters.tree import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.positions import Positions
from parsing.questions.records import record_columns
from parsing.questions.selection import Span
from parsing.questions.sorting import Greatest, greatest, sorted_records
from parsing.questions.view import Part


@dataclass(frozen=True, slots=True)
class Page:
    """Records ``offset`` to ``offset + limit``: log, source, line, time, then fields under their wire names.

    ``sort`` is the name of a field, after ``-`` for the greatest first; rows without a value come last, ties in order
    of time. Without it rows are in order of time, ties by name of source and line. ``columns`` chooses the fields.
    """

    where: Filter = EVERYTHING
    columns: tuple[str, ...] | None = None
    sort: str | None = None
    offset: int = 0
    limit: int = 50
    log: Log | None = None
    span: Span | None = None

    @property
    def positions(self) -> Positions:
        return Positions(self.where, self.log, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.positions.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> Part | Greatest | None:
        if self.sort is None:
            return self.positions.partial(snapshot, segment)
        return greatest(snapshot, segment, self.positions.selection, self.sort, self.offset + self.limit)

    def merge(self, snapshot: Snapshot, partials: Sequence[Part | Greatest | None]) -> pl.DataFrame:
        if self.sort is None:
            view = self.positions.merge(snapshot, [part for part in partials if isinstance(part, Part)])
            return view.page(self.offset, self.limit, self.columns)
        found = [part for part in partials if isinstance(part, Greatest)]
        names = record_columns(snapshot, self.columns)
        return sorted_records(snapshot, found, self.sort, names).slice(self.offset, self.limit)
