"""What the side pane says of an incident: its sentence, its picture, its story, and the values it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsing.safe_text import safe
from parsing.wording import count, elapsed, sparkline
from tui.model.entry import Notation, whole_time
from tui.model.fact import Fact
from tui.model.incident import IncidentBars
from tui.views.incidents.lines import TONES, named
from tui.wording import ended_by

if TYPE_CHECKING:
    from parsing.incidents import Incident, Step

_FIELDS = (
    ("server", "server-name", "servers"),
    ("pool", "queue", "pools"),
    ("reason", "reason", "reasons"),
    ("path", "path", "paths"),
    ("client", "client", "addresses"),
)
"""The label, the field of filters, and the attribute of an incident that holds its values."""


def incident_facts(one: Incident, bars: IncidentBars | None, notation: Notation) -> tuple[list[Fact], dict[int, Step]]:
    """The facts of an incident, and which of them are steps of its story."""
    facts = [
        Fact(
            "",
            ((f"{one.severity}: {named(one.kind)}", TONES[one.severity]), (f"  {safe(one.summary)}", "plain")),
            least=2,
        )
    ]
    if one.grounds:
        facts.append(Fact("", ((safe(one.grounds), "warn"),)))
    steps = {len(facts) + number: step for number, step in enumerate(one.story)}
    facts += [_step(step, notation) for step in one.story]
    facts.append(Fact("check first", ((safe(one.check_first), "plain"),)))
    if one.ended_by:
        who = ", ".join(f"{ended_by(name)} {count(number)}" for name, number in one.ended_by.items() if number)
        facts.append(Fact("ended by", ((who, "plain"),)))
    facts += _times(one, notation)
    if bars is not None:
        facts += _picture(bars, notation)
    usual = f"{one.usual:g} such rows in such a time; here {count(one.errors + one.requests)}"
    facts.append(Fact("usual", ((usual, "plain"),)))
    for label, field, name in _FIELDS:
        for number, value in enumerate(getattr(one, name)):
            facts.append(Fact(label if not number else " ", ((safe(value), "plain"),), field, value))
    return facts, steps


def _times(one: Incident, notation: Notation) -> list[Fact]:
    last = f", last row {notation.dated(one.until)}" if one.until > one.end else ""
    return [
        Fact("began", ((whole_time(one.begin, notation.tz), "plain"),), "time", one.begin),
        Fact(
            "over",
            ((whole_time(one.end, notation.tz), "plain"), (f"  after {elapsed(one.end - one.begin)}{last}", "dim")),
        ),
    ]


def _picture(bars: IncidentBars, notation: Notation) -> list[Fact]:
    """The errors and the requests over time, between the times at both ends."""
    levels = notation.glyphs.levels
    end = bars.start + bars.every * len(bars.errors)
    rows = [("errors", bars.errors, "httperr"), ("requests", bars.requests, "iis")]
    shown = [Fact(label, ((sparkline(counts, levels), tone),)) for label, counts, tone in rows if any(counts)]
    width = max(0, len(bars.errors) - len(notation.time(bars.start)))
    axis = f"{notation.time(bars.start)}{notation.time(end).rjust(width)}"
    return [*shown, Fact(" ", ((axis, "dim"),))] if shown else []


def _step(step: Step, notation: Notation) -> Fact:
    return Fact(notation.time(step.time), ((safe(step.text), "plain"),), "time", step.time)
