"""How many rows a filter keeps, of each log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.selection import Selection, Span


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Numbers of rows: all of them, and those of each log."""

    total: int
    by_log: Mapping[Log, int]


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are."""

    where: Filter = EVERYTHING
    log: Log | None = None
    span: Span | None = None

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> tuple[Log, int]:
        def count() -> int:
            mask = self.selection.mask(snapshot, segment)
            return segment.rows * mask if isinstance(mask, bool) else int(mask.sum())

        return segment.log, snapshot.memory.partials.get((segment.path, "count", self.selection.key(snapshot)), count)

    def merge(self, snapshot: Snapshot, partials: Sequence[tuple[Log, int]]) -> RowCounts:  # noqa: ARG002
        by_log: dict[Log, int] = {"iis": 0, "httperr": 0}
        for log, rows in partials:
            by_log[log] += rows
        return RowCounts(sum(by_log.values()), by_log)
