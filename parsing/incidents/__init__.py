"""What went wrong, found by itself: spans that are not this server's usual way."""

from parsing.incidents.find import find_incidents
from parsing.incidents.incident import (
    KINDS,
    SEVERITIES,
    Incident,
    Kind,
    Severity,
    Step,
    by_severity,
    incident_named,
)
from parsing.incidents.records import incident_records

__all__ = [
    "KINDS",
    "SEVERITIES",
    "Incident",
    "Kind",
    "Severity",
    "Step",
    "by_severity",
    "find_incidents",
    "incident_named",
    "incident_records",
]
