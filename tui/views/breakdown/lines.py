"""Counted values as lines of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsing.knowledge import reason
from parsing.safe_text import safe
from parsing.wording import brief_duration, count, share, sparkline
from tui.model.column import Column
from tui.model.counted import NOT_LOGGED, SPARK, Trend, Value
from tui.model.entry import Notation, shown_value
from tui.model.line import Line
from tui.wording import short_ended_by

if TYPE_CHECKING:
    from parsing.questions import BreakdownTable

_VARIES = "connection_dropped"
"""The reason of which each row tells for itself who ended it; of the others the reason does."""
Splits = Mapping[tuple[Any, ...], tuple[tuple[str, int], ...]]
"""Who ended how many of the errors with some values, where they are correlated."""


def value_columns(by: Sequence[str], notation: Notation) -> tuple[Column, ...]:
    named = [Column(name, safe(name), 34 if len(by) == 1 else 24, 21 if len(by) == 1 else 16, 4) for name in by]
    if tuple(by) == ("reason",):
        other = [Column("ended-by", "ended by", 24, 22, 0)]
    else:
        high = notation.glyphs.clean("p95 taken ±1%")
        room = len(f"{high} {notation.glyphs.down}")
        other = [
            Column("p50", "p50", 7, 7, 0, "right", is_optional=True),
            Column("p95", high, room, room, 0, "right"),
        ]
    return (
        *named,
        Column("count", "count", 11, 8, 0, "right"),
        Column("share", "share", 7, 7, 0, "right", is_optional=True),
        Column("trend", "over time", SPARK, is_optional=True),
        *other,
        Column("last", "last", notation.time_width, is_optional=True),
        Column("first", "first", notation.time_width, is_optional=True),
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
    records: Sequence[Value],
    by: Sequence[str],
    trends: Mapping[tuple[Any, ...], Trend],
    splits: Splits,
    notation: Notation,
) -> list[Line]:
    return [
        _value_line(record, by, trends.get(record.values, Trend()), splits.get(record.values, ()), notation)
        for record in records
    ]


def _value_line(
    record: Value, by: Sequence[str], trend: Trend, split: Sequence[tuple[str, int]], notation: Notation
) -> Line:
    is_reason = tuple(by) == ("reason",)
    pairs = zip(by, record.values, strict=True)
    names = [NOT_LOGGED if value is None else shown_value(name, value, notation.tz) for name, value in pairs]
    who, ended = _ended_by(record, split) if is_reason else ("", "")
    cells = [
        *names,
        count(record.count) if record.is_kept else f"({count(record.count)})",
        share(record.share, 1),
        sparkline(trend.counts, notation.glyphs.levels),
        *([ended] if is_reason else [_taken(trend.median), _taken(trend.high)]),
        notation.time(record.last),
        notation.time(record.first),
    ]
    tones = ["plain"] * len(cells) if record.is_kept else ["dim"] * len(cells)
    if record.is_kept:
        tones[: len(names)] = ["httperr" if is_reason else "plain"] * len(names)
        tones[len(names) + 2] = "httperr" if is_reason else "iis"
    if is_reason and record.is_kept:
        tones[4] = {"worker": "error", "administrator": "accent"}.get(who, "plain")
    return Line(tuple(cells), tuple(tones), record.values)


def _ended_by(record: Value, split: Sequence[tuple[str, int]]) -> tuple[str, str]:
    """Who ended most of the errors of a reason, and a cell about it; the usual one where the rows are not known yet."""
    if split:
        return split[0][0], short_ended_by(split)
    code = str(record.values[0] or "-")
    usual = reason(code).ended_by
    return usual, f"usually {usual}" if code.lower() == _VARIES else short_ended_by([(usual, record.count)])


def _taken(milliseconds: float | None) -> str:
    return "" if milliseconds is None else brief_duration(milliseconds)
