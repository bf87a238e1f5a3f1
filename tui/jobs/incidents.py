"""What the explorer asks about incidents: which there are, the set at a glance, and the rows of one. Blocking."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from parsing.filters import Filter
from tui.jobs.engine import Cancelled
from tui.model.entry import Entry, entries
from tui.model.incident import IncidentBars

if TYPE_CHECKING:
    from parsing.incidents import Incident
    from parsing.index import Snapshot
    from parsing.report import Glance

_SECOND = timedelta(seconds=1)
_AROUND = 0.25
"""How much of an incident's length its picture shows before it begins, and after it is over."""
_LEAST_AROUND = timedelta(minutes=1)


def glance_at(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> Glance:
    """The set in a few figures."""
    from parsing.report import glance

    return glance(snapshot, where, cancelled=cancelled)


def found(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> tuple[Incident, ...]:
    """The incidents of the rows that a filter keeps, the worst first."""
    from parsing.incidents import by_severity, find_incidents

    return tuple(by_severity(find_incidents(snapshot, where, cancelled=cancelled)))


def rows_of(incident: Incident) -> Filter:
    """The errors and the requests of an incident."""
    from parsing.filters import disjunction, parse

    wanted = [(incident.filter, incident.errors), (incident.requests_filter, incident.requests)]
    return disjunction([parse(text) for text, rows in wanted if rows])


def first_row(snapshot: Snapshot, incident: Incident, cancelled: Cancelled, *, is_error: bool = False) -> Entry | None:
    """The first row of an incident in order of time; ``is_error`` prefers its first error."""
    from parsing.filters import parse

    return _first(snapshot, parse(incident.filter) if is_error and incident.errors else rows_of(incident), cancelled)


def row_at(snapshot: Snapshot, source: str, line: int, cancelled: Cancelled) -> Entry | None:
    """The row of a line of a file; ``None`` where it is gone."""
    from parsing.filters import both, only

    return _first(snapshot, both(only("source", source), only("line", line)), cancelled)


def _first(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> Entry | None:
    from parsing.questions import OrderedRows, answer

    rows = answer(snapshot, OrderedRows(where), cancelled)
    return entries(rows.page(0, 1).to_dicts())[0] if rows.count else None


def bars(snapshot: Snapshot, incident: Incident, room: int, cancelled: Cancelled) -> IncidentBars:
    """The errors of an incident over time and, below them, its requests, in at most ``room`` bars."""
    from parsing.filters import parse
    from parsing.questions import Histogram, answer

    around = max((incident.until - incident.begin) * _AROUND, _LEAST_AROUND)
    span = (incident.begin - around, incident.until + around + _SECOND)
    counts = []
    for text, log in ((incident.filter, "httperr"), (incident.requests_filter, "iis")):
        question = Histogram(parse(text), buckets=room, span=span, log=log)  # type: ignore[arg-type]
        table = answer(snapshot, question, cancelled)
        counts.append(tuple(table.table[log].to_list()))
    start = table.span[0] if table.span else span[0]
    return IncidentBars(start, table.every, *counts)
