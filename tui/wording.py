"""Every sentence and number format of the screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from parsing.errors import LogError


def count(number: int) -> str:
    """``1,204``."""
    return f"{number:,}"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 request``, ``1,204 requests``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short(number: float) -> str:
    """At most five characters: ``999``, ``12.3k``, ``4.5M``."""
    if number < 1000:
        return f"{number:.0f}"
    for unit in "kMGT":
        number /= 1000
        if number < 99.95:
            return f"{number:.1f}{unit}"
        if number < 999.5:
            return f"{number:.0f}{unit}"
    return f"{number:.0f}P"


def size(number: float) -> str:
    """Bytes in powers of 1000, as in filters: ``512 B``, ``1.2 MB``."""
    if number < 1000:
        return f"{number:.0f} B"
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if number < 999.5:
            return f"{number:.1f} {unit}" if number < 99.95 else f"{number:.0f} {unit}"
    return f"{number / 1000:.1f} TB"


def duration(milliseconds: float) -> str:
    """``230 ms``, ``1.2 s``, ``94 s``, ``3 min 20 s``, ``2 h 5 min``, ``3 d 4 h``."""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 120:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def elapsed(span: timedelta) -> str:
    return duration(span / timedelta(milliseconds=1))


def share(part: float, whole: float) -> str:
    """``12.3 %``; what is there but less than a tenth of a percent is ``<0.1 %``."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    return "<0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def local(moment: datetime, tz: tzinfo) -> datetime:
    """A time of a log (UTC without zone) on the user's clock."""
    return moment if tz is UTC else moment.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None)


def zone(moment: datetime, tz: tzinfo) -> str:
    if tz is UTC:
        return "UTC"
    return moment.replace(tzinfo=UTC).astimezone(tz).tzname() or "local"


def span(first: datetime, last: datetime, tz: tzinfo) -> str:
    """``2026-06-15 00:00 → 23:59 UTC``."""
    start, end = local(first, tz), local(last, tz)
    shown = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} → {shown} {zone(last, tz)}"


def mistake(error: LogError) -> str:
    """What went wrong and what to do, in one line."""
    where = f"{error.where}: " if error.where else ""
    hint = f" — {error.hint}" if error.hint else ""
    return f"{where}{error.reason}{hint}"


FIRST_HINT = "? help   / filter   Enter detail   b break down a column   2 reasons   : every command"
NO_ROWS = "No rows match. u undoes the last change, Backspace clears the filter."
NO_ROWS_YET = "Reading. Rows appear as soon as the first are there."
NO_LOGS = "None of these files holds rows of an IIS log or of Httperr.log. 4 shows what was found in them."
NOTHING_COUNTED = "No row of this filter has a value here. c chooses another field, u undoes."
DRAFT = "not applied: / goes on, Enter there applies"

ENDED_BY = {
    "client": "the client",
    "http.sys": "HTTP.sys",
    "worker": "the worker process or its application",
    "administrator": "an administrator or a setting",
    "unknown": "unknown",
}


def ended_by(who: str) -> str:
    return ENDED_BY.get(who, who)
