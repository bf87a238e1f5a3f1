"""The renderings of a report by their names."""

from __future__ import annotations

from datetime import UTC, tzinfo

from parsing.report.report import Report
from parsing.report.text import WIDTH, render_text

FORMS = ("text", "markdown", "html", "json")


def render(report: Report, form: str, tz: tzinfo = UTC, width: int = WIDTH) -> str:
    """The report as ``text``, ``markdown``, ``html`` or ``json``; ``width`` is for text alone."""
    if form == "text":
        return render_text(report, tz=tz, width=width)
    raise AssertionError(form)
