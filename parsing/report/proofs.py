"""The rows that show an incident, and how many of them there were when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

from parsing.filters import parse
from parsing.incidents import Incident
from parsing.index.snapshot import Log, Snapshot
from parsing.questions import Histogram, answer, rows_in_order
from parsing.report.report import Proof

MOST_ROWS = 8
"""Rows of each log that are shown of an incident."""
PARTS = 60
_FIELDS = (
    "time", "source", "line", "server-name", "c-ip", "cs-method", "uri", "sc-status", "sc-substatus", "sc-win32-status",
    "time-taken", "s-reason", "s-queuename",
)  # fmt: skip


def proof(snapshot: Snapshot, incident: Incident, cancelled: Callable[[], bool]) -> Proof:
    """The rows that show an incident, at most ``MOST_ROWS`` of each log, and both logs over its time and a while around it."""
    names = {"time", "source", "line", "uri", *snapshot.field_names}
    columns = [name for name in _FIELDS if name in names]
    rows = []
    parts: tuple[tuple[Log, str], ...] = (("httperr", incident.filter), ("iis", incident.requests_filter))
    for log, text in parts:
        frames = rows_in_order(snapshot, parse(text), columns, log, limit=MOST_ROWS, cancelled=cancelled)
        rows += [row for frame in frames for row in islice(frame.iter_rows(named=True), MOST_ROWS)]
    around = max((incident.until - incident.begin) / 4, timedelta(seconds=30))
    span = (incident.begin - around, incident.until + around)
    counts = []
    for log, text in reversed(parts):
        every = timedelta(seconds=max(1, round((span[1] - span[0]).total_seconds() / PARTS)))
        found = answer(snapshot, Histogram(parse(text), every, span=span, log=log))
        counts.append((found.span or span, tuple(found.table[log])))
    shown = sorted(rows, key=lambda row: (row["time"], row["source"], row["line"]))
    left_out = incident.errors + incident.requests - len(shown)
    return Proof(incident.id, tuple(shown), left_out, counts[0][0], counts[0][1], counts[1][1])
