"""Filter text cut into tokens with their positions. Every text can be cut; mistakes are found by the grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

OPERATORS = ("!=", "!~", "<=", ">=", ":", "=", "<", ">", "~")
"""Operators between a field and its value, the longer ones first."""

KEYWORDS = ("and", "or", "not")

BARE_TEXT = re.compile(r"[\w./?&%+@;\\][\w./?&%+@;\\#-]*")
BARE_VALUE = re.compile(r"[\w./?&%+@;\\][\w./?&%+@;\\#:=-]*")
"""Text that needs no quotes where a condition stands, and after an operator."""


class TokenKind(Enum):
    """What a token is; where a token stands decides as much as how it looks."""

    FIELD = "field"
    OPERATOR = "operator"
    VALUE = "value"
    REGEX = "regex"
    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    LIST = "list"
    COMMA = "comma"
    END_LIST = "end of list"
    AND = "and"
    OR = "or"
    NOT = "not"
    UNCLOSED = "unclosed quote"


@dataclass(frozen=True, slots=True)
class WordPiece:
    """A run of characters inside one word, with or without quotes: ``"a b"*`` has two."""

    text: str
    is_quoted: bool


@dataclass(frozen=True, slots=True)
class Token:
    """``text[start:end]`` of a filter; ``pieces`` hold what it says once its quotes are taken off."""

    kind: TokenKind
    start: int
    end: int
    pieces: tuple[WordPiece, ...] = ()

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def is_quoted(self) -> bool:
        return any(piece.is_quoted for piece in self.pieces)


_PLAIN_RUN = re.compile(r"[\w./?&%+@;*#-]+")
"""Characters that mean nothing of their own wherever they stand in a word."""


def quoted(text: str) -> str:
    """Text in quotes, as a filter reads it back."""
    return '"' + text.replace('"', '""') + '"'


def tokenize(text: str) -> list[Token]:
    """The tokens of a filter from left to right; blanks are left out."""
    return _Scanner(text).scan()


def ends_regex(text: str, start: int) -> int:
    """Where an unquoted regular expression that begins at ``start`` ends: at a blank or a parenthesis not its own."""
    position, depth, in_class = start, 0, False
    while position < len(text) and not text[position].isspace():
        char = text[position]
        if char == "\\" and position + 1 < len(text) and not text[position + 1].isspace():
            position += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            position += text.startswith("^", position + 1)
            position += text.startswith("]", position + 1)
        elif char == "(":
            depth += 1
        elif char == ")":
            if depth == 0:
                break
            depth -= 1
        position += 1
    return min(position, len(text))


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.tokens: list[Token] = []

    def scan(self) -> list[Token]:
        while self._skip_blanks():
            self._term()
        return self.tokens

    def _skip_blanks(self) -> bool:
        """Whether anything is left after the blanks here."""
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1
        return self.position < len(self.text)

    def _add(self, kind: TokenKind, start: int, pieces: tuple[WordPiece, ...] = (), *, end: int | None = None) -> None:
        self.tokens.append(Token(kind, start, self.position if end is None else end, pieces))

    def _mark(self, kind: TokenKind, length: int = 1) -> None:
        start = self.position
        self.position += length
        self._add(kind, start)

    def _operator(self, position: int) -> str:
        return next((sign for sign in OPERATORS if self.text.startswith(sign, position)), "")

    def _term(self) -> None:
        char = self.text[self.position]
        if char == "(":
            self._mark(TokenKind.OPEN)
        elif char == ")":
            self._mark(TokenKind.CLOSE)
        elif char == "-":
            self._mark(TokenKind.NOT)
        elif self._operator(self.position):
            self._value()
        else:
            self._word()

    def _word(self) -> None:
        start = self.position
        pieces = self._pieces(stop_at_operator=True)
        if pieces is None:
            return
        end = self.position
        if self._skip_blanks() and self._operator(self.position):
            self._add(TokenKind.FIELD, start, pieces, end=end)
            self._value()
            return
        keyword = pieces[0].text.lower() if len(pieces) == 1 and not pieces[0].is_quoted else ""
        self._add(TokenKind(keyword) if keyword in KEYWORDS else TokenKind.TEXT, start, pieces, end=end)

    def _value(self) -> None:
        """An operator and what follows it."""
        sign = self._operator(self.position)
        self._mark(TokenKind.OPERATOR, len(sign))
        if not self._skip_blanks():
            return
        if sign in ("~", "!~"):
            self._regex()
        elif self.text[self.position] == "(":
            self._list()
        elif self.text[self.position] != ")":
            self._piece_token(TokenKind.VALUE)

    def _list(self) -> None:
        self._mark(TokenKind.LIST)
        while self._skip_blanks():
            char = self.text[self.position]
            if char == ")":
                self._mark(TokenKind.END_LIST)
                return
            if char == ",":
                self._mark(TokenKind.COMMA)
            else:
                self._piece_token(TokenKind.VALUE, stop_at_comma=True)

    def _regex(self) -> None:
        start = self.position
        if self.text[start] == '"':
            self._piece_token(TokenKind.REGEX)
            return
        self.position = ends_regex(self.text, start)
        if self.position > start:
            self._add(TokenKind.REGEX, start, (WordPiece(self.text[start : self.position], is_quoted=False),))

    def _piece_token(self, kind: TokenKind, *, stop_at_comma: bool = False) -> None:
        start = self.position
        pieces = self._pieces(stop_at_comma=stop_at_comma)
        if pieces is not None:
            self._add(kind, start, pieces)

    def _pieces(self, *, stop_at_operator: bool = False, stop_at_comma: bool = False) -> tuple[WordPiece, ...] | None:
        """The pieces of the word here; None after an unclosed quote, which becomes a token of its own."""
        pieces: list[WordPiece] = []
        plain, depth = self.position, 0
        while self.position < len(self.text) and not self.text[self.position].isspace():
            if (run := _PLAIN_RUN.match(self.text, self.position)) is not None:
                self.position = run.end()
                continue
            char = self.text[self.position]
            if char == '"':
                self._plain(plain, pieces)
                quoted = self._quoted()
                if quoted is None:
                    return None
                pieces.append(quoted)
                plain = self.position
                continue
            if stop_at_operator and self._operator(self.position):
                break
            if stop_at_operator and char == "(" and not pieces and self.text[plain : self.position].lower() in KEYWORDS:
                break
            if (stop_at_comma and char == ",") or (char == ")" and depth == 0):
                break
            depth += (char == "(") - (char == ")")
            self.position += 1
        self._plain(plain, pieces)
        return tuple(pieces)

    def _plain(self, start: int, pieces: list[WordPiece]) -> None:
        if self.position > start:
            pieces.append(WordPiece(self.text[start : self.position], is_quoted=False))

    def _quoted(self) -> WordPiece | None:
        """The quoted piece here; a doubled quote inside stands for one."""
        start = self.position
        end = self.text.find('"', start + 1)
        while end >= 0 and self.text.startswith('"', end + 1):
            end = self.text.find('"', end + 2)
        if end < 0:
            self.position = len(self.text)
            self._add(TokenKind.UNCLOSED, start)
            return None
        self.position = end + 1
        return WordPiece(self.text[start + 1 : end].replace('""', '"'), is_quoted=True)
