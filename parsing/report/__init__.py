"""The set at a glance: a report built from answers, and its renderings."""

from parsing.report.building import build_report
from parsing.report.redacted import redacted
from parsing.report.rendering import render

__all__ = [
    "build_report",
    "redacted",
    "render",
]
