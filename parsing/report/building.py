"""A report from answers to questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from parsing.correlation.client_gone import client_gone
from parsing.correlation.clock_offset import with_offset_notes
from parsing.correlation.logs.requests import lacks_client_port
from parsing.filters import EVERYTHING, Filter, both, disjunction, only, parse
from parsing.incidents import Incident, by_severity, find_incidents, incident_named
from parsing.index.snapshot import Log, Snapshot
from parsing.knowledge.reasons import reason, worst_first
from parsing.knowledge.relations import NO_PORT
from parsing.questions import (
    Breakdown,
    BreakdownTable,
    Count,
    Histogram,
    PartialT,
    Question,
    Span,
    ValueT,
    answer,
    no_idle_closes,
    only_idle_closes,
    without_idle_closes,
)
from parsing.report.glance import CLIENT_GONE, FAILED
from parsing.report.minutes import WorstMinute
from parsing.report.proofs import proof
from parsing.report.report import (
    Minute,
    Ranking,
    ReasonLine,
    RejectLine,
    Report,
    ReportBars,
    ServerLine,
    SourceLine,
    Totals,
    ValueLine,
)

TOP_REASONS = 12
TOP_VALUES = 8
TOP_REJECTS = 8
TOP_PATHS = 5
BARS = 64

_MINUTE = timedelta(minutes=1)
_DROPPED = "connection_dropped"
_MISLEADING = parse("status:500 substatus:19 win32:64")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A snapshot and the rows of it that the report is about."""

    snapshot: Snapshot
    where: Filter
    cancelled: Callable[[], bool]

    def answer(self, question: Question[PartialT, ValueT]) -> ValueT:
        return answer(self.snapshot, question, self.cancelled)

    def count(self, condition: Filter = EVERYTHING, log: Log | None = None, span: Span | None = None) -> int:
        return self.answer(Count(self.narrowed(condition), log, span)).total

    def breakdown(
        self,
        by: str,
        condition: Filter = EVERYTHING,
        top: int | None = None,
        *,
        log: Log,
        span: Span | None = None,
    ) -> BreakdownTable:
        return self.answer(Breakdown(self.narrowed(condition), (by,), top, log=log, span=span))

    def narrowed(self, condition: Filter) -> Filter:
        return condition if self.where == EVERYTHING else both(self.where, condition)


