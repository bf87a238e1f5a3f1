"""Rows that are read a page at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import polars as pl

from parsing.index.snapshot import Log, Snapshot
from parsing.questions.question import damage_worded
from parsing.questions.rows.records import empty, record_columns


class PagedRows(ABC):
    """Rows of a snapshot in an order, ``by_log`` of each log."""

    snapshot: Snapshot
    by_log: dict[Log, int]

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
