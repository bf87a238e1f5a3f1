"""The neighbourhood of an error: the client's other requests near in time, and other clients' for the same path."""

from __future__ import annotations

import polars as pl

from parsing.correlation.logs.targets import agrees
from parsing.correlation.logs.windows import Ordered
from parsing.correlation.server.began import SECOND

NEAREST = 3
_TRIED = 4
"""Requests that are looked at to either side of the error."""
_NEAR = 300 * SECOND
_SIDES = ("e", "t", "address", "began_low", "single", "server_number", "e_server_port", "method_number")


def same_client(errors: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """``e row confidence``: the nearest requests of the error's client."""
    known = errors.filter(pl.col("address").is_not_null())
    found = _around(known, Ordered(requests, "address", "end"), "address")
    found = found.filter((pl.col("end") - pl.col("t")).abs() <= _NEAR)
    return _nearest(found, pl.col("single").round(2))


def same_target(errors: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """``e row confidence``: the nearest requests of other clients for the error's path that were under way around it."""
    known = errors.filter(pl.col("path_number").is_not_null())
    found = _around(known, Ordered(requests, "path", "end"), "path_number")
    asked = pl.coalesce("start", "end")
    is_under_way = (asked <= pl.col("t") + SECOND) & (pl.col("end") >= pl.col("began_low"))
    is_other = pl.col("address").is_null() | pl.col("address").ne_missing(pl.col("e_address"))
    found = found.filter(is_under_way & is_other)
    return _nearest(found, pl.when(pl.col("start").is_null()).then(0.5).otherwise(1.0))


def _around(errors: pl.DataFrame, rows: Ordered, key: str) -> pl.DataFrame:
    before = errors.select("e", pl.col(key).alias("key"), (pl.col("t") - _NEAR).alias("low"), pl.col("t").alias("high"))
    after = errors.select(
        "e", pl.col(key).alias("key"), (pl.col("t") + 1).alias("low"), (pl.col("t") + _NEAR).alias("high")
    )
    pairs = pl.concat([rows.within(before, _TRIED, latest=True), rows.within(after, _TRIED)])
    sides = errors.select(_SIDES).rename({"address": "e_address"})
    return pairs.join(sides, on="e", maintain_order="left").filter(agrees(method=False))


def _nearest(found: pl.DataFrame, confidence: pl.Expr) -> pl.DataFrame:
    distance = (pl.col("end") - pl.col("t")).abs().alias("distance")
    ordered = found.with_columns(distance, confidence.alias("confidence")).sort("e", "distance", "row")
    return ordered.filter(pl.int_range(pl.len()).over("e") < 2 * NEAREST).select("e", "row", "confidence")
