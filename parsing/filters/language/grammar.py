"""The filter language: text to a frozen tree. Needs no Polars but for a regex.

It is written by hand and not made by a parser library: a mistake is answered with its place and what was probably meant,
which most of the code here is about; the rules alone are few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, tzinfo
from typing import Literal

from parsing.errors import FilterError
from parsing.filters.language import regex
from parsing.filters.language.field_names import field_named, nearest_field
from parsing.filters.language.tokens import Token, TokenKind, tokenize
from parsing.filters.language.tree import (
    EVERYTHING,
    Filter,
    Not,
    Term,
    Text,
    conjunction,
    disjunction,
)
from parsing.filters.values.ranges import AnyOf
from parsing.filters.values.value import ORDER, FilterValue, ValueMistakeError, Written
from parsing.filters.values.value_kinds import read_value
from parsing.filters.values.word import LONGEST_WORD, Pattern
from parsing.knowledge.fields import Field, Kind, wire_field

DEEPEST = 100
"""Parentheses and negations inside each other."""

LONGEST = 1_000
"""Conditions in one filter."""

_MEANT = {"=~": "~", "<>": "!=", "=>": ">=", "=<": "<="}
"""Operators of other languages."""

_JOINING = {"||": "or", "&&": "and"}
"""What joins conditions in other languages, and the word for it here."""

_STARTS_TERM = frozenset(
    {
        TokenKind.FIELD,
        TokenKind.OPERATOR,
        TokenKind.TEXT,
        TokenKind.OPEN,
        TokenKind.NOT,
        TokenKind.UNCLOSED,
        TokenKind.VALUE,
        TokenKind.REGEX,
    }
)


UnknownFields = Literal["refuse", "accept"]


def parse(
    text: str, *, tz: tzinfo = UTC, custom: Iterable[str] = (), unknown_fields: UnknownFields = "refuse"
) -> Filter:
    """The filter that a text says; ``str`` of it is text that says the same.

    ``tz`` is the zone of its times, ``custom`` are the wire names of the set besides the known ones. Where the logs
    are not read yet, ``unknown_fields`` may be accepted: each is taken for a custom field of text. Raises
    ``FilterError`` with the place of the mistake and, where one is near, the name that was meant.
    """
    return _FilterParser(text, tz, tuple(custom), unknown_fields).parse()


class _FilterParser:
    def __init__(self, text: str, tz: tzinfo, custom: tuple[str, ...], unknown_fields: UnknownFields) -> None:
        self.text = text
        self.tz = tz
        self.custom = custom
        self.unknown_fields = unknown_fields
        self.tokens = tokenize(text)
        self.index = 0
        self.depth = 0
        self.conditions = 0

    def parse(self) -> Filter:
        self._refuse_surrogates()
        if not self.tokens:
            return EVERYTHING
        found = self._or()
        if self.index < len(self.tokens):
            token = self.tokens[self.index]
            raise self._error("this parenthesis closes nothing", token, hint="quote it if it is text")
        return found

    def _refuse_surrogates(self) -> None:
        for place, char in enumerate(self.text):
            if "\ud800" <= char <= "\udfff":
                raise FilterError("this character is half of one", self.text, place, place + 1)

    def _error(self, reason: str, token: Token, *, hint: str = "") -> FilterError:
        return FilterError(reason, self.text, token.start, token.end, hint=hint)

    def _kind(self) -> TokenKind | None:
        return self.tokens[self.index].kind if self.index < len(self.tokens) else None

    def _take(self) -> Token:
        self.index += 1
        return self.tokens[self.index - 1]

    def _or(self) -> Filter:
        parts = [self._and()]
        while self._kind() is TokenKind.OR:
            parts.append(self._operand_of(self._take(), self._and))
        return disjunction(parts)

    def _and(self) -> Filter:
        parts = [self._not()]
        while self._kind() is TokenKind.AND or self._kind() in _STARTS_TERM:
            parts.append(self._operand_of(self._take(), self._not) if self._kind() is TokenKind.AND else self._not())
        return conjunction(parts)

    def _operand_of(self, keyword: Token, read: Callable[[], Filter]) -> Filter:
        if self._kind() not in _STARTS_TERM:
            word = self.text[keyword.start : keyword.end]
            raise self._error(f"nothing to match after {word}", keyword, hint="quote it if it is text")
        return read()

    def _not(self) -> Filter:
        token = self._take()
        if token.kind not in (TokenKind.NOT, TokenKind.OPEN):
            return self._condition(token)
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._error(f"more than {DEEPEST} parentheses inside each other", token)
        found = self._negated(token) if token.kind is TokenKind.NOT else self._group(token)
        self.depth -= 1
        return found

    def _negated(self, sign: Token) -> Filter:
        return Not(self._operand_of(sign, self._not))

    def _group(self, opening: Token) -> Filter:
        if self._kind() is TokenKind.CLOSE:
            raise self._error("nothing between the parentheses", opening)
        if self._kind() is None:
            raise self._error("this parenthesis is not closed", opening)
        found = self._or()
        if self._kind() is not TokenKind.CLOSE:
            raise self._error("this parenthesis is not closed", opening)
        self._take()
        return found

    def _condition(self, token: Token) -> Filter:
        self.conditions += 1
        if self.conditions > LONGEST:
            raise self._error(f"more than {LONGEST:,} conditions", token)
        if token.kind is TokenKind.TEXT:
            return self._bare(token)
        if token.kind is TokenKind.FIELD:
            return self._term(token)
        if token.kind is TokenKind.UNCLOSED:
            raise self._error("this quote is not closed", token)
        word = self.text[token.start : token.end]
        missing = "a field is missing" if token.kind is TokenKind.OPERATOR else "nothing to match"
        raise self._error(f"{missing} before {word}", token, hint="quote it if it is text")

    def _bare(self, token: Token) -> Filter:
        if not token.text:
            raise self._error("nothing to search for", token)
        if not token.is_quoted and token.text in _JOINING:
            word = _JOINING[token.text]
            raise self._error(f"{token.text} does not join conditions here", token, hint=f"write {word}")
        self._refuse_single_quotes(token)
        if len(token.text) > LONGEST_WORD:
            raise self._error(f"the text is longer than {LONGEST_WORD:,} characters", token)
        return Text(token.text)

    def _refuse_single_quotes(self, token: Token) -> None:
        """Single quotes are part of the text here; a text between two of them is hardly ever meant so."""
        text = token.text
        if not token.is_quoted and len(text) > 1 and text[0] == text[-1] == "'":
            hint = f'write "{text[1:-1]}", or "{text}" if the quotes belong to the text'
            raise self._error("text is quoted with double quotes", token, hint=hint)

    def _term(self, name: Token) -> Filter:
        field = field_named(name.text, self.custom, is_quoted=name.is_quoted)
        if field is None and self.unknown_fields == "refuse":
            raise self._unknown(name)
        field = field or wire_field(name.text)
        sign = self._take()
        operator = self.text[sign.start : sign.end]
        value = self._regex(field, sign) if operator in ("~", "!~") else self._value(field, operator, sign)
        return Term(field, operator, value, self.text[name.start : name.end])

    def _unknown(self, name: Token) -> FilterError:
        near = nearest_field(name.text, self.custom)
        hint = f"did you mean {near}?" if near else "quote it if it is text to search for"
        return self._error(f"there is no field {name.text}", name, hint=hint)

    def _regex(self, field: Field, sign: Token) -> Pattern:
        token = self._value_token(field, sign, TokenKind.REGEX)
        if field.kind is Kind.TIME:
            raise self._error(f"{field.name} is a time: it has no regular expression", token)
        if token.is_quoted and len(token.pieces) > 1:
            raise self._error("a blank is missing after the quote", token)
        found = regex.mistake(token.text)
        if found is not None:
            start = token.start + token.is_quoted
            end = token.end if found.end is None else start + found.end
            raise FilterError(found.reason, self.text, min(start + found.start, token.end - 1), min(end, token.end))
        return Pattern(token.text)

    def _value_token(self, field: Field, sign: Token, *kinds: TokenKind) -> Token:
        kind = self._kind()
        if kind is TokenKind.UNCLOSED:
            raise self._error("this quote is not closed", self._take())
        if kind not in kinds:
            name = field.short or field.name
            raise self._error("a value is missing", sign, hint=f"{name}:- finds rows without {name}")
        return self._take()

    def _value(self, field: Field, operator: str, sign: Token) -> FilterValue:
        token = self._value_token(field, sign, TokenKind.VALUE, TokenKind.LIST)
        if token.kind is TokenKind.LIST:
            return self._list(field, operator, token)
        doubled = operator != ":" and token.start == sign.end and self.text[token.start] in "=~<>"
        if doubled:
            written = operator + self.text[token.start]
            raise self._error(f"there is no operator {written}", token, hint=f"write {_MEANT.get(written, operator)}")
        return self._single(field, operator, token)

    def _single(self, field: Field, operator: str, token: Token) -> FilterValue:
        if token.kind is TokenKind.UNCLOSED:
            raise self._error("this quote is not closed", token)
        self._refuse_single_quotes(token)
        try:
            return read_value(Written(token.pieces, field, operator, self.tz))
        except ValueMistakeError as mistake:
            raise self._error(mistake.reason, token, hint=mistake.hint) from None

    def _list(self, field: Field, operator: str, opening: Token) -> AnyOf:
        if operator in ORDER:
            raise self._error("a list is more than one value", opening, hint="compare with a single one")
        values: list[FilterValue] = []
        while True:
            if self._kind() is None:
                raise self._error("this list is not closed", opening)
            token = self._take()
            if token.kind not in (TokenKind.VALUE, TokenKind.UNCLOSED):
                raise self._error("a value is missing here", token)
            if self.text[token.start] == "(":
                raise self._error("lists do not stand inside lists", token, hint="quote it if it is text")
            values.append(self._single(field, operator, token))
            if self._kind() is TokenKind.VALUE:
                raise self._error("a comma is missing before this", self._take())
            if self._kind() is None:
                raise self._error("this list is not closed", opening)
            if self._take().kind is TokenKind.END_LIST:
                return AnyOf(tuple(values))
