"""Values of number fields as intervals of whole numbers, and those as expressions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from math import ceil, floor
from operator import or_

import polars as pl

from parsing.filters.expressions.matching import glob_regex
from parsing.filters.language import regex
from parsing.filters.language.tree import Glob, Number, Pattern, Range, Single, StatusClass
from parsing.knowledge.fields import Field
from parsing.knowledge.win32 import FOLDED, fold

_INT64 = (-(2**63), 2**63 - 1)
_WIDTH = {"UInt16": (0, 2**16 - 1), "UInt32": (0, 2**32 - 1)}

Interval = tuple[int, int]
"""Least and greatest number, both included."""


def matches(column: pl.Expr, values: Iterable[Single | Range], operator: str, field: Field) -> pl.Expr | bool:
    """Whether a number is one of the values; ``!=`` and ``!~`` are left to the caller. Null where the number is."""
    found: list[pl.Expr] = []
    intervals: list[Interval] = []
    for value in values:
        match value:
            case Glob(parts):
                found.append(column.cast(pl.String).str.contains(glob_regex(parts)))
            case Pattern(pattern):
                found.append(column.cast(pl.String).str.contains(regex.FLAGS + pattern))
            case _:
                intervals.append(_interval(value, operator))
    if field.name == "sc-win32-status":
        intervals = [raw for interval in intervals for raw in _with_hresults(interval)]
    found += _between(column, intervals, _WIDTH.get(field.dtype, _INT64))
    return reduce(or_, found) if found else False


def _interval(value: Single | Range, operator: str) -> Interval:
    low, high = _INT64
    match value:
        case StatusClass(hundred):
            return hundred, hundred + 99
        case Range(first, last):
            return (
                ceil(first.value) if isinstance(first, Number) else low,
                floor(last.value) if isinstance(last, Number) else high,
            )
        case Number(number):
            return {
                "<": (low, ceil(number) - 1),
                "<=": (low, floor(number)),
                ">": (floor(number) + 1, high),
                ">=": (ceil(number), high),
            }.get(operator, (ceil(number), floor(number)))
    raise AssertionError(value)


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


def _between(column: pl.Expr, intervals: Iterable[Interval], width: Interval) -> list[pl.Expr]:
    """Expressions that together say whether a column is in one of the intervals; empty ones are left out."""
    cut = [(max(low, width[0]), min(high, width[1])) for low, high in intervals]
    single = sorted({low for low, high in cut if low == high})
    found = [_span(column, low, high, width) for low, high in cut if low < high]
    if len(single) > 3:
        return [*found, column.is_in(single)]
    return [*found, *(column == number for number in single)]


def _span(column: pl.Expr, low: int, high: int, width: Interval) -> pl.Expr:
    if (low, high) == width:
        return column.is_not_null()
    if low == width[0]:
        return column <= high
    return column >= low if high == width[1] else column.is_between(low, high)
