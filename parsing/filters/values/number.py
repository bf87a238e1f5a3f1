"""Values of numbers, with units, and classes of statuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, ClassVar

from parsing.filters.values.value import Example, FilterValue, Subject, ValueMistakeError, Written
from parsing.knowledge.fields import Field, Kind

if TYPE_CHECKING:
    from parsing.filters.expressions.logic import Test

UNITS: dict[str, dict[str, int]] = {
    "ms": {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000},
    "B": {"b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000},
}
"""Units a field may be written in, by the unit it is logged in; in any case."""

UNIT_NAMES = {"ms": "ms, s, m, h or d", "B": "B, KB, MB or GB"}

LEAST, GREATEST = -(2**63), 2**63 - 1
"""The whole numbers that a row can have."""

_NUMBER = re.compile(r"(-?[0-9]{1,30}(?:\.[0-9]{1,30})?)([A-Za-z]*)")
_HEX = re.compile(r"0x[0-9a-f]{1,16}", re.IGNORECASE)
_STATUS_CLASS = re.compile(r"([1-9])xx", re.IGNORECASE)
_SUBSTATUS = re.compile(r"[1-5][0-9]{2}\.[0-9]+")

_BYTES = ("sc-bytes", "cs-bytes")


@dataclass(frozen=True, slots=True)
class Number(FilterValue):
    """A number in the unit of its field; ``spelled`` is how it was written."""

    value: Fraction
    spelled: str = attribute(compare=False)

    examples: ClassVar[tuple[Example, ...]] = (
        Example("500..503", "a range", ("sc-status",)),
        Example("5s..", "five seconds and more", ("time-taken",)),
        Example("..100ms", "at most a tenth of a second", ("time-taken",)),
        Example("1MB..", "a million bytes and more", _BYTES),
    )
    is_single: ClassVar[bool] = True
    names_nobody: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.spelled

    @classmethod
    def read(cls, written: Written) -> Number | None:
        if written.field.kind is Kind.NUMBER:
            return cls.of(written.text, written.field)
        if written.field.kind is not Kind.TEXT or not written.is_ordered:
            return None
        end = cls.without_unit(written.text)
        if end is None:
            reason = f"{written.field.name} is text: it is more or less than a number at most"
            raise ValueMistakeError(reason, "compare with : or =")
        return end

    @classmethod
    def of(cls, text: str, field: Field) -> Number:
        """A number in the unit of a field, a Windows code also as ``0x80070040``; raises ``ValueMistakeError``."""
        if field.name == "sc-win32-status" and _HEX.fullmatch(text):
            return cls(Fraction(int(text, 16)), text)
        found = _NUMBER.fullmatch(text)
        if found is None:
            raise ValueMistakeError(f"{field.name} is a number; {text} is not", _hint(text, field))
        digits, unit = found.groups()
        value = Fraction(digits)
        if unit:
            value *= _factor(unit, text, field)
        elif value.denominator != 1 and not field.unit:
            raise ValueMistakeError(f"{field.name} has no fractions", _hint(text, field))
        return cls(value, text)

    @classmethod
    def without_unit(cls, text: str) -> Number | None:
        """A number without unit; None for anything else."""
        found = _NUMBER.fullmatch(text)
        return cls(Fraction(found[1]), text) if found and not found[2] else None

    @classmethod
    def read_range(cls, written: Written) -> tuple[Number | None, Number | None] | None:
        first, _, last = written.text.partition("..")
        if written.field.kind is Kind.NUMBER:
            written.refuse_order()
            if not first and not last:
                raise ValueMistakeError("a range needs at least one end", f"{written.name}:5..10, 5.. or ..10")
            low, high = (cls.of(end, written.field) if end else None for end in (first, last))
            way_out = "swap its ends"
        elif written.field.kind is Kind.TEXT and written.operator == ":" and not written.is_quoted:
            low, high = (cls.without_unit(end) if end else None for end in (first, last))
            if (first and low is None) or (last and high is None) or not (low or high):
                return None  # any other text with two dots is text: /a/../b
            way_out = "swap its ends, or quote it if it is text"
        else:
            return None
        if low is not None and high is not None and high.value < low.value:
            raise ValueMistakeError(f"{written.text} ends before it begins", way_out)
        return low, high

    def interval(self, operator: str) -> tuple[int, int]:
        """The least and the greatest whole number that an operator means with this one."""
        spans = {
            "<": (LEAST, ceil(self.value) - 1),
            "<=": (LEAST, floor(self.value)),
            ">": (floor(self.value) + 1, GREATEST),
            ">=": (ceil(self.value), GREATEST),
        }
        return spans.get(operator, (ceil(self.value), floor(self.value)))

    @classmethod
    def test(cls, values: Sequence[Number], subject: Subject, operator: str) -> Test:
        from parsing.filters.expressions import intervals
        from parsing.filters.expressions.logic import any_of

        if subject.field.kind is Kind.NUMBER:
            return intervals.has_number(subject, [value.interval(operator) for value in values])
        return any_of(intervals.is_ordered_text(subject, operator, float(value.value)) for value in values)

    @classmethod
    def test_ranges(cls, ranges: Sequence[tuple[Number | None, Number | None]], subject: Subject) -> Test:
        from parsing.filters.expressions import intervals

        if subject.field.kind is Kind.NUMBER:
            ends = [
                (LEAST if low is None else ceil(low.value), GREATEST if high is None else floor(high.value))
                for low, high in ranges
            ]
            return intervals.has_number(subject, ends)
        bounds = [
            (float("-inf") if low is None else float(low.value), float("inf") if high is None else float(high.value))
            for low, high in ranges
        ]
        return intervals.has_number_as_text(subject, bounds)


@dataclass(frozen=True, slots=True)
class StatusClass(FilterValue):
    """``5xx``: the statuses from ``hundred`` to ``hundred`` + 99."""

    hundred: int

    examples: ClassVar[tuple[Example, ...]] = (
        Example("5xx", "server errors", ("sc-status",)),
        Example("4xx", "client errors", ("sc-status",)),
    )
    names_nobody: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.hundred // 100}xx"

    @classmethod
    def read(cls, written: Written) -> StatusClass | None:
        found = _STATUS_CLASS.fullmatch(written.text)
        if found is None or written.field.kind is not Kind.NUMBER:
            return None
        if written.field.name != "sc-status":
            raise ValueMistakeError(f"{written.text} is a class of statuses, and {written.field.name} is none")
        written.refuse_order()
        return cls(int(found[1]) * 100)

    @classmethod
    def test(cls, values: Sequence[StatusClass], subject: Subject, operator: str) -> Test:  # noqa: ARG003
        from parsing.filters.expressions.intervals import has_number

        return has_number(subject, [(value.hundred, value.hundred + 99) for value in values])


def _factor(unit: str, text: str, field: Field) -> int:
    units = UNITS.get(field.unit)
    if units is None:
        raise ValueMistakeError(f"{field.name} has no unit, {text} has one")
    if unit.lower() not in units:
        raise ValueMistakeError(f"{unit} is no unit of {field.name}", f"its units are {UNIT_NAMES[field.unit]}")
    return units[unit.lower()]


def _hint(text: str, field: Field) -> str:
    if field.name == "sc-status" and _SUBSTATUS.fullmatch(text):
        status, substatus = text.split(".")
        return f"write status:{status} substatus:{substatus}"
    if "," in text:
        return f"several values stand in parentheses: {field.short or field.name}:({', '.join(text.replace(',', ' ').split())})"
    if text.startswith(("<", ">", "=")):
        return f"leave out the colon: {field.short or field.name}{text}"
    return ""
