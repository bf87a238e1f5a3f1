"""Which request repeats one whose body stalled: its client gave up at some moment before the row, or lost it with the row."""

from __future__ import annotations

import polars as pl

from parsing.correlation.assumptions import (
    MOST_SHARE,
    OTHERS_OF_SEVERAL,
    PACE_BELIEF,
    WAITS_TO_ASK_AGAIN,
)
from parsing.correlation.server.began import STALLED

CLEARLY = 0.5
"""From this chance on a request is an error's own, and no retry."""
SENT_WITH_ROW = -1.5
"""Seconds before the end of the second after a row, from which on a request may have been sent because of it."""


def is_stalled() -> pl.Expr:
    return pl.col("kind") == STALLED


def with_stalled(retries: pl.DataFrame, *, is_single: bool) -> pl.DataFrame:
    """Pairs with the ``odds`` of those after stalled bodies, on addresses of one client or of several."""
    stalled = retries.filter(is_stalled())
    if stalled.is_empty():
        return retries
    odds = stalled.select("e", "row", _stalled_odds(is_single=is_single).alias("own_odds"))
    joined = retries.join(odds, on=["e", "row"], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("own_odds", "odds").alias("odds")).drop("own_odds")


def _stalled_odds(*, is_single: bool) -> pl.Expr:
    """Odds of each request after a body stalled: the client gave up before the row, or lost it with the row.

    What one client asks for first after it lost is its retry, whatever its pace. If it gave up (``early``) it did at any time
    while the body stalled, and asked again after a wait. A client that asks for one thing at a time asks for nothing before
    it gave up; one of several at once goes on at the pace of the others.
    """
    if not is_single:
        chance = pl.col("base") / (1 + pl.col("base").sum().over("e"))
        return chance / (1 - chance.sum().over("e")).clip(1e-6)
    is_open = pl.col("own") < CLEARLY
    is_late = pl.col("lag") >= SENT_WITH_ROW
    is_early = is_open & ~is_late
    start = -pl.col("span").cast(pl.Float64)
    before = pl.when(is_early).then("lag").cum_max().over("e")
    earlier = before.shift(1).over("e").fill_null(start)
    gap = (pl.col("lag") - earlier).clip(0)
    several = _meanwhile()
    given_up = pl.col("early") / pl.col("span")
    again = given_up * _waited(gap) / several
    among = pl.when(is_early).then(again + given_up * gap).otherwise(0.0)
    is_first = is_early & (is_early.cast(pl.Int64).cum_sum().over("e") == 1)
    alone = pl.when(is_first).then(again).otherwise(0.0)
    has_early = is_early.any().over("e")
    one = _one_at_a_time()
    early = one * alone + (1 - one) * among
    late = pl.when(has_early).then(0.0).otherwise(one) + (1 - one) * (1 - pl.col("early"))
    is_next = is_open & is_late & ((is_open & is_late).cast(pl.Int64).cum_sum().over("e") == 1)
    total = early.sum().over("e") + late
    chance = pl.when(is_next).then(late * MOST_SHARE).otherwise(early) / total
    return chance / (1 - chance.sum().over("e")).clip(1e-6)


def _waited(seconds: pl.Expr) -> pl.Expr:
    """The share of clients that ask again within so many seconds."""
    parts = [share * (1 - (-seconds / mean).exp()) for share, mean in WAITS_TO_ASK_AGAIN]
    return sum(parts[1:], parts[0])


def _meanwhile() -> pl.Expr:
    """Requests a second of a client that asks for several things at once, while one of them is under way."""
    usual = OTHERS_OF_SEVERAL * pl.col("rate")
    return (pl.col("begun") + usual * PACE_BELIEF) / (pl.col("under_way") + PACE_BELIEF)


def _one_at_a_time() -> pl.Expr:
    """The chance that a client asks for one thing at a time: the less, the more one of several would have begun by now."""
    expected = OTHERS_OF_SEVERAL * pl.col("rate") * pl.col("under_way")
    return pl.when(pl.col("begun") > 0).then(0.0).otherwise(1 / (1 + (-expected).exp())).fill_null(0.0)
