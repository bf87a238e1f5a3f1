"""How many requests were being worked on at each moment: a curve over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.selection import Selection, Span

LONGEST = timedelta(hours=1)
"""Requests that ended later than this after the span are not looked for: they were in flight, and are not counted."""


@dataclass(frozen=True, slots=True)
class InFlightCurve:
    """``counts[i]`` requests had begun and not ended at ``start + i * every``; ``without_start`` rows tell no start."""

    start: datetime
    every: timedelta
    counts: tuple[int, ...]
    without_start: int


@dataclass(frozen=True, slots=True)
class InFlight:
    """Requests in flight at ``points`` evenly spread moments of ``span`` (UTC without zone)."""

    span: Span
    points: int
    where: Filter = EVERYTHING

    @property
    def every(self) -> timedelta:
        return max(timedelta(milliseconds=1), (self.span[1] - self.span[0]) / max(1, self.points))

    @property
    def _selection(self) -> Selection:
        return Selection(self.where, "iis", (self.span[0], self.span[1] + LONGEST))

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self._selection.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> tuple[list[int], int]:
        """Changes of the count at each point, and how many rows tell no start."""
        changes = [0] * (self.points + 1)
        has_start = "time-taken" in segment.fields
        names = ["time", "time-taken"] if has_start else ["time"]
        rows = self._selection.rows(snapshot, segment, names)
        if rows is None:
            return changes, 0
        if not has_start:
            ended = pl.col("time") < self.span[1]
            return changes, int(rows.filter(ended).select(pl.len()).collect().item())
        step = self.every // timedelta(milliseconds=1)
        begin = pl.lit(self.span[0])
        end = (pl.col("time") - begin).dt.total_milliseconds()
        start = end - pl.col("time-taken")
        frame = (
            rows.with_columns(start.alias("from"), end.alias("to"))
            .filter(pl.col("from").is_null() | (pl.col("from") < step * self.points))
            .collect()
        )
        known = frame.filter(pl.col("from").is_not_null())
        for name, sign in (("from", 1), ("to", -1)):
            point = (-(-pl.col(name) // step)).clip(0, self.points)
            for at, count in known.group_by(point.alias("at")).agg(pl.len()).iter_rows():
                changes[at] += sign * count
        return changes, frame.filter(pl.col("from").is_null() & (pl.col("time") < self.span[1])).height

    def merge(self, snapshot: Snapshot, partials: Sequence[tuple[list[int], int]]) -> InFlightCurve:  # noqa: ARG002
        counts: list[int] = []
        now = 0
        for point in range(self.points):
            now += sum(changes[point] for changes, _ in partials)
            counts.append(now)
        return InFlightCurve(self.span[0], self.every, tuple(counts), sum(missing for _, missing in partials))
