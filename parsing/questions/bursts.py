"""Stretches of time in which far more rows come than usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from parsing.filters.tree import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.histogram import Histogram
from parsing.questions.selection import Span

LEAST = 3
TIMES_MEDIAN = 3
TIMES_MEAN = 2


@dataclass(frozen=True, slots=True)
class Burst:
    """Whole buckets from ``start`` to before ``end`` with ``count`` rows, at most ``peak`` of them in one bucket."""

    start: datetime
    end: datetime
    count: int
    peak: int


@dataclass(frozen=True, slots=True)
class Bursts:
    """Runs of buckets that each have at least three rows, three times the median and twice the mean of all buckets.

    Buckets are those of a ``Histogram`` with the same fields. The answer is in order of time.
    """

    where: Filter = EVERYTHING
    every: timedelta | None = None
    buckets: int = 200
    span: Span | None = None
    log: Log | None = None

    @property
    def _histogram(self) -> Histogram:
        return Histogram(self.where, self.every, self.buckets, self.span, log=self.log)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self._histogram.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
        return self._histogram.partial(snapshot, segment)

    def merge(self, snapshot: Snapshot, partials: Sequence[pl.DataFrame]) -> tuple[Burst, ...]:
        bars = self._histogram.merge(snapshot, partials)
        counts = [iis + httperr for iis, httperr in bars.table.select("iis", "httperr").iter_rows()]
        if not counts:
            return ()
        usual = sorted(counts)[len(counts) // 2]
        least = max(LEAST, TIMES_MEDIAN * usual, TIMES_MEAN * sum(counts) / len(counts))
        times = bars.table["time"].to_list()
        inside = [False, *(count >= least for count in counts), False]
        edges = [place for place, (was, now) in enumerate(pairwise(inside)) if was != now]
        runs = zip(edges[::2], edges[1::2], strict=True)
        return tuple(
            Burst(times[first], times[last - 1] + bars.every, sum(counts[first:last]), max(counts[first:last]))
            for first, last in runs
        )


def next_burst(bursts: Sequence[Burst], time: datetime) -> Burst | None:
    """The first burst that starts after a time."""
    return next((burst for burst in bursts if burst.start > time), None)


def previous_burst(bursts: Sequence[Burst], time: datetime) -> Burst | None:
    """The last burst that starts before a time."""
    return next((burst for burst in reversed(bursts) if burst.start < time), None)
