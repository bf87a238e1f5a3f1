"""What a report says, section by section: the one description of which text, Markdown and HTML are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from parsing.incidents import Incident, Severity
from parsing.report import wording
from parsing.report.report import Proof, Ranking, Report
from parsing.wording import counted, elapsed

ColumnKind = Literal["number", "share", "name", "note", "text", "time"]
"""Numbers and shares (parts of 1) stand on the right; a name comes from the log; a note is short, a text may be long."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """``is_wide`` columns are left out where there are 80 characters for all."""

    title: str
    kind: ColumnKind
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """``rows`` have a value for each column; ``more`` says what was left out."""

    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[str | float, ...], ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Lines of text, one below the other."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """An incident on the axis of time."""

    number: int
    begin: datetime
    end: datetime
    severity: Severity
    title: str


@dataclass(frozen=True, slots=True)
class LaneChart:
    """Lanes of counts on one axis of time, with what was marked on it."""

    start: datetime
    every: timedelta
    lanes: tuple[tuple[str, tuple[int, ...]], ...]
    marks: tuple[MarkedSpan, ...] = ()


ReportPart = Sentences | ReportTable | LaneChart


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A title and what stands below it; ``level`` is that of the heading."""

    title: str
    parts: tuple[ReportPart, ...]
    level: int = 2


def sections(report: Report, tz: tzinfo) -> Iterator[ReportSection]:
    """The sections in order; those that would say nothing are left out."""
    yield ReportSection("dropline: the set at a glance", tuple(_glance(report, tz)), level=1)
    yield ReportSection("Incidents: what went wrong, worst first", tuple(_incidents(report, tz)))
    for proof, (number, incident) in zip(report.proofs, enumerate(report.incidents, 1), strict=False):
        yield _incident(number, incident, proof, tz)
    if report.servers:
        yield ReportSection("Servers", (_servers(report),))
    if report.reasons:
        title = "Errors: what HTTP.sys ended by itself, worst kind first"
        yield ReportSection(title, (Sentences((wording.ended_by(report),)), _reasons(report, tz)))
    if report.minute:
        yield ReportSection("Worst minute", (Sentences(tuple(wording.minute(report.minute, tz))),))
    for ranking in report.rankings:
        yield ReportSection(ranking.title, (_ranking(ranking),))
    if said := wording.requests(report):
        yield ReportSection("Requests: what the application answered", (Sentences(tuple(said)),))
    if report.gone:
        yield ReportSection(wording.GONE, (Sentences((wording.gone_note(report),)), _gone(report)))
    if report.port_hint:
        yield ReportSection("Client port", (Sentences((report.port_hint,)),))
    yield ReportSection("Sources", (Sentences((wording.balance(report), *wording.sources(report))),))


def _glance(report: Report, tz: tzinfo) -> Iterator[ReportPart]:
    yield Sentences(tuple(wording.headline(report, tz)))
    if report.bars is not None:
        marks = tuple(
            MarkedSpan(number, one.begin, one.end, one.severity, f"{number}: {wording.incident_title(one)}")
            for number, one in enumerate(report.incidents, 1)
        )
        bars = report.bars
        yield LaneChart(bars.start, bars.every, (("IIS", bars.iis), ("HTTPERR", bars.httperr)), marks)


def _incidents(report: Report, tz: tzinfo) -> Iterator[ReportPart]:
    if not report.incidents:
        yield Sentences((wording.no_incident(report),))
        return
    columns = (
        ReportColumn("No", "number"),
        ReportColumn("What", "name"),
        ReportColumn("Begin", "time"),
        ReportColumn("End", "time", is_wide=True),
        ReportColumn("What happened", "text"),
        ReportColumn("Check first", "text"),
        ReportColumn("Id", "name", is_wide=True),
    )
    rows = tuple(
        (
            f"{number}",
            wording.incident_title(one),
            wording.clock(one.begin, tz),
            wording.clock(one.end, tz),
            one.summary,
            one.check_first,
            one.id,
        )
        for number, one in enumerate(report.incidents, 1)
    )
    yield ReportTable(columns, rows)
    if grounds := dict.fromkeys(one.grounds for one in report.incidents if one.grounds):
        yield Sentences(tuple(grounds))


