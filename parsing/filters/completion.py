"""What could be typed at a place in a filter: fields, operators, and the values that the logs really have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from parsing.filters.language.names import field_named, names, spelled
from parsing.filters.language.operations import Cell, only
from parsing.filters.language.tokens import Kind, Token, tokenize
from parsing.knowledge.fields import Field, wire_field
from parsing.knowledge.fields import Kind as FieldKind

Values = Callable[[str, str], Iterable[tuple[Cell, int]]]
"""The values of a field (wire or virtual name) that have a text in them, each with its count, best first."""

OPERATORS: tuple[tuple[str, str], ...] = (
    (":", "equal, ignoring case; * stands for anything, a..b for a range, (a, b) for any of a list, - for not logged"),
    ("=", "equal, case and all"),
    ("!=", "logged, and not equal, case and all"),
    ("~", "has a match of a regular expression"),
    ("!~", "logged, and without a match of a regular expression"),
    ("<", "less"),
    ("<=", "at most"),
    (">", "more"),
    (">=", "at least"),
)
"""Each operator and what it asks for."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "sc-status": (("5xx", "server errors"), ("4xx", "client errors"), ("500..503", "a range")),
    "time-taken": (("5s..", "five seconds and more"), ("..100ms", "at most a tenth of a second")),
    "time": (
        ("-15m..", "the last quarter of an hour before the newest row"),
        ("10:00..10:15", "every day between the two"),
        ("2026-06-15T10:00..", "since a moment"),
    ),
    "c-ip": (("10.0.0.0/8", "a network"),),
    "s-ip": (("10.0.0.0/8", "a network"),),
    "sc-bytes": (("1MB..", "a million bytes and more"),),
    "cs-bytes": (("1MB..", "a million bytes and more"),),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``text`` replaces the span of its ``Completion``; ``count`` is how many rows have it, if that is known."""

    text: str
    hint: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """Suggestions for ``text[start:end]``, best first."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...] = ()


def complete(
    text: str, cursor: int, *, fields: Iterable[str] = (), values: Values | None = None, most: int = 50
) -> Completion:
    """What could stand at the cursor. ``fields`` are the wire names of the set: they come first."""
    known = tuple(fields)
    tokens = tokenize(text[:cursor])
    last = tokens[-1] if tokens else None
    if last is None or not _is_value(tokens, cursor):
        return _fields(text, cursor, last, known, most)
    start = last.start if last.kind in (Kind.VALUE, Kind.UNCLOSED, Kind.REGEX) else cursor
    field = _field_of(tokens, known)
    if field is None or last.kind is Kind.REGEX or _operator_of(text, tokens) in ("~", "!~"):
        return Completion(cursor, cursor)
    typed = text[start:cursor].strip('"').replace('""', '"')
    end = _end(text, start, cursor, (Kind.VALUE,))
    return Completion(start, end, tuple(_values(field, typed, values))[:most])


def _is_value(tokens: Sequence[Token], cursor: int) -> bool:
    """Whether a value belongs at the cursor: right after an operator, or in a list after a comma."""
    last = tokens[-1]
    if last.kind in (Kind.OPERATOR, Kind.LIST, Kind.COMMA):
        return True
    if last.kind in (Kind.VALUE, Kind.REGEX):
        return last.end == cursor
    opening = tokens[-2].kind if len(tokens) > 1 else None
    return last.kind is Kind.UNCLOSED and opening in (Kind.OPERATOR, Kind.LIST, Kind.COMMA)


def _field_of(tokens: Sequence[Token], known: Sequence[str]) -> Field | None:
    for token in reversed(tokens):
        if token.kind is Kind.FIELD:
            return field_named(token.text, known, is_quoted=token.is_quoted)
    return None


def _operator_of(text: str, tokens: Sequence[Token]) -> str:
    return next((text[token.start : token.end] for token in reversed(tokens) if token.kind is Kind.OPERATOR), "")


def _end(text: str, start: int, cursor: int, kinds: Iterable[Kind]) -> int:
    """The end of the whole token that the cursor stands in."""
    inside = (token.end for token in tokenize(text) if token.start == start and token.kind in kinds)
    return max(cursor, next(inside, cursor))


def _fields(text: str, cursor: int, last: Token | None, known: Sequence[str], most: int) -> Completion:
    is_word = last is not None and last.kind is Kind.TEXT and last.end == cursor
    start = last.start if last is not None and is_word else cursor
    if (last is not None and last.kind is Kind.UNCLOSED) or (not is_word and start and text[start - 1] == ")"):
        return Completion(cursor, cursor)
    typed = text[start:cursor]
    end = _end(text, start, cursor, (Kind.TEXT, Kind.FIELD))
    has_operator = any(token.start == start and token.kind is Kind.FIELD for token in tokenize(text))
    found = [_field_suggestion(name, known, sign="" if has_operator else ":") for name in _ranked(typed, known)]
    exact = field_named(typed, known)
    if exact is not None and not has_operator:
        found = [*_operators(typed, exact), *(field for field in found if field.text != f"{typed}:")]
    unique = {suggestion.text: suggestion for suggestion in reversed(found)}
    ordered = [unique.pop(suggestion.text) for suggestion in found if suggestion.text in unique]
    return Completion(start, end, tuple(ordered[:most]))


def _ranked(typed: str, known: Sequence[str]) -> list[str]:
    """Names that begin with what was typed, then those that have it inside; fields of the set before others."""
    lowered = typed.lower()
    fields = {name.lower() for name in known}

    def rank(name: str) -> tuple[bool, bool]:
        field = field_named(name, known)
        is_here = field is not None and (field.name.lower() in fields or not known or field.short == field.name)
        return not name.lower().startswith(lowered), not is_here

    return sorted((name for name in names(known) if lowered in name.lower()), key=rank)


def _field_suggestion(name: str, known: Sequence[str], *, sign: str) -> Suggestion:
    field = field_named(name, known)
    written = name if field is not None and name == field.short else spelled(wire_field(name))
    return Suggestion(f"{written}{sign}", field.hint if field else "")


def _operators(typed: str, field: Field) -> list[Suggestion]:
    """The operators that the kind of a field has a use for."""
    ordered = field.kind in (FieldKind.NUMBER, FieldKind.TIME)
    wanted = [
        (sign, hint)
        for sign, hint in OPERATORS
        if (ordered or sign not in ("<", "<=", ">", ">=")) and not (ordered and sign in ("~", "!~"))
    ]
    return [Suggestion(f"{typed}{sign}", hint) for sign, hint in wanted]


def _values(field: Field, typed: str, values: Values | None) -> Iterable[Suggestion]:
    given = values(field.name, typed) if values is not None else ()
    for value, count in given:
        if value is not None:
            yield Suggestion(str(only(field, value).value), count=count)
    for text, hint in (*EXAMPLES.get(field.name, ()), ("-", f"{field.short or field.name} was not logged")):
        if text.startswith(typed):
            yield Suggestion(text, hint)
