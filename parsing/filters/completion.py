"""What could be typed at a place in a filter: fields, operators, and the values that the logs really have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from parsing.filters.language.field_names import field_named, names, spelled
from parsing.filters.language.operations import Cell, only
from parsing.filters.language.tokens import Token, TokenKind, tokenize
from parsing.filters.values.value_kinds import offered_examples
from parsing.knowledge.fields import Field, Kind, wire_field

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
    start = last.start if last.kind in (TokenKind.VALUE, TokenKind.UNCLOSED, TokenKind.REGEX) else cursor
    field = _field_of(tokens, known)
    if field is None or last.kind is TokenKind.REGEX or _operator_of(text, tokens) in ("~", "!~"):
        return Completion(cursor, cursor)
    typed = text[start:cursor].strip('"').replace('""', '"')
    end = _end(text, start, cursor, (TokenKind.VALUE,))
    return Completion(start, end, tuple(_values(field, typed, values))[:most])


def _is_value(tokens: Sequence[Token], cursor: int) -> bool:
    """Whether a value belongs at the cursor: right after an operator, or in a list after a comma."""
    last = tokens[-1]
    if last.kind in (TokenKind.OPERATOR, TokenKind.LIST, TokenKind.COMMA):
        return True
    if last.kind in (TokenKind.VALUE, TokenKind.REGEX):
        return last.end == cursor
    opening = tokens[-2].kind if len(tokens) > 1 else None
    return last.kind is TokenKind.UNCLOSED and opening in (TokenKind.OPERATOR, TokenKind.LIST, TokenKind.COMMA)


def _field_of(tokens: Sequence[Token], known: Sequence[str]) -> Field | None:
    for token in reversed(tokens):
        if token.kind is TokenKind.FIELD:
            return field_named(token.text, known, is_quoted=token.is_quoted)
    return None


def _operator_of(text: str, tokens: Sequence[Token]) -> str:
    return next((text[token.start : token.end] for token in reversed(tokens) if token.kind is TokenKind.OPERATOR), "")


def _end(text: str, start: int, cursor: int, kinds: Iterable[TokenKind]) -> int:
    """The end of the whole token that the cursor stands in."""
    inside = (token.end for token in tokenize(text) if token.start == start and token.kind in kinds)
    return max(cursor, next(inside, cursor))


def _fields(text: str, cursor: int, last: Token | None, known: Sequence[str], most: int) -> Completion:
    is_word = last is not None and last.kind is TokenKind.TEXT and last.end == cursor
    start = last.start if last is not None and is_word else cursor
    if (last is not None and last.kind is TokenKind.UNCLOSED) or (not is_word and start and text[start - 1] == ")"):
        return Completion(cursor, cursor)
    typed = text[start:cursor]
    end = _end(text, start, cursor, (TokenKind.TEXT, TokenKind.FIELD))
    has_operator = any(token.start == start and token.kind is TokenKind.FIELD for token in tokenize(text))
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
    ordered = field.kind in (Kind.NUMBER, Kind.TIME)
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
    for example in offered_examples(field.name):
        if example.text.startswith(typed):
            yield Suggestion(example.text, example.meaning)
    if "-".startswith(typed):
        yield Suggestion("-", f"{field.short or field.name} was not logged")
