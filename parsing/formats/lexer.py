"""A Pygments lexer for lines of the two logs: what each word is, by its field, or by shape without a layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from pygments.lexer import Lexer
from pygments.token import Comment, Generic, Literal, Name, Punctuation, Text, Whitespace, _TokenType

from parsing.knowledge.fields import Kind, wire_field
from parsing.knowledge.reasons import reason

_WORDS = re.compile(r"[ \t]+|[^ \t]+")
_BY_FIELD: dict[str, _TokenType] = {
    "date": Literal.Date,
    "time": Literal.Date,
    "cs-method": Name.Function,
    "cs-version": Name.Class,
    "cs-uri": Literal.String,
    "cs-uri-stem": Literal.String,
    "cs-uri-query": Literal.String,
    "s-reason": Name.Exception,
    "s-queuename": Name.Namespace,
}
_BY_SHAPE: tuple[tuple[re.Pattern[str], _TokenType], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{2,4}", Literal.Date),
        (r"\d\d?:\d\d:\d\d(?:\.\d+)?", Literal.Date),
        (r"[A-Z]{3,9}|RPC_(?:IN|OUT)_DATA", Name.Function),
        (r"HTTP/\d(?:\.\d)?", Name.Class),
        (r"\d{1,3}(?:\.\d{1,3}){3}(?:%\d+)?", Name.Attribute),
        (r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?", Name.Attribute),
        (r"[1-5]\d\d", Literal.Number.Integer),
        (r"\d+", Literal.Number),
        (r"[/*].*", Literal.String),
    )
)


class LogLexer(Lexer):
    """Tokens of an entry or a directive. ``fields`` are the wire names of its layout, date and time included."""

    name = "IIS and Httperr.log"
    aliases: ClassVar[list[str]] = ["iislog", "httperr"]
    filenames: ClassVar[list[str]] = ["u_ex*.log", "httperr*.log"]

    def __init__(self, *, fields: Sequence[str] = (), **options: Any) -> None:
        super().__init__(**{"ensurenl": False, "stripnl": False} | options)
        self.fields = tuple(fields)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Tokens with their positions, together the whole text."""
        position = 0
        for line in text.splitlines(keepends=True):
            yield from self._line(position, line)
            position += len(line)

    def _line(self, start: int, line: str) -> Iterator[tuple[int, _TokenType, str]]:
        body = line.rstrip("\r\n")
        if body.startswith("#"):
            yield start, Comment, body
        else:
            words = list(_WORDS.finditer(body))
            shown = [word for word in words if not word[0].isspace()]
            fields = self.fields if len(shown) == len(self.fields) else ("",) * len(shown)
            named = iter(fields)
            for word in words:
                kind = Whitespace if word[0].isspace() else _kind(word[0], next(named))
                yield start + word.start(), kind, word[0]
        if len(line) > len(body):
            yield start + len(body), Whitespace, line[len(body) :]


def _kind(word: str, field: str) -> _TokenType:
    bare = word.rstrip(",")
    if bare in ("-", ""):
        return Punctuation
    if not field:
        return _by_shape(bare)
    known = wire_field(field)
    if known.name == "sc-status":
        return Generic.Error if bare.startswith("5") else Literal.Number.Integer
    if known.kind is Kind.ADDRESS:
        return Name.Attribute
    if known.is_number:
        return Literal.Number
    return _BY_FIELD.get(known.name, Text)


def _by_shape(word: str) -> _TokenType:
    if reason(word).is_known:
        return Name.Exception
    kind = next((kind for pattern, kind in _BY_SHAPE if pattern.fullmatch(word)), Text)
    return Generic.Error if kind is Literal.Number.Integer and word.startswith("5") else kind
