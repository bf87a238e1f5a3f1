"""Incidents as a frame of records, for scripts and exports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from parsing.incidents.incident import Incident

_WHO = ("client", "http.sys", "worker", "administrator", "unknown")
_TIME, _TEXT, _NUMBER, _TEXTS = pl.Datetime("ms"), pl.String(), pl.Int64(), pl.List(pl.String())
RECORD: dict[str, pl.DataType] = {
    "id": _TEXT,
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
"""The fields of a record of ``dropline incidents``; times are UTC without zone."""


def incident_records(incidents: Iterable[Incident]) -> pl.DataFrame:
    """One record an incident, in the order given."""
    return pl.DataFrame([_record(incident) for incident in incidents], schema=RECORD)


def _record(incident: Incident) -> dict[str, Any]:
    record = incident.record()
    return record | {"ended_by": dict.fromkeys(_WHO, 0) | dict(record["ended_by"])}
