"""How a report words numbers, times and facts; shared by its renderings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from parsing.correlation.client_gone import ClientsGone
from parsing.incidents import Incident
from parsing.report.report import Minute, ReasonLine, Report, ValueLine
from parsing.wording import counted, duration, elapsed, notes_by_text, share

MOST_ASIDE = 10
"""Files that are no logs, in a report."""
MOST_NOTES = 20
"""Notes on sources, in a report."""


def clock(time: datetime | None, tz: tzinfo, *, minutes: bool = False) -> str:
    """A time of the logs on the clock of a zone, with its offset where that is not UTC."""
    if time is None:
        return "-"
    if tz is UTC:
        return f"{time:%Y-%m-%d %H:%M}" if minutes else f"{time:%Y-%m-%d %H:%M:%S}"
    return time.replace(tzinfo=UTC).astimezone(tz).isoformat(" ", "minutes" if minutes else "seconds")


def zone_name(tz: tzinfo) -> str:
    return "UTC" if tz is UTC else str(tz)


def span(first: datetime | None, last: datetime | None, tz: tzinfo) -> str:
    """From the first to the last moment (UTC without zone), on the clock of ``tz``."""
    if first is None or last is None:
        return "no rows"
    return f"{clock(first, tz)} to {clock(last, tz)}" + (" UTC" if tz is UTC else "")


def headline(report: Report, tz: tzinfo) -> list[str]:
    """The set in a few sentences."""
    totals = report.totals
    lines = [
        f"{counted(totals.sources, 'source')}, {span(totals.first, totals.last, tz)}",
        f"{counted(totals.requests, 'request')} (IIS), {_errors(totals.errors, totals.idle_closes)} (Httperr.log)",
    ]
    if report.filter:
        kept = f"{report.requests + report.errors:,} of {totals.requests + totals.errors:,} rows"
        lines.append(f"filter {report.filter}")
        errors = _errors(report.errors, report.idle_closes)
        lines.append(f"keeps {counted(report.requests, 'request')} and {errors}: {kept}")
    failed = sum(line.count for line in report.statuses if line.value == "5xx")
    lines.append(f"{failed:,} answered with 5xx, {counted(report.clients_gone, 'client')} left before the end")
    if report.servers:
        lines.append(
            f"{counted(len(report.servers), 'server')}: " + ", ".join(one.server for one in report.servers[:8])
        )
    return lines


def _errors(rows: int, idle: int) -> str:
    """Errors, and what HTTP.sys does in the normal course apart from them."""
    return counted(rows - idle, "error") + (f" and {counted(idle, 'idle close')}" if idle else "")


def incident_title(one: Incident) -> str:
    """``high: pool-offline, Legacy on web01``."""
    pools = ", ".join(one.pools[:3]) + (" and more" if len(one.pools) > 3 else "")
    server = f" on {', '.join(one.servers[:3])}" if one.servers else ""
    return f"{one.severity}: {one.kind}" + (f", {pools}" if pools else "") + server


def incident_facts(one: Incident, tz: tzinfo) -> list[str]:
    """What is known of an incident, without its story."""
    last = f", last row {clock(one.until, tz)}" if one.until > one.end else ""
    lines = [
        one.summary,
        f"from {span(one.begin, one.end, tz)}, {elapsed(one.end - one.begin)}{last}",
        f"{counted(one.errors, 'error')}, {counted(one.requests, 'request')} of the IIS log, {clients(one)}",
        f"usual in such a time: {one.usual:g}",
    ]
    if one.ended_by:
        lines.append("ended by " + ", ".join(f"{who} {number:,}" for who, number in one.ended_by.items() if number))
    lines.append(f"check first: {one.check_first}")
    lines.append(f"id {one.id}")
    return [*lines, f"errors: {one.filter}", f"requests: {one.requests_filter}"]


def clients(one: Incident) -> str:
    """Whether one client was hit, or did it, or many."""
    if one.clients == 1 and one.addresses:
        return f"one client, {one.addresses[0]}"
    return counted(one.clients, "client")


def no_incident(report: Report) -> str:
    """What is said in place of incidents where there are none."""
    totals = report.totals
    if totals.first is None or totals.last is None:
        return "no rows, so nothing is known"
    return f"no incident in {elapsed(totals.last - totals.first)}: nothing stands out against what is usual here"


def logged(row: Mapping[str, Any], name: str) -> str:
    """A value of a record as text, ``-`` where it was not logged."""
    return "-" if row.get(name) is None else str(row[name])


def outcome(row: Mapping[str, Any]) -> str:
    """How the request of a row ended: its reason and pool, or its status, win32 code and how long it took."""
    if row.get("s-reason") is not None or "sc-status" not in row:
        return " ".join(logged(row, name) for name in ("s-reason", "s-queuename") if row.get(name) is not None)
    taken = row.get("time-taken")
    win32 = f" win32 {row['sc-win32-status']}" if row.get("sc-win32-status") else ""
    return f"{logged(row, 'sc-status')}{win32}" + (f" {duration(taken)}" if taken is not None else "")


def balance(report: Report) -> str:
    """The law of exactness, with its numbers."""
    totals = report.totals
    damaged = f"; {counted(totals.damaged, 'row')} with a damaged value" if totals.damaged else ""
    return (
        f"{counted(totals.lines, 'line')} = {counted(totals.rows, 'row')} + {counted(totals.directives, 'directive')}"
        f" + {totals.blank:,} blank + {totals.rejected:,} rejected{damaged}"
    )


def minute(worst: Minute, tz: tzinfo) -> list[str]:
    """What happened in the worst minute."""
    lines = [f"{clock(worst.start, tz, minutes=True)}" + (" UTC" if tz is UTC else "")]
    figures = f"{counted(worst.errors, 'error')}, {counted(worst.requests, 'request')}"
    if worst.failures:
        figures += f", {worst.failures:,} of them answered with 500 or more"
    lines.append(figures)
    if worst.reasons:
        lines.append(", ".join(f"{line.value or 'no reason'} {line.count:,}" for line in worst.reasons))
    return lines


def requests(report: Report) -> list[str]:
    """What the IIS log says of clients that left and of the misleading triple."""
    lines = []
    if report.statuses:
        lines.append(
            ", ".join(f"{line.value or 'no status'} {line.count:,} ({share(line.share)})" for line in report.statuses)
        )
    if report.clients_gone:
        lines.append(
            f"{counted(report.clients_gone, 'request')} whose client left before the end (win32 64, 995 and similar codes)"
        )
    if report.misleading:
        lines.append(
            f"500.19 with win32 64 {counted(report.misleading, 'time')}: not a configuration error, the client had left"
            " (dropline explain 500.19.64)"
        )
    return lines


GONE = "Clients that left before the end: who was slow"


def gone(report: Report) -> list[tuple[str, str, str, str, str]]:
    """For each path: how many are in the IIS log, in Httperr.log, the path, how long the former took, what it means."""
    return [
        (
            f"{line.in_time + line.broken_writes:,}",
            f"{line.outlived + line.list_full + line.closed_by_application:,}",
            line.path,
            _taken(line),
            line.verdict,
        )
        for line in report.gone
    ]


def _taken(line: ClientsGone) -> str:
    if line.median_taken is None or line.longest_taken is None:
        return ""
    return f"median {duration(line.median_taken)}, longest {duration(line.longest_taken)}"


def gone_note(report: Report) -> str:
    """What the columns count; what is left out."""
    more = f"; {counted(report.gone_left_out, 'more path')}: dropline client-gone" if report.gone_left_out else ""
    return (
        "in time: answered before the time-out of dead connections, in the IIS log with win32 64, 995 or a similar code;"
        f" dropped: in Httperr.log as Connection_Dropped{more}"
    )


def ended(line: ReasonLine) -> str:
    """``client``, or ``client 626, worker 56`` where correlation tells some of them apart."""
    if not line.closed_by_worker:
        return line.ended_by
    return f"{line.ended_by} {line.count - line.closed_by_worker:,}, worker {line.closed_by_worker:,}"


def ended_by(report: Report) -> str:
    return "ended by " + ", ".join(f"{line.value} {line.count:,}" for line in report.ended_by)


def sources(report: Report) -> Iterator[str]:
    """Rejects by cause, what was guessed, and the sources that are no log or could not be read."""
    for line in report.rejects:
        yield f"{line.count:,} rejected in {line.source}, first line {line.line}: {line.why}"
    if report.rejects_left_out:
        yield f"{report.rejects_left_out:,} rejected for other causes: dropline rejects has them all"
    missing = dict(report.problems)
    for name, why in report.problems:
        yield f"{name}: {why}"
    notes = notes_by_text((source.name, source.notes) for source in report.sources)
    yield from notes[:MOST_NOTES]
    if len(notes) > MOST_NOTES:
        yield f"{len(notes) - MOST_NOTES:,} more notes: dropline index has them"
    aside = [source for source in report.sources if source.status == "not-a-log" and source.name not in missing]
    for source in aside[:MOST_ASIDE]:
        yield f"{source.name}: set aside, {source.error}"
    if len(aside) > MOST_ASIDE:
        yield f"{len(aside) - MOST_ASIDE:,} more files are set aside: dropline index names them"


def value(line: ValueLine) -> str:
    return "(not logged)" if line.value is None else line.value
