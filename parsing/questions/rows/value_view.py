"""A view in the order of a field's values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Snapshot
from parsing.questions.question import damage_worded
from parsing.questions.rows.columns import scan
from parsing.questions.rows.picked_rows import RANK, TIME_ORDER, Read, placed, records
from parsing.questions.rows.records import empty, rank
from parsing.questions.rows.rows_view import RowsView
from parsing.questions.rows.sort_keys import SortKeys
from parsing.questions.rows.sorted_runs import SortedRun, SortedRuns


class ValueView(RowsView):
    """Rows in the order of a field; those without a value come last, ties are in order of time.

    Of runs that carry the columns of ``carried`` fields, pages have these fields and are read from the runs alone.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        keys: SortKeys,
        runs: Sequence[SortedRun],
        *,
        is_descending: bool,
        carried: Sequence[str] | None = None,
    ) -> None:
        super().__init__(snapshot, ((run.segment, run.total) for run in runs))
        self._keys = keys
        self._carried = carried
        self._runs = SortedRuns(runs, is_descending=is_descending) if runs else None

    def _records(self, offset: int, limit: int, names: Sequence[str]) -> pl.DataFrame:
        if self._runs is None:
            return empty(names)
        found = self._runs.rows(offset, limit)
        if self._carried is None:
            return records(self.snapshot, self.segments, found.order, names)
        tables = [Read(self.segments[part], table) for part, table in found.tables]
        return placed(self.snapshot, tables, found.order, names)

    def offset_of(self, time: datetime) -> int:  # noqa: ARG002
        """The first row: in this order a time has no place."""
        return 0

    @damage_worded()
    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when the view does not have it."""
        known = next((known.id for known in self.snapshot.sources if known.name == source), None)
        row = None if known is None else self._row(known, line, time)
        return None if row is None or self._runs is None else self._runs.offset_of(row)

    def _row(self, source: int, line: int, time: datetime | None) -> pl.DataFrame | None:
        """What the row of a line is sorted by."""
        is_row = (pl.col("source") == source) & (pl.col("line") == line)
        for segment in self.segments:
            if time is not None and not segment.first <= time <= segment.last:
                continue
            rows = scan(self.snapshot, segment).filter(is_row if time is None else is_row & (pl.col("time") == time))
            found = rows.with_columns(rank(self.snapshot).alias(RANK)).select(self._keys.of(segment), *TIME_ORDER)
            row = found.collect()
            if row.height:
                return row
        return None
