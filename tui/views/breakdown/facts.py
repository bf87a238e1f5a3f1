"""What the side pane says of a value: what it means, how often it was seen, and what goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from parsing.knowledge import describe, field_of, reason
from parsing.safe_text import safe
from parsing.wording import count, counted, share
from tui.model.counted import NOT_LOGGED, Value
from tui.model.entry import Notation, shown_value, whole_time
from tui.model.fact import Fact, heading, said
from tui.wording import ended_by

if TYPE_CHECKING:
    from parsing.questions import ValueSummary


def value_facts(record: Value, by: Sequence[str], notation: Notation) -> list[Fact]:
    """What is known of a value."""
    facts: list[Fact] = []
    for name, value in zip(by, record.values, strict=True):
        facts += _about(name, value, notation)
    if not record.is_kept:
        facts.append(said("left out by the filter; these counts ignore what it says of this field", "warn"))
    facts.append(Fact("seen", ((counted(record.count, "time"), "plain"), (f"  {share(record.share, 1)}", "dim"))))
    facts.append(Fact("first", ((whole_time(record.first, notation.tz), "plain"),), "time", record.first))
    facts.append(Fact("last", ((whole_time(record.last, notation.tz), "plain"),), "time", record.last))
    return facts


def _about(name: str, value: Any, notation: Notation) -> list[Fact]:
    if value is None:
        return [heading(NOT_LOGGED)]
    if name == "reason":
        known = reason(str(value))
        rows = [
            ("in general", f"ended by {ended_by(known.ended_by)}"),
            ("cause", known.cause),
            ("check first", known.first_check),
            ("setting", known.setting),
        ]
        head = Fact("", ((safe(str(value)), "httperr"), (f"  {known.meaning}", "plain")), name, value, least=2)
        return [head, *(Fact(label, ((safe(text), "plain"),)) for label, text in rows if text)]
    shown = whole_time(value, notation.tz) if isinstance(value, datetime) else safe(str(value))
    wire = field_of(name).name
    phrase = safe(describe(wire, value, {wire: value}))
    return [Fact("", ((shown, "strong"), (f"  {phrase}" if phrase else "", "plain")), name, value)]


def top_facts(tops: ValueSummary, notation: Notation, *, is_growing: bool) -> list[Fact]:
    """The most frequent values of other fields among the rows of a value, which may not be all of them yet."""
    facts = []
    for name, found in tops.values.items():
        for place, (value, number) in enumerate(found):
            shown = NOT_LOGGED if value is None else shown_value(name, value, notation.tz)
            state = " so far" if is_growing and place == 0 else ""
            parts = ((shown, "plain"), (f"  {count(number)}  {share(number, tops.rows)}{state}", "dim"))
            facts.append(Fact(safe(name) if place == 0 else " ", parts, name, value))
    return facts
