"""A report with pseudonyms in place of what names people and computers."""

from __future__ import annotations

from dataclasses import replace

from parsing.export.redaction import Redaction
from parsing.report.report import Ranking, Report, ValueLine


def redacted(report: Report, redaction: Redaction) -> Report:
    """The report for other eyes. Of a filter only that there was one is told: its values may name anyone."""
    return replace(
        report,
        filter="(not told)" if report.filter else "",
        rankings=tuple(_ranking(ranking, redaction) for ranking in report.rankings),
        rejects=tuple(replace(line, text=redaction.of_field("text")(line.text)) for line in report.rejects),
        sources=tuple(replace(line, name=redaction.text(line.name)) for line in report.sources),
        problems=tuple((redaction.text(name), redaction.text(why)) for name, why in report.problems),
    )


def _ranking(ranking: Ranking, redaction: Redaction) -> Ranking:
    hidden = redaction.of_field(ranking.field)
    return replace(ranking, lines=tuple(_line(line, hidden(line.value or "")) for line in ranking.lines))


def _line(line: ValueLine, value: str) -> ValueLine:
    return line if line.value is None else replace(line, value=value)
