"""What a filter says, as a frozen tree of conditions; ``str`` of it is filter text that means the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as attribute

from parsing.filters.language.tokens import BARE_TEXT, KEYWORDS, quoted
from parsing.filters.values.value import FilterValue
from parsing.knowledge.fields import Field


class Filter:
    """Rows to keep. Frozen, hashable; equal filters keep equal rows."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class And(Filter):
    """Every part holds; without parts every row is kept. Build it with ``conjunction``."""

    parts: tuple[Filter, ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or(Filter):
    """Some part holds. Build it with ``disjunction``."""

    parts: tuple[Filter, ...]

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not(Filter):
    """The part does not hold."""

    part: Filter

    def __str__(self) -> str:
        inner = str(self.part)
        return f"-{inner}" if isinstance(self.part, (Term, Text)) else f"not ({inner})"


@dataclass(frozen=True, slots=True)
class Text(Filter):
    """A substring of any text field, ignoring case."""

    text: str

    def __str__(self) -> str:
        is_bare = BARE_TEXT.fullmatch(self.text) and self.text.lower() not in KEYWORDS
        return self.text if is_bare else quoted(self.text)


@dataclass(frozen=True, slots=True)
class Term(Filter):
    """A field, an operator and a value of the field's kind; ``spelled`` is how the field was named."""

    field: Field
    operator: str
    value: FilterValue
    spelled: str = attribute(compare=False)

    def __str__(self) -> str:
        return f"{self.spelled}{self.operator}{self.value.spelled_for(self.field)}"


EVERYTHING: Filter = And(())
"""The empty filter: it keeps every row."""


def conjunction(parts: Iterable[Filter]) -> Filter:
    """All of the parts, flat; a single one is itself."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat)


def disjunction(parts: Iterable[Filter]) -> Filter:
    """Any of the parts, flat; a single one is itself, and everything if one of them is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    if EVERYTHING in flat:
        return EVERYTHING
    return flat[0] if len(flat) == 1 else Or(flat)


def terms(where: Filter) -> Iterator[Term | Text]:
    """The conditions of a filter from left to right."""
    match where:
        case And(parts) | Or(parts):
            for part in parts:
                yield from terms(part)
        case Not(part):
            yield from terms(part)
        case Term() | Text():
            yield where
