"""The sweep on which HTTP.sys looks at its timers.

Within thirty seconds, distinct seconds of timer rows differ by whole multiples of five (DOMAIN.md 2.3). The second of the
five on which they fall is the phase of the sweep; it is learned near each row, because clocks drift and drivers restart.
"""

from __future__ import annotations

import polars as pl

from parsing.correlation.assumptions import SWEEP_SHARE

PERIOD = 5
"""Seconds between two sweeps."""

_BLOCK = 600
_SCALES = ((1, 8), (6, 8), (1 << 20, 5))
"""How many blocks to either side are looked at, and how many voting seconds are enough there."""
_VOTES = [f"n{phase}" for phase in range(PERIOD)]


class Sweeps:
    """The phases of the sweeps of each server, as its timer rows show them."""

    def __init__(self, swept: pl.DataFrame) -> None:
        """``swept`` has ``group`` and ``second`` of rows that are written on a sweep, most of them at least."""
        seconds = swept.select("group", "second").unique()
        votes = seconds.group_by("group", (pl.col("second") // _BLOCK).alias("block")).agg(
            [(pl.col("second") % PERIOD == phase).sum().cast(pl.Int64).alias(name) for phase, name in enumerate(_VOTES)]
        )
        self._scales = [(_spread(votes, blocks), enough) for blocks, enough in _SCALES]

    def phases(self, rows: pl.DataFrame) -> pl.DataFrame:
        """For each row (``group second votes``) ``is_on_sweep`` and ``spread``.

        ``votes`` says whether the row itself was among those learned from: its second is left out then.
        ``spread`` is how many of the five seconds the sweep falls on; both are null where the phase is not known.
        """
        keyed = rows.select("group", "second", "votes", (pl.col("second") // _BLOCK).alias("block")).with_row_index("i")
        own = pl.col("second") % PERIOD
        levels = []
        for table, enough in self._scales:
            on = ["group", "block"] if "block" in table.columns else ["group"]
            joined = keyed.join(table, on=on, how="left", maintain_order="left")
            counts = [
                (pl.col(name).fill_null(0) - (pl.col("votes") & (own == phase)).cast(pl.Int64)).clip(0).alias(name)
                for phase, name in enumerate(_VOTES)
            ]
            level = joined.select("i", own.alias("own"), *counts).with_columns(pl.sum_horizontal(_VOTES).alias("total"))
            levels.append(level.select("i", *_judged(enough)))
        result = levels[0]
        for level in levels[1:]:
            result = result.select(
                "i",
                pl.coalesce("is_on_sweep", level["is_on_sweep"]).alias("is_on_sweep"),
                pl.coalesce("spread", level["spread"]).alias("spread"),
            )
        return result.drop("i")

    def phase(self, group: int) -> tuple[int, float] | None:
        """The most frequent phase of a server and its share of all votes; null when there is none."""
        table = self._scales[-1][0].filter(pl.col("group") == group)
        if table.is_empty():
            return None
        counts = list(table.select(_VOTES).row(0))
        return counts.index(max(counts)), max(counts) / max(1, sum(counts))


def _judged(enough: int) -> list[pl.Expr]:
    most = pl.max_horizontal(_VOTES)
    is_phase = [(pl.col(name) >= (most * SWEEP_SHARE).clip(1)) for name in _VOTES]
    spread = pl.sum_horizontal([condition.cast(pl.Int64) for condition in is_phase])
    is_on = pl.any_horizontal([condition & (pl.col("own") == phase) for phase, condition in enumerate(is_phase)])
    is_known = (pl.col("total") >= enough) & (spread < PERIOD - 1)
    return [
        pl.when(is_known).then(is_on).alias("is_on_sweep"),
        pl.when(is_known).then(spread).alias("spread"),
    ]


def _spread(votes: pl.DataFrame, blocks: int) -> pl.DataFrame:
    """Votes summed over the blocks to either side."""
    sums = [pl.col(name).sum() for name in _VOTES]
    if blocks > 1000:
        return votes.group_by("group").agg(sums)
    shifted = [votes.with_columns(pl.col("block") + shift) for shift in range(-blocks, blocks + 1)]
    return pl.concat(shifted).group_by("group", "block").agg(sums)
