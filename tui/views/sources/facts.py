"""The files of a log set as lines of a table, and how exactly the one under the cursor was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parsing.safe_text import safe
from parsing.wording import count, counted, elapsed, share, size
from tui.jobs.breakdowns import Exactness
from tui.model.column import Column
from tui.model.entry import Notation
from tui.model.fact import Fact, said
from tui.model.line import Line
from tui.wording import local

if TYPE_CHECKING:
    from parsing.index import Source

MOST_TEXT = 300
"""Characters of a reject that are shown."""


def source_columns(notation: Notation) -> tuple[Column, ...]:
    day = len("yy-mm-dd hh:mm" if notation.spans_years else "mm-dd hh:mm")
    return (
        Column("name", "file", 30, 24, 4, "end"),
        Column("format", "format", 10, 7, 0),
        Column("status", "status", 9, 9, 0),
        Column("rows", "rows", 11, 9, 0, "right"),
        Column("rejected", "rejects", 8, 7, 0, "right"),
        Column("last", "last", day),
        Column("bytes", "size", 9, 8, 0, "right", is_optional=True),
        Column("damaged", "damaged", 8, 7, 0, "right", is_optional=True),
        Column("first", "first", day, is_optional=True),
        Column("lines", "lines", 11, 9, 0, "right", is_optional=True),
    )


def in_order(sources: Sequence[Source], by: str) -> list[Source]:
    """Sources by one of their columns, after ``-`` the greatest first; those without a value come last."""
    key = by.lstrip("-")
    known = [source for source in sources if not key or getattr(source, key) is not None]
    if key:
        known.sort(key=lambda source: getattr(source, key), reverse=by.startswith("-"))
    return [*known, *(source for source in sources if key and getattr(source, key) is None)]


def source_line(source: Source, notation: Notation) -> Line:
    cells = (
        safe(source.name),
        source.format,
        source.status,
        count(source.rows),
        count(source.rejected),
        _minute(source.last, notation),
        size(source.bytes),
        count(source.damaged),
        _minute(source.first, notation),
        count(source.lines),
    )
    tones = ["plain"] * len(cells)
    tones[0] = "httperr" if source.format == "httperr" else "plain"
    tones[2] = {"failed": "error", "not-a-log": "dim", "partial": "warn"}.get(source.status, "plain")
    tones[4] = "warn" if source.rejected else "dim"
    tones[7] = "warn" if source.damaged else "dim"
    return Line(cells, tuple(tones), source.number)


def _minute(moment: datetime | None, notation: Notation) -> str:
    return notation.dated(moment, "%H:%M") if moment else "-"


def source_facts(source: Source, notation: Notation) -> list[Fact]:
    """How exactly a file was read."""
    sums = f"{counted(source.lines, 'line')} = {counted(source.rows, 'row')}"
    sums += f" + {counted(source.directives, 'directive')}"
    sums += f" + {count(source.blank)} blank + {count(source.rejected)} rejected"
    facts = [Fact("", ((safe(source.name), "strong"),), "source", source.name), said(sums)]
    if source.error:
        facts.append(Fact("status", ((f"{source.status}: {safe(source.error)}", "warn"),)))
    facts.extend(Fact("note", ((safe(note), "warn"),)) for note in source.notes)
    if source.damaged:
        facts.append(
            Fact("damaged", ((f"{counted(source.damaged, 'row')} had a value that does not fit its field", "warn"),))
        )
    if source.unfinished:
        facts.append(
            Fact("unfinished", ((f"{size(source.unfinished)} at the end, a line without its newline yet", "warn"),))
        )
    if source.first and source.last:
        shown = f"{local(source.first, notation.tz):%Y-%m-%d %H:%M:%S} to {local(source.last, notation.tz):%Y-%m-%d %H:%M:%S}"
        age = elapsed(datetime.now(UTC).replace(tzinfo=None) - source.last)
        facts.append(Fact("times", ((shown, "plain"), (f"  the newest row is {age} old", "dim"))))
    for number, layout in enumerate(source.layouts, 1):
        label = f"layout {number}" if len(source.layouts) > 1 else "layout"
        facts.append(Fact(label, ((safe(" ".join(layout)), "plain"), (f"  {len(layout)} fields", "dim"))))
    return facts


def clock_facts(known: Exactness) -> list[Fact]:
    """The zone of the clock of a file, where the logs show it."""
    return [Fact("zone", ((safe(known.clock), "warn"),))] if known.clock else []


def index_fact(known: Exactness, *, is_growing: bool) -> Fact:
    """The size of the index, held against that of the logs."""
    index, logs = known.index_bytes, known.log_bytes
    part = f"  {share(index, logs)} of their size" if index < logs else ""
    state = " so far" if is_growing else ""
    return Fact("index", ((f"{size(index)} for all files{state}", "plain"), (part, "dim")))


def exactness_facts(known: Exactness, notation: Notation, *, is_growing: bool) -> list[Fact]:
    """Gaps and rejects of a file."""
    facts = [
        Fact(
            "gap" if place == 0 else " ",
            (
                (f"{notation.dated(start)} to {notation.dated(end)}", "plain"),
                (f"  {elapsed(end - start)} without rows", "dim"),
            ),
        )
        for place, (start, end) in enumerate(known.gaps)
    ]
    for line, why, text in known.rejects:
        shown = safe(text[:MOST_TEXT]) + (notation.glyphs.ellipsis if len(text) > MOST_TEXT else "")
        facts.append(Fact(f"line {line}", ((f"{safe(why)}  ", "warn"), (shown, "dim"))))
    if known.rejected > len(known.rejects):
        more = counted(known.rejected - len(known.rejects), "reject")
        state = " so far" if is_growing else ""
        facts.append(said(f"{more} more{state}: dropline rejects lists them all", "dim"))
    return facts
