"""What every kind of filter value has: how it is read, its text, its examples, and its test of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar, Self

from parsing.filters.language.tokens import WordPiece
from parsing.knowledge.fields import Field, Kind

if TYPE_CHECKING:
    import polars as pl

    from parsing.filters.expressions.logic import Test
    from parsing.index.snapshot import Segment

ORDER = ("<", "<=", ">", ">=")
"""Operators that compare with one value and know more and less."""


class ValueMistakeError(Exception):
    """A value that cannot be one of its field; the grammar gives it its place in the filter."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it stands in a filter, with what it is written for; ``tz`` is the zone of its times."""

    pieces: tuple[WordPiece, ...]
    field: Field
    operator: str
    tz: tzinfo
    text: str = attribute(init=False)
    is_quoted: bool = attribute(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "".join(piece.text for piece in self.pieces))
        object.__setattr__(self, "is_quoted", any(piece.is_quoted for piece in self.pieces))

    @property
    def has_star(self) -> bool:
        """Whether a star stands outside of quotes, where it stands for anything."""
        return any("*" in piece.text for piece in self.pieces if not piece.is_quoted)

    @property
    def is_ordered(self) -> bool:
        return self.operator in ORDER

    @property
    def name(self) -> str:
        """What the field is called in hints."""
        return self.field.short or self.field.name

    def refuse_order(self) -> None:
        """Raise where ``<`` and its like are followed by what is more than one value."""
        if self.is_ordered:
            raise ValueMistakeError(f"{self.text} is more than one value", "compare with a single one")


@dataclass(frozen=True, slots=True)
class Subject:
    """What values are compared with: an expression of text or numbers, or the times of a segment.

    ``newest`` is the time of the newest row of the set, in UTC without zone; with ``segment`` it is given for times.
    """

    column: pl.Expr
    field: Field
    segment: Segment | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """Filter text of a value that help shows; completion offers it for ``fields``, by wire name, if ``is_offered``.

    A text that fits few logs, as a path does, is not offered.
    """

    text: str
    meaning: str
    fields: tuple[str, ...]
    is_offered: bool = True


@dataclass(frozen=True)
class FilterValue:
    """One value. ``str`` of it is filter text that means the same. Frozen and hashable."""

    __slots__ = ()

    examples: ClassVar[tuple[Example, ...]] = ()
    """What help and completion show of this kind."""

    is_single: ClassVar[bool] = False
    """Whether at most one logged value is meant."""

    names_nobody: ClassVar[bool] = False
    """Whether it may be shown where people and computers have pseudonyms."""

    @property
    def is_relative(self) -> bool:
        """Whether it means another time once the set has newer rows."""
        return False

    @classmethod
    def read(cls, written: Written) -> FilterValue | None:
        """The value of this kind that is written, None where it is of another kind.

        Raises ``ValueMistakeError`` for what can only be meant so, and is wrong.
        """
        raise NotImplementedError

    @classmethod
    def read_range(cls, written: Written) -> tuple[Self | None, Self | None] | None:  # noqa: ARG003
        """Both ends of a range of this kind, None where the text is none; raises ``ValueMistakeError``."""
        return None

    @classmethod
    def test(cls, values: Sequence[Self], subject: Subject, operator: str) -> Test:
        """Whether a row has one of the values: all of them in one operation, however many there are.

        ``!=`` and ``!~`` are turned round by the caller. Null where the row has no value.
        """
        raise NotImplementedError

    @classmethod
    def test_ranges(cls, ranges: Sequence[tuple[Self | None, Self | None]], subject: Subject) -> Test:
        """The same for ranges whose ends are of this kind."""
        raise NotImplementedError

    def spelled_for(self, field: Field) -> str:  # noqa: ARG002
        """Its text after the name of a field."""
        return str(self)

    def as_pattern(self, field: Field, operator: str) -> str | None:  # noqa: ARG002
        """A regular expression that matches the same texts ignoring case, for kinds that text is compared with."""
        return None


def is_text(field: Field) -> bool:
    """Whether the values of a field are compared as text."""
    return field.kind in (Kind.TEXT, Kind.ADDRESS)
