"""How a report words numbers, times and facts; shared by its renderings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from parsing.correlation.client_gone import ClientsGone
from parsing.report.report import Minute, ReasonLine, Report, ReportBars, ValueLine
from parsing.wording import counted, duration, share

MOST_ASIDE = 10
"""Files that are no logs, in a report."""


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
    if first is None or last is None:
        return "no rows"
    return f"{clock(first, tz)} to {clock(last, tz)}" + (" UTC" if tz is UTC else "")


def lanes(bars: ReportBars) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "IIS", bars.iis
    yield "HTTPERR", bars.httperr


def headline(report: Report, tz: tzinfo) -> list[str]:
    """The set in a few sentences."""
    totals = report.totals
    lines = [
        f"{counted(totals.sources, 'source')}, {span(totals.first, totals.last, tz)}",
        f"{counted(totals.requests, 'request')} (IIS), {counted(totals.errors, 'error')} (Httperr.log)",
    ]
    if report.filter:
        kept = f"{report.requests + report.errors:,} of {totals.requests + totals.errors:,} rows"
        lines.append(f"filter {report.filter}")
        lines.append(f"keeps {counted(report.requests, 'request')} and {counted(report.errors, 'error')}: {kept}")
    return lines


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
    told = f"{counted(worst.errors, 'error')}, {counted(worst.requests, 'request')}"
    if worst.failures:
        told += f", {worst.failures:,} of them answered with 500 or more"
    lines.append(told)
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
            f"{counted(report.clients_gone, 'request')} whose client left before the end (win32 64, 995 and their kin)"
        )
    if report.misleading:
        lines.append(
            f"500.19 with win32 64 {counted(report.misleading, 'time')}: not a configuration error, the client had left"
            " (dropline explain 500.19.64)"
        )
    return lines


GONE = "Clients that left before the end: who was slow"
GONE_COLUMNS = ("In time", "Dropped", "Path", "They took", "What it means")


def gone(report: Report) -> list[tuple[str, str, str, str, str]]:
    """The cells of ``GONE_COLUMNS`` for each path: in the IIS log, in Httperr.log, and how long the former took."""
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
        "in time: answered before the time-out of dead connections, in the IIS log with win32 64, 995 or their kin;"
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
    """Rejects by cause, and the sources that are no log or could not be read."""
    for line in report.rejects:
        yield f"{line.count:,} rejected in {line.source}, first line {line.line}: {line.why}"
    if report.rejects_left_out:
        yield f"{report.rejects_left_out:,} rejected for other causes: dropline rejects tells all"
    missing = dict(report.problems)
    for name, why in report.problems:
        yield f"{name}: {why}"
    aside = [source for source in report.sources if source.status == "not-a-log" and source.name not in missing]
    for source in aside[:MOST_ASIDE]:
        yield f"{source.name}: set aside, {source.error}"
    if len(aside) > MOST_ASIDE:
        yield f"{len(aside) - MOST_ASIDE:,} more files are set aside: dropline index names them"


def value(line: ValueLine) -> str:
    return "(not logged)" if line.value is None else line.value
