"""A report with pseudonyms in place of what names people and computers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from parsing.incidents import Incident
from parsing.report.report import Ranking, Report, SourceLine, ValueLine

Hide = Callable[[str, str], str]
"""Field and value to what is shown of the value."""


def redacted(report: Report, hide: Hide) -> Report:
    """The report for other eyes. Of a filter only that there was one is said: its values may name anyone."""
    return replace(
        report,
        filter="(left out)" if report.filter else "",
        rankings=tuple(_ranking(ranking, hide) for ranking in report.rankings),
        gone=tuple(replace(line, path=hide("path", line.path)) for line in report.gone),
        rejects=tuple(replace(line, text=hide("text", line.text)) for line in report.rejects),
        sources=tuple(_source(line, hide) for line in report.sources),
        problems=tuple((hide("file", name), hide("file", why)) for name, why in report.problems),
        incidents=tuple(redacted_incident(one, hide) for one in report.incidents),
        servers=tuple(replace(line, server=hide("server-name", line.server)) for line in report.servers),
        proofs=tuple(replace(one, rows=tuple(_row(row, hide) for row in one.rows)) for one in report.proofs),
    )


def _source(line: SourceLine, hide: Hide) -> SourceLine:
    return replace(line, name=hide("file", line.name), notes=tuple(hide("file", note) for note in line.notes))


def redacted_incident(incident: Incident, hide: Hide) -> Incident:
    """An incident for other eyes; its filters may name anyone, and are left out."""

    def each(field: str, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(hide(field, value) for value in values)

    return replace(
        incident,
        summary=hide("verdict", incident.summary),
        servers=each("server-name", incident.servers),
        paths=each("path", incident.paths),
        addresses=each("c-ip", incident.addresses),
        filter="(left out)",
        requests_filter="(left out)",
        story=tuple(
            replace(step, text=hide("verdict", step.text), source=hide("file", step.source)) for step in incident.story
        ),
    )


def _row(row: Mapping[str, Any], hide: Hide) -> dict[str, Any]:
    fields = {name: "file" if name == "source" else name for name in row}
    return {name: hide(fields[name], value) if isinstance(value, str) else value for name, value in row.items()}


def _ranking(ranking: Ranking, hide: Hide) -> Ranking:
    return replace(ranking, lines=tuple(_line(line, ranking.field, hide) for line in ranking.lines))


def _line(line: ValueLine, field: str, hide: Hide) -> ValueLine:
    return line if line.value is None else replace(line, value=hide(field, line.value))
