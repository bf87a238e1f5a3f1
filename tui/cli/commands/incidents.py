"""What went wrong, without a filter that says where to look: ``incidents``."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterator

import polars as pl

from parsing.errors import UsageError
from parsing.export import of_frames
from parsing.incidents import Incident, find_incidents, incident_records
from parsing.report import redacted_incident
from parsing.safe_text import safe
from tui.cli.console import form_of, refuse_parquet_on_terminal, remark
from tui.cli.logs import Logs, logs, where_of, zone
from tui.cli.output import hiding, write_records

FOUND = 4
"""Exit status where an incident of the level of ``--fail-on`` was found."""

_BETWEEN_POLLS = 0.5
"""Seconds between two looks at whether the logs have grown."""
_LISTED = ("begin", "end", "severity", "kind", "errors", "requests", "clients", "summary")
"""The columns of a table for people; the other forms have the whole record."""


def incidents(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    if arguments.follow:
        arguments.format = arguments.format or "ndjson"
        if arguments.format in ("table", "parquet") or arguments.out:
            hint = "--format ndjson or csv, to standard output"
            raise UsageError("records are written one by one while following", where="--follow", hint=hint)
    with logs(arguments) as found:
        known = find_incidents(found.snapshot, found.where, least=arguments.least or "low")
        is_table = form_of(arguments) == "table"
        states = _states(arguments, found, known) if arguments.follow else iter([known])
        write_records(arguments, of_frames(_frames(arguments, states, is_table=is_table)), is_redacted=True)
        if is_table and known:
            remark(
                arguments,
                "--format ndjson has the whole records: filters, stories with their rows, what to check first",
            )
        for grounds in dict.fromkeys(incident.grounds for incident in known if incident.grounds):
            remark(arguments, safe(grounds))
        status = found.status(arguments)
        worst = arguments.fail_on
        return FOUND if worst and any(incident.is_at_least(worst) for incident in known) else status


def _states(arguments: Namespace, found: Logs, known: list[Incident]) -> Iterator[list[Incident]]:
    """What is known, then what is new or has changed whenever the logs have grown.

    Ends with the first that is as bad as ``--fail-on`` says, or with an interrupt.
    """
    yield known
    worst = arguments.fail_on
    while not worst or not any(incident.is_at_least(worst) for incident in known):
        sys.stdout.flush()
        time.sleep(_BETWEEN_POLLS)
        if not found.log_set.poll():
            continue
        snapshot = found.log_set.snapshot()
        where = where_of(arguments, zone(arguments.tz), snapshot.field_names)
        now = find_incidents(snapshot, where, least=arguments.least or "low")
        if fresh := [incident for incident in now if incident not in known]:
            yield fresh
        known[:] = now


def _frames(arguments: Namespace, states: Iterator[list[Incident]], *, is_table: bool) -> Iterator[pl.DataFrame]:
    hide = hiding(arguments)
    for state in states:
        shown = [redacted_incident(one, hide) for one in state] if arguments.redact else state
        frame = incident_records(shown)
        yield frame.select(_LISTED) if is_table else frame
