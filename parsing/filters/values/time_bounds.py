"""Spans of time that values of times mean, before a segment is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From ``start`` to before ``end``, in UTC without zone; None leaves an end open."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class DaySpan:
    """From ``start`` to before ``end`` of every day, in milliseconds after midnight of ``tz``; may go past midnight."""

    start: int
    end: int
    tz: tzinfo