def _incident(number: int, incident: Incident, proof: Proof, tz: tzinfo) -> ReportSection:
    parts: list[ReportPart] = [Sentences(tuple(wording.incident_facts(incident, tz)))]
    every = (proof.span[1] - proof.span[0]) / max(len(proof.iis), 1)
    mark = MarkedSpan(number, incident.begin, incident.end, incident.severity, wording.incident_title(incident))
    parts.append(LaneChart(proof.span[0], every, (("IIS", proof.iis), ("HTTPERR", proof.httperr)), (mark,)))
    if incident.story:
        columns = (ReportColumn("Time", "time"), ReportColumn("What happened", "text"), ReportColumn("Row", "name"))
        steps = tuple(
            (wording.clock(step.time, tz), step.text, f"{step.source}:{step.line}") for step in incident.story
        )
        parts.append(ReportTable(columns, steps))
    if proof.rows:
        parts.append(_proof(proof, tz))
    return ReportSection(f"{number}. {wording.incident_title(incident)}", tuple(parts), level=3)


def _proof(proof: Proof, tz: tzinfo) -> ReportTable:
    """Rows of both logs: when, which line, whose request, what for, how it ended."""
    columns = (
        ReportColumn("Time", "time"),
        ReportColumn("Client", "name"),
        ReportColumn("Request", "name"),
        ReportColumn("How it ended", "note"),
        ReportColumn("Row", "name"),
    )
    rows = tuple(
        (
            wording.clock(row["time"], tz),
            wording.logged(row, "c-ip"),
            f"{wording.logged(row, 'cs-method')} {wording.logged(row, 'uri')}",
            wording.outcome(row),
            f"{row['source']}:{row['line']}",
        )
        for row in proof.rows
    )
    more = f"and {counted(proof.left_out, 'more row')} of it" if proof.left_out > 0 else ""
    return ReportTable(columns, rows, more)


def _servers(report: Report) -> ReportTable:
    titles = ("Requests", "5xx", "Errors", "Incidents")
    columns = (*(ReportColumn(title, "number") for title in titles), ReportColumn("Server", "name"))
    rows = tuple(
        (f"{one.requests:,}", f"{one.failures:,}", f"{one.errors:,}", f"{one.incidents:,}", one.server)
        for one in report.servers
    )
    return ReportTable(columns, rows)


def _reasons(report: Report, tz: tzinfo) -> ReportTable:
    columns = (
        ReportColumn("Count", "number"),
        ReportColumn("Share", "share"),
        ReportColumn("Reason", "name"),
        ReportColumn("Ended by", "note"),
        ReportColumn("When", "text", is_wide=True),
        ReportColumn("What it means", "text", is_wide=True),
        ReportColumn("Check", "text"),
    )
    rows = tuple(
        (
            f"{line.count:,}",
            line.share,
            line.reason,
            wording.ended(line),
            f"{wording.clock(line.first, tz)} to {wording.clock(line.last, tz)}",
            line.meaning,
            "" if line.cost == "none" else line.first_check,
        )
        for line in report.reasons
    )
    left_out = report.reasons_left_out
    more = f"and {counted(left_out, 'more reason')} that cost nothing: dropline breakdown ... --by reason"
    return ReportTable(columns, rows, more if left_out else "")


def _ranking(ranking: Ranking) -> ReportTable:
    columns = (
        ReportColumn("Count", "number"),
        ReportColumn("Share", "share"),
        ReportColumn(ranking.field, "name"),
        ReportColumn("Most frequent", "note"),
    )
    rows = tuple((f"{line.count:,}", line.share, wording.value(line), line.note) for line in ranking.lines)
    more = f"and {ranking.rows_left_out:,} in {counted(ranking.left_out, 'more value')}" if ranking.left_out else ""
    return ReportTable(columns, rows, more)


def _gone(report: Report) -> ReportTable:
    columns = (
        ReportColumn("In time", "number"),
        ReportColumn("Dropped", "number"),
        ReportColumn("Path", "name"),
        ReportColumn("They took", "text"),
        ReportColumn("What it means", "text"),
    )
    return ReportTable(columns, tuple(wording.gone(report)))


def axis(chart: LaneChart, tz: tzinfo) -> tuple[str, str]:
    """The words at both ends of the axis of time."""
    length = max((len(counts) for _, counts in chart.lanes), default=0)
    end = wording.clock(chart.start + chart.every * length, tz, minutes=True)
    return wording.clock(chart.start, tz, minutes=True), f"{end}, 1 bar = {elapsed(chart.every)}"
