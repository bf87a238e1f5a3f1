"""Stretches of time that a reader can count with."""

from __future__ import annotations

from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001

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
    return _EPOCH + (time - _EPOCH) // every * every


def fitting_step(first: datetime, last: datetime, buckets: int) -> timedelta:
    """The shortest sensible length with which at most ``buckets`` cover the times from first to last."""
    for step in STEPS:
        if (aligned(last, step) - aligned(first, step)) // step < max(buckets, 1):
            return step
    return last - first + STEPS[-1]
