"""What went wrong, found by itself: ``incidents``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import polars as pl

from parsing.export import of_frame
from parsing.incidents import Incident, find_incidents
from parsing.safe_text import safe
from tui.cli.console import refuse_parquet_on_terminal, remark
from tui.cli.logs import logs
from tui.cli.output import write_records

FOUND = 4
"""Exit status where an incident of the level of ``--fail-on`` was found."""

_WHO = ("client", "http.sys", "worker", "administrator", "unknown")
_TIME, _TEXT, _NUMBER, _TEXTS = pl.Datetime("ms"), pl.String(), pl.Int64(), pl.List(pl.String())
_RECORD: dict[str, pl.DataType] = {
    "begin": _TIME,
    "end": _TIME,
    "until": _TIME,
    "kind": _TEXT,
    "severity": _TEXT,
    "summary": _TEXT,
    "errors": _NUMBER,
    "requests": _NUMBER,
    "clients": _NUMBER,
    "usual": pl.Float64(),
    "ended_by": pl.Struct(dict.fromkeys(_WHO, _NUMBER)),
    "server-name": _TEXTS,
    "s-queuename": _TEXTS,
    "s-reason": _TEXTS,
    "cs-uri-stem": _TEXTS,
    "c-ip": _TEXTS,
    "check_first": _TEXT,
    "filter": _TEXT,
    "requests_filter": _TEXT,
    "story": pl.List(pl.Struct({"time": _TIME, "text": _TEXT, "source": _TEXT, "line": _NUMBER})),
    "grounds": _TEXT,
}
_LISTED = ("begin", "end", "severity", "kind", "errors", "requests", "clients", "summary")
"""The columns of a table for people; the other forms have the whole record."""


def incidents(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    with logs(arguments) as found:
        known = find_incidents(found.snapshot, found.where, least=arguments.least or "low")
        frame = pl.DataFrame([_record(incident) for incident in known], schema=_RECORD)
        is_table = (arguments.format or "table") == "table" and arguments.out is None
        write_records(arguments, of_frame(frame.select(_LISTED) if is_table else frame))
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


def _record(incident: Incident) -> dict[str, Any]:
    record = incident.record()
    counts = dict.fromkeys(_WHO, 0) | dict(record["ended_by"])
    return record | {"ended_by": counts}
