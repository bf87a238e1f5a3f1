"""``${c-ip}`` in the filter of a preset: the value of that field in the focused row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

from parsing.errors import UsageError
from parsing.filters.language import regex
from parsing.filters.language.field_names import field_named
from parsing.filters.language.operations import Cell, only
from parsing.filters.language.tokens import Token, TokenKind, WordPiece, quoted, tokenize
from parsing.filters.language.tree import Text
from parsing.filters.values.absent import Absent
from parsing.filters.values.word import Pattern, Word
from parsing.knowledge.fields import WITHHELD, Kind

_PLACEHOLDER = re.compile(r"\$\{([^${}\s\"]+)\}")

_NOT_LOGGED = (None, "", WITHHELD)

_SAMPLES = {Kind.NUMBER: "0", Kind.ADDRESS: "192.0.2.1", Kind.TIME: "2026-01-01", Kind.TEXT: "x"}


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
        return _SAMPLES[field.kind if field else Kind.TEXT]

    return _filled(where, value_of, placeholders(where, known))


def _filled(where: str, value_of: Callable[[str], Cell], names: Iterable[str]) -> str:
    """Each token that has placeholders is replaced from the right, so that positions before it hold."""
    wanted = frozenset(names)
    text = where
    for token in reversed(tokenize(where)):
        source = where[token.start : token.end]
        if token.kind in (TokenKind.VALUE, TokenKind.TEXT, TokenKind.REGEX) and wanted.intersection(
            _PLACEHOLDER.findall(source)
        ):
            text = text[: token.start] + _token(token, source, wanted, value_of) + text[token.end :]
    return text


def _token(token: Token, source: str, wanted: frozenset[str], value_of: Callable[[str], Cell]) -> str:
    whole = _PLACEHOLDER.fullmatch(source.strip('"'))
    if whole:
        return _whole(token, value_of(whole[1]), whole[1])
    parts = [part for piece in token.pieces for part in _parts(piece, wanted, value_of)]
    if token.kind is TokenKind.REGEX:
        return str(Pattern("".join(regex.escaped(part.text) if is_value else part.text for part, is_value in parts)))
    # Quotes next to each other would read as one quote inside the text: runs of quoted parts become one.
    runs = groupby((part for part, _ in parts), key=lambda part: part.is_quoted)
    texts = ((is_quoted, "".join(part.text for part in run)) for is_quoted, run in runs)
    return "".join(quoted(text) if is_quoted else text for is_quoted, text in texts)


def _parts(
    piece: WordPiece, wanted: frozenset[str], value_of: Callable[[str], Cell]
) -> Iterator[tuple[WordPiece, bool]]:
    """A piece cut at its placeholders, each replaced by its value, and whether a part is such a value."""
    for place, part in enumerate(_PLACEHOLDER.split(piece.text)):
        if place % 2 and part in wanted:
            yield WordPiece(_text(value_of(part), part), is_quoted=True), True
        elif part:
            yield WordPiece(f"${{{part}}}" if place % 2 else part, piece.is_quoted), False


def _whole(token: Token, value: Cell, name: str) -> str:
    """A token that is one placeholder and nothing else."""
    if token.kind is TokenKind.VALUE and value in _NOT_LOGGED:
        return str(Absent())
    text = _text(value, name)
    if token.kind is TokenKind.REGEX:
        return str(Pattern(regex.escaped(text)))
    return str(Text(text) if token.kind is TokenKind.TEXT else Word(text))


def _text(value: Cell, name: str) -> str:
    if value in _NOT_LOGGED:
        raise UsageError(f"the focused row has no {name}", hint="focus a row that has it")
    return str(only("time", value).value) if isinstance(value, datetime) else str(value)
