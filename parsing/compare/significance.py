"""How surely two shares differ: Welch's t-test on batches of rows, corrected for the number of values looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Literal

import polars as pl

TRIALS: dict[str, pl.DataType] = {
    "test": pl.UInt32(),
    "side": pl.UInt8(),
    "hits": pl.Float64(),
    "size": pl.Float64(),
}
"""A row for each batch: ``hits`` of its ``size`` rows (or per thousand requests, or hours) are what the test is about."""

Figure = Literal["share", "rate", "rank"]
"""What is tested: shares of rows, rates of rows that are rare, or mean ranks (0 to 1) among the rows of both sides."""

_LEAST_FREEDOM = 0.5
"""Degrees of freedom of a side whose rows are nearly all in one batch: hardly any."""

MANY = 30
"""Values of a field from which it can be seen how much they differ anyway."""

_WITHIN = ((0.6827, 1.0), (0.9, 1.6449), (0.97, 2.1701))
"""Shares of normal values, and within how many standard deviations they are."""

_ITERATIONS = 300
_TINY = 1e-300
_PRECISE = 1e-12


def welch(trials: pl.DataFrame, kind: Figure) -> pl.DataFrame:
    """For each test ``a`` and ``b`` (hits by size), ``a_hits`` and ``b_hits``, the two-sided ``p``, and ``evidence``.

    Rows are not independent: they come in sessions, scans, retries. So the error of a share is taken from how much it
    varies between batches (a ratio estimator), and is never less than that of independent rows. Tests of which one side
    has no rows are left out. ``evidence`` is the log-likelihood ratio as if rows were independent: it weighs how large a
    difference is.
    """
    used = trials.filter(pl.col("size") > 0)
    whole = used.group_by("test", "side", maintain_order=True).agg(
        pl.col("hits").sum().alias("x"),
        pl.col("size").sum().alias("n"),
        (pl.col("size").sum() ** 2 / (pl.col("size") ** 2).sum()).alias("batches"),
    )
    residual = pl.col("hits") - pl.col("x") / pl.col("n") * pl.col("size")
    joined = used.join(whole, on=["test", "side"], maintain_order="left")
    spread = joined.group_by("test", "side", maintain_order=True).agg((residual**2).sum().alias("squares"))
    freedom = (pl.col("batches") - 1).clip(_LEAST_FREEDOM)
    smoothed = (pl.col("x") + 0.5) / (pl.col("n") if kind == "rate" else pl.col("n") + 1)
    independent = _variance(smoothed, kind) / pl.col("n")
    between = pl.col("batches") / freedom * pl.col("squares") / pl.col("n") ** 2
    variance = pl.max_horizontal(between, independent)
    sides = whole.join(spread, on=["test", "side"]).with_columns(freedom=freedom, variance=variance)
    first, second = (sides.filter(pl.col("side") == side).drop("side") for side in (0, 1))
    return _compared(first.join(second, on="test", suffix="_b").sort("test"), kind)


def _compared(pairs: pl.DataFrame, kind: Figure) -> pl.DataFrame:
    together = (pl.col("x") + pl.col("x_b")) / (pl.col("n") + pl.col("n_b"))
    least = _variance(together, kind) * (1 / pl.col("n") + 1 / pl.col("n_b"))
    both = pl.col("variance") + pl.col("variance_b")
    parts = [pl.col(f"variance{side}") ** 2 / pl.col(f"freedom{side}") for side in ("", "_b")]
    t = (pl.col("b") - pl.col("a")).abs() / pl.max_horizontal(both, least).sqrt()
    figures = pairs.with_columns(a=pl.col("x") / pl.col("n"), b=pl.col("x_b") / pl.col("n_b")).select(
        "test",
        "a",
        "b",
        pl.col("x").alias("a_hits"),
        pl.col("x_b").alias("b_hits"),
        _evidence(together).alias("evidence"),
        t.fill_nan(0).alias("t"),
        (both**2 / pl.sum_horizontal(parts)).alias("freedom"),
    )
    chances = [two_sided(t, freedom) for t, freedom in figures.select("t", "freedom").iter_rows()]
    return figures.drop("t", "freedom").with_columns(p=pl.Series(chances, dtype=pl.Float64))


def _variance(mean: pl.Expr, kind: Figure) -> pl.Expr:
    """The variance of what one row adds, if rows are independent; that of ranks is a twelfth, at a mean of a half."""
    return mean if kind == "rate" else mean * (1 - mean).clip(0) * (1 / 3 if kind == "rank" else 1)


def _evidence(together: pl.Expr) -> pl.Expr:
    parts = [
        pl.when(hits > 0).then(hits * (hits / (size * together)).log()).otherwise(0)
        for hits, size in ((pl.col("x"), pl.col("n")), (pl.col("x_b"), pl.col("n_b")))
    ]
    return (2 * pl.sum_horizontal(parts)).clip(0)


def two_sided(t: float, freedom: float) -> float:
    """The chance that Student's t with ``freedom`` degrees of freedom is at least ``t`` away from 0."""
    if not t > 0 or not freedom > 0:
        return 1.0
    return _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (Lentz's method)."""
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _fraction(b, a, 1 - x) / b
    return front * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _ITERATIONS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= d * c
        if abs(d * c - 1) < _PRECISE:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def widened(chances: Sequence[float], *, is_of_clients: bool = False) -> list[float]:
    """p-values of the values of one field, judged by how much these differ from one another (an empirical null).

    Where values come and go anyway, as clients do in sessions that last as long as several batches, many of them differ by
    more than their batches explain, and one more is no surprise. Of normal values 68 % are within one standard error, and
    90 % within 1.64: if they are not, all errors are taken to be larger by as much; for clients the same holds of 97 %,
    as there are always a few whose session is as long as half of a side. Of few values that cannot be seen.
    """
    if len(chances) < MANY:
        return list(chances)
    normal = NormalDist()
    scores = [-normal.inv_cdf(max(p, _TINY) / 2) if p < 1 else 0.0 for p in chances]
    ordered = sorted(scores)
    scale = max(
        ordered[round(part * (len(ordered) - 1))] / usual for part, usual in (_WITHIN if is_of_clients else _WITHIN[:2])
    )
    return [min(1.0, 2 * normal.cdf(-score / scale)) for score in scores] if scale > 1 else list(chances)


def holm(chances: Sequence[float]) -> list[float]:
    """p-values corrected for their number, so that the chance of any false alarm among them is bounded (Holm 1979)."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    corrected = [1.0] * len(chances)
    most = 0.0
    for rank, place in enumerate(order):
        most = max(most, min(1.0, chances[place] * (len(chances) - rank)))
        corrected[place] = most
    return corrected
