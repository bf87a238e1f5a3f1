"""Evidence: what lies next to the two logs, and which of their rows it explains."""

from parsing.evidence.evidence import evidence_of
from parsing.evidence.explaining import (
    ExplainingEvent,
    events_of_row,
    events_of_rows,
    evidence_records,
)
from parsing.evidence.holes import LogHole, explained_holes

__all__ = [
    "ExplainingEvent",
    "LogHole",
    "events_of_row",
    "events_of_rows",
    "evidence_of",
    "evidence_records",
    "explained_holes",
]
