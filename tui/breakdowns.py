"""Counted values and files as lines of a table, with what is said beside the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from parsing.knowledge.describe import describe
from parsing.knowledge.fields import named_field, wire_field
from parsing.knowledge.reasons import reason
from parsing.safe_text import safe
from tui.entries import Look, shown_value
from tui.widgets.cells import Column
from tui.widgets.facts import Fact, heading, said
from tui.widgets.grid import Line
from tui.wording import count, counted, ended_by, local, share, size

if TYPE_CHECKING:
    from parsing.index.snapshot import Source
    from parsing.questions.breakdown import Tally

NOT_LOGGED = "(not logged)"


@dataclass(frozen=True, slots=True)
class Value:
    """One row of a breakdown: the values of the counted fields, how many rows have them, first and last when."""

    values: tuple[Any, ...]
    count: int
    share: float
    first: datetime
    last: datetime


def value_columns(by: Sequence[str], look: Look) -> tuple[Column, ...]:
    named = [Column(name, safe(name), 34 if len(by) == 1 else 24, 24 if len(by) == 1 else 16, 4) for name in by]
    ended = [Column("ended-by", "ended by", 13, 8, 0)] if tuple(by) == ("reason",) else []
    return (
        *named,
        Column("count", "count", 11, 8, 0, "right"),
        Column("share", "share", 7, 7, 0, "right"),
        Column("bar", "", 16, 6, 2, is_optional=True, is_bar=True),
        *ended,
        Column("first", "first", look.time_width, is_optional=True),
        Column("last", "last", look.time_width),
    )


def value_records(values: Tally, by: Sequence[str]) -> list[Value]:
    rows = values.table.iter_rows()
    return [Value(tuple(row[: len(by)]), *row[len(by) :]) for row in rows]


def value_lines(records: Sequence[Value], by: Sequence[str], look: Look) -> list[Line]:
    most = max((record.count for record in records), default=0)
    return [_value_line(record, by, most, look) for record in records]


def _value_line(record: Value, by: Sequence[str], most: int, look: Look) -> Line:
    is_reason = tuple(by) == ("reason",)
    names = [
        NOT_LOGGED if value is None else shown_value(name, value) for name, value in zip(by, record.values, strict=True)
    ]
    who = reason(str(record.values[0] or "-")).ended_by if is_reason else ""
    cells = [
        *names,
        count(record.count),
        share(record.share, 1),
        f"{record.count / max(most, 1):.4f}",
        *([who] if is_reason else []),
        look.time(record.first),
        look.time(record.last),
    ]
    tones = ["httperr" if is_reason else "plain"] * len(names) + ["plain"] * (len(cells) - len(names))
    if is_reason:
        tones[4] = {"client": "warn", "worker": "error", "administrator": "accent"}.get(who, "plain")
    tones[len(by) + 2] = "iis"
    return Line(tuple(cells), tuple(tones), record.values)


def value_facts(record: Value, by: Sequence[str], look: Look) -> list[Fact]:
    """What is known of a value."""
    facts: list[Fact] = []
    for name, value in zip(by, record.values, strict=True):
        facts += _about(name, value)
    facts.append(Fact("seen", ((counted(record.count, "time"), "plain"), (f"  {share(record.share, 1)}", "dim"))))
    facts.append(Fact("first", ((f"{local(record.first, look.tz):%Y-%m-%d %H:%M:%S}", "plain"),), "time", record.first))
    facts.append(Fact("last", ((f"{local(record.last, look.tz):%Y-%m-%d %H:%M:%S}", "plain"),), "time", record.last))
    return facts


def _about(name: str, value: Any) -> list[Fact]:
    if value is None:
        return [heading(NOT_LOGGED)]
    if name == "reason":
        known = reason(str(value))
        rows = [
            ("ended by", ended_by(known.ended_by)),
            ("cause", known.cause),
            ("check first", known.first_check),
            ("setting", known.setting),
        ]
        head = Fact("", ((safe(str(value)), "httperr"), (f"  {known.meaning}", "plain")), name, value)
        return [head, *(Fact(label, ((safe(text), "plain"),)) for label, text in rows if text)]
    wire = (named_field(name) or wire_field(name)).name
    phrase = safe(describe(wire, value, {wire: value}))
    return [Fact("", ((safe(str(value)), "strong"), (f"  {phrase}" if phrase else "", "plain")), name, value)]


SOURCE_COLUMNS = (
    Column("name", "file", 30, 20, 4),
    Column("format", "format", 10, 7, 0),
    Column("rows", "rows", 11, 9, 0, "right"),
    Column("rejected", "rejects", 8, 7, 0, "right"),
    Column("damaged", "damaged", 8, 7, 0, "right"),
    Column("first", "first", 16, 11, 0),
    Column("last", "last", 16, 11, 0),
    Column("bytes", "size", 9, 8, 0, "right"),
    Column("lines", "lines", 11, 9, 0, "right"),
    Column("status", "status", 9, 7, 0),
)


def source_line(source: Source, look: Look) -> Line:
    cells = (
        safe(source.name),
        source.format,
        count(source.rows),
        count(source.rejected),
        count(source.damaged),
        _minute(source.first, look),
        _minute(source.last, look),
        size(source.bytes),
        count(source.lines),
        source.status,
    )
    tones = ["plain"] * len(cells)
    tones[0] = "httperr" if source.format == "httperr" else "plain"
    tones[3] = "warn" if source.rejected else "dim"
    tones[4] = "warn" if source.damaged else "dim"
    tones[9] = {"failed": "error", "not-a-log": "dim", "partial": "warn"}.get(source.status, "plain")
    return Line(cells, tuple(tones), source.id)


def _minute(moment: datetime | None, look: Look) -> str:
    return f"{local(moment, look.tz):%m-%d %H:%M}" if moment else "-"


def source_facts(source: Source, look: Look) -> list[Fact]:
    """How exactly a file was read."""
    sums = f"{count(source.lines)} lines = {count(source.rows)} rows + {count(source.directives)} directives"
    sums += f" + {count(source.blank)} blank + {count(source.rejected)} rejected"
    facts = [Fact("", ((safe(source.name), "strong"),), "source", source.name), said(sums)]
    if source.error:
        facts.append(Fact("status", ((f"{source.status}: {safe(source.error)}", "warn"),)))
    if source.damaged:
        facts.append(
            Fact("damaged", ((f"{counted(source.damaged, 'row')} had a value that does not fit its field", "warn"),))
        )
    if source.unfinished:
        facts.append(Fact("unfinished", ((f"{size(source.unfinished)} at the end wait for their newline", "warn"),)))
    if source.first and source.last:
        shown = f"{local(source.first, look.tz):%Y-%m-%d %H:%M:%S} to {local(source.last, look.tz):%Y-%m-%d %H:%M:%S}"
        facts.append(Fact("times", ((shown, "plain"),)))
    for number, layout in enumerate(source.layouts, 1):
        label = f"layout {number}" if len(source.layouts) > 1 else "layout"
        facts.append(Fact(label, ((safe(" ".join(layout)), "plain"), (f"  {len(layout)} fields", "dim"))))
    return facts
