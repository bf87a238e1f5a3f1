"""The time-outs of a server, learned from how long before its rows something happened.

The documents disagree on the time-out of dead connections (one or two minutes, DOMAIN.md 4.2), and an administrator may
have changed the others. Each shows as an edge in a histogram of lags: an idle connection is closed one time-out after
its last response, up to one sweep late; a client that left and asks again does so at most one time-out (and a sweep)
before the row. Histograms have one bin a second, from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, log

from parsing.correlation.assumptions import (
    ASKS_MEANWHILE,
    DEFAULT_TAIL,
    FEW_DROP_LAGS,
    FEW_LAGS,
    LAGS_TRUSTED,
    MANY_WAITS,
    ODD_SECONDS,
    ROUND_SECONDS,
    TAIL,
    UNDOCUMENTED,
    WAIT_COSTS,
    WAITS_AT_LEAST,
)
from parsing.correlation.server.sweep import PERIOD

LONGEST_LAG = 420
"""Seconds before a row that are looked at."""
_SHORTEST, _LONGEST = 10, 320
_REACH = 60


@dataclass(frozen=True, slots=True)
class Timeout:
    """A time-out in seconds: between ``earliest`` and ``latest``, most likely ``likely``; ``seen`` lags agree with it."""

    earliest: float
    likely: float
    latest: float
    seen: int = 0


def _roundness(seconds: int) -> float:
    """Administrators choose round numbers."""
    return next((chance for divisor, chance in ROUND_SECONDS if seconds % divisor == 0), ODD_SECONDS)


def _zombie_prior(seconds: int) -> float:
    """One minute or two, says Microsoft."""
    return 1.0 if seconds in (60, 120) else _roundness(seconds) * (1 if 60 < seconds < 120 else UNDOCUMENTED)


def _default_prior(seconds: int) -> float:
    """Two minutes, unless someone changed it (DOMAIN.md 2.3)."""
    return 1.0 if seconds == 120 else UNDOCUMENTED * _roundness(seconds)


Fit = tuple[float, float, float]
"""How much better something explains the counts (log-likelihood), how many counts that is, and what it costs to believe."""


def idle_timeout(counts: Sequence[float]) -> Timeout:
    """From the lags between the ends of a client's requests and the row that closed its silent connection."""
    shape = _whole([0.5, *[1.0] * (PERIOD - 1), 0.5])

    def fits(seconds: int) -> list[Fit]:
        below = counts[max(0, seconds - 9) : max(0, seconds - 2)]
        above = counts[seconds + PERIOD + 3 : seconds + PERIOD + 10]
        noise = max((sum(below) + sum(above)) / (len(below) + len(above)), 0.02)
        return [(*_excess(counts[seconds : seconds + PERIOD + 1], shape, noise), 0.0)]

    found = _learned(fits, _default_prior, DEFAULT_TAIL)
    return found if found.seen >= FEW_LAGS else _learned(lambda _: [(0.0, 0.0, 0.0)], _default_prior, DEFAULT_TAIL)


def body_timeout(counts: Sequence[float]) -> Timeout:
    """From the lags between the starts of the requests that ended with a row of the body timer and that row.

    A body stalls when its request begins or some time later, so lags fill the seconds from the edge upwards.
    """
    shape = _whole([0.5, *[1.0] * (PERIOD - 1), 0.5, *(exp(-second / 30) / 3 for second in range(1, _REACH))])

    def fits(seconds: int) -> list[Fit]:
        below = counts[max(0, seconds - 60) : max(0, seconds - 1)]
        noise = max(sum(below) / max(1, len(below)), 0.02)
        return [(*_excess(counts[seconds : seconds + len(shape)], shape, noise), 0.0)]

    found = _learned(fits, _default_prior, DEFAULT_TAIL)
    return found if found.seen >= FEW_LAGS else _learned(lambda _: [(0.0, 0.0, 0.0)], _default_prior, DEFAULT_TAIL)


def zombie_timeout(answered: Sequence[float], left: Sequence[float], waits: Sequence[float] = ()) -> Timeout:
    """From the lags between the requests of the same client and URI around a drop, and the drop.

    Asking again takes a moment, so lags of what the client asked for next fill the seconds below the edge; all others are
    noise. Just above it the client still waited for what was dropped. Of requests that the client ``left`` in their turn
    more are earlier attempts than of those that were ``answered``, so each have a noise of their own. ``waits`` are the
    seconds after which clients of this server ask again, where the moment of their loss is known.
    """
    costs = _wait_costs(waits)
    shapes = [(shape, costs[wait]) for shape, wait in _retry_shapes()] + _seen_shapes(waits)
    parts = [_Lags(counts) for counts in (answered, left)]

    def fits(seconds: int) -> list[Fit]:
        gained = [part.gained(seconds, shapes) for part in parts]
        return [
            (sum(gain for gain, _ in found), sum(seen for _, seen in found), cost)
            for (_, cost), *found in zip(shapes, *gained, strict=True)
        ]

    found = _learned(fits, _zombie_prior, TAIL)
    return found if found.seen >= FEW_DROP_LAGS else _learned(lambda _: [(0.0, 0.0, 0.0)], _zombie_prior, TAIL)


