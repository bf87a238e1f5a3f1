"""Second thoughts on who dropped: what the client did next, and what its connection did before.

Where the sweep cannot tell a drop by time-out from an application that closed, a client that asked again one time-out
earlier had left then, and one that asks again right after the row has lost its request only now. A connection that was
still used after the client should have left was not dead.
"""

from __future__ import annotations

import polars as pl

from parsing.correlation.assumptions import ASKS_AGAIN_AFTER, BROKEN_SPEAKS, FOUND_BY_CHANCE, MOST_SAID, USED_SPEAKS
from parsing.correlation.logs.requests import BROKEN_WRITE
from parsing.correlation.logs.windows import Ordered
from parsing.correlation.server.began import ZOMBIE
from parsing.correlation.server.survey import DROPPED
from parsing.correlation.server.sweep import PERIOD

_ASKS_AGAIN = ASKS_AGAIN_AFTER[ZOMBIE]
_SECOND = 1_000
_ROUNDING = 1_500
_SOON = 15 * _SECOND
_BEFORE = 300 * _SECOND


def reconsidered(
    errors: pl.DataFrame, rows: pl.DataFrame, requests: pl.DataFrame, timeouts: pl.DataFrame
) -> pl.DataFrame:
    """Errors with ``said`` of drops (see ``server.drops``), and with ``worker`` in the light of it.

    ``rows`` are the requests of targets (``rows_of_targets``).
    """
    is_drop = (pl.col("key") == DROPPED) & pl.col("target").is_not_null()
    drops = errors.filter(is_drop).join(timeouts, on="group", how="left", maintain_order="left")
    if drops.is_empty():
        return errors.with_columns(pl.lit(1.0).alias("said"))
    left = (drops["t"] - drops["zombie_longest"] - PERIOD * _SECOND - _ROUNDING, drops["t"] - drops["zombie_shortest"])
    heads = Ordered(rows.filter(pl.col("head") == pl.col("row")), "target", "asked")
    usual = _number(heads, drops, drops["t"] - _BEFORE, drops["t"])
    then = _said(_number(heads, drops, left[0], left[1] + _SOON), usual, left[1] + _SOON - left[0])
    now = _said(
        _number(heads, drops, drops["t"] - _SECOND, drops["t"] + _SOON), usual, drops["t"] * 0 + _SOON + _SECOND
    )
    facts = drops.select(
        "e",
        then.alias("then"),
        now.alias("now"),
        _spanned(drops, rows, left).alias("is_broken"),
        _used(drops, requests, left[1]).alias("is_used"),
    )
    told = pl.when("is_broken").then(BROKEN_SPEAKS).otherwise(1.0) * pl.when("is_used").then(USED_SPEAKS).otherwise(1.0)
    said = (pl.col("then") / pl.col("now") * told).clip(1 / MOST_SAID, MOST_SAID)
    errors = errors.join(facts.select("e", said.alias("said")), on="e", how="left", maintain_order="left")
    errors = errors.with_columns(pl.col("said").fill_null(1.0))
    by_client = (1 - pl.col("worker")) * pl.col("said")
    return errors.with_columns((pl.col("worker") / (pl.col("worker") + by_client)).fill_nan(1.0).alias("worker"))


def _number(rows: Ordered, drops: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.Series:
    found = rows.counts(drops["target"], low, high)
    return found["high"] - found["low"]


def _said(found: pl.Series, usual: pl.Series, length: pl.Series) -> pl.Series:
    """How much likelier it is to find so many when the client lost its request there than when it did not.

    Requests by chance are as many as elsewhere (Poisson), and a loss may add one. Finding none says little: the client
    may have given up.
    """
    frame = pl.DataFrame({"found": found, "usual": (usual - found).clip(0) * length / _BEFORE})
    chance = pl.col("usual") + FOUND_BY_CHANCE
    return frame.select((1 - _ASKS_AGAIN + _ASKS_AGAIN * pl.col("found") / chance).alias("likely")).to_series()


def _spanned(drops: pl.DataFrame, rows: pl.DataFrame, left: tuple[pl.Series, pl.Series]) -> pl.Series:
    """Whether a request of the target was under way when the client should have left, and broke off later."""
    broken = Ordered(rows.filter(pl.col("ending") == BROKEN_WRITE), "target", "asked")
    probes = drops.select("e", pl.col("target").alias("key"), "t").with_columns(
        (left[0] - 3 * _BEFORE).alias("low"), (left[1] + _ROUNDING).alias("high"), left[0].alias("left")
    )
    found = broken.within(probes, 4, latest=True).join(probes.select("e", "left"), on="e")
    return drops["e"].is_in(found.filter(pl.col("end") >= pl.col("left"))["e"].implode())


def _used(drops: pl.DataFrame, requests: pl.DataFrame, left: pl.Series) -> pl.Series:
    """Whether the connection carried a request that began after the client should have left."""
    dead = drops.select("e", "address", "port", "t").with_columns(left.alias("left")).drop_nulls()
    rows = requests.filter(
        pl.col("port").is_not_null() & pl.col("address").is_not_null() & pl.col("start").is_not_null()
    )
    found = rows.select("address", "port", "start", "end").join(dead, on=["address", "port"])
    later = found.filter((pl.col("start") > pl.col("left") + 3 * _SECOND) & (pl.col("end") <= pl.col("t")))
    return drops["e"].is_in(later["e"].unique().implode())
