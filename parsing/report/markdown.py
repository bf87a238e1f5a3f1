"""The report as Markdown, for tickets and mails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo

from parsing.report.report import Report
from parsing.report.sections import LaneChart, ReportPart, ReportTable, Sentences, axis, sections
from parsing.safe_text import safe
from parsing.wording import share, sparkline

_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~&@$]|:(?=//)|(?<=www)\.|^[-+=]", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d+)([.)])")


def render_markdown(report: Report, *, tz: tzinfo = UTC) -> str:
    """The report with tables. All text from logs is made safe and escaped, so it shows as it is."""
    return "\n".join(_lines(report, tz)) + "\n"


def escaped(text: str) -> str:
    """Text that shows as it is in Markdown, in a table too: what could begin a mark, a tag or a link is escaped."""
    return _NUMBERED.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", safe(text)))


def _lines(report: Report, tz: tzinfo) -> Iterator[str]:
    for number, section in enumerate(sections(report, tz)):
        if number:
            yield ""
        yield f"{'#' * section.level} {escaped(section.title)}"
        for part in section.parts:
            yield ""
            yield from _part(part, tz)


def _part(part: ReportPart, tz: tzinfo) -> Iterator[str]:
    match part:
        case Sentences(lines):
            yield from (f"- {escaped(line)}" for line in lines)
        case LaneChart():
            yield "```text"
            yield from (f"{name:8}{sparkline(counts)}" for name, counts in part.lanes)
            yield from (f"{'':8}{', '.join(axis(part, tz))}", "```")
        case ReportTable(columns, rows, more):
            yield _row([column.title for column in columns])
            yield _row(["---:" if column.kind in ("number", "share") else "---" for column in columns], is_rule=True)
            yield from (_row([share(cell) if isinstance(cell, float) else cell for cell in row]) for row in rows)
            if more:
                yield from ("", escaped(more))


def _row(cells: Sequence[str], *, is_rule: bool = False) -> str:
    return f"| {' | '.join(cell if is_rule else escaped(cell) for cell in cells)} |"
