"""Incidents as the screen shows them: their rows over time, and their spans over the histogram."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class IncidentBars:
    """The rows of an incident in buckets of ``every`` from ``start`` (UTC without zone) on."""

    start: datetime
    every: timedelta
    errors: tuple[int, ...]
    requests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IncidentSpan:
    """A span that is marked over the histogram in a tone (UTC without zone)."""

    begin: datetime
    end: datetime
    tone: str
