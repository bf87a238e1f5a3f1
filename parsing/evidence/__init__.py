"""Evidence: what lies next to the two logs, and which of their rows it explains."""

from parsing.evidence.coverage import coverage_notes, is_covered, log_coverage_notes
from parsing.evidence.evidence import evidence_of
from parsing.evidence.explaining import (
    ExplainingEvent,
    events_of_rows,
    evidence_records,
)
from parsing.evidence.holes import LogHole, explained_holes
from parsing.evidence.linking import explainable_errors
from parsing.evidence.settings_here import SettingHere, settings_here

__all__ = [
    "ExplainingEvent",
    "LogHole",
    "SettingHere",
    "coverage_notes",
    "events_of_rows",
    "evidence_of",
    "evidence_records",
    "explainable_errors",
    "explained_holes",
    "is_covered",
    "log_coverage_notes",
    "settings_here",
]
