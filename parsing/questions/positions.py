"""Where the rows of a view are: the counts by block from which a page at any offset is found.

A segment is sorted by time, so a block of its rows covers a stretch of time. For a page, the blocks that can hold its
rows follow from the blocks' counts and times alone; only these are read and sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parsing.filters.tree import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.blocks import kept
from parsing.questions.selection import Selection, Span
from parsing.questions.view import Part, View


@dataclass(frozen=True, slots=True)
class Positions:
    """The view of the rows that are kept, in time order. Its answers are views, each of more segments."""

    where: Filter = EVERYTHING
    log: Log | None = None
    span: Span | None = None

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> Part | None:
        found = kept(snapshot, segment, self.selection)
        return None if found is None or not found.total else Part(segment, found)

    def merge(self, snapshot: Snapshot, partials: Sequence[Part | None]) -> View:
        return View(snapshot, self.selection, [part for part in partials if part is not None])
