"""The renderings of a report by their names."""

from __future__ import annotations

from datetime import UTC, tzinfo

from parsing.report.html import render_html
from parsing.report.json import render_json
from parsing.report.markdown import render_markdown
from parsing.report.report import Report
from parsing.report.text import WIDTH, render_text

FORMS = ("text", "markdown", "html", "json")


def render(report: Report, form: str, tz: tzinfo = UTC, width: int = WIDTH) -> str:
    """The report as ``text``, ``markdown``, ``html`` or ``json``; ``width`` is for text alone."""
    match form:
        case "markdown":
            return render_markdown(report, tz=tz)
        case "html":
            return render_html(report, tz=tz)
        case "json":
            return render_json(report)
    return render_text(report, tz=tz, width=width)
