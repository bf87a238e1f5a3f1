"""A report with pseudonyms in place of what names people and computers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from parsing.report.report import Ranking, Report, ValueLine

Hide = Callable[[str, str], str]
"""Field and value to what is shown of the value."""


def redacted(report: Report, hide: Hide) -> Report:
    """The report for other eyes. Of a filter only that there was one is told: its values may name anyone."""
    return replace(
        report,
        filter="(not told)" if report.filter else "",
        rankings=tuple(_ranking(ranking, hide) for ranking in report.rankings),
        gone=tuple(replace(line, path=hide("path", line.path)) for line in report.gone),
        rejects=tuple(replace(line, text=hide("text", line.text)) for line in report.rejects),
        sources=tuple(replace(line, name=hide("file", line.name)) for line in report.sources),
        problems=tuple((hide("file", name), hide("file", why)) for name, why in report.problems),
    )


def _ranking(ranking: Ranking, hide: Hide) -> Ranking:
    return replace(ranking, lines=tuple(_line(line, ranking.field, hide) for line in ranking.lines))


def _line(line: ValueLine, field: str, hide: Hide) -> ValueLine:
    return line if line.value is None else replace(line, value=hide(field, line.value))
