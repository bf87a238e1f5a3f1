"""The rows that are kept, in an order: as a view, or a page of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.blocks import kept
from parsing.questions.rows.records import physical, resolve_field
from parsing.questions.rows.rows_view import RowsView
from parsing.questions.rows.sort_keys import sort_keys
from parsing.questions.rows.sorted_runs import SortedRun, sorted_run
from parsing.questions.rows.time_view import Part, TimeView
from parsing.questions.rows.value_view import ValueView
from parsing.questions.selection import Selection, Span

FoundRows = Part | SortedRun
"""What a view is made of, for each segment."""


@dataclass(frozen=True, slots=True)
class OrderedRows:
    """The view of the rows that are kept. Its answers are views, each of more segments.

    ``sort`` is the name of a field, after ``-`` for the greatest first; rows without a value come last, ties in order
    of time. Without it rows are in order of time, ties by name of source and line.
    """

    where: Filter = EVERYTHING
    log: Log | None = None
    span: Span | None = None
    sort: str | None = None
    carried: tuple[str, ...] | None = None
    """Fields that are sorted together with the rows, for reading all rows in the order of a field: pages have no others."""

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def _field(self, snapshot: Snapshot) -> str:
        return "time" if self.sort is None else resolve_field(self.sort.removeprefix("-"), snapshot)

    @property
    def _is_descending(self) -> bool:
        return self.sort is not None and self.sort.startswith("-")

    def partial(self, snapshot: Snapshot, segment: Segment) -> FoundRows | None:
        name = self._field(snapshot)
        if name == "time":
            found = kept(snapshot, segment, self.selection)
            return None if found is None or not found.total else Part(segment, found)
        keys = sort_keys(snapshot, name)

        def sort(carried: Sequence[str] = ()) -> SortedRun | None:
            return sorted_run(
                snapshot, segment, self.selection, keys, is_descending=self._is_descending, carried=carried
            )

        if self.carried is not None:
            return sort(physical(segment, snapshot, self.carried))
        view = (self.selection.key(snapshot), name, self._is_descending, keys.version, snapshot.source_names)
        run: SortedRun | None = snapshot.memory.sorted_rows.get((segment.path, *view), sort)
        return run

    def merge(self, snapshot: Snapshot, partials: Sequence[FoundRows | None]) -> RowsView:
        name = self._field(snapshot)
        if name == "time":
            parts = [part for part in partials if isinstance(part, Part)]
            return TimeView(snapshot, self.selection, parts, is_descending=self._is_descending)
        runs = [run for run in partials if isinstance(run, SortedRun) and run.total]
        keys = sort_keys(snapshot, name)
        return ValueView(snapshot, keys, runs, is_descending=self._is_descending, carried=self.carried)


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
    def rows(self) -> OrderedRows:
        return OrderedRows(self.where, self.log, self.span, self.sort)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.rows.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> FoundRows | None:
        return self.rows.partial(snapshot, segment)

    def merge(self, snapshot: Snapshot, partials: Sequence[FoundRows | None]) -> pl.DataFrame:
        return self.rows.merge(snapshot, partials).page(self.offset, self.limit, self.columns)
