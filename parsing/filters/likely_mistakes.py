"""What may have been meant by a condition that means something else, or nothing at all. Loads no Polars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import pairwise

from parsing.errors import FilterError
from parsing.filters.language.field_names import field_named, spelled
from parsing.filters.language.grammar import parse
from parsing.filters.language.tree import And, Filter, Not, Or, Term, Text, disjunction, terms
from parsing.filters.values.moment import Clock, Instant
from parsing.filters.values.number import Number
from parsing.filters.values.ranges import AnyOf, Range
from parsing.filters.values.value import ORDER, FilterValue, is_text
from parsing.filters.values.word import Word, glob
from parsing.knowledge.statuses import known_statuses

_SMALL = 300
"""A bare number up to this, of milliseconds or bytes, is hardly meant so: nobody looks for what took over 5 ms."""

_UNITS = {"ms": ("milliseconds", "s", "seconds"), "B": ("bytes", "KB", "thousands of bytes")}


@dataclass(frozen=True, slots=True)
class Guess:
    """``meant`` may have been meant by ``written``; ``reason`` says why it means something else.

    One that ``is_likely`` is worth a look also where what is written keeps rows; ``is_pair`` is about two conditions.
    """

    written: str
    meant: Filter
    reason: str
    is_likely: bool = False
    is_pair: bool = False


def guesses(where: Filter, tz: tzinfo = UTC) -> Iterator[Guess]:
    """What may have been meant by the conditions of a filter, those that stand next to each other first."""
    match where:
        case And(parts):
            for first, second in pairwise(parts):
                if isinstance(first, Text) and isinstance(second, Text):
                    yield from _field_and_value(first, second, tz)
            for part in parts:
                yield from guesses(part, tz)
        case Or(parts):
            for part in parts:
                yield from guesses(part, tz)
        case Not(part):
            yield from guesses(part, tz)
        case Text():
            yield from _of_text(where)
        case Term():
            yield from _of_term(where)


def unit_notes(where: Filter) -> Iterator[str]:
    """Sentences on small numbers without unit, as in ``taken>5``."""
    match where:
        case And(parts) | Or(parts):
            for part in parts:
                yield from unit_notes(part)
        case Not(part):
            yield from unit_notes(part)
        case Term(field, operator, value) if field.unit in _UNITS:
            is_span = operator in ORDER or isinstance(value, Range)
            ends = (value.low, value.high) if isinstance(value, Range) else (value,)
            if is_span and any(map(_is_small_and_bare, ends)):
                unit, other, name = _UNITS[field.unit]
                yield f"{where} is in {unit}; for {name} write {other} after the number, as in {where.spelled}>5{other}"


def time_notes(where: Filter) -> Iterator[str]:
    """Sentences on bare minutes, each of which is the whole minute: under the filter bar, where they are typed."""
    for term in terms(where):
        if not isinstance(term, Term) or term.field.name != "time":
            continue
        value = term.value
        last = value.high if isinstance(value, Range) else value
        if isinstance(last, Instant | Clock) and (minute := _BARE_MINUTE.search(last.spelled)):
            if term.operator == ">":
                yield f"{term} begins after the whole minute {minute[0]}; time>={minute[0]} begins with it"
            elif term.operator in (":", "="):
                yield f"a bare minute is the whole minute: {term} includes {minute[0]}:59"


_BARE_MINUTE = re.compile(r"(?<![0-9]:)(?<![0-9])[0-9]{1,2}:[0-9]{2}(?=[Zz]?$)")


def _is_small_and_bare(value: FilterValue | None) -> bool:
    return isinstance(value, Number) and value.spelled.isdecimal() and 0 < value.value <= _SMALL


def _field_and_value(first: Text, second: Text, tz: tzinfo) -> Iterator[Guess]:
    """``status 503``: two texts to look for, where the first is the name of a field."""
    if field_named(first.text) is None:
        return
    try:
        meant = parse(f"{first.text}:{second}", tz=tz)
    except FilterError:
        return
    reason = "a field and its value are joined by :"
    yield Guess(f"{first} {second}", meant, reason, is_likely=True, is_pair=True)


def _of_text(text: Text) -> Iterator[Guess]:
    if text.text in known_statuses():
        meant = parse(f"status:{text.text}")
        yield Guess(str(text), meant, "a bare number is looked for in text", is_likely=True)
    pieces = [piece.strip() for piece in text.text.split(",")]
    if len(pieces) > 1 and all(pieces):
        reason = "a comma is part of the text"
        yield Guess(str(text), disjunction(map(Text, pieces)), reason, is_likely=" " not in text.text)
    if "*" in text.text:
        longest = max(text.text.split("*"), key=len)
        if longest:
            reason = "* stands for anything after a field and : only"
            yield Guess(str(text), Text(longest), reason)


def _of_term(term: Term) -> Iterator[Guess]:
    field, value = term.field, term.value
    if field.name == "port" and not isinstance(value, AnyOf):
        server = field_named("s-port")
        assert server is not None
        yield Guess(str(term), Term(server, term.operator, value, server.name), "port is that of the client")
    if not isinstance(value, Word) or not is_text(field) or term.operator not in (":", "="):
        return

    def meant(value: FilterValue) -> Term:
        return Term(field, ":", value, term.spelled)

    text = value.text
    pieces = [piece.strip() for piece in text.split(",")]
    if len(pieces) > 1 and all(pieces):
        yield from _list(term, pieces, is_likely=term.operator == ":" and " " not in text)
    if term.operator == "=":
        if "*" in text:
            yield Guess(str(term), meant(glob(text.split("*"))), "after = a * is only itself")
        else:
            yield Guess(str(term), meant(Word(text)), "= is exact, case and all")
    if "*" not in text and text:
        yield Guess(str(term), meant(glob(("", text, ""))), "without * the whole value is meant")


def _list(term: Term, pieces: Sequence[str], *, is_likely: bool) -> Iterator[Guess]:
    try:
        meant = parse(f"{spelled(term.field)}:({', '.join(pieces)})", custom=(term.field.name,))
    except FilterError:
        return
    yield Guess(str(term), meant, "a comma is part of a value, and several stand in parentheses", is_likely)
