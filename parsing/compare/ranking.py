"""The order of findings: the surest first; within a class of sureness one of each family in turn, the largest first."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parsing.compare.candidates import family_of
from parsing.compare.difference import LIKELY, SURE, Difference

LATENCY = "latency"

_LEAST_RATIO = 1.1
"""A difference of less than a tenth is of no use, however sure."""

_TICK = 10.0
"""Milliseconds added to both percentiles: from 1 ms to 3 ms is no change that anyone feels."""

SELDOM = 0.01
"""What chance makes of one value in a hundred is worth more than a burst, even where nothing is sure."""

_GREATEST = 64.0
"""A value that is new counts as this many times as frequent: how much more it is, nobody can say."""

_OF_TIMES = 2.0
"""A time that has doubled weighs as much as a share that is four times as large."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A finding with what its order depends on: its p-value, not corrected, and the evidence of its rows."""

    finding: Difference
    p: float
    evidence: float

    @property
    def is_of_times(self) -> bool:
        return self.finding.measure in ("p50", "p95")

    @property
    def ratio(self) -> float:
        """How many times as large the larger side is."""
        one = self.finding
        if self.is_of_times:
            return max(one.a + _TICK, one.b + _TICK) / (min(one.a, one.b) + _TICK)
        low, high = sorted((one.a, one.b))
        return min(high / low, _GREATEST) if low > 0 else _GREATEST

    @property
    def is_large(self) -> bool:
        return self.ratio >= _LEAST_RATIO

    @property
    def weight(self) -> float:
        """How large the difference is, by its ratio and, much damped, by how many rows it is seen in.

        A change of one value moves others a little: all requests when one path is slow. Their ratios are small.
        """
        factor = _OF_TIMES if self.is_of_times else 1.0
        return factor * math.log2(self.ratio) * math.log2(2 + self.evidence)

    @property
    def family(self) -> str:
        return LATENCY if self.is_of_times else family_of(self.finding.field)


def ranked(found: Iterable[Weighed]) -> tuple[Difference, ...]:
    """Findings in the order in which they should be read; what is too small to matter is left out."""
    classes: dict[int, list[Weighed]] = defaultdict(list)
    for one in _without_doubles(one for one in found if one.is_large):
        classes[_class_of(one)].append(one)
    return tuple(finding for place in sorted(classes) for finding in _in_turns(classes[place]))


def _class_of(one: Weighed) -> int:
    sure = one.finding.sure
    return 0 if sure >= SURE else 1 if sure >= LIKELY else 2 if one.p < SELDOM else 3


def _without_doubles(found: Iterable[Weighed]) -> list[Weighed]:
    """A template without a placeholder is a path: the same rows are one finding."""
    known = list(found)
    templates = {(one.finding.value, one.finding.measure, one.finding.log) for one in known if _is(one, "template")}
    return [
        one
        for one in known
        if not (_is(one, "path") and (one.finding.value, one.finding.measure, one.finding.log) in templates)
    ]


def _is(one: Weighed, field: str) -> bool:
    return one.finding.field == field


def _in_turns(found: Sequence[Weighed]) -> list[Difference]:
    """The largest of each family, the family with the largest first, then the second largest of each, and so on.

    Of a value whose p50 and p95 both differ, the second measure waits until all values have had their first.
    """
    families: dict[str, list[Weighed]] = defaultdict(list)
    for one in sorted(found, key=lambda one: (-one.weight, one.finding.field, str(one.finding.value))):
        families[one.family].append(one)
    turns: list[tuple[int, float, int, Difference]] = []
    for members in families.values():
        for place, one in enumerate(_firsts_first(members)):
            turns.append((place, -one.weight, len(turns), one.finding))
    return [finding for *_, finding in sorted(turns, key=lambda turn: turn[:3])]


def _firsts_first(members: Sequence[Weighed]) -> list[Weighed]:
    seen: dict[tuple[str, str | None], int] = defaultdict(int)
    order = []
    for place, one in enumerate(members):
        key = (one.finding.field, one.finding.value)
        order.append((seen[key], place, one))
        seen[key] += 1
    return [one for *_, one in sorted(order, key=lambda each: each[:2])]
