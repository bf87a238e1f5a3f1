"""The report as one self-contained HTML file with charts: no script, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, tzinfo
from html import escape

from parsing.report import wording
from parsing.report.report import Minute, Ranking, Report, ReportBars
from parsing.safe_text import safe
from parsing.wording import counted, elapsed, share

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #667080; --paper: #ffffff; --line: #d8dde3;
  --iis: #2f6fb7; --httperr: #c2571a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --dim: #98a2b0; --paper: #15181c; --line: #343a42;
  --iis: #6ea8e6; --httperr: #f0935a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top;
  padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { color: var(--dim); font-weight: 600; } .number { text-align: right; white-space: nowrap; }
.name { font-family: ui-monospace, monospace; min-width: 14rem; overflow-wrap: anywhere; } .dim { color: var(--dim); }
svg { width: 100%; height: auto; } svg.share { width: 4rem; height: .6rem; }
.part { display: inline-block; width: 4rem; }
.iis { fill: var(--iis); } .httperr { fill: var(--httperr); }
text { fill: var(--dim); font: 11px system-ui, sans-serif; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_WIDTH, _LEFT, _LANE = 960, 70, 60


def render_html(report: Report, *, tz: tzinfo = UTC) -> str:
    """The report as a page. All text from logs is made safe and escaped."""
    body = "\n".join(_body(report, tz))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>dropline report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _shown(text: str) -> str:
    return escape(safe(text))


def _body(report: Report, tz: tzinfo) -> Iterator[str]:
    yield "<h1>dropline: the set at a glance</h1>"
    yield from _list(wording.headline(report, tz))
    if report.bars is not None:
        yield _chart(report.bars, tz)
    if report.reasons:
        yield from _reasons(report, tz)
    if report.minute:
        yield from _minute(report.minute, tz)
    for ranking in report.rankings:
        yield from _ranking(ranking)
    if told := wording.requests(report):
        yield "<h2>Requests: what the application answered</h2>"
        yield from _list(told)
    if report.gone:
        yield f"<h2>{_shown(wording.GONE)}</h2>"
        yield f'<p class="dim">{_shown(wording.gone_note(report))}</p>'
        yield _table(wording.GONE_COLUMNS, wording.gone(report))
    if report.port_hint:
        yield f"<h2>Client port</h2><p>{_shown(report.port_hint)}</p>"
    yield "<h2>Sources</h2>"
    yield from _list([wording.balance(report), *wording.sources(report)])


def _list(lines: Iterable[str]) -> Iterator[str]:
    yield "<ul>" + "".join(f"<li>{_shown(line)}</li>" for line in lines) + "</ul>"


def _chart(bars: ReportBars, tz: tzinfo) -> str:
    """Both logs over time as bars, each against its own highest."""
    parts = [_lane(number, name, counts) for number, (name, counts) in enumerate(wording.lanes(bars))]
    low = 2 * _LANE + 16
    start = _shown(wording.clock(bars.start, tz, minutes=True))
    end = _shown(wording.clock(bars.start + bars.every * len(bars.iis), tz, minutes=True))
    axis = (
        f'<text x="{_LEFT}" y="{low}">{start}</text>'
        f'<text x="{_WIDTH}" y="{low}" text-anchor="end">{end}, 1 bar = {elapsed(bars.every)}</text>'
    )
    return f'<svg viewBox="0 0 {_WIDTH} {low + 6}" role="img" aria-label="rows by time">{"".join(parts)}{axis}</svg>'


def _lane(number: int, name: str, counts: Sequence[int]) -> str:
    most, floor, room = max(counts, default=0), (number + 1) * _LANE, _LANE - 8
    width = (_WIDTH - _LEFT) / max(len(counts), 1)
    kind = "iis" if number == 0 else "httperr"
    shown = [
        f'<rect class="{kind}" x="{_LEFT + place * width:.1f}" y="{floor - max(room * count / most, 1):.1f}" '
        f'width="{max(width - 1, 0.5):.1f}" height="{max(room * count / most, 1):.1f}"><title>{count:,}</title></rect>'
        for place, count in enumerate(counts)
        if count
    ]
    return f'<text x="0" y="{floor - 18}">{name}</text><text x="0" y="{floor - 4}">max {most:,}</text>{"".join(shown)}'


def _reasons(report: Report, tz: tzinfo) -> Iterator[str]:
    yield "<h2>Errors: what HTTP.sys ended by itself</h2>"
    yield f"<p>{_shown(wording.ended_by(report))}</p>"
    rows = [
        (
            f"{line.count:,}",
            line.share,
            line.reason,
            f"{wording.ended(line)} ({line.group})",
            f"{wording.clock(line.first, tz)} to {wording.clock(line.last, tz)}",
            f"{line.meaning} Check: {line.first_check}",
        )
        for line in report.reasons
    ]
    yield _table(("Count", "Share", "Reason", "Ended by", "When", "What it means"), rows)
    if report.reasons_left_out:
        yield f'<p class="dim">and {counted(report.reasons_left_out, "more reason")}</p>'


def _minute(worst: Minute, tz: tzinfo) -> Iterator[str]:
    yield "<h2>Worst minute</h2>"
    yield from _list(wording.minute(worst, tz))


def _ranking(ranking: Ranking) -> Iterator[str]:
    yield f"<h2>{_shown(ranking.title)}</h2>"
    rows = [(f"{line.count:,}", line.share, wording.value(line), line.note) for line in ranking.lines]
    yield _table(("Count", "Share", ranking.field, ""), rows)
    if ranking.left_out:
        more = f"{ranking.rows_left_out:,} in {counted(ranking.left_out, 'more value')}"
        yield f'<p class="dim">and {more}</p>'


def _table(titles: Sequence[str], rows: Iterable[Sequence[str | float]]) -> str:
    """A count, a share with its bar, a name from the log, then text."""
    kinds = ["number", "number", "name", *[""] * (len(titles) - 3)]
    head = "".join(f'<th class="{kind}">{_shown(title)}</th>' for kind, title in zip(kinds, titles, strict=True))
    lines = [
        "".join(f'<td class="{kind}">{_cell(cell)}</td>' for kind, cell in zip(kinds, row, strict=True)) for row in rows
    ]
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return _shown(value)
    part = share(value)
    bar = f'<rect class="httperr" width="{100 * value:.1f}" height="10"/>'
    return f'<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none">{bar}</svg><span class="part">{part}</span>'
