"""Numbers and durations as options give them."""

from __future__ import annotations

import re
from datetime import timedelta

from parsing.errors import UsageError
from parsing.filters import UNITS

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]{1,2})", re.IGNORECASE)


def whole_number(text: str | None, option: str, default: int | None = None) -> int | None:
    """A number of 0 or more; raises ``UsageError``."""
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 12:
        raise UsageError(f"{text} is not a number of 0 or more", where=option)
    return int(text)


def bucket_length(text: str | None, option: str) -> timedelta | None:
    """A length of time with the units of the filter language, at least a millisecond; raises ``UsageError``."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    factor = UNITS["ms"].get(found[2].lower()) if found else None
    if found is None or factor is None:
        raise UsageError(f"{text} is not a length of time", where=option, hint="write 500ms, 10s, 1m, 2h or 1d")
    length = timedelta(milliseconds=round(float(found[1]) * factor))
    if not length:
        raise UsageError(f"{text} is too short", where=option)
    return length
