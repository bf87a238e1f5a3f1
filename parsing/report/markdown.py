"""The report as Markdown, for tickets and mails."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, tzinfo

from parsing.report import wording
from parsing.report.report import Ranking, Report
from parsing.safe_text import safe
from parsing.wording import counted, elapsed, share, sparkline

_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~&@$]|:(?=//)|(?<=www)\.|^[-+=]", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d+)([.)])")


def render_markdown(report: Report, *, tz: tzinfo = UTC) -> str:
    """The report with tables. All text from logs is made safe and escaped, so it shows as it is."""
    return "\n".join(_lines(report, tz)) + "\n"


def escaped(text: str) -> str:
    """Text that shows as it is in Markdown, in a table too: what could begin a mark, a tag or a link is escaped."""
    return _NUMBERED.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", safe(text)))


def _lines(report: Report, tz: tzinfo) -> Iterator[str]:
    yield "# dropline: the set at a glance"
    yield ""
    for line in wording.headline(report, tz):
        yield f"- {escaped(line)}"
    if report.bars is not None:
        yield from ("", "```text")
        for name, counts in wording.lanes(report.bars):
            yield f"{name:8}{sparkline(counts)}"
        start = wording.clock(report.bars.start, tz, minutes=True)
        yield from (f"{'':8}{start}, 1 bar = {elapsed(report.bars.every)}", "```")
    if report.reasons:
        yield from _reasons(report, tz)
    if report.minute:
        yield from _section("Worst minute", wording.minute(report.minute, tz))
    for ranking in report.rankings:
        yield from _ranking(ranking)
    if told := wording.requests(report):
        yield from _section("Requests: what the application answered", told)
    if report.gone:
        yield from _section(wording.GONE, [wording.gone_note(report)])
        yield ""
        yield from _table(wording.GONE_COLUMNS, wording.gone(report))
    if report.port_hint:
        yield from _section("Client port", [report.port_hint])
    yield from _section("Sources", [wording.balance(report), *wording.sources(report)])


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from (f"- {escaped(line)}" for line in lines)


def _reasons(report: Report, tz: tzinfo) -> Iterator[str]:
    yield from _section("Errors: what HTTP.sys ended by itself", [wording.ended_by(report)])
    yield ""
    yield from _table(
        ("Count", "Share", "Reason", "Ended by", "Group", "First", "Last", "Check first"),
        [
            (
                f"{line.count:,}",
                share(line.share),
                line.reason,
                wording.ended(line),
                line.group,
                wording.clock(line.first, tz),
                wording.clock(line.last, tz),
                line.first_check,
            )
            for line in report.reasons
        ],
    )
    if report.reasons_left_out:
        yield from ("", f"and {counted(report.reasons_left_out, 'more reason')}")


def _ranking(ranking: Ranking) -> Iterator[str]:
    yield from ("", f"## {ranking.title}", "")
    rows = [(f"{line.count:,}", share(line.share), wording.value(line), line.note) for line in ranking.lines]
    yield from _table(("Count", "Share", ranking.field, ""), rows)
    if ranking.left_out:
        yield from ("", f"and {ranking.rows_left_out:,} in {counted(ranking.left_out, 'more value')}")


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(titles)
    yield _row(["---:" if place < 2 else "---" for place in range(len(titles))], is_rule=True)
    yield from (_row(row) for row in rows)


def _row(cells: Sequence[str], *, is_rule: bool = False) -> str:
    return f"| {' | '.join(cell if is_rule else escaped(cell) for cell in cells)} |"
