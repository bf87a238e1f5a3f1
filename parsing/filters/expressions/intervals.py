"""Intervals of numbers against columns of numbers, and of text that is a number."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from parsing.filters.expressions.logic import Test, any_of
from parsing.filters.expressions.sorted_intervals import APART, Interval, in_sorted, merged
from parsing.filters.expressions.texts import fold_of, folded
from parsing.filters.values.value import Subject
from parsing.knowledge.win32 import FOLDED, fold

_INT64 = (-(2**63), 2**63 - 1)
_WIDTH = {"UInt16": (0, 2**16 - 1), "UInt32": (0, 2**32 - 1)}

_NUMBER = r"\A-?[0-9]+(?:\.[0-9]+)?\z"


def has_number(subject: Subject, intervals: Sequence[Interval]) -> Test:
    """Whether a number is in one of the intervals. Null where the number is."""
    field = subject.field
    if field.name == "sc-win32-status":
        intervals = [raw for interval in intervals for raw in _with_hresults(interval)]
    low, high = width = _WIDTH.get(field.dtype, _INT64)
    cut = merged([(max(first, low), min(last, high)) for first, last in intervals])
    single = [first for first, last in cut if first == last]
    if len(single) > 3:
        cut = [(first, last) for first, last in cut if first < last]
    else:
        single = []
    found: list[pl.Expr] = [subject.column.is_in(single)] if single else []
    if len(cut) > APART:
        return any_of([*found, in_sorted(subject.column, cut)])
    return any_of([*found, *(_span(subject.column, *interval, width) for interval in cut)])


def is_ordered_text(subject: Subject, operator: str, bound: float) -> pl.Expr:
    """Whether a text is a number that is less or more than another; null where it is no number."""
    number = _number(subject)
    match operator:
        case "<":
            return number < bound
        case "<=":
            return number <= bound
        case ">":
            return number > bound
        case _:
            return number >= bound


def has_number_as_text(subject: Subject, bounds: Sequence[tuple[float, float]]) -> Test:
    """Whether a text is a number in one of the intervals; null where it is no number."""
    number = _number(subject)
    return any_of(number.is_between(low, high) for low, high in bounds)


def _number(subject: Subject) -> pl.Expr:
    text = folded(subject.column, fold_of(subject.field))
    return pl.when(text.str.contains(_NUMBER)).then(text.cast(pl.Float64, strict=False))


def _with_hresults(interval: Interval) -> list[Interval]:
    """The logged numbers whose code is in an interval, where a code in HRESULT form counts as the bare code."""
    low, high = interval
    if low == high:
        low = high = fold(low)
    found, start = [], low
    for first, last, base in FOLDED:
        found += [(start, min(high, first - 1)), (max(low + base, first), min(high + base, last))]
        start = max(start, last + 1)
    return [*found, (start, high)]


def _span(column: pl.Expr, low: int, high: int, width: Interval) -> pl.Expr:
    if low == high:
        return column == low
    if (low, high) == width:
        return column.is_not_null()
    if low == width[0]:
        return column <= high
    return column >= low if high == width[1] else column.is_between(low, high)
