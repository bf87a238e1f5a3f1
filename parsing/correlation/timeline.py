"""Both logs as lanes on one axis of time: requests with start and end, errors with their uncertain beginning, links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from parsing.correlation.correlate import correlate, correlate_one
from parsing.correlation.correlated import Correlated, MomentInterval, Related
from parsing.correlation.logs.requests import lacks_client_port
from parsing.correlation.matching.connections import LOOKBACK
from parsing.correlation.stopping import Cancelled, never
from parsing.errors import UsageError
from parsing.filters import EVERYTHING, Filter, both, disjunction, only
from parsing.index.snapshot import Log, Snapshot
from parsing.knowledge.fields import named_field
from parsing.knowledge.reasons import EndedBy
from parsing.knowledge.relations import Relation
from parsing.questions import rows_in_order

Kind = Literal["error", "client", "connection", "path", "queue"]

FIELDS = (
    "client", "port", "method", "uri", "status", "substatus", "win32", "taken", "reason", "queue",
)  # fmt: skip
"""What is asked of each row in addition to log, source, line and time."""

_COLUMNS = {short: found.name for short in FIELDS if (found := named_field(short)) is not None}

AROUND = timedelta(minutes=2)
"""How far a lane reaches to either side of its row when no span is asked for."""
FARTHEST = timedelta(milliseconds=LOOKBACK) + timedelta(hours=1)
"""No error claims a request that ended so long before it."""
MOST = 2_000
"""Rows of a lane that are read; what is left out is counted."""


@dataclass(frozen=True, slots=True)
class Link:
    """What ties a row to one of the other log: ``source`` and ``line`` name that one."""

    relation: Relation
    source: str
    line: int
    time: datetime
    confidence: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A request or an error. ``start`` of a request is computed, to a second; an error has ``began`` in its place.

    ``values`` are those of ``FIELDS`` that the row has. Times are UTC without zone.
    """

    log: Log
    source: str
    line: int
    end: datetime
    start: datetime | None
    values: Mapping[str, Any]
    began: MomentInterval | None = None
    ended_by: EndedBy | None = None
    links: tuple[Link, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        return self.source, self.line

    @property
    def is_error(self) -> bool:
        return self.log == "httperr"


@dataclass(frozen=True, slots=True)
class Focus:
    """What a timeline is about: rows that ``where`` keeps within ``span``, around one row, with a title in words."""

    kind: Kind
    title: str
    where: Filter
    span: tuple[datetime, datetime]
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lanes of a focus in time order; ``left_out`` rows were too many. ``error`` is the one it is about, if any.

    ``note`` says which rows and links are shown where that is not plain; ``lacks_port`` that no IIS log has the port.
    """

    focus: Focus
    events: tuple[Event, ...]
    left_out: int
    error: Correlated | None
    note: str = ""
    lacks_port: bool = False


def focus_on(kind: Kind, row: Mapping[str, Any]) -> Focus:
    """The focus on a row by one of its values. ``row`` has ``log source line time`` and fields by short name.

    Raises ``UsageError`` where the row lacks what the focus is on.
    """
    around = (row["time"] - AROUND, row["time"] + AROUND)
    if kind in ("error", "connection") and row.get("client") is None:
        raise UsageError("this row has no client address")
    if kind == "connection" and row.get("port") is None:
        raise UsageError(
            "this row has no client port", hint="log the server variable REMOTE_PORT as a custom field of the site"
        )
    wanted = {"error": "client", "connection": "client"}.get(kind, kind)
    if row.get(wanted) is None:
        raise UsageError(f"this row has no {wanted}")
    where: Filter = only(wanted, row[wanted])
    title = f"{wanted} {row[wanted]}"
    if kind == "connection":
        where = both(where, only("port", row["port"]))
        title = f"connection {row['client']} port {row['port']}"
    if kind == "error":
        title = f"around {row['source']}:{row['line']}"
    return Focus(kind, title, where, around, row["source"], row["line"])


def timeline(
    snapshot: Snapshot, focus: Focus, *, client_port: str | None = None, cancelled: Cancelled = never
) -> Timeline:
    """The lanes of a focus. Around an error, the requests that belong to it are among them, with their links."""
    error = None
    if _log_of(snapshot, focus.source) == "httperr":
        error = correlate_one(snapshot, focus.source, focus.line, client_port=client_port, cancelled=cancelled)
        focus = _stretched(focus, error)
    events, left_out = rows_of(snapshot, focus.where, focus.span, cancelled)
    if error is not None:
        events = linked(completed(snapshot, events, [error], cancelled), [error])
    return Timeline(focus, ordered(events), left_out, error, lacks_port=lacks_client_port(snapshot, client_port))


def ordered(events: Iterable[Event]) -> tuple[Event, ...]:
    """Events by when they ended, then by source and line."""
    return tuple(sorted(events, key=lambda event: (event.end, event.source, event.line)))


def lanes(
    snapshot: Snapshot,
    where: Filter = EVERYTHING,
    *,
    client_port: str | None = None,
    cancelled: Cancelled = never,
) -> Iterator[list[Event]]:
    """All rows that a filter keeps, in time order, with the links that are claimed of them; some thousand at a time."""
    claimed = _Claimed(correlate(snapshot, EVERYTHING, client_port=client_port, cancelled=cancelled))
    for frame in rows_in_order(snapshot, where, FIELDS, cancelled=cancelled):
        if frame.height:
            claimed.move_on(frame["time"][0], frame["time"][-1])
        yield [
            _event(row, claimed.errors.get((row["source"], row["line"])), claimed.requests)
            for row in frame.iter_rows(named=True)
        ]


class _Claimed:
    """The errors near a stretch of rows, with what is claimed of them, and the links of requests back to them.

    It moves on with the rows, so that errors neither gather in memory nor are correlated long before they are needed.
    """

    def __init__(self, found: Iterator[list[Correlated]]) -> None:
        self.errors: dict[tuple[str, int], Correlated] = {}
        self.requests: dict[tuple[str, int], list[Link]] = {}
        self._times: dict[tuple[str, int], datetime] = {}
        self._found = found
        self._reached: datetime | None = None

    def move_on(self, first: datetime, last: datetime) -> None:
        """To rows between two moments; those before them are not needed any more."""
        for key in [key for key, time in self._times.items() if time < first]:
            self.errors.pop(key, None)
            self.requests.pop(key, None)
            del self._times[key]
        while self._reached is None or self._reached - last <= FARTHEST:
            batch = next(self._found, None)
            if batch is None:
                break
            for error in batch:
                self._add(error)

    def _add(self, error: Correlated) -> None:
        self._reached = error.time
        self.errors[error.source, error.line] = replace(error, related=error.claims)
        self._times[error.source, error.line] = error.time
        for request in error.claims:
            self.requests.setdefault((request.source, request.line), []).append(_link_back(error, request))
            self._times[request.source, request.line] = request.time


def _event(
    row: Mapping[str, Any], error: Correlated | None, requests: Mapping[tuple[str, int], Sequence[Link]]
) -> Event:
    values = {short: row[name] for short, name in _COLUMNS.items() if name in row}
    start = _started(row["time"], values.get("taken"))
    event = Event(row["log"], row["source"], row["line"], row["time"], start, values)
    if error is not None:
        return replace(event, began=error.began, ended_by=error.ended_by, links=tuple(map(_link, error.related)))
    return replace(event, links=tuple(requests.get(event.key, ())))


def _started(end: datetime, taken: int | None) -> datetime | None:
    """When a request began, if that was logged and no damaged number puts it before all calendars."""
    try:
        return None if taken is None else end - timedelta(milliseconds=taken)
    except OverflowError:
        return None


def _link(request: Related) -> Link:
    return Link(request.relation, request.source, request.line, request.time, request.confidence, request.evidence)


def _link_back(error: Correlated, request: Related) -> Link:
    return Link(request.relation, error.source, error.line, error.time, request.confidence, request.evidence)


def _stretched(focus: Focus, error: Correlated) -> Focus:
    """The span reaches from before the wait began to after the error, and over all that belongs to it."""
    moments = [error.time, *(request.time for request in error.claims)]
    if error.began is not None:
        moments.append(error.began.earliest)
    edge = timedelta(seconds=30)
    return replace(focus, span=(min(focus.span[0], min(moments) - edge), max(focus.span[1], max(moments) + edge)))


def rows_of(
    snapshot: Snapshot, where: Filter, span: tuple[datetime, datetime], cancelled: Cancelled, *, most: int = MOST
) -> tuple[list[Event], int]:
    """The first rows of a span, and how many more there are."""
    events: list[Event] = []
    left_out = 0
    for frame in rows_in_order(snapshot, where, FIELDS, span=span, cancelled=cancelled):
        taken = frame.head(max(0, most - len(events)))
        events += [_event(row, None, {}) for row in taken.iter_rows(named=True)]
        left_out += frame.height - taken.height
    return events, left_out


def completed(
    snapshot: Snapshot, events: list[Event], errors: Sequence[Correlated], cancelled: Cancelled
) -> list[Event]:
    """The events with the errors and the requests that belong to them, where they are not among them."""
    known = {event.key for event in events}
    wanted = {(error.source, error.line): error.time for error in errors}
    wanted |= {(request.source, request.line): request.time for error in errors for request in error.related}
    missing = {key: time for key, time in wanted.items() if key not in known}
    if not missing:
        return events
    where = disjunction([both(only("source", source), only("line", line)) for source, line in missing])
    span = min(missing.values()), max(missing.values()) + timedelta(milliseconds=1)
    found = [
        _event(row, None, {})
        for frame in rows_in_order(snapshot, where, FIELDS, span=span, cancelled=cancelled)
        for row in frame.iter_rows(named=True)
    ]
    return events + found


def linked(events: Iterable[Event], errors: Sequence[Correlated]) -> list[Event]:
    """The beginnings and links of errors, and those of their requests back to them, added to the links they have."""
    known = {(error.source, error.line): error for error in errors}
    back: dict[tuple[str, int], list[Link]] = {}
    for error in errors:
        for request in error.related:
            back.setdefault((request.source, request.line), []).append(_link_back(error, request))
    return [
        replace(
            event,
            began=known[event.key].began,
            ended_by=known[event.key].ended_by,
            links=tuple(map(_link, known[event.key].related)),
        )
        if event.key in known
        else replace(event, links=(*event.links, *back.get(event.key, ())))
        for event in events
    ]


def _log_of(snapshot: Snapshot, source: str) -> Log | None:
    for known in snapshot.sources:
        if known.name == source:
            return "httperr" if known.format == "httperr" else "iis"
    return None
