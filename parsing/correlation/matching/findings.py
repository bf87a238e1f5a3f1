"""What is found of the errors of one stretch: claims and context as frames, and moments narrowed by the claims."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from parsing.correlation.assumptions import TRUST
from parsing.correlation.logs.targets import agrees
from parsing.correlation.logs.windows import Ordered
from parsing.correlation.matching.chances import Chances
from parsing.correlation.matching.claims import Pairs
from parsing.correlation.matching.connections import same_connection
from parsing.correlation.matching.correlation_window import Stretch, Surroundings
from parsing.correlation.server.began import BODY, SECOND, SLOW_CLIENT, SLOW_READER, ZOMBIE
from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.knowledge.relations import CLAIMED, RELATIONS

_CANDIDATE = 0.05
_CANDIDATES = 3
_SURE = 0.9
_COLUMNS = ("e", "row", "relation", "confidence", "lag", "count")


def claims(pairs: Pairs, chances: Chances) -> pl.DataFrame:
    """``e row relation confidence lag count``: which requests are an error's own or its retry, candidates included."""
    retries, same = chances.weighed(pairs.retries(), pairs.same())
    likeliest = retries.sort("probability", descending=True, maintain_order=True).with_columns(
        pl.col("error").alias("e")
    )
    whole = pl.col("probability").sum().over("e", "row").clip(0, 1)
    retries = likeliest.with_columns(whole).unique(["e", "row"], keep="first", maintain_order=True)
    parts = []
    for relation, found in (("same-request", same), ("retry", retries)):
        named = found.with_columns(
            trusted(found["probability"]).alias("confidence"), pl.lit(relation).alias("relation")
        )
        kept = _kept(named.filter(pl.col("row") >= 0).with_columns(pl.col("row").cast(pl.UInt32)).select(_COLUMNS))
        parts.append(pairs.with_legs(kept) if relation == "retry" else kept)
    own = parts[0].filter(pl.col("confidence") >= CLAIMED).select("e", "row")
    return pl.concat([parts[0], parts[1].join(own, on=["e", "row"], how="anti", maintain_order="left")])


def trusted(probabilities: pl.Series) -> pl.Series:
    """The confidence that probabilities deserve."""
    value = pl.col("probability")
    confidence = pl.lit(0.0)
    for (low, least), (high, most) in pairwise(TRUST):
        risen = least + (value - low) * ((most - least) / (high - low))
        confidence = pl.when(value >= low).then(risen).otherwise(confidence)
    return probabilities.to_frame("probability").select(confidence.alias("confidence")).to_series()


def _kept(found: pl.DataFrame) -> pl.DataFrame:
    """Claims, and where an error has none of a relation, its best candidates."""
    ranked = found.filter(pl.col("confidence") >= _CANDIDATE).sort("confidence", descending=True, maintain_order=True)
    place = pl.int_range(pl.len()).over("e", "relation")
    best = pl.col("confidence").max().over("e", "relation")
    is_kept = (pl.col("confidence") >= CLAIMED) | ((best < CLAIMED) & (place < _CANDIDATES))
    return ranked.filter(is_kept)


def narrowed(errors: pl.DataFrame, requests: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Errors whose ``began`` is bounded by the requests that surely belong to them."""
    sure = found.filter(pl.col("confidence") >= _SURE).join(requests.select("row", "start"), on="row")
    # The start of a request is known to a second.
    own = (pl.col("start") - SECOND).max().alias("own")
    starts = sure.filter(pl.col("relation") == "same-request").group_by("e").agg(own)
    again = sure.filter(pl.col("relation") == "retry").group_by("e").agg(pl.col("start").min().alias("again"))
    errors = errors.join(starts, on="e", how="left", maintain_order="left")
    errors = errors.join(again, on="e", how="left", maintain_order="left")
    is_bounded = pl.col("kind") == ZOMBIE
    low = pl.when(is_bounded | pl.col("key").is_in([SLOW_READER, SLOW_CLIENT, BODY])).then(
        pl.max_horizontal("began_low", "own")
    )
    high = pl.when(is_bounded).then(pl.min_horizontal("began_high", pl.col("again") + SECOND))
    bounded = errors.with_columns(low.otherwise("began_low").alias("low"), high.otherwise("began_high").alias("high"))
    is_sound = pl.col("low") <= pl.col("high")
    return bounded.with_columns(
        pl.when(is_sound).then("low").otherwise("began_low").alias("began_low"),
        pl.when(is_sound).then("high").otherwise("began_high").alias("began_high"),
    ).drop("low", "high", "own", "again")


def related(known: Surroundings, stretch: Stretch, found: pl.DataFrame, cancelled: Cancelled = never) -> pl.DataFrame:
    """Claims, candidates and context of the wanted errors with the columns of their requests, best first."""
    wanted = stretch.errors.filter(pl.col("is_wanted"))
    requests = stretch.requests.select(_REQUEST)
    claimed = found.join(wanted.select("e"), on="e", how="semi").select(_COLUMNS)
    parts = [claimed.join(requests, on="row", maintain_order="left"), _connected(known, stretch, claimed)]
    taken = pl.concat([part.select("e", "source", "line") for part in parts])
    for relation, around in (("same-client", same_client), ("same-target", same_target)):
        stop_if(cancelled)
        rest = around(wanted, stretch.requests).join(requests, on="row", maintain_order="left")
        rest = rest.join(taken, on=["e", "source", "line"], how="anti", maintain_order="left")
        rest = rest.filter(pl.int_range(pl.len()).over("e") < NEAREST)
        parts.append(rest.with_columns(pl.lit(relation).alias("relation")))
    rank = pl.col("relation").replace_strict({name: rank for rank, name in enumerate(RELATIONS)}, return_dtype=pl.Int32)
    whole = pl.concat(parts, how="diagonal_relaxed").with_columns(rank.alias("rank"))
    order = ["e", "rank", "confidence", "end", "source", "line"]
    return whole.sort(order, descending=[False, False, True, False, False, False])


def _connected(known: Surroundings, stretch: Stretch, claimed: pl.DataFrame) -> pl.DataFrame:
    """The other requests on the connections of the wanted errors."""
    if stretch.connected is None:
        return pl.DataFrame(schema={"e": pl.UInt32(), "source": pl.UInt32(), "line": pl.Int64()})
    idle = known.timeouts.select("group", "idle_longest", "idle_shortest")
    found = same_connection(stretch.errors, stretch.connected, idle)
    found = found.join(stretch.errors.filter(pl.col("is_wanted")).select("e"), on="e", how="semi")
    rows = stretch.connected.with_row_index("at").select("at", *(name for name in _REQUEST[1:] if name != "is_loose"))
    own = claimed.filter((pl.col("relation") == "same-request") & (pl.col("confidence") >= CLAIMED))
    own = own.join(stretch.requests.select("row", "source", "line"), on="row").select("e", "source", "line")
    found = found.join(rows, on="at").join(own, on=["e", "source", "line"], how="anti")
    return found.drop("at").with_columns(pl.lit("same-connection").alias("relation"))


_REQUEST = ("row", "source", "line", "end", "start", "taken", "ending", "is_loose", "port", "status")

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
