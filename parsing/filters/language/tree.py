"""What a filter says, as frozen values; ``str`` of each is filter text that means the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from parsing.filters.language.tokens import KEYWORDS, ends_regex
from parsing.knowledge.fields import Field
from parsing.knowledge.fields import Kind as FieldKind

BARE_TEXT = re.compile(r"[\w./?&%+@;\\][\w./?&%+@;\\#-]*")
BARE_VALUE = re.compile(r"[\w./?&%+@;\\][\w./?&%+@;\\#:=-]*")
LOOKS_LIKE_ADDRESS = re.compile(r"[0-9]+(\.[0-9]*)+|[^/]*:.*", re.DOTALL)
"""Unquoted text that has to be an address where an address belongs."""


def quoted(text: str) -> str:
    """Text in quotes, as a filter reads it back."""
    return '"' + text.replace('"', '""') + '"'


def as_network(text: str) -> IPv4Network | IPv6Network | None:
    """``10.2.0.0/16`` as a network, whatever its host bits; None for anything that is none."""
    if "/" not in text:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


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
class Word:
    """One literal value."""

    text: str

    def __str__(self) -> str:
        text = self.text
        is_bare = BARE_VALUE.fullmatch(text) and ".." not in text and not LOOKS_LIKE_ADDRESS.fullmatch(text)
        return text if is_bare and as_network(text) is None else quoted(text)


@dataclass(frozen=True, slots=True)
class Glob:
    """Literal parts with anything between two of them: ``/a*b`` is ``("/a", "b")``. Build it with ``glob``."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "*".join(part if not part or BARE_VALUE.fullmatch(part) else quoted(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression in the syntax of Rust's regex crate, ignoring case."""

    text: str

    def __str__(self) -> str:
        is_bare = self.text and not self.text.startswith('"') and ends_regex(self.text, 0) == len(self.text)
        # Inside a list of parentheses a bare expression has to leave the closing one alone.
        return self.text if is_bare and ends_regex(self.text + ")", 0) == len(self.text) else quoted(self.text)


@dataclass(frozen=True, slots=True)
class Absent:
    """``-``: the field was not logged."""

    def __str__(self) -> str:
        return "-"


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the unit of its field; ``spelled`` is how it was written."""

    value: Fraction
    spelled: str = attribute(compare=False)

    def __str__(self) -> str:
        return self.spelled


@dataclass(frozen=True, slots=True)
class StatusClass:
    """``5xx``: the statuses from ``hundred`` to ``hundred`` + 99."""

    hundred: int

    def __str__(self) -> str:
        return f"{self.hundred // 100}xx"


@dataclass(frozen=True, slots=True)
class Address:
    """One address, without zone; an IPv4-mapped one is its IPv4 address."""

    address: IPv4Address | IPv6Address

    def __str__(self) -> str:
        return str(self.address)


@dataclass(frozen=True, slots=True)
class Network:
    """The addresses of a network."""

    network: IPv4Network | IPv6Network

    def __str__(self) -> str:
        return str(self.network)


@dataclass(frozen=True, slots=True)
class Instant:
    """A span of absolute time, ``start`` to before ``end`` in naive UTC: a day, an hour, a minute, down to 1 ms."""

    start: datetime
    end: datetime
    spelled: str = attribute(compare=False)

    def __str__(self) -> str:
        return quoted(self.spelled) if " " in self.spelled else self.spelled


@dataclass(frozen=True, slots=True)
class Clock:
    """A span of every day, in milliseconds after midnight of ``tz``, ``start`` to before ``end``."""

    start: int
    end: int
    tz: tzinfo
    spelled: str = attribute(compare=False)

    def __str__(self) -> str:
        return self.spelled


@dataclass(frozen=True, slots=True)
class Ago:
    """So long before the newest row of the set."""

    before: timedelta
    spelled: str = attribute(compare=False)

    def __str__(self) -> str:
        return self.spelled


Single = Word | Glob | Pattern | Absent | Number | StatusClass | Address | Network | Instant | Clock | Ago
End = Number | Address | Instant | Clock | Ago


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; None leaves an end open. Both ends are of one kind."""

    low: End | None
    high: End | None

    def __str__(self) -> str:
        return f"{'' if self.low is None else self.low}..{'' if self.high is None else self.high}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A list of values, one of which is meant."""

    values: tuple[Single | Range, ...]

    def __str__(self) -> str:
        return "(" + ", ".join(map(str, self.values)) + ")"


Value = Single | Range | AnyOf


@dataclass(frozen=True, slots=True)
class Term(Filter):
    """A field, an operator and a value of the field's kind; ``spelled`` is how the field was named."""

    field: Field
    operator: str
    value: Value
    spelled: str = attribute(compare=False)

    def __str__(self) -> str:
        written = _of_addresses(self.value) if self.field.kind is FieldKind.ADDRESS else str(self.value)
        return f"{self.spelled}{self.operator}{written}"


def _of_addresses(value: Value) -> str:
    """A value of a field of addresses, where a bare slash would promise a network."""
    if isinstance(value, AnyOf):
        return "(" + ", ".join(map(_of_addresses, value.values)) + ")"
    return quoted(value.text) if isinstance(value, Word) and "/" in value.text else str(value)


EVERYTHING: Filter = And(())
"""The empty filter: it keeps every row."""


def glob(parts: Iterable[str]) -> Glob:
    """A glob of at least two parts; stars beside each other are one."""
    first, *middle, last = parts
    return Glob((first, *(part for part in middle if part), last))


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
