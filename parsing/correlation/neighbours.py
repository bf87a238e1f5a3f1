"""The lanes of a timeline with what belongs to their other errors, and around a queue with its requests.

Httperr.log names the queue and the IIS log does not, so the errors of a queue show which requests were of it: those that
belong to them, and those for the paths that they name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from parsing.correlation.correlate import correlate_window, requests_within
from parsing.correlation.correlated import Correlated
from parsing.correlation.logs.windows import Window
from parsing.correlation.server.habits import habits_of
from parsing.correlation.stopping import Cancelled, never
from parsing.correlation.timeline import MOST, Event, Timeline, completed, linked, ordered, rows_of
from parsing.filters import Filter, both, disjunction, only
from parsing.index.epoch import milliseconds
from parsing.index.snapshot import Snapshot

MOST_ERRORS = 1_000
"""Other errors that are correlated at once."""
MOST_REQUESTS = 500_000
"""Requests that may have to be read for that."""
MOST_PATHS = 8
"""Paths of a queue whose requests are shown."""


def with_neighbours(
    snapshot: Snapshot, found: Timeline, *, client_port: str | None = None, cancelled: Cancelled = never
) -> Timeline:
    """The lanes with the claims of all their errors; around a queue with the requests of the paths they name.

    Where there are too many errors or requests for a screen that should come at once, the note says so.
    """
    errors = [event for event in found.events if event.is_error]
    events, notes, left_out = list(found.events), [], found.left_out
    focused = found.focus
    if focused.kind == "queue":
        paths = _named_most(errors)
        if paths:
            where = both(only("log", "iis"), disjunction([only("path", path) for path in paths]))
            requests, more = rows_of(snapshot, where, focused.span, cancelled, most=MOST - len(errors))
            focused = replace(focused, where=disjunction([focused.where, where]))
            known = {event.key for event in events}
            events += [event for event in requests if event.key not in known]
            left_out += more
        notes.append(_queue_note(len(paths)))
    focus = (found.error.source, found.error.line) if found.error else None
    others = [event for event in errors if event.key != focus]
    if others:
        window = Window(milliseconds(others[0].end), milliseconds(others[-1].end))
        if len(others) > MOST_ERRORS or requests_within(snapshot, window) > MOST_REQUESTS:
            notes.append("links of the error in focus only: zoom in for those of the others")
        else:
            known_errors = _claimed(snapshot, found.focus.where, window, others, client_port, cancelled)
            events = linked(completed(snapshot, events, known_errors, cancelled), known_errors)
    return replace(found, focus=focused, events=ordered(events), left_out=left_out, note="; ".join(filter(None, notes)))


def _claimed(
    snapshot: Snapshot,
    where: Filter,
    window: Window,
    others: Sequence[Event],
    client_port: str | None,
    cancelled: Cancelled,
) -> list[Correlated]:
    """The errors with their claims only: what is merely near in time is near many of them."""
    wanted = {event.key for event in others}
    habits = habits_of(snapshot, cancelled=cancelled)
    found = correlate_window(habits, window, where, client_port, cancelled)
    return [replace(error, related=error.claims) for error in found if (error.source, error.line) in wanted]


def _named_most(errors: Sequence[Event]) -> list[str]:
    """The paths that errors name most often."""
    named = Counter(str(event.values["uri"]).partition("?")[0] for event in errors if event.values.get("uri"))
    return [path for path, _ in named.most_common(MOST_PATHS)]


def _queue_note(paths: int) -> str:
    if not paths:
        return "its errors name no path, so no request can be said to be of this queue"
    named = "the path" if paths == 1 else f"the {paths} paths"
    return f"the IIS log names no queue: shown are requests for {named} that its errors name most, and those linked"
