"""What a row says, in words: its story, its exact line, and every field decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.knowledge import Explanation, describe, explain, field_of, reason, wire_field
from parsing.safe_text import safe
from tui.jobs.clipboard import decoded
from tui.model.entry import Entry, Notation, shown_value, whole_time
from tui.model.fact import Fact, Part, heading, said
from tui.wording import ended_by, mistake

if TYPE_CHECKING:
    from parsing.correlation import Correlated

MOST_RAW = 20_000
"""Characters of a raw line that are shown; the rest is counted."""
_DECIDING = (
    "s-queuename",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
    "time-taken",
    "cs-method",
    "cs-uri",
    "cs-uri-stem",
    "cs-uri-query",
    "c-ip",
    "c-port",
)
"""Fields that decide what happened to a row; they come first, the others in the order of the file."""


def detail(
    entry: Entry,
    raw: bytes | LogError,
    fields: Sequence[str],
    notation: Notation,
    layout: Sequence[str] = (),
    *,
    story: Correlated | None = None,
    about: Sequence[Fact] = (),
) -> list[Fact]:
    """Everything about a row, what decides first. ``fields`` are those that its log has.

    ``layout`` are those of its line where it is known, ``story`` is what correlation knows of this very error, and
    ``about`` what else is known of it.
    """
    logged = [name for name in fields if entry.values.get(name) is not None]
    first = [name for name in _DECIDING if name in logged]
    return [
        *_outcome(entry, notation, story),
        _time(entry, notation),
        *(_field(entry, name, notation) for name in first),
        *about,
        *(_field(entry, name, notation) for name in logged if name not in first),
        *_in_general(entry),
        Fact("source", ((f"{safe(entry.source)}:{entry.line}", "plain"),), "source", entry.source),
        Fact("", _raw_parts(raw, layout), least=2),
        *_not_logged([name for name in fields if entry.values.get(name) is None]),
    ]


def _not_logged(names: Sequence[str]) -> list[Fact]:
    return [Fact("not logged", ((safe(" ".join(names)), "dim"),))] if names else []


def _outcome(entry: Entry, notation: Notation, story: Correlated | None) -> list[Fact]:
    """What became of it. What follows stands in the same place in most rows."""
    if entry.is_error:
        return known_of_row(entry, story, notation)
    status = entry.value("sc-status")
    if status is None:
        return [said("A request without a logged status.")]
    numbers = [status, entry.value("sc-substatus") or 0, entry.value("sc-win32-status") or 0]
    word = " ".join(str(number) for number in numbers)
    try:
        found = explain(word)[0]
    except LogError:
        return [heading(f"Status {status}")]
    return [Fact("", ((safe(found.name), _status_tone(status)), (f"  {safe(found.meaning)}", "plain")), least=2)]


def known_of_row(entry: Entry, story: Correlated | None, notation: Notation) -> list[Fact]:
    """Who ended this very error, and the sentence about it; before that is known, who ends such errors in general."""
    code = entry.value("s-reason") or "-"
    known = reason(code)
    head: Part = (f"{notation.glyphs.error} {safe(known.code)}", "httperr")
    if story is None:
        who: list[Part] = [
            (f"  in general ended by {ended_by(known.ended_by)}", "plain"),
            ("; not yet correlated", "dim"),
        ]
    else:
        who = [(f"  ended by {ended_by(story.ended_by, story.ended_by_confidence)}", "strong")]
    verdict = safe(story.verdict) if story is not None else " "
    return [Fact("", (head, *who), "s-reason", code), Fact("", ((verdict, "plain"),), least=2)]


def _in_general(entry: Entry) -> list[Fact]:
    """What such an error means in general, and what to look at."""
    if not entry.is_error:
        return []
    known = reason(entry.value("s-reason") or "-")
    rows = [("in general", known.meaning), ("check first", known.first_check), ("setting", known.setting)]
    return [Fact(label, ((text, "plain"),)) for label, text in rows if text]


def _status_tone(status: int) -> str:
    return "error" if status >= 500 else "warn" if status >= 400 else "good"


def _time(entry: Entry, notation: Notation) -> Fact:
    shown = whole_time(entry.time, notation.tz)
    what = "when HTTP.sys gave up" if entry.is_error else "when the response was complete"
    return Fact("time", ((shown, "plain"), (f"  {what}", "dim")), "time", entry.time)


def _field(entry: Entry, name: str, notation: Notation) -> Fact:
    value = entry.values.get(name)
    phrase = safe(describe(name, value, entry.values)) if name != "s-reason" else ""  # said as general below
    parts: list[Part] = [(safe(str(value)), "plain")]
    if phrase:
        parts.append((f"  {phrase}", "dim"))
    elif wire_field(name).unit:
        parts.append((f"  {shown_value(name, value, notation.tz)}", "dim"))
    return Fact(safe(name), tuple(parts), name, value)


def _raw_parts(raw: bytes | LogError, layout: Sequence[str]) -> tuple[Part, ...]:
    if isinstance(raw, LogError):
        return ((f"The line cannot be read any more: {safe(mistake(raw))}", "warn"),)
    from tui.widgets.raw_line import highlighted

    text = decoded(raw)
    parts = highlighted(text[:MOST_RAW], layout)
    if len(text) > MOST_RAW:
        parts.append((f" {len(text) - MOST_RAW:,} more characters", "dim"))
    return tuple(parts)


def explanation(found: Explanation) -> list[Fact]:
    """A reason, status or code in words."""
    rows = [
        ("", found.meaning),
        ("cause", found.cause),
        ("check first", found.first_check),
        ("setting", found.setting),
        ("in general", f"ended by {ended_by(found.ended_by)}" if found.ended_by else ""),
        ("source", found.source),
    ]
    facts = [heading(safe(found.name))]
    return facts + [Fact(label, ((safe(text), "plain"),)) for label, text in rows if text]


def explained(field: str, value: object, row: Mapping[str, object]) -> list[Fact]:
    """What a value means: of a status with its substatus and win32 code, of a reason, else in one phrase."""
    wire = field_of(field).name
    if value is None:
        return []
    numbers = [row.get(name) for name in ("sc-status", "sc-substatus", "sc-win32-status")]
    word = str(value)
    if wire in ("sc-status", "sc-substatus") and numbers[0] is not None:
        word = " ".join(str(number or 0) for number in numbers)
    if wire in ("sc-status", "sc-substatus", "sc-win32-status", "s-reason"):
        try:
            facts: list[Fact] = []
            for found in explain(word):
                facts += [*explanation(found), said("")]
            return facts
        except LogError as error:
            return [said(safe(mistake(error)), "warn")]
    phrase = safe(describe(wire, value, row))  # type: ignore[arg-type]
    hint = field_of(field).hint
    told = [said(text, tone) for text, tone in ((phrase, "plain"), (hint, "dim")) if text]
    return [heading(safe(f"{wire}  {value}")), *told] if told else []
