"""And, or and not of tests that may be known before any row is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import and_, or_

import polars as pl

Test = pl.Expr | bool
"""An expression without nulls, or a constant."""


def never_null(test: pl.Expr) -> pl.Expr:
    """False where a test is null: a row that lacks what is tested does not pass."""
    return test.fill_null(value=False)


def as_expression(test: Test) -> pl.Expr:
    return pl.lit(test) if isinstance(test, bool) else test


def inverse(test: Test) -> Test:
    return (not test) if isinstance(test, bool) else ~test


def all_of(tests: Iterable[Test]) -> Test:
    """Whether every test holds; of no tests it does."""
    return _fold(tests, and_, neutral=True)


def any_of(tests: Iterable[Test]) -> Test:
    """Whether some test holds; of no tests none does."""
    return _fold(tests, or_, neutral=False)


def _fold(tests: Iterable[Test], combine: Callable[[pl.Expr, pl.Expr], pl.Expr], *, neutral: bool) -> Test:
    """One test of many, as a tree of little depth: Polars walks expressions by recursion."""
    left: list[pl.Expr] = []
    for test in tests:
        if isinstance(test, pl.Expr):
            left.append(test)
        elif test is not neutral:
            return not neutral
    while len(left) > 1:
        pairs = [combine(left[place], left[place + 1]) for place in range(0, len(left) - 1, 2)]
        left = pairs + left[len(left) - len(left) % 2 :]
    return left[0] if left else neutral
