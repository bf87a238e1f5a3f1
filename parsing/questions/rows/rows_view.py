"""The rows of a question in an order, read a page at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.question import damage_worded
from parsing.questions.rows.records import empty, record_columns


class RowsView(ABC):
    """Rows of a snapshot in an order; offsets count from 0. Safe to use from any thread.

    ``by_log`` says how many there are of each log. Columns may be given by any name of a field; without them, a page
    has every wire name of the snapshot.
    """

    def __init__(self, snapshot: Snapshot, counts: Iterable[tuple[Segment, int]]) -> None:
        self.snapshot = snapshot
        self.by_log: dict[Log, int] = {"iis": 0, "httperr": 0}
        self.segments: list[Segment] = []
        for segment, rows in counts:
            self.by_log[segment.log] += rows
            self.segments.append(segment)

    @property
    def count(self) -> int:
        return sum(self.by_log.values())

    def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Records ``offset`` to ``offset + limit``, fewer at the end; of every field unless ``columns`` are given."""
        names = record_columns(self.snapshot, columns)
        start = max(offset, 0)
        length = min(limit, self.count - start)
        if length <= 0:
            return empty(names)
        with damage_worded():
            return self._records(start, length, names)

    @abstractmethod
    def _records(self, offset: int, limit: int, names: Sequence[str]) -> pl.DataFrame:
        """Records ``offset`` to ``offset + limit``, which are all there and at least one."""

    @abstractmethod
    def offset_of(self, time: datetime) -> int:
        """The offset of the first row from a time on, in the direction of the view; 0 where the order is not of time."""

    @abstractmethod
    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when it is not there. Quick where its time is given."""
