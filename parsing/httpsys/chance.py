"""Seeded draws that give the same numbers on every platform and Python.

Only ``random()`` and ``getrandbits()`` are used, and exponential and log-normal tables are computed with
plain arithmetic: ``math.log`` and ``math.exp`` may differ in the last bit between C libraries.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

_STEPS = 4096
_HALF_WIDTH = 3.4641016151377544
"""Four uniform numbers summed and scaled to variance 1 lie within this many standard deviations."""


def _exp(x: float) -> float:
    y = x / 1024
    power = 1 + y * (1 + y / 2 * (1 + y / 3 * (1 + y / 4)))
    for _ in range(10):
        power *= power
    return power


def _minus_log(u: float) -> float:
    halvings = 0
    while u < 0.5:
        u *= 2
        halvings += 1
    ratio = (1 - u) / (1 + u)
    square, term, total = ratio * ratio, ratio, 0.0
    for odd in range(1, 41, 2):
        total += term / odd
        term *= square
    return 2 * total + halvings * 0.6931471805599453


@cache
def _exponentials() -> tuple[float, ...]:
    return tuple(_minus_log((step + 0.5) / _STEPS) for step in range(_STEPS))


@cache
def _log_normals(sigma: float) -> tuple[float, ...]:
    width = _HALF_WIDTH * sigma
    return tuple(_exp(width * (2 * (step + 0.5) / _STEPS - 1)) for step in range(_STEPS))


class Chance:
    """One stream of random numbers. Streams with different names do not disturb each other."""

    __slots__ = ("_exponential", "bits", "unit")

    def __init__(self, seed: int, stream: int = 0) -> None:
        random = Random(seed * 1_000_003 + stream)
        self.unit = random.random
        self.bits = random.getrandbits
        self._exponential = _exponentials()

    def below(self, limit: int) -> int:
        return int(self.unit() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def exponential(self, mean: float) -> int:
        return int(mean * self._exponential[self.bits(12)])

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[int(self.unit() * len(choices))]


class LogNormal:
    """Whole numbers with a median and a spread; the largest is about ``median * exp(3.4 * sigma)``."""

    __slots__ = ("_table", "median")

    def __init__(self, median: float, sigma: float) -> None:
        self.median = median
        self._table = _log_normals(sigma)

    def draw(self, chance: Chance) -> int:
        bits = chance.bits(64)
        total = (bits & 65535) + (bits >> 16 & 65535) + (bits >> 32 & 65535) + (bits >> 48)
        return int(self.median * self._table[total >> 6])


class Weighted(Generic[T]):
    """Choices with weights."""

    __slots__ = ("_bounds", "_choices")

    def __init__(self, choices: Sequence[tuple[float, T]]) -> None:
        self._bounds = list(accumulate(weight for weight, _ in choices))
        self._choices = [choice for _, choice in choices]

    def draw(self, chance: Chance) -> T:
        return self._choices[bisect_right(self._bounds, chance.unit() * self._bounds[-1])]
