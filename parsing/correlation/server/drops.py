"""Who dropped: a client whose request outlived the time-out, or an application that closed the connection itself.

A dead connection is dropped by the sweep, an application closes at any second (DOMAIN.md 4.2). So a drop off the sweep was
the application's, and the more of a path's drops are, the likelier are the others of that path.
"""

from __future__ import annotations

import polars as pl

from parsing.correlation.server.survey import Survey
from parsing.correlation.server.sweep import PERIOD, Sweeps

_ON_SWEEP = 0.985
"""Chance that a drop by the sweep is written at the phase that was learned."""
_WORKER = 0.08
"""Share of drops that are the application's, before anything is known, and how many drops that belief weighs."""
_BELIEF = 2.0
_ALIGNED = 0.4
_FEW = 8
"""From this share of the drops of a server on the sweep, it is the sweep that drops; fewer drops are taken on trust."""


class Drops:
    """What the drops of each server and path have in common."""

    def __init__(self, survey: Survey, sweeps: Sweeps) -> None:
        drops = survey.drops.with_columns(pl.lit(value=True).alias("votes"))
        judged = drops.hstack(sweeps.phases(drops))
        known = judged.filter(pl.col("is_on_sweep").is_not_null())
        is_off = (~pl.col("is_on_sweep")).sum()
        chance = pl.col("spread").mean() / PERIOD
        self.groups = known.group_by("group").agg(pl.len().alias("all"), is_off.alias("off"), chance.alias("chance"))
        is_aligned = (1 - pl.col("off") / pl.col("all") >= _ALIGNED) | (pl.col("all") < _FEW)
        self.groups = self.groups.select(
            "group",
            is_aligned.alias("is_aligned"),
            pl.when(is_aligned).then(_share(_WORKER, _BELIEF * 5)).otherwise(_WORKER).alias("usual"),
        )
        self.paths = (
            known.join(self.groups.filter(pl.col("is_aligned")).select("group"), on="group")
            .group_by("group", "path")
            .agg(pl.len().alias("all"), is_off.alias("off"), chance.alias("chance"))
            .join(self.groups, on="group")
            .with_columns(_share(pl.col("usual"), _BELIEF).alias("share"))
            .select("group", "path", "share")
        )

    def worker(self, drops: pl.DataFrame) -> pl.Series:
        """The probability that the application closed, for drops with ``group path is_on_sweep spread``."""
        joined = drops.join(self.groups, on="group", how="left", maintain_order="left").join(
            self.paths, on=["group", "path"], how="left", nulls_equal=True, maintain_order="left"
        )
        share = pl.coalesce("share", "usual", pl.lit(_WORKER))
        by_chance = pl.col("spread") / PERIOD
        on = share * by_chance / (share * by_chance + (1 - share) * _ON_SWEEP)
        off = share * (1 - by_chance) / (share * (1 - by_chance) + (1 - share) * (1 - _ON_SWEEP))
        told = pl.when("is_on_sweep").then(on).otherwise(off)
        is_told = pl.col("is_on_sweep").is_not_null() & pl.col("is_aligned").fill_null(value=True)
        return joined.select(pl.when(is_told).then(told).otherwise(share).alias("worker")).to_series()


def _share(usual: float | pl.Expr, belief: float) -> pl.Expr:
    """The share of drops by the application, from how many are off the sweep; ``usual`` counts as ``belief`` drops."""
    off = pl.col("off") / pl.col("all")
    by_application = ((off - (1 - _ON_SWEEP)) / (_ON_SWEEP - pl.col("chance")).clip(0.1)).clip(0, 1)
    return (by_application * pl.col("all") + usual * belief) / (pl.col("all") + belief)
