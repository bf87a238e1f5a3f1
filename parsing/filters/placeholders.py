"""``${c-ip}`` in the filter of a preset: the value of that field in the focused row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from parsing.errors import UsageError
from parsing.filters import regex
from parsing.filters.names import field_named
from parsing.filters.operations import Cell, only
from parsing.filters.tokens import Kind, Token, tokenize
from parsing.filters.tree import Absent, Pattern, Text, Word, quoted
from parsing.knowledge.fields import WITHHELD
from parsing.knowledge.fields import Kind as FieldKind

_PLACEHOLDER = re.compile(r"\$\{([^${}\s\"]+)\}")

_SAMPLES = {FieldKind.NUMBER: "0", FieldKind.ADDRESS: "192.0.2.1", FieldKind.TIME: "2026-01-01", FieldKind.TEXT: "x"}


def placeholders(where: str, custom: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of the fields that a preset takes from the focused row; ``${jndi:...}`` and its like are text."""
    known = tuple(custom)
    return tuple(name for name in _PLACEHOLDER.findall(where) if field_named(name, known) is not None)


def filled(where: str, row: Mapping[str, Cell]) -> str:
    """Filter text with the values of a row, quoted as their places need; ``row`` is by wire or virtual name.

    Raises ``UsageError`` for a field that the row does not have.
    """
    values = {name.lower(): value for name, value in row.items()}

    def value_of(name: str) -> Cell:
        field = field_named(name, row)
        for own in (name, field.name if field else name):
            if own.lower() in values:
                return values[own.lower()]
        raise UsageError(f"the focused row has no {name}", hint="focus a row of a log that has it")

    return _filled(where, value_of, placeholders(where, row))


def sample(where: str, custom: Iterable[str] = ()) -> str:
    """Filter text with some value for each placeholder, to see whether it would parse."""
    known = tuple(custom)

    def value_of(name: str) -> Cell:
        field = field_named(name, known)
        return _SAMPLES[field.kind if field else FieldKind.TEXT]

    return _filled(where, value_of, placeholders(where, known))


def _filled(where: str, value_of: Callable[[str], Cell], names: Iterable[str]) -> str:
    """Each token that has placeholders is replaced from the right, so that positions before it hold."""
    wanted = frozenset(names)
    text = where
    for token in reversed(tokenize(where)):
        source = where[token.start : token.end]
        if token.kind in (Kind.VALUE, Kind.TEXT, Kind.REGEX) and wanted.intersection(_PLACEHOLDER.findall(source)):
            text = text[: token.start] + _token(token, source, wanted, value_of) + text[token.end :]
    return text


def _token(token: Token, source: str, wanted: frozenset[str], value_of: Callable[[str], Cell]) -> str:
    whole = _PLACEHOLDER.fullmatch(source.strip('"'))
    if whole and token.kind is Kind.VALUE and value_of(whole[1]) in (None, "", WITHHELD):
        return str(Absent())

    def inserted(text: str, write: Callable[[str], str], keep: Callable[[str], str] = str) -> str:
        """A text with values put in by one function and its own parts by another."""
        parts = _PLACEHOLDER.split(text)
        own = [f"${{{part}}}" if place % 2 and part not in wanted else part for place, part in enumerate(parts)]
        return "".join(
            write(_given(part, value_of)) if place % 2 and part in wanted else keep(own[place]) if own[place] else ""
            for place, part in enumerate(parts)
        )

    if token.kind is Kind.REGEX:
        return str(Pattern(inserted(token.text, regex.escaped)))
    if whole:
        return inserted(token.text, lambda text: str(Text(text) if token.kind is Kind.TEXT else Word(text)))
    return "".join(inserted(piece.text, quoted, quoted if piece.is_quoted else str) for piece in token.pieces)


def _given(name: str, value_of: Callable[[str], Cell]) -> str:
    value = value_of(name)
    if value in (None, "", WITHHELD):
        raise UsageError(f"the focused row has no {name}", hint="focus a row that has it")
    return str(only("time", value).value) if isinstance(value, datetime) else str(value)
