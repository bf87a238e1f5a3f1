"""What is usual, and which events stand out against it.

Events are counted in windows of three lengths that start at an event. A window stands out where so many events are less
likely than ``FALSE_ALARMS`` divided by the number of windows that the log has room for: over events that come by chance at
their usual rate, at most about one log in a hundred has a false alarm for one pool and one family of reasons. The usual rate
is learned from blocks of ten minutes without the fullest tenth of them, so that incidents do not make themselves usual, once
over the whole log and once near by, of which the higher counts; what comes in clumps anyway is tested as so many clumps.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from parsing.correlation.stopping import Cancelled, never, stop_if

FALSE_ALARMS = 0.01
WINDOWS = (30_000, 120_000, 600_000)
"""Milliseconds; a trouble of any length between shows in one of them."""
BLOCK = 600_000
_FULLEST = 0.1
_NEAR = 12
"""Blocks to either side that count as near: two hours."""
_BETWEEN_LOOKS = 5_000
"""Events between two looks at whether the answer is still wanted."""
_SELDOM = 0.1
_LEAST_BLOCKS = 6
"""With fewer blocks, the log has shown too little for a rate of its own."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Events that stand out: numbers of the first and the last one, and how many are usual in such a time."""

    first: int
    last: int
    usual: float


class Usual:
    """The usual rate of some events. ``times`` are in order, all times in milliseconds."""

    def __init__(self, times: Sequence[int], begin: int, end: int) -> None:
        self._first = begin // BLOCK
        self._counts = [0] * (max(end, begin) // BLOCK - self._first + 1)
        for time in times:
            place = min(max(time // BLOCK - self._first, 0), len(self._counts) - 1)
            self._counts[place] += 1
        self._whole, self.clump = _trimmed(self._counts)
        self._near: dict[int, float] = {}

    @property
    def is_known(self) -> bool:
        return len(self._counts) >= _LEAST_BLOCKS

    def within(self, time: int, length: int) -> float:
        """How many events are usual in ``length`` milliseconds from ``time``."""
        block = time // BLOCK - self._first
        near = self._near.get(block)
        if near is None:
            around = self._counts[max(0, block - _NEAR) : block + _NEAR + 1]
            near = _trimmed(around)[0] if len(around) >= _LEAST_BLOCKS else 0.0
            self._near[block] = near
        return max(self._whole, near) * length / BLOCK


def _trimmed(counts: Sequence[int]) -> tuple[float, float]:
    """The mean of the blocks but the fullest, never nothing at all; and how many events come together."""
    kept = sorted(counts)[: max(1, len(counts) - max(1, math.ceil(len(counts) * _FULLEST)))] if len(counts) > 1 else [0]
    mean = sum(kept) / len(kept)
    spread = sum((count - mean) ** 2 for count in kept) / len(kept)
    # Half an event that was not seen: a reason that never came is not impossible.
    return mean + 0.5 / len(counts), max(1.0, spread / mean if mean else 1.0)


def excesses(
    times: Sequence[int], begin: int, end: int, least: int, gap: int = 120_000, cancelled: Cancelled = never
) -> list[Excess]:
    """The events that stand out, in runs with no gap longer than ``gap``; at least ``least`` in one window.

    Raises ``CancelledError`` soon after ``cancelled()`` is true.
    """
    if len(times) < least:
        return []
    usual = Usual(times, begin, end)
    hot: list[tuple[int, int]] = []
    for length in WINDOWS:
        limit = FALSE_ALARMS * length / (max(end - begin, length) * len(WINDOWS))
        upto = 0
        for number, time in enumerate(times):
            if number % _BETWEEN_LOOKS == 0:
                stop_if(cancelled)
            upto = bisect_left(times, time + length, max(upto, number + 1))
            count = upto - number
            if count >= least and _is_unlikely(count, usual.within(time, length), usual.clump, limit):
                hot.append((number, upto - 1))
    return [_trimmed_run(run, times, usual, gap) for run in _runs(sorted(hot), times, gap)]


def _trimmed_run(run: tuple[int, int], times: Sequence[int], usual: Usual, gap: int) -> Excess:
    """The part of a run that stands out as a whole: long windows begin and end with usual events.

    Every event counts for it, and every second counts as many events as lie between the usual rate and that of the run
    (their logarithmic mean, by which a likelihood ratio would judge); the part with the greatest sum is it. Where such
    events are otherwise hardly seen, those within ``gap`` milliseconds of it belong to it too.
    """
    first, last = run
    for _ in range(2):
        length = max(times[last] - times[first], 1_000)
        rate, normal = (last - first + 1) / length, usual.within(times[first], length) / length
        if rate <= normal * 1.01:
            break
        first, last = _greatest(times, first, last, (rate - normal) / math.log(rate / normal))
    if usual.within(times[first], gap) < _SELDOM:
        while first and times[first] - times[first - 1] <= gap:
            first -= 1
        while last + 1 < len(times) and times[last + 1] - times[last] <= gap:
            last += 1
    return Excess(first, last, usual.within(times[first], times[last] - times[first] + 1000))


def _greatest(times: Sequence[int], first: int, last: int, price: float) -> tuple[int, int]:
    """Numbers of the events between which there are most events, less ``price`` for each millisecond."""
    best, sum_, start = 0.0, 0.0, first
    found = first, last
    for number in range(first, last + 1):
        sum_ -= price * (times[number] - times[number - 1]) if number > first else 0
        if sum_ <= 0:
            sum_, start = 0.0, number
        sum_ += 1
        if sum_ > best:
            best, found = sum_, (start, number)
    return found


def _runs(hot: Sequence[tuple[int, int]], times: Sequence[int], gap: int) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for first, last in hot:
        if runs and (first <= runs[-1][1] + 1 and times[first] - times[min(runs[-1][1], first)] <= gap):
            runs[-1] = (runs[-1][0], max(runs[-1][1], last))
        else:
            runs.append((first, last))
    return runs


def _is_unlikely(count: int, usual: float, clump: float, limit: float) -> bool:
    return count > usual and _tail(count / clump, usual / clump) < limit


def _tail(count: float, mean: float) -> float:
    """An upper bound (Chernoff) of the chance that at least ``count`` come where ``mean`` are usual."""
    if count <= mean:
        return 1.0
    return math.exp(count - mean - count * math.log(count / mean))
