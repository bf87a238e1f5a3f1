"""How likely a lag is: a density over bins of seconds, which starts from a belief and learns from what is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

EDGES = (
    -900, -600, -400, -250, -180, -130, -120, -110, -90, -60, -40, -25, -15, -10, -8, -7, -6, -5, -4, -3, -2, -1.5,
    -1, -0.7, -0.4, -0.2, -0.1, 0, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 28, 36, 46, 60,
    80, 110, 150, 200, 300, 420, 600, 900,
)  # fmt: skip
"""Edges of the bins in seconds."""

BINS = len(EDGES) - 1


_EDGES = pl.Series("edge", EDGES, dtype=pl.Float64)


def bins_of(seconds: pl.Series) -> pl.Series:
    """The number of the bin of each lag; lags outside of all count as in the last one on their side."""
    return (_EDGES.search_sorted(seconds.cast(pl.Float64), side="right").cast(pl.Int64) - 1).clip(0, BINS - 1)


@dataclass(frozen=True, slots=True)
class Lags:
    """The share of each bin; together they are 1."""

    shares: tuple[float, ...]

    @classmethod
    def believed(cls, weight_until: Callable[[float], float]) -> Lags:
        """From a cumulative weight in seconds."""
        steps = [max(0.0, weight_until(high) - weight_until(low)) for low, high in pairwise(EDGES)]
        return cls._of(steps)

    @classmethod
    def _of(cls, weights: list[float]) -> Lags:
        total = sum(weights) or 1.0
        return cls(tuple(weight / total for weight in weights))

    def learned(self, counts: list[float], belief: float) -> Lags:
        """With ``counts`` found in each bin, when the belief so far weighs ``belief`` of them."""
        return self._of([count + belief * share for count, share in zip(counts, self.shares, strict=True)])

    def density(self) -> pl.Series:
        """The chance per second in each bin, by bin number."""
        widths = [high - low for low, high in pairwise(EDGES)]
        return pl.Series([share / width for share, width in zip(self.shares, widths, strict=True)], dtype=pl.Float64)

    def spread_density(self) -> pl.Series:
        """The chance per second of a lag up to each bin, spread evenly over the time since the first likely one."""
        likely = [place for place, share in enumerate(self.shares) if share > _LIKELY]
        first = EDGES[likely[0]] if likely else EDGES[0]
        found, total = [], 0.0
        for share, high in zip(self.shares, EDGES[1:], strict=True):
            total += share
            found.append(total / max(1.0, high - first))
        return pl.Series(found, dtype=pl.Float64)


_LIKELY = 0.005
