"""Moments as milliseconds since 1970 and back. A moment is UTC without zone, as the rows of a log set have it."""

from __future__ import annotations

from datetime import datetime, timedelta

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - rows have UTC without zone


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds from 1970 to a moment, rounded down."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def moment_of(ms: int) -> datetime:
    """The moment that is so many milliseconds after 1970 began."""
    return EPOCH + timedelta(milliseconds=ms)
