"""Which of the requests that fit belongs to which error, when each has at most one of the other."""

from __future__ import annotations

import polars as pl

_ROUNDS = 6


def probabilities(pairs: pl.DataFrame) -> pl.Series:
    """The probability of each pair (``e row odds``) that it is the true one.

    ``odds`` are those of the pair against the error having no request at all, were there no other pair. At most one
    pair of an error and at most one of a request is true. The sums over all assignments are found by belief
    propagation, which converges for this problem (Williams and Lau 2014, "Approximate evaluation of marginal
    association probabilities with belief propagation").
    """
    state = pairs.select("e", "row", "odds", pl.lit(1.0).alias("free"))
    contested = pl.len().over("row") > 1
    has_rivals = bool(state.select(contested.any()).item()) if state.height else False
    weight = pl.col("odds") * pl.col("free")
    for _ in range(_ROUNDS if has_rivals else 0):
        claim = pl.col("odds") / (1 + weight.sum().over("e") - weight)
        state = state.with_columns(claim.alias("claim"))
        state = state.with_columns(
            (1 / (1 + (pl.col("claim").sum().over("row") - pl.col("claim")).clip(0))).alias("free")
        )
    return state.select((weight / (1 + weight.sum().over("e"))).alias("probability")).to_series()
