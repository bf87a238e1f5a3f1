"""The report as plain text, readable at 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import UTC, tzinfo

from parsing.report import wording
from parsing.report.report import Ranking, ReasonLine, Report
from parsing.safe_text import cells, cut, safe

WIDTH = 80
_MOST_SOURCES = 12


def render_text(report: Report, *, tz: tzinfo = UTC, width: int = WIDTH) -> str:
    """The report in lines of at most ``width`` cells; a value that was cut ends in ``…``. All text is safe to show."""
    return "\n".join(_lines(report, tz, max(width, 60))) + "\n"


def _lines(report: Report, tz: tzinfo, width: int) -> Iterator[str]:
    yield "dropline: the set at a glance"
    yield ""
    for line in wording.headline(report, tz):
        yield from _wrapped(line, width)
    yield from _chart(report, tz, width)
    if report.reasons:
        yield from _reasons(report, width)
    if report.minute:
        yield from _titled("Worst minute")
        for line in wording.minute(report.minute, tz):
            yield from _wrapped(line, width)
    for ranking in report.rankings:
        yield from _ranking(ranking, width)
    if told := wording.requests(report):
        yield from _titled("Requests: what the application answered")
        for line in told:
            yield from _wrapped(line, width)
    yield from _sources(report, width)


def _titled(title: str) -> Iterator[str]:
    yield ""
    yield title


def _wrapped(text: str, width: int, indent: str = "  ") -> list[str]:
    return textwrap.wrap(
        safe(text), width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )


def _chart(report: Report, tz: tzinfo, width: int) -> Iterator[str]:
    if report.bars is None:
        return
    yield ""
    for name, counts in wording.lanes(report.bars):
        yield f"  {name:8}{wording.sparkline(counts)}"[:width]
    first = wording.clock(report.bars.start, tz, minutes=True)
    yield f"  {'':8}{first}, 1 bar = {wording.bar_length(report.bars.every)}"[:width]


def _reasons(report: Report, width: int) -> Iterator[str]:
    yield from _titled("Errors: what HTTP.sys ended by itself, the server's faults first")
    who = ", ".join(f"{line.value} {line.count:,}" for line in report.ended_by)
    yield from _wrapped(f"ended by {who}", width)
    for line in report.reasons:
        yield from _reason(line, width)
    if report.reasons_left_out:
        yield f"  and {wording.counted(report.reasons_left_out, 'more reason')}: dropline breakdown ... --by reason"


def _reason(line: ReasonLine, width: int) -> Iterator[str]:
    share = wording.percent(line.share)
    yield cut(f"  {line.count:>9,} {share:>7}  {safe(line.reason)}, ended by {line.ended_by} ({line.group})", width)
    if line.group != "normal":
        yield from _wrapped(f"check: {line.first_check}", width, " " * 21)


def _ranking(ranking: Ranking, width: int) -> Iterator[str]:
    yield from _titled(ranking.title)
    notes = [safe(line.note) for line in ranking.lines]
    widest = min(max((cells(note) for note in notes), default=0), 34)
    room = width - 22 - (widest + 2 if widest else 0)
    for line, note in zip(ranking.lines, notes, strict=True):
        value = cut(safe(wording.value(line)), room)
        tail = f"{' ' * (room - cells(value))}  {cut(note, widest)}" if note else ""
        yield f"  {line.count:>9,} {wording.percent(line.share):>7}  {value}{tail}".rstrip()
    if ranking.left_out:
        yield f"  {ranking.rows_left_out:>9,}          in {wording.counted(ranking.left_out, 'more value')}"


def _sources(report: Report, width: int) -> Iterator[str]:
    yield from _titled("Sources")
    yield from _wrapped(wording.balance(report), width)
    for line in report.rejects:
        yield from _wrapped(f"{line.count:,} rejected in {line.source}, first line {line.line}: {line.why}", width)
    if report.rejects_left_out:
        yield f"  {report.rejects_left_out:,} rejected for other causes: dropline rejects ..."
    odd = [source for source in report.sources if source.status != "ok"]
    for source in odd[:_MOST_SOURCES]:
        what = "set aside" if source.status == "not-a-log" else "not read to its end"
        yield from _wrapped(f"{source.name}: {what}{': ' + source.error if source.error else ''}", width)
    if len(odd) > _MOST_SOURCES:
        yield f"  and {len(odd) - _MOST_SOURCES:,} more: dropline index ..."
    told = {source.name for source in odd}
    for name, why in report.problems:
        if name not in told:
            yield from _wrapped(f"{name}: {why}", width)
