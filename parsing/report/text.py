"""The report as plain text, readable at 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import UTC, tzinfo

from parsing.report import wording
from parsing.report.report import Ranking, ReasonLine, Report
from parsing.safe_text import cells, cut, safe
from parsing.wording import counted, elapsed, share, sparkline

WIDTH = 80


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
    if report.gone:
        yield from _gone(report, width)
    if report.port_hint:
        yield from _titled("Client port")
        yield from _wrapped(report.port_hint, width)
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
        yield f"  {name:8}{sparkline(counts)}"[:width]
    first = wording.clock(report.bars.start, tz, minutes=True)
    yield f"  {'':8}{first}, 1 bar = {elapsed(report.bars.every)}"[:width]


def _reasons(report: Report, width: int) -> Iterator[str]:
    yield from _titled("Errors: what HTTP.sys ended by itself, worst kind first")
    yield from _wrapped(wording.ended_by(report), width)
    for line in report.reasons:
        yield from _reason(line, width)
    if report.reasons_left_out:
        yield f"  and {counted(report.reasons_left_out, 'more reason')}: dropline breakdown ... --by reason"


def _reason(line: ReasonLine, width: int) -> Iterator[str]:
    part = share(line.share)
    indent = " " * 21
    head, *rest = _wrapped(f"{safe(line.reason)}, ended by {wording.ended(line)} ({line.group})", width, indent)
    yield f"  {line.count:>9,} {part:>7}  {head.strip()}"
    yield from rest
    if line.group != "normal":
        yield from _wrapped(f"check: {line.first_check}", width, indent)


def _ranking(ranking: Ranking, width: int) -> Iterator[str]:
    yield from _titled(ranking.title)
    notes = [safe(line.note) for line in ranking.lines]
    widest = min(max((cells(note) for note in notes), default=0), 34)
    room = width - 22 - (widest + 2 if widest else 0)
    for line, note in zip(ranking.lines, notes, strict=True):
        value = cut(safe(wording.value(line)), room)
        tail = f"{' ' * (room - cells(value))}  {cut(note, widest)}" if note else ""
        yield f"  {line.count:>9,} {share(line.share):>7}  {value}{tail}".rstrip()
    if ranking.left_out:
        yield f"  {ranking.rows_left_out:>9,}          in {counted(ranking.left_out, 'more value')}"


def _gone(report: Report, width: int) -> Iterator[str]:
    yield from _titled(wording.GONE)
    yield from _wrapped(wording.gone_note(report), width)
    yield f"  {'in time':>9} {'dropped':>9}  path"
    for in_time, dropped, path, taken, verdict in wording.gone(report):
        yield cut(f"  {in_time:>9} {dropped:>9}  {safe(path)}", width)
        for line in (f"they took: {taken}" if taken else "", verdict):
            yield from _wrapped(line, width, " " * 23) if line else ()


def _sources(report: Report, width: int) -> Iterator[str]:
    yield from _titled("Sources")
    for line in [wording.balance(report), *wording.sources(report)]:
        yield from _wrapped(line, width)
