"""What a report says, as plain data: every rendering is made from it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from parsing.correlation.client_gone import ClientsGone
from parsing.incidents import Incident
from parsing.knowledge.reasons import Cost


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole set, whatever the filter. A line is a row, a directive, blank or rejected; ``damaged`` are rows."""

    sources: int
    lines: int
    rows: int
    directives: int
    blank: int
    rejected: int
    damaged: int
    requests: int
    errors: int
    first: datetime | None
    last: datetime | None
    idle_closes: int = 0
    """Those of the errors that are the normal course: nobody waited for anything."""


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason: how often, when, who ended those requests, and what to check first.

    ``ended_by`` is who usually does; ``closed_by_worker`` are those of which correlation knows that the application
    closed them itself.
    """

    reason: str
    count: int
    share: float
    first: datetime
    last: datetime
    ended_by: str
    group: str
    meaning: str
    first_check: str
    setting: str
    cost: Cost
    closed_by_worker: int = 0


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value of a field; ``None`` where it was not logged. ``note`` says what is most frequent among its rows."""

    value: str | None
    count: int
    share: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The most frequent values of a field, and how many more there are."""

    title: str
    field: str
    lines: tuple[ValueLine, ...]
    left_out: int = 0
    rows_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Minute:
    """The minute with most errors that are not normal; without any, the one with most answers of 500 and more."""

    start: datetime
    errors: int
    requests: int
    failures: int
    reasons: tuple[ValueLine, ...]


@dataclass(frozen=True, slots=True)
class ReportBars:
    """Rows of both logs by time, idle closes apart: the first bucket starts at ``start``, each is ``every`` long."""

    start: datetime
    every: timedelta
    iis: tuple[int, ...]
    httperr: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ServerLine:
    """One of several servers: its requests, those answered with 5xx, its errors without idle closes, its incidents."""

    server: str
    requests: int
    failures: int
    errors: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Rows that show an incident: the first of its errors and of its requests, by the wire names of their fields.

    ``iis`` and ``httperr`` count its rows in equal parts of ``span``, which begins before it and ends after it.
    """

    incident: str
    rows: tuple[Mapping[str, Any], ...]
    left_out: int
    span: tuple[datetime, datetime]
    iis: tuple[int, ...]
    httperr: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source and what became of its lines."""

    name: str
    format: str
    status: str
    lines: int
    rows: int
    rejected: int
    damaged: int
    first: datetime | None
    last: datetime | None
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectLine:
    """A reason for which lines of a source could not become rows, with the first such line."""

    source: str
    why: str
    count: int
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report. ``requests`` and ``errors`` are those that the filter keeps; times are UTC without zone.

    ``idle_closes`` of the errors are the normal course. ``incidents`` are worst first; ``proofs`` are there where they
    were asked for.
    """

    filter: str
    totals: Totals
    requests: int
    errors: int
    bars: ReportBars | None
    ended_by: tuple[ValueLine, ...]
    reasons: tuple[ReasonLine, ...]
    reasons_left_out: int
    minute: Minute | None
    rankings: tuple[Ranking, ...]
    statuses: tuple[ValueLine, ...]
    clients_gone: int
    misleading: int
    gone: tuple[ClientsGone, ...]
    gone_left_out: int
    port_hint: str
    rejects: tuple[RejectLine, ...]
    rejects_left_out: int
    sources: tuple[SourceLine, ...]
    problems: tuple[tuple[str, str], ...] = field(default=())
    idle_closes: int = 0
    incidents: tuple[Incident, ...] = ()
    servers: tuple[ServerLine, ...] = ()
    proofs: tuple[Proof, ...] = ()
