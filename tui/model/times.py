"""Times as they are typed to jump to, and spans that are zoomed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from parsing.filters import YEARS
from tui.model.question import Span
from tui.wording import local

FORMS = "a time like 10:31, 10:31:40, 2026-06-15, 2026-06-15 10:31 or -15m"
"""How a moment is typed."""
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
_AGO = re.compile(r"-(\d+)\s*(s|m|min|h|d)", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
NEARLY = 0.01
"""The part of the whole time that may be missing when a span is grown to it: halves of seconds are rounded."""
SHORTEST = timedelta(seconds=2)
LONGEST_WINDOW = timedelta(days=2)
"""Of a timeline: a longer one would have too many rows to read."""


def moment(text: str, here: datetime, newest: datetime, tz: tzinfo) -> datetime | None:
    """The time that a text means, in UTC without zone; ``None`` for none, and for one that no log has rows of.

    ``10:31`` is on the day of ``here``, ``-15m`` is before ``newest``, ``2026-06-15`` begins the day.
    """
    try:
        found = _meant(text, here, newest, tz)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and found.year in YEARS else None


def _meant(text: str, here: datetime, newest: datetime, tz: tzinfo) -> datetime | None:
    words = text.strip().replace("T", " ").removesuffix("Z").split()
    if len(words) == 1 and (ago := _AGO.fullmatch(words[0])):
        return newest - timedelta(**{_UNITS[ago[2].lower()]: int(ago[1])})
    day = _DAY.fullmatch(words[0]) if words else None
    clock = _CLOCK.fullmatch(words[-1]) if words else None
    if not words or len(words) != (day is not None) + (clock is not None):
        return None
    start = local(here, tz).replace(hour=0, minute=0, second=0, microsecond=0)
    if day:
        start = start.replace(year=int(day[1]), month=int(day[2]), day=int(day[3]))
    if clock:
        start = start.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0))
    zone = UTC if text.strip().endswith("Z") else tz
    return start.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def zoomed(span: Span, whole: Span, around: datetime, factor: float) -> Span | None:
    """The span shrunk or grown around a time, on whole seconds within ``whole``; ``None`` when it is nearly all of it."""
    length = max(SHORTEST, (span[1] - span[0]) * factor)
    middle = min(max(around, span[0]), span[1])
    length = max(SHORTEST, timedelta(seconds=round(length.total_seconds())))
    end = min(_second(middle - length / 2) + length, whole[1])
    start = max(end - length, _second(whole[0]))
    end = min(start + length, whole[1])
    if (start - whole[0]) + (whole[1] - end) <= (whole[1] - whole[0]) * NEARLY:
        return None
    return start, end


def scaled(window: Span, around: datetime | None, factor: float) -> Span | None:
    """A window of a timeline made shorter or longer around a time in it; ``None`` where it goes no further."""
    length = window[1] - window[0]
    wanted = min(max(SHORTEST, length * factor), LONGEST_WINDOW)
    if wanted == length:
        return None
    middle = min(max(around or window[0] + length / 2, window[0]), window[1])
    return middle - wanted / 2, middle + wanted / 2


def _second(time: datetime) -> datetime:
    return time.replace(microsecond=0)
