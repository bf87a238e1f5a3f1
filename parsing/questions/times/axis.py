"""Stretches of time that a reader can count with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from parsing.index.epoch import EPOCH
from parsing.index.snapshot import Snapshot
from parsing.questions.selection import Span

_MILLISECOND = timedelta(milliseconds=1)

STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        *(1, 2, 5, 10, 15, 30),
        *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
        *(3600 * hours for hours in (1, 2, 3, 6, 12)),
        *(86400 * days for days in (1, 2, 7, 14, 28, 91, 364, 3640, 36400, 364000)),
    )
)
"""Sensible lengths of a bucket; the epoch is a boundary of each."""


def aligned(time: datetime, every: timedelta) -> datetime:
    """The start of the bucket that a time is in."""
    return EPOCH + (time - EPOCH) // every * every


def fitting_step(first: datetime, last: datetime, buckets: int) -> timedelta:
    """The shortest sensible length with which at most ``buckets`` cover the times from first to last."""
    for step in STEPS:
        if (aligned(last, step) - aligned(first, step)) // step < max(buckets, 1):
            return step
    return last - first + STEPS[-1]


@dataclass(frozen=True, slots=True)
class Axis:
    """``count`` buckets of time, the first from ``start``, each ``every`` long."""

    start: datetime
    every: timedelta
    count: int

    def start_of(self, time: pl.Expr) -> pl.Expr:
        """The start of the bucket that a time is in."""
        return start_of(time, self.every)


def start_of(time: pl.Expr, every: timedelta) -> pl.Expr:
    """The start of the bucket that a time is in."""
    milliseconds = every // _MILLISECOND
    return (time.dt.timestamp("ms") // milliseconds * milliseconds).cast(pl.Datetime("ms"))


def axis(snapshot: Snapshot, span: Span | None, every: timedelta | None, buckets: int) -> Axis | None:
    """Buckets over a span or else over the whole snapshot; ``None`` for a log set without rows."""
    if span is not None:
        first, last = span[0], span[1] - _MILLISECOND
    elif snapshot.oldest is not None and snapshot.newest is not None:
        first, last = snapshot.oldest, snapshot.newest
    else:
        return None
    length = every or fitting_step(first, last, buckets)
    start = aligned(first, length)
    return Axis(start, length, (aligned(last, length) - start) // length + 1)
