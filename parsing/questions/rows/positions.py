"""Where the rows of a view are, by time or by the values of a field.

A segment is sorted by time, so a block of its rows covers a stretch of time. For a page, the blocks that can hold its
rows follow from the blocks' counts and times alone; only these are read and sorted. In the order of a field, the
counts by value take the place of those by block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.blocks import kept
from parsing.questions.rows.ordinals import ordinals
from parsing.questions.rows.records import resolve_field
from parsing.questions.rows.reversed_view import ReversedView
from parsing.questions.rows.sorted_view import SortedView
from parsing.questions.rows.sorting import TextRun, TextView, text_run
from parsing.questions.rows.value_runs import ValueRun, run
from parsing.questions.rows.view import Part, TimeView
from parsing.questions.selection import Selection, Span

Found = Part | ValueRun | TextRun
"""What a view is made of, for each segment."""


class RowsView(Protocol):
    """The rows of a view in its order, read a page at a time; offsets count from 0. Safe to use from any thread."""

    by_log: dict[Log, int]

    @property
    def count(self) -> int: ...

    def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Records ``offset`` to ``offset + limit``, fewer at the end; of every field unless ``columns`` are given."""

    def offset_of(self, time: datetime) -> int:
        """The offset of the first row from a time on (0 where the order is not that of time)."""

    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when it is not there. Quick where its time is given."""


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

    def partial(self, snapshot: Snapshot, segment: Segment) -> Found | None:
        name = self._field(snapshot)
        if name == "time":
            found = kept(snapshot, segment, self.selection)
            return None if found is None or not found.total else Part(segment, found)
        known = ordinals(snapshot, name)
        if known is None:
            return self._text_run(snapshot, segment, name)
        view = ("sorted", self.selection.key(snapshot), known.key)
        found_run: ValueRun | None = snapshot.memory.sorted_rows.get(
            (segment.path, *view), lambda: run(snapshot, segment, self.selection, known, view)
        )
        return found_run

    def _text_run(self, snapshot: Snapshot, segment: Segment, name: str) -> TextRun | None:
        is_descending = self._is_descending
        found: TextRun | None = snapshot.memory.sorted_rows.get(
            (segment.path, "text", self.selection.key(snapshot), name, is_descending, snapshot.source_names),
            lambda: text_run(snapshot, segment, self.selection, name, is_descending=is_descending),
        )
        return found

    def merge(self, snapshot: Snapshot, partials: Sequence[Found | None]) -> RowsView:
        name = self._field(snapshot)
        if name == "time":
            view = TimeView(snapshot, self.selection, [part for part in partials if isinstance(part, Part)])
            return ReversedView(view) if self._is_descending else view
        known = ordinals(snapshot, name)
        if known is None:
            texts = [part for part in partials if isinstance(part, TextRun) and part.total]
            return TextView(snapshot, name, texts, is_descending=self._is_descending)
        runs = [part for part in partials if isinstance(part, ValueRun) and part.total]
        return SortedView(snapshot, self.selection, known, runs, is_descending=self._is_descending)


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
