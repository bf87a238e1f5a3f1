"""``a..b``: from one value to another, and ``(a, b, c)``: any of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING

from parsing.filters.values.address import Address
from parsing.filters.values.moment import Moment
from parsing.filters.values.number import Number
from parsing.filters.values.value import FilterValue, Subject, Written
from parsing.knowledge.fields import Field

if TYPE_CHECKING:
    from parsing.filters.expressions.logic import Test

ENDS: tuple[type[FilterValue], ...] = (Number, Moment, Address)
"""Kinds of values that a range may have at its ends, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Range(FilterValue):
    """From ``low`` to ``high``, both included; None leaves an end open. Both ends are of one kind."""

    low: FilterValue | None
    high: FilterValue | None

    def __str__(self) -> str:
        return f"{'' if self.low is None else self.low}..{'' if self.high is None else self.high}"

    @property
    def is_relative(self) -> bool:
        return any(end is not None and end.is_relative for end in (self.low, self.high))

    @property
    def kind(self) -> type[FilterValue]:
        """The kind of values at its ends."""
        return next(kind for kind in ENDS if isinstance(self.low or self.high, kind))

    @classmethod
    def read(cls, written: Written) -> Range | None:
        if ".." not in written.text:
            return None
        ends = next((found for kind in ENDS if (found := kind.read_range(written)) is not None), None)
        return None if ends is None else cls(*ends)

    @classmethod
    def test(cls, values: Sequence[Range], subject: Subject, operator: str) -> Test:  # noqa: ARG003
        from parsing.filters.expressions.logic import any_of

        kinds = {value.kind for value in values}
        return any_of(
            kind.test_ranges([(value.low, value.high) for value in values if value.kind is kind], subject)
            for kind in kinds
        )


@dataclass(frozen=True, eq=False, slots=True)
class AnyOf(FilterValue):
    """A list of values, one of which is meant; the grammar reads it."""

    values: tuple[FilterValue, ...]
    _hash: list[int] = attribute(default_factory=list, repr=False)
    """The hash once it is known: lists may have 100,000 values, and filters are keys of what was found for them."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyOf) and hash(self) == hash(other) and self.values == other.values

    def __hash__(self) -> int:
        if not self._hash:
            self._hash.append(hash(self.values))
        return self._hash[0]

    def __str__(self) -> str:
        return "(" + ", ".join(map(str, self.values)) + ")"

    @property
    def is_relative(self) -> bool:
        return any(value.is_relative for value in self.values)

    def spelled_for(self, field: Field) -> str:
        return "(" + ", ".join(value.spelled_for(field) for value in self.values) + ")"