@dataclass(frozen=True, slots=True)
class _Lags:
    """Lags of one kind of request, one count a second."""

    counts: Sequence[float]

    def gained(self, seconds: int, shapes: Sequence[tuple[Sequence[float], float]]) -> list[tuple[float, float]]:
        """For each shape how much better an edge at ``seconds`` explains the counts than noise alone, and how many are its."""
        counts, total = self.counts, sum(self.counts)
        top = seconds + PERIOD + 1
        inside = [counts[top - back] for back in range(min(_REACH, top))]
        noise = (total - sum(inside) + 0.5) / (len(counts) - len(inside) + 1)
        above = counts[top + 1 : top + 1 + WAITS_AT_LEAST]
        waited = sum(above) * log(ASKS_MEANWHILE) + (1 - ASKS_MEANWHILE) * noise * len(above)
        if sum(inside) <= noise * len(inside):
            return [(0.0, 0.0)] * len(shapes)
        plain = (total + 0.5) / (len(counts) + 1)
        gained = total * log(noise / plain) - (noise - plain) * len(counts) + waited
        return [(gain + gained, seen) for gain, seen in (_excess(inside, shape, noise) for shape, _ in shapes)]


_FIRST_WAITS = 0.03
_WAITS = (0, 1, 2, 3, 5, 8, 10, 15, 20, 30)


def _wait_costs(waits: Sequence[float]) -> dict[int, float]:
    """What it costs to believe that clients wait at least so long."""
    total = sum(waits[:_REACH])
    if total < MANY_WAITS:
        return {wait: wait * WAIT_COSTS for wait in _WAITS}
    below, least = 0.0, 0
    for seconds, number in enumerate(waits):
        below += number
        if below > _FIRST_WAITS * total:
            least = seconds
            break
    return {wait: abs(wait - least) * 1.0 for wait in _WAITS}


def _excess(counts: Sequence[float], shape: Sequence[float], noise: float) -> tuple[float, float]:
    """How much better (log-likelihood) counts are explained by noise plus something of a shape, and how many that are.

    The parts of a shape sum to 1.
    """
    seen = max(0.0, sum(counts) - noise * len(counts))
    if not seen:
        return 0.0, 0.0
    more = seen / noise
    pairs = zip(counts, shape, strict=False)
    return sum(count * log(1 + more * part) for count, part in pairs if count) - seen, seen


def _whole(parts: Sequence[float]) -> list[float]:
    total = sum(parts)
    return [part / total for part in parts]


@cache
def _retry_shapes() -> tuple[tuple[tuple[float, ...], int], ...]:
    """Shares of the lags 0, 1, 2 ... seconds below the edge, for several habits of asking again, and the least wait."""
    return tuple((_retry_shape(wait, mean), wait) for wait in _WAITS for mean in (1, 3, 8, 20, 50))


def _retry_shape(wait: int, mean: float) -> tuple[float, ...]:
    """The client asks after ``wait`` seconds and some more on average."""
    return _swept([exp(-second / mean) - exp(-(second + 1) / mean) for second in range(_REACH)], wait)


def _seen_shapes(waits: Sequence[float]) -> list[tuple[tuple[float, ...], float]]:
    """As clients were seen to ask again elsewhere, which costs nothing to believe; none if too few were seen."""
    total = sum(waits[:_REACH])
    if total < MANY_WAITS:
        return []
    smooth = [sum(waits[max(0, second - 1) : second + 2]) / 3 / total for second in range(_REACH)]
    return [(_swept(smooth, 0), 0.0)]


def _swept(shares: Sequence[float], wait: int) -> tuple[float, ...]:
    """Shares by seconds after ``wait``, when the sweep comes up to ``PERIOD`` seconds late."""
    parts = 4
    shape = [0.0] * (len(shares) + wait + 2 * PERIOD)
    for step in range(PERIOD * parts):
        early = PERIOD - (step + 0.5) / parts
        for second, share in enumerate(shares):
            shape[int(early + wait + second + 1)] += share / (PERIOD * parts)
    return tuple(_whole(shape[:_REACH]))


def _learned(fits: Callable[[int], list[Fit]], prior: Callable[[int], float], tail: float) -> Timeout:
    """What is likely by all fits of each number of seconds together."""
    found = {seconds: fits(seconds) for seconds in range(_SHORTEST, _LONGEST)}
    trust = min(1.0, LAGS_TRUSTED / max(1.0, *(seen for tried in found.values() for _, seen, _ in tried))) / 2
    scores = {
        seconds: log(prior(seconds)) + _log_mean([trust * gain - cost for gain, _, cost in tried])
        for seconds, tried in found.items()
    }
    top = max(scores.values())
    weights = {seconds: exp(score - top) for seconds, score in scores.items()}
    total, below = sum(weights.values()), 0.0
    inside = []
    for seconds, weight in weights.items():
        if below + weight > tail * total and below < (1 - tail) * total:
            inside.append(seconds)
        below += weight
    likely = max(weights, key=lambda seconds: weights[seconds])
    return Timeout(inside[0], likely, inside[-1], int(max(found[likely])[1]))


def _log_mean(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + log(sum(exp(value - top) for value in logs) / len(logs))