def build_report(
    snapshot: Snapshot,
    where: Filter = EVERYTHING,
    *,
    rejects: Iterable[pl.DataFrame] = (),
    problems: Sequence[tuple[str, str]] = (),
    client_port: str | None = None,
    incident: str = "",
    proves: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Ask what the report needs. ``rejects`` are frames of ``source``, ``line``, ``why``, ``text``.

    ``client_port`` names the field of the IIS log with the client's port, if its name is unusual. ``incident`` is the id
    of the only one that the report is to be about: its rows are all that is counted then. ``proves`` adds the rows that
    show each incident. Raises ``UsageError`` for an unknown id, ``CancelledError`` soon after ``cancelled()`` is true.
    """
    found_incidents = by_severity(find_incidents(snapshot, where, cancelled=cancelled))
    if incident:
        chosen = incident_named(found_incidents, incident)
        found_incidents = [chosen]
        where = disjunction([parse(chosen.filter), parse(chosen.requests_filter)])
    asked = _Asked(snapshot, where, cancelled)
    counts = asked.answer(Count(where)).by_log
    has_errors = counts["httperr"] > 0
    found = asked.breakdown("s-reason", log="httperr")
    reject_lines, rejects_left_out = _reject_lines(rejects)
    gone = client_gone(snapshot, where, cancelled=cancelled)
    closed = sum(path.closed_by_application for path in gone)
    lines = _reason_lines(found, closed)
    return Report(
        filter=str(where),
        totals=_totals(asked),
        requests=counts["iis"],
        errors=counts["httperr"],
        bars=_bars(asked),
        ended_by=_ended_by(found, closed),
        reasons=lines,
        reasons_left_out=max(found.distinct - len(lines), 0),
        minute=_worst_minute(asked),
        rankings=_error_rankings(asked) if has_errors else _request_rankings(asked),
        statuses=_statuses(asked),
        clients_gone=asked.count(CLIENT_GONE, "iis"),
        misleading=asked.count(_MISLEADING, "iis"),
        gone=tuple(gone[:TOP_PATHS]),
        gone_left_out=max(len(gone) - TOP_PATHS, 0),
        port_hint=NO_PORT if lacks_client_port(snapshot, client_port) else "",
        rejects=reject_lines,
        rejects_left_out=rejects_left_out,
        sources=_source_lines(snapshot),
        problems=tuple(problems),
        idle_closes=asked.count(only_idle_closes(), "httperr"),
        incidents=tuple(found_incidents),
        servers=_server_lines(asked, found_incidents),
        proofs=tuple(proof(snapshot, one, cancelled) for one in found_incidents) if proves or incident else (),
    )


def _server_lines(asked: _Asked, incidents: Sequence[Incident]) -> tuple[ServerLine, ...]:
    """A line for each server that wrote rows; none where there is one alone."""
    if "server-name" not in asked.snapshot.field_names:
        return ()
    requests = _by_server(asked.breakdown("server-name", log="iis"))
    failures = _by_server(asked.breakdown("server-name", FAILED, log="iis"))
    errors = _by_server(asked.breakdown("server-name", no_idle_closes(), log="httperr"))
    names = sorted({*requests, *errors})
    hit = [name for one in incidents for name in one.servers]
    lines = [
        ServerLine(name, requests.get(name, 0), failures.get(name, 0), errors.get(name, 0), hit.count(name))
        for name in names
    ]
    return tuple(lines) if len(lines) > 1 else ()


def _by_server(found: BreakdownTable) -> dict[str, int]:
    return {
        str(name): count for name, count in found.table.select("server-name", "count").iter_rows() if name is not None
    }


def _totals(asked: _Asked) -> Totals:
    snapshot = asked.snapshot
    sources = snapshot.sources
    by_log = {log: sum(part.rows for part in snapshot.segments if part.log == log) for log in ("iis", "httperr")}
    return Totals(
        sources=len(snapshot.logs),
        lines=sum(source.lines for source in sources),
        rows=sum(source.rows for source in sources),
        directives=sum(source.directives for source in sources),
        blank=sum(source.blank for source in sources),
        rejected=sum(source.rejected for source in sources),
        damaged=sum(source.damaged for source in sources),
        requests=by_log["iis"],
        errors=by_log["httperr"],
        first=snapshot.oldest,
        last=snapshot.newest,
        idle_closes=_Asked(snapshot, EVERYTHING, asked.cancelled).count(only_idle_closes(), "httperr"),
    )


def _bars(asked: _Asked) -> ReportBars | None:
    where = without_idle_closes(asked.where)
    bars = asked.answer(Histogram(asked.where if where is None else where, buckets=BARS))
    if bars.span is None:
        return None
    table = bars.table
    return ReportBars(bars.span[0], bars.every, tuple(table["iis"]), tuple(table["httperr"]))


def _reason_lines(found: BreakdownTable, closed: int) -> tuple[ReasonLine, ...]:
    """Reasons by what they cost, then by count; those that cost a request are all there, however rare."""
    rows = {str(row["s-reason"] or "-"): row for row in found.table.rows(named=True)}
    ordered = worst_first({code: row["count"] for code, row in rows.items()})
    dear = sum(reason(code).cost in ("high", "medium") for code in ordered)
    return tuple(_reason_line(code, rows[code], closed) for code in ordered[: max(TOP_REASONS, dear)])


def _reason_line(code: str, row: Mapping[str, Any], closed: int) -> ReasonLine:
    known = reason(code)
    return ReasonLine(
        code,
        row["count"],
        row["share"],
        row["first"],
        row["last"],
        known.ended_by,
        known.group,
        known.meaning,
        known.first_check,
        known.setting,
        known.cost,
        closed if code.lower() == _DROPPED else 0,
    )


def _ended_by(found: BreakdownTable, closed: int) -> tuple[ValueLine, ...]:
    """Who ended these requests: by their reason, and ``closed`` dropped ones the application; the normal ones apart."""
    counts: dict[str, int] = {"worker": closed, reason(_DROPPED).ended_by: -closed}
    for code, count in found.table.select(found.table.columns[0], "count").iter_rows():
        known = reason(str(code or "-"))
        who = "nobody: a connection was idle" if known.group == "normal" else known.ended_by
        counts[who] = counts.get(who, 0) + count
    ordered = sorted(((who, count) for who, count in counts.items() if count), key=lambda item: -item[1])
    return tuple(ValueLine(who, count, count / max(found.rows, 1)) for who, count in ordered)


def _worst_minute(asked: _Asked) -> Minute | None:
    unusual = no_idle_closes()
    worst = asked.answer(WorstMinute(asked.narrowed(unusual), "httperr"))
    if worst is None:
        worst = asked.answer(WorstMinute(asked.narrowed(FAILED), "iis"))
    if worst is None:
        return None
    start = worst[0]
    span = (start, start + _MINUTE)
    found = asked.breakdown("s-reason", unusual, 3, log="httperr", span=span)
    return Minute(
        start,
        errors=asked.count(unusual, "httperr", span),
        requests=asked.count(EVERYTHING, "iis", span),
        failures=asked.count(FAILED, "iis", span),
        reasons=_value_lines(found),
    )


def _error_rankings(asked: _Asked) -> tuple[Ranking, ...]:
    unusual = no_idle_closes()
    fields = (
        ("Paths with errors", "path"),
        ("Clients with errors", "c-ip"),
        ("Application pools with errors", "s-queuename"),
    )
    return tuple(
        ranking
        for title, field in fields
        if (ranking := _ranking(asked, title, field, unusual, "httperr", "s-reason")).lines
    )


def _request_rankings(asked: _Asked) -> tuple[Ranking, ...]:
    failed = _ranking(asked, "Paths with answers of 500 and more", "path", FAILED, "iis", "sc-status")
    paths = _ranking(asked, "Paths", "path", EVERYTHING, "iis", "")
    clients = _ranking(asked, "Clients", "c-ip", EVERYTHING, "iis", "")
    return tuple(ranking for ranking in (failed, paths, clients) if ranking.lines)


def _ranking(asked: _Asked, title: str, field: str, condition: Filter, log: Log, note: str) -> Ranking:
    """The most frequent logged values of a field, each with the most frequent value of the field ``note``."""
    logged = both(parse(f"-{field}:-"), condition)
    found = asked.breakdown(field, logged, TOP_VALUES, log=log)
    lines = []
    for line in _value_lines(found):
        if line.value is None:
            continue
        chief = asked.breakdown(note, both(condition, only(field, line.value)), 1, log=log) if note else None
        words = "" if chief is None or not chief.table.height else _chief(chief)
        lines.append(ValueLine(line.value, line.count, line.share, words))
    return Ranking(title, field, tuple(lines), found.left_out, found.rows_left_out)


def _chief(found: BreakdownTable) -> str:
    value, count = found.table.row(0)[:2]
    return f"{value}" if count == found.rows else f"mostly {value}" if 2 * count > found.rows else f"{value} and others"


def _value_lines(found: BreakdownTable) -> tuple[ValueLine, ...]:
    return tuple(
        ValueLine(None if value is None else str(value), count, share)
        for value, count, share in found.table.select(found.table.columns[0], "count", "share").iter_rows()
    )


def _statuses(asked: _Asked) -> tuple[ValueLine, ...]:
    """Requests by the class of their status."""
    found = asked.breakdown("sc-status", log="iis")
    classes: dict[str | None, int] = {}
    for status, count in found.table.select("sc-status", "count").iter_rows():
        name = None if status is None else f"{status // 100}xx"
        classes[name] = classes.get(name, 0) + count
    ordered = sorted(classes.items(), key=lambda item: item[0] or "~")
    return tuple(ValueLine(name, count, count / max(found.rows, 1)) for name, count in ordered)


def _reject_lines(frames: Iterable[pl.DataFrame]) -> tuple[tuple[RejectLine, ...], int]:
    """The most frequent causes in each source, and how many rejects are of other causes."""
    found: dict[tuple[str, str], RejectLine] = {}
    for frame in frames:
        summed = frame.group_by("source", "why", maintain_order=True).agg(
            pl.len().alias("count"), pl.col("line").first(), pl.col("text").first()
        )
        for source, why, count, line, text in summed.iter_rows():
            before = found.get((source, why))
            if before is None:
                found[source, why] = RejectLine(source, why, count, line, text)
            else:
                found[source, why] = RejectLine(source, why, before.count + count, before.line, before.text)
    ordered = sorted(found.values(), key=lambda line: (-line.count, line.source))
    return tuple(ordered[:TOP_REJECTS]), sum(line.count for line in ordered[TOP_REJECTS:])


def _source_lines(snapshot: Snapshot) -> tuple[SourceLine, ...]:
    return tuple(
        SourceLine(
            source.name,
            source.format,
            source.status,
            source.lines,
            source.rows,
            source.rejected,
            source.damaged,
            source.first,
            source.last,
            source.error,
            source.notes,
        )
        for source in with_offset_notes(snapshot, snapshot.sources)
    )
