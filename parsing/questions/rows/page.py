"""A page of records: by time, or by the values of any field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.positions import Found, OrderedRows
from parsing.questions.selection import Span


@dataclass(frozen=True, slots=True)
class Page:
    """Records ``offset`` to ``offset + limit``: log, source, line, time, then fields under their wire names.

    The order is that of ``OrderedRows`` with the same ``sort``; ``columns`` chooses the fields.
    """

    where: Filter = EVERYTHING
    columns: tuple[str, ...] | None = None
    sort: str | None = None
    offset: int = 0
    limit: int = 50
    log: Log | None = None
    span: Span | None = None

    @property
    def positions(self) -> OrderedRows:
        return OrderedRows(self.where, self.log, self.span, self.sort)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.positions.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> Found | None:
        return self.positions.partial(snapshot, segment)

    def merge(self, snapshot: Snapshot, partials: Sequence[Found | None]) -> pl.DataFrame:
        return self.positions.merge(snapshot, partials).page(self.offset, self.limit, self.columns)
