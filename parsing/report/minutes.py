"""Counts by minute, kept only where there is something to count, so that years cost no more than their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions import Selection

_SCHEMA = {"minute": pl.Datetime("ms"), "count": pl.Int64()}


@dataclass(frozen=True, slots=True)
class WorstMinute:
    """Start and count of the minute with most rows, the earliest among equals; ``None`` without rows."""

    where: Filter = EVERYTHING
    log: Log | None = None

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> pl.DataFrame | None:
        rows = self.selection.rows(snapshot, segment, ["time"])
        if rows is None:
            return None
        minute = pl.col("time").dt.truncate("1m").alias("minute")
        return rows.group_by(minute).agg(pl.len().cast(pl.Int64).alias("count")).collect()

    def merge(self, snapshot: Snapshot, partials: Sequence[pl.DataFrame | None]) -> tuple[datetime, int] | None:  # noqa: ARG002
        counts = pl.concat([pl.DataFrame(schema=_SCHEMA), *(part for part in partials if part is not None)])
        worst = counts.group_by("minute").agg(pl.col("count").sum()).sort("count", "minute", descending=[True, False])
        return worst.row(0) if worst.height else None
