"""Where the rows of a view are: the counts by block from which a page at any offset is found.

A segment is sorted by time, so a block of its rows covers a stretch of time. For a page, the blocks that can hold its
rows follow from the blocks' counts and times alone; only these are read and sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters.tree import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.blocks import kept
from parsing.questions.cache import blocks
from parsing.questions.selection import Selection, Span
from parsing.questions.view import Part, View

FEW = 512
"""Segments that keep no more rows than this have them read at once, as they may lie far apart in it."""


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
        selection = self.selection
        counts = kept(snapshot, segment, selection)
        if counts is None:
            return None
        total = int(counts.sum())
        if not 0 < total <= FEW:
            return Part(segment, counts, total)
        found: pl.DataFrame = blocks(snapshot).get(
            segment, ("few", selection.key(snapshot)), lambda: _read_few(snapshot, segment, selection)
        )
        return Part(segment, counts, total, found)

    def merge(self, snapshot: Snapshot, partials: Sequence[Part | None]) -> View:
        parts = [part for part in partials if part is not None and part.total]
        return View(snapshot, self.selection, parts)


def _read_few(snapshot: Snapshot, segment: Segment, selection: Selection) -> pl.DataFrame:
    wanted = selection.keeps(snapshot, segment)
    return segment.scan().with_row_index("row").filter(wanted).collect()
