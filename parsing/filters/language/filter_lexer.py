"""A Pygments lexer of the filter language; a mistake is an error token where the grammar finds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from pygments.lexer import Lexer
from pygments.token import Error, Keyword, Literal, Name, Number, Operator, Punctuation, String, Whitespace, _TokenType

from parsing.errors import FilterError
from parsing.filters.language.field_names import field_named
from parsing.filters.language.grammar import parse
from parsing.filters.language.tokens import Token, TokenKind, tokenize
from parsing.knowledge.fields import Kind

_TYPES = {
    TokenKind.FIELD: Name.Attribute,
    TokenKind.OPERATOR: Operator,
    TokenKind.VALUE: String.Symbol,
    TokenKind.REGEX: String.Regex,
    TokenKind.TEXT: String,
    TokenKind.OPEN: Punctuation,
    TokenKind.CLOSE: Punctuation,
    TokenKind.LIST: Punctuation,
    TokenKind.COMMA: Punctuation,
    TokenKind.END_LIST: Punctuation,
    TokenKind.AND: Keyword,
    TokenKind.OR: Keyword,
    TokenKind.NOT: Keyword,
    TokenKind.UNCLOSED: Error,
}

_VALUES = {Kind.NUMBER: Number, Kind.TIME: Literal.Date, Kind.ADDRESS: Number.Hex}

Span = tuple[int, int, _TokenType]


class FilterLexer(Lexer):
    """Filter text, character for character. ``custom`` are the wire names of the set besides the known ones.

    Without ``mistakes`` only what is not closed is an error, as suits text that is still being typed.
    """

    name = "dropline filter"
    aliases: ClassVar[list[str]] = ["dropline"]

    def __init__(self, *, custom: Iterable[str] = (), mistakes: bool = True, **options: Any) -> None:
        super().__init__(**{"ensurenl": False, "stripnl": False} | options)
        self.custom = tuple(custom)
        self.mistakes = mistakes

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        place = 0
        for start, end, kind in _marked(list(self._spans(text)), self._mistake(text) if self.mistakes else None):
            if start > place:
                yield place, Whitespace, text[place:start]
            yield start, kind, text[start:end]
            place = end
        if place < len(text):
            yield place, Whitespace, text[place:]

    def _mistake(self, text: str) -> FilterError | None:
        try:
            parse(text, custom=self.custom)
        except FilterError as error:
            return error
        return None

    def _spans(self, text: str) -> Iterator[Span]:
        value = _TYPES[TokenKind.VALUE]
        for token in tokenize(text):
            if token.kind is TokenKind.FIELD:
                field = field_named(token.text, self.custom, is_quoted=token.is_quoted)
                value = _VALUES.get(field.kind, _TYPES[TokenKind.VALUE]) if field else _TYPES[TokenKind.VALUE]
            yield token.start, token.end, _kind(token, value)


def _kind(token: Token, value: _TokenType) -> _TokenType:
    if token.is_quoted and token.kind in (TokenKind.VALUE, TokenKind.TEXT):
        return String.Double
    return value if token.kind is TokenKind.VALUE else _TYPES[token.kind]


def _marked(spans: list[Span], mistake: FilterError | None) -> Iterator[Span]:
    """The spans, with those parts an error that the mistake is about."""
    if mistake is None:
        yield from spans
        return
    for start, end, kind in spans:
        first, last = (min(max(place, start), end) for place in (mistake.start, mistake.end))
        for begin, until, part in ((start, first, kind), (first, last, Error), (last, end, kind)):
            if begin < until:
                yield begin, until, part
