"""The report as one self-contained HTML file with charts: no script, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from html import escape

from parsing.report.report import Report
from parsing.report.sections import (
    LaneChart,
    MarkedSpan,
    ReportColumn,
    ReportPart,
    ReportSection,
    ReportTable,
    Sentences,
    axis,
    sections,
)
from parsing.safe_text import safe
from parsing.wording import share

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #56606e; --paper: #ffffff; --line: #d8dde3;
  --iis: #2f6fb7; --httperr: #b54a10; --high: #b3261e; --medium: #9a5b00; --low: #56606e; --wash: #f3f5f8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --dim: #a4aebb; --paper: #15181c; --line: #343a42;
  --iis: #6ea8e6; --httperr: #f0935a; --high: #ff8a80; --medium: #f5b54a; --low: #a4aebb; --wash: #1d2127; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem;
  margin: 1.5rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-top: 1.5rem; }
ul { padding-left: 1.2rem; } .dim { color: var(--dim); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top;
  padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; } .number, .share { text-align: right; white-space: nowrap; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.name { font-family: ui-monospace, monospace; font-size: .9em; min-width: 6rem; } .text { min-width: 11rem; }
.chart { margin: 1rem 0; display: grid; grid-template-columns: 5.5rem 1fr; gap: .3rem .5rem; align-items: end; }
.chart span { color: var(--dim); font-size: .8rem; line-height: 1.2; }
.chart svg { width: 100%; height: 3.5rem; display: block; background: var(--wash); }
.marks { position: relative; height: 1.5rem; background: var(--wash); overflow: hidden; }
.marks i { position: absolute; top: 0; bottom: 0; min-width: 3px; border-left: 3px solid; padding-left: 2px;
  font: 600 .75rem/1.5rem system-ui, sans-serif; overflow: visible; white-space: nowrap; }
.marks i::before { content: ""; position: absolute; inset: 0; background: currentColor; opacity: .25; }
.high { color: var(--high); } .medium { color: var(--medium); } .low { color: var(--low); }
.ends { display: flex; justify-content: space-between; gap: 1rem; }
svg.part { width: 4rem; height: .6rem; }
.iis { fill: var(--iis); } .httperr { fill: var(--httperr); }
@media (max-width: 66rem) {
  thead { display: none; } table, tbody, tr, td { display: block; width: 100%; }
  tr { border-bottom: 1px solid var(--line); padding: .4rem 0; } td { border: 0; padding: .1rem 0; text-align: left; }
  td::before { content: attr(data-title) " "; color: var(--dim); font: .8rem system-ui, sans-serif; }
  td:empty { display: none; } .chart { grid-template-columns: 1fr; } .name, .text { min-width: 0; }
  .number, .share, .time { white-space: normal; text-align: left; }
}
@media print { :root { --ink: #000; --dim: #444; --paper: #fff; --line: #bbb; --wash: #f6f6f6; --iis: #2f6fb7;
  --httperr: #b54a10; --high: #b3261e; --medium: #9a5b00; --low: #56606e; }
  body { margin: 0; max-width: none; font-size: 11px; } section { break-inside: auto; } tr, .chart { break-inside: avoid; }
  h2, h3 { break-after: avoid; } * { print-color-adjust: exact; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_html(report: Report, *, tz: tzinfo = UTC) -> str:
    """The report as a page. All text from logs is made safe and escaped."""
    body = "\n".join(line for section in sections(report, tz) for line in _section(section, tz))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>dropline report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _shown(text: str) -> str:
    return escape(safe(text))


def _section(section: ReportSection, tz: tzinfo) -> Iterator[str]:
    yield f"<section><h{section.level}>{_shown(section.title)}</h{section.level}>"
    for part in section.parts:
        yield from _part(part, tz)
    yield "</section>"


def _part(part: ReportPart, tz: tzinfo) -> Iterator[str]:
    match part:
        case Sentences(lines):
            yield "<ul>" + "".join(f"<li>{_shown(line)}</li>" for line in lines) + "</ul>"
        case LaneChart():
            yield _chart(part, tz)
        case ReportTable():
            yield _table(part)
            if part.more:
                yield f'<p class="dim">{_shown(part.more)}</p>'


def _chart(chart: LaneChart, tz: tzinfo) -> str:
    """Both logs over time as bars, each against its own highest, below what was marked on the same axis."""
    length = max((len(counts) for _, counts in chart.lanes), default=0)
    lanes = "".join(
        f"<span>{_shown(name)}, max {max(counts, default=0):,}</span>{_lane(place, counts)}"
        for place, (name, counts) in enumerate(chart.lanes)
    )
    marks = "".join(_mark(mark, chart, length) for mark in chart.marks if length)
    above = f'<span>incidents</span><div class="marks">{marks}</div>' if marks else ""
    start, end = axis(chart, tz)
    ends = f'<span></span><div class="ends"><span>{_shown(start)}</span><span>{_shown(end)}</span></div>'
    return f'<div class="chart">{above}{lanes}{ends}</div>'


def _lane(place: int, counts: Sequence[int]) -> str:
    most = max(counts, default=0)
    kind = "iis" if place == 0 else "httperr"
    shown = [
        f'<rect class="{kind}" x="{at}" y="{100 - height:.1f}" width="0.9" height="{height:.1f}"><title>{count:,}</title></rect>'
        for at, count in enumerate(counts)
        if count and (height := max(100 * count / most, 2))
    ]
    box = f'viewBox="0 0 {max(len(counts), 1)} 100" preserveAspectRatio="none"'
    return f'<svg {box} role="img" aria-label="rows by time">{"".join(shown)}</svg>'


def _mark(mark: MarkedSpan, chart: LaneChart, length: int) -> str:
    whole = chart.every * length
    left = min(max((mark.begin - chart.start) / whole, 0), 0.995)
    width = min(max((mark.end - mark.begin) / whole, 0), 1 - left)
    place = f"left:{100 * left:.2f}%;width:{100 * width:.2f}%"
    return f'<i class="{mark.severity}" style="{place}" title="{_shown(mark.title)}">{mark.number}</i>'


def _table(table: ReportTable) -> str:
    head = "".join(f'<th class="{column.kind}">{_shown(column.title)}</th>' for column in table.columns)
    lines = ["".join(map(_cell, table.columns, row)) for row in table.rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(column: ReportColumn, value: str | float) -> str:
    opening = f'<td class="{column.kind}" data-title="{_shown(column.title)}">'
    if isinstance(value, str):
        return f"{opening}{_shown(value)}</td>"
    bar = f'<rect class="httperr" width="{100 * value:.1f}" height="10"/>'
    picture = f'<svg class="part" viewBox="0 0 100 10" preserveAspectRatio="none">{bar}</svg>'
    return f"{opening}{picture} {share(value)}</td>"
