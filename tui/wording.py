"""The sentences of the screen; numbers are worded by ``parsing.wording``.

A sentence names an action by its id, as in ``{undo}``; the screen puts the key there that the action has now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from parsing.errors import LogError
from parsing.safe_text import cells, safe
from parsing.wording import counted


def confidence(chance: float) -> str:
    """``0.93``; a claim that is short of certain is never rounded up to it."""
    return f"{min(chance, 0.99) if chance < 1 else chance:.2f}"


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


NO_TIME = "Neither log has a row in this time. {zoom_in} and {zoom_out} zoom, {earlier} and {later} move it."
NO_ROWS = "No rows match. {undo} undoes the last change, {clear} clears the filter."
NO_INCIDENT = "Nothing went wrong here that is not usual. {view_entries} shows the rows."
NO_ROWS_YET = "Reading. The first rows appear as soon as they are read."
NO_LOGS = "No file here has rows of an IIS log or of Httperr.log. {view_sources} says why."
NO_FILES = "There is no file here. {quit} leaves; name files, folders or archives."
NOT_OPENED = "{quit} leaves; --index-dir DIR takes another folder, --no-cache a temporary one."
ALL_AROUND = "all rows around this one; {back} brings the filter back"
BROKEN_OFF = (
    "What was read so far is shown, and kept: the next start goes on from there. All figures cover only that part."
)
NOTHING_HERE = "there is no row here"
NOT_COUNTED = "These values could not be counted. {undo} goes back to the question before."
NOTHING_COUNTED = "No row of this filter has a value here. {columns} chooses another field, {undo} undoes."
NO_TIMELINE = "Nothing is chosen yet. In the entries, {timeline} on a row shows its story here."

ENDED_BY = {
    "client": "the client",
    "http.sys": "HTTP.sys",
    "worker": "the worker process or its application",
    "administrator": "an administrator or a setting",
    "unknown": "unknown",
}
_SHORT_ENDED_BY = {"administrator": "admin"}


def ended_by(who: str, chance: float = 1.0) -> str:
    """Who ended an error in words, with how sure that is where it is no matter of course."""
    sure = f" ({confidence(chance)})" if chance < 1 and who != "unknown" else ""
    return f"{ENDED_BY.get(who, who)}{sure}"


def short_ended_by(numbers: Sequence[tuple[str, int]]) -> str:
    """``client 497, worker 130``; of one alone, its name."""
    if len(numbers) == 1:
        return _SHORT_ENDED_BY.get(numbers[0][0], numbers[0][0])
    return ", ".join(f"{_SHORT_ENDED_BY.get(who, who)} {number:,}" for who, number in numbers)


def problem(name: str, reason: str, more: int) -> str:
    also = f", and {counted(more, 'more', 'more')}" if more else ""
    return safe(f"{name} could not be read: {reason}{also}")


def gone(name: str, more: int, rows: int) -> str:
    also = f" and {counted(more, 'more file')}" if more else ""
    return safe(
        f"{name}{also} {'are' if more else 'is'} gone, and {counted(rows, 'row')} with {'them' if more else 'it'}"
    )


def failure(what: str, why: str) -> str:
    return safe(f"{what}: {why}")


def failure_in(room: int, what: str, error: LogError) -> str:
    """Why something cannot be done, in one line; where it would be cut, what is wrong comes before the place."""
    whole = failure(what, mistake(error))
    return (
        whole
        if cells(whole) < room
        else failure(what, f"{error.reason} ({error.where})" if error.where else error.reason)
    )


def fault(what: str, error: BaseException | None) -> str:
    """An error of ours: nothing the user did."""
    return safe(f"A fault of dropline: cannot {what}: {type(error).__name__}: {error}")
