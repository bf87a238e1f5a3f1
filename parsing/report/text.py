"""The report as plain text, readable at 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import UTC, tzinfo

from parsing.report.report import Report
from parsing.report.sections import LaneChart, ReportPart, ReportTable, Sentences, axis, sections
from parsing.safe_text import cells, cut, safe
from parsing.wording import share, sparkline

WIDTH = 80
_WIDEST_NOTE = 34
_WIDEST_MARK = 3


def render_text(report: Report, *, tz: tzinfo = UTC, width: int = WIDTH) -> str:
    """The report in lines of at most ``width`` cells; a value that was cut ends in ``…``. All text is safe to show."""
    return "\n".join(_lines(report, tz, max(width, 60))) + "\n"


def _lines(report: Report, tz: tzinfo, width: int) -> Iterator[str]:
    for number, section in enumerate(sections(report, tz)):
        if number:
            yield ""
        yield from textwrap.wrap(safe(section.title), width, break_on_hyphens=False)
        if not number:
            yield ""
        for part in section.parts:
            yield from _part(part, tz, width)


def _part(part: ReportPart, tz: tzinfo, width: int) -> Iterator[str]:
    match part:
        case Sentences(lines):
            for line in lines:
                yield from _wrapped(line, width)
        case LaneChart():
            yield from _chart(part, tz, width)
        case ReportTable():
            yield from _table(part, width)


def _wrapped(text: str, width: int, indent: str = "  ") -> list[str]:
    return textwrap.wrap(
        safe(text), width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )


def _chart(chart: LaneChart, tz: tzinfo, width: int) -> Iterator[str]:
    yield ""
    if chart.marks:
        yield f"  {'':8}{_marks(chart)}"[:width].rstrip()
    for name, counts in chart.lanes:
        yield f"  {name:8}{sparkline(counts)}"[:width]
    yield f"  {'':8}{', '.join(part for part in (axis(chart, tz)[0], axis(chart, tz)[1].partition(', ')[2]))}"[:width]


def _marks(chart: LaneChart) -> str:
    """The numbers of the incidents over the bars in which they begin, the worst ones first where there is no room."""
    length = max((len(counts) for _, counts in chart.lanes), default=0)
    line = [" "] * (length + _WIDEST_MARK)
    for mark in chart.marks:
        text, place = str(mark.number), int((mark.begin - chart.start) / chart.every)
        around = line[max(place - 1, 0) : place + len(text) + 1]
        if 0 <= place < length and not "".join(around).strip():
            line[place : place + len(text)] = text
    return "".join(line)


def _table(table: ReportTable, width: int) -> Iterator[str]:
    """A row of numbers, a name and a note in one line, longer texts below it."""
    places = [place for place, column in enumerate(table.columns) if not column.is_wide]
    short = [place for place in places if table.columns[place].kind != "text"]
    name = max((place for place in short if table.columns[place].kind == "name"), default=-1)
    notes = [
        cells(safe(str(row[place]))) for row in table.rows for place in short if table.columns[place].kind == "note"
    ]
    widest = min(max(notes, default=0), _WIDEST_NOTE)
    fixed = sum(_room(table.columns[place].kind, widest) for place in short if place != name) + 2
    names = [place for place in short if table.columns[place].kind == "name"]
    room = (width - fixed) // max(len(names), 1) - 2 if names else 0
    yield _line(
        [_cell(column.title, column.kind, room, widest) for column in (table.columns[at] for at in short)], width
    )
    for row in table.rows:
        yield _line([_cell(row[place], table.columns[place].kind, room, widest) for place in short], width)
        for place in places:
            if place not in short and row[place]:
                title = table.columns[place].title.lower()
                text = str(row[place]) if title == "what happened" else f"{title}: {row[place]}"
                yield from _wrapped(text, width, " " * 13)
    if table.more:
        yield from _wrapped(table.more, width)


def _room(kind: str, widest: int) -> int:
    return {"number": 10, "share": 8, "time": 21, "note": widest + 2}.get(kind, 0)


def _cell(value: str | float, kind: str, room: int, widest: int) -> str:
    text = share(value) if isinstance(value, float) else safe(value)
    if kind == "number":
        return f"{text:>9}"
    if kind == "share":
        return f"{text:>7}"
    if kind == "time":
        return f"{cut(text, 25):<19}"
    most = widest if kind == "note" else max(room, 8)
    shown = cut(text, most)
    return f" {shown}{' ' * (most - cells(shown))}"


def _line(texts: list[str], width: int) -> str:
    return cut(f"  {' '.join(texts)}".rstrip(), width)
