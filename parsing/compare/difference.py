"""What a comparison gives: the findings, worded, and what both sides are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from parsing.index.snapshot import Log
from parsing.knowledge.fields import short_name
from parsing.wording import counted, duration, share

Measure = Literal["share", "rate", "p50", "p95", "new", "gone"]

SURE = 0.95
LIKELY = 0.5
"""From this on a difference is called sure, or likely; below it may well be chance."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a finding compares. ``per`` says of what a rate is: ``requests`` (a thousand of them) or ``hour``."""

    a: float
    b: float
    a_count: int
    b_count: int
    per: Literal["requests", "hour"] = "requests"


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that differs between two sides.

    ``a`` and ``b`` are shares of the requests that have the field (0 to 1), errors per 1,000 requests (or per hour where a
    side has no requests), milliseconds of time-taken, and for what is ``new`` or ``gone`` rows per 1,000 requests (or per
    hour). ``sure`` is one minus the p-value, corrected for all values that were looked at. ``log`` is that of the rows.
    """

    field: str
    value: str | None
    measure: Measure
    a: float
    b: float
    a_count: int
    b_count: int
    difference: float
    sure: float
    summary: str
    log: Log

    @property
    def certainty(self) -> Literal["sure", "likely", "maybe"]:
        """``sure`` in a word."""
        return "sure" if self.sure >= SURE else "likely" if self.sure >= LIKELY else "maybe"

    def hidden(self, hide: Callable[[str, str], str]) -> Difference:
        """The finding with what ``hide`` makes of field and value in place of its value."""
        if self.value is None:
            return self
        name, shown = short_name(self.field), hide(self.field, self.value)
        return replace(self, value=shown, summary=self.summary.replace(f"{name} {self.value}", f"{name} {shown}", 1))

    def record(self) -> dict[str, Any]:
        """The record of ``dropline compare``."""
        found = asdict(self)
        del found["log"]
        return found


@dataclass(frozen=True, slots=True)
class SideFacts:
    """One side: its rows by log without idle closes, which are counted apart, and from when to when they are."""

    label: str
    requests: int
    errors: int
    idle_closes: int
    begin: datetime | None
    end: datetime | None

    @property
    def length(self) -> timedelta:
        return self.end - self.begin if self.begin and self.end else timedelta()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides and what differs between them, the surest and largest differences first.

    ``looked_at`` values were tested. ``is_whole`` once nothing is left to look at.
    """

    a: SideFacts
    b: SideFacts
    findings: tuple[Difference, ...] = ()
    looked_at: int = 0
    is_whole: bool = False


def summary(
    field: str, value: str | None, measure: Measure, log: Log, figures: Figures, labels: tuple[str, str]
) -> str:
    """A sentence on a finding: ``status 500: 4.1 % of requests after, 0.3 % before``."""
    before, after = labels
    rows = "request" if log == "iis" else "error"
    name = "all requests" if value is None else f"{rows}s" if field == "log" else f"{short_name(field)} {value}"
    if measure == "new":
        return f"{name} is new: {counted(figures.b_count, rows)} {after}, none {before}"
    if measure == "gone":
        return f"{name} is gone: {counted(figures.a_count, rows)} {before}, none {after}"
    if measure == "share":
        return f"{name}: {share(figures.b)} of requests {after}, {share(figures.a)} {before}"
    if measure == "rate":
        per = "per 1,000 requests" if figures.per == "requests" else "an hour"
        what = "" if field == "log" else "errors "
        return f"{name}: {figures.b:,.3g} {what}{per} {after}, {figures.a:,.3g} {before}"
    half = "half took" if measure == "p50" else "5 % took"
    return f"{name}: {half} {duration(figures.b)} or more {after}, {duration(figures.a)} or more {before}"
