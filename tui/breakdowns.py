"""Counted values as lines of a table, with what is said beside the one under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from parsing.knowledge.describe import describe
from parsing.knowledge.fields import field_of
from parsing.knowledge.reasons import reason
from parsing.safe_text import safe
from parsing.wording import brief_duration, count, counted, share, sparkline
from tui.model.entry import Look, shown_value, whole_time
from tui.widgets.cells import Column
from tui.widgets.facts import Fact, heading, said
from tui.widgets.rows import Line
from tui.wording import ended_by

if TYPE_CHECKING:
    from parsing.questions import BreakdownTable, ValueSummary

NOT_LOGGED = "(not logged)"


SHORT_ENDED_BY = {"administrator": "admin"}

SPARK = 12
"""Buckets of a sparkline."""


@dataclass(frozen=True, slots=True)
class Value:
    """One row of a breakdown: the values of the counted fields, how many rows have them, first and last when.

    ``is_kept`` is false where the filter leaves these rows out: the counts of a field ignore its own conditions.
    """

    values: tuple[Any, ...]
    count: int
    share: float
    first: datetime
    last: datetime
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Trend:
    """What comes after the counts: how often over time, and how long the requests took (milliseconds)."""

    counts: tuple[int, ...] = ()
    median: float | None = None
    high: float | None = None


def value_columns(by: Sequence[str], look: Look) -> tuple[Column, ...]:
    named = [Column(name, safe(name), 34 if len(by) == 1 else 24, 21 if len(by) == 1 else 16, 4) for name in by]
    if tuple(by) == ("reason",):
        other = [Column("ended-by", "ended by", 13, 8, 0)]
    else:
        high = look.glyphs.clean("p95 taken ±1%")
        room = len(f"{high} {look.glyphs.down}")
        other = [
            Column("p50", "p50", 7, 7, 0, "right", is_optional=True),
            Column("p95", high, room, room, 0, "right"),
        ]
    return (
        *named,
        Column("count", "count", 11, 8, 0, "right"),
        Column("share", "share", 7, 7, 0, "right"),
        Column("trend", "over time", SPARK),
        *other,
        Column("last", "last", look.time_width, is_optional=True),
        Column("first", "first", look.time_width, is_optional=True),
    )


def value_records(tally: BreakdownTable, by: Sequence[str], kept: frozenset[tuple[Any, ...]] | None) -> list[Value]:
    """The rows of a breakdown; ``kept`` are the values that the filter keeps, ``None`` for all."""
    found = []
    for row in tally.table.iter_rows():
        values = tuple(row[: len(by)])
        number, part, first, last = row[len(by) : len(by) + 4]
        found.append(Value(values, number, part, first, last, kept is None or values in kept))
    return found


def value_lines(
    records: Sequence[Value], by: Sequence[str], trends: Mapping[tuple[Any, ...], Trend], look: Look
) -> list[Line]:
    return [_value_line(record, by, trends.get(record.values, Trend()), look) for record in records]


def _value_line(record: Value, by: Sequence[str], trend: Trend, look: Look) -> Line:
    is_reason = tuple(by) == ("reason",)
    pairs = zip(by, record.values, strict=True)
    names = [NOT_LOGGED if value is None else shown_value(name, value, look.tz) for name, value in pairs]
    who = reason(str(record.values[0] or "-")).ended_by if is_reason else ""
    cells = [
        *names,
        count(record.count) if record.is_kept else f"({count(record.count)})",
        share(record.share, 1),
        sparkline(trend.counts, look.glyphs.levels),
        *([SHORT_ENDED_BY.get(who, who)] if is_reason else [_taken(trend.median), _taken(trend.high)]),
        look.time(record.last),
        look.time(record.first),
    ]
    tones = ["plain"] * len(cells) if record.is_kept else ["dim"] * len(cells)
    if record.is_kept:
        tones[: len(names)] = ["httperr" if is_reason else "plain"] * len(names)
        tones[len(names) + 2] = "httperr" if is_reason else "iis"
    if is_reason and record.is_kept:
        tones[4] = {"client": "warn", "worker": "error", "administrator": "accent"}.get(who, "plain")
    return Line(tuple(cells), tuple(tones), record.values)


def _taken(milliseconds: float | None) -> str:
    return "" if milliseconds is None else brief_duration(milliseconds)


def value_facts(record: Value, by: Sequence[str], look: Look) -> list[Fact]:
    """What is known of a value."""
    facts: list[Fact] = []
    for name, value in zip(by, record.values, strict=True):
        facts += _about(name, value, look)
    if not record.is_kept:
        facts.append(said("left out by the filter, which these counts ignore as far as it is about this field", "warn"))
    facts.append(Fact("seen", ((counted(record.count, "time"), "plain"), (f"  {share(record.share, 1)}", "dim"))))
    facts.append(Fact("first", ((whole_time(record.first, look.tz), "plain"),), "time", record.first))
    facts.append(Fact("last", ((whole_time(record.last, look.tz), "plain"),), "time", record.last))
    return facts


def _about(name: str, value: Any, look: Look) -> list[Fact]:
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
        head = Fact("", ((safe(str(value)), "httperr"), (f"  {known.meaning}", "plain")), name, value, least=2)
        return [head, *(Fact(label, ((safe(text), "plain"),)) for label, text in rows if text)]
    shown = whole_time(value, look.tz) if isinstance(value, datetime) else safe(str(value))
    wire = field_of(name).name
    phrase = safe(describe(wire, value, {wire: value}))
    return [Fact("", ((shown, "strong"), (f"  {phrase}" if phrase else "", "plain")), name, value)]


def top_facts(tops: ValueSummary, look: Look, *, is_growing: bool) -> list[Fact]:
    """The most frequent values of other fields among the rows of a value, which may not be all of them yet."""
    facts = []
    for name, found in tops.values.items():
        for place, (value, number) in enumerate(found):
            shown = NOT_LOGGED if value is None else shown_value(name, value, look.tz)
            state = " so far" if is_growing and place == 0 else ""
            parts = ((shown, "plain"), (f"  {count(number)}  {share(number, tops.rows)}{state}", "dim"))
            facts.append(Fact(safe(name) if place == 0 else " ", parts, name, value))
    return facts
