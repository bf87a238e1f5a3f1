"""Values of text: words, globs and regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from parsing.filters.language import regex
from parsing.filters.language.tokens import BARE_VALUE, ends_regex, quoted
from parsing.filters.values.address import LOOKS_LIKE_ADDRESS, as_network
from parsing.filters.values.value import Example, FilterValue, Subject, ValueMistakeError, Written, is_text
from parsing.knowledge.fields import VIRTUAL, Field, Kind
from parsing.suggest import did_you_mean

if TYPE_CHECKING:
    from parsing.filters.expressions.logic import Test

LOGS = ("iis", "httperr")

LONGEST_WORD = 8_000
"""Characters of text compared ignoring case; a longer one would not fit a regular expression."""


@dataclass(frozen=True, slots=True)
class Word(FilterValue):
    """One literal value of a field of text."""

    text: str

    def __str__(self) -> str:
        text = self.text
        is_bare = BARE_VALUE.fullmatch(text) and ".." not in text and not LOOKS_LIKE_ADDRESS.fullmatch(text)
        return text if is_bare and as_network(text) is None else quoted(text)

    def spelled_for(self, field: Field) -> str:
        """In a field of addresses a bare slash would promise a network."""
        return quoted(self.text) if field.kind is Kind.ADDRESS and "/" in self.text else str(self)

    @classmethod
    def read(cls, written: Written) -> Word:
        text, field = written.text, written.field
        if field in VIRTUAL and field.name == "log" and text.lower() not in LOGS:
            raise ValueMistakeError(
                f"{text} is no log", did_you_mean(text, LOGS, otherwise="the logs are iis and httperr")
            )
        if written.operator == ":":
            _check_length(text)
        return cls(text)

    @classmethod
    def test(cls, values: Sequence[Word], subject: Subject, operator: str) -> Test:
        from parsing.filters.expressions.texts import is_one_of

        return is_one_of(subject, [value.text for value in values], is_exact=operator in ("=", "!="))

    def as_pattern(self, field: Field, operator: str) -> str:
        from parsing.filters.expressions.texts import folded_word

        case = "(?-i)" if operator in ("=", "!=") else ""
        return rf"{case}\A{regex.escaped(folded_word(self.text, field))}\z"


@dataclass(frozen=True, slots=True)
class Glob(FilterValue):
    """Literal parts with anything between two of them: ``/a*b`` is ``("/a", "b")``. Build it with ``glob``."""

    parts: tuple[str, ...]

    examples: ClassVar[tuple[Example, ...]] = (
        Example("/reports/*", "* stands for anything, in quotes for itself", ("path",), is_offered=False),
    )

    def __str__(self) -> str:
        return "*".join(part if not part or BARE_VALUE.fullmatch(part) else quoted(part) for part in self.parts)

    @classmethod
    def read(cls, written: Written) -> Glob | None:
        if written.operator != ":":
            return None
        if is_text(written.field):
            return cls._of_pieces(written) if written.has_star else None
        if written.field.kind is not Kind.NUMBER or "*" not in written.text:
            return None
        parts = written.text.split("*")
        if not all(part.isascii() and (part.isdigit() or not part) for part in parts):
            reason = f"{written.field.name} is a number; {written.text} matches none"
            raise ValueMistakeError(reason)
        return glob(parts)

    @staticmethod
    def _of_pieces(written: Written) -> Glob:
        parts = [""]
        for piece in written.pieces:
            first, *rest = [piece.text] if piece.is_quoted else piece.text.split("*")
            parts[-1] += first
            parts += rest
        _check_length("".join(parts))
        return glob(parts)

    @classmethod
    def test(cls, values: Sequence[Glob], subject: Subject, operator: str) -> Test:  # noqa: ARG003
        from parsing.filters.expressions.texts import fits_glob

        return fits_glob(subject, [value.parts for value in values])

    def as_pattern(self, field: Field, operator: str) -> str:  # noqa: ARG002
        return rf"(?s)\A{'.*'.join(map(regex.escaped, self.parts))}\z"


@dataclass(frozen=True, slots=True)
class Pattern(FilterValue):
    """A regular expression in the syntax of Rust's regex crate, ignoring case; the grammar reads it."""

    text: str

    def __str__(self) -> str:
        is_bare = self.text and not self.text.startswith('"') and ends_regex(self.text, 0) == len(self.text)
        # Inside a list of parentheses a bare expression has to leave the closing one alone.
        return self.text if is_bare and ends_regex(self.text + ")", 0) == len(self.text) else quoted(self.text)

    @classmethod
    def test(cls, values: Sequence[Pattern], subject: Subject, operator: str) -> Test:  # noqa: ARG003
        from parsing.filters.expressions.logic import any_of
        from parsing.filters.expressions.texts import has_pattern

        return any_of(has_pattern(subject, value.text) for value in values)

    def as_pattern(self, field: Field, operator: str) -> str | None:  # noqa: ARG002
        return None if _IGNORES_BLANKS.search(self.text) else self.text


_IGNORES_BLANKS = re.compile(r"\(\?[a-zA-Z]*x")
"""An expression in which blanks mean nothing, but escaped ones do: it cannot be escaped further."""


def glob(parts: Iterable[str]) -> Glob:
    """A glob of at least two parts; stars next to each other are one."""
    first, *middle, last = parts
    return Glob((first, *(part for part in middle if part), last))


def _check_length(text: str) -> None:
    if len(text) > LONGEST_WORD:
        raise ValueMistakeError(f"the text is longer than {LONGEST_WORD:,} characters", "= compares text of any length")
