"""Errors and requests of the same client for the same URI, under one number: the target; legs of a sign-in as one request."""

from __future__ import annotations

import polars as pl

from parsing.correlation.logs.keys import ANY
from parsing.correlation.logs.windows import Ordered


def with_targets(errors: pl.DataFrame) -> pl.DataFrame:
    """Numbered errors (``with_numbers``) with ``target``, null where client or URI is not logged."""
    targets = (
        errors.select("address", "uri_number")
        .drop_nulls()
        .unique()
        .sort("address", "uri_number")
        .with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("target"))
    )
    return errors.join(targets, on=["address", "uri_number"], how="left", maintain_order="left")


def rows_of_targets(requests: pl.DataFrame, errors: pl.DataFrame) -> pl.DataFrame:
    """The requests of each target, with ``target``, ``asked`` (start, or end where that is all) and ``head``.

    ``head`` is the row of the first leg where a request is one of the legs of a sign-in, else its own. A request whose
    query is not known stands under every target of its client and path.
    """
    targets = errors.select("address", "path_number", "uri_number", "target").drop_nulls().unique()
    rows = requests.filter(pl.col("address").is_not_null() & pl.col("path").is_not_null())
    exact = rows.filter(pl.col("uri").is_not_null() & ~pl.col("is_loose")).join(
        targets.select("address", pl.col("uri_number").alias("uri"), "target"), on=["address", "uri"]
    )
    loose = rows.filter(pl.col("is_loose")).join(
        targets.select("address", pl.col("path_number").alias("path"), "target"), on=["address", "path"]
    )
    return with_heads(pl.concat([exact.select(*rows.columns, "target"), loose.select(*rows.columns, "target")]))


_SERVER = (("server", "server_number"), ("server_port", "e_server_port"))
_METHOD = (("method", "method_number"),)


def agrees(*, method: bool = True, server: bool = True) -> pl.Expr:
    """Whether server and its port, and the method, agree, for pairs that carry both sides; what is not logged agrees."""
    sides = (*(_SERVER if server else ()), *(_METHOD if method else ()))
    return pl.all_horizontal(
        [
            (pl.col(request) == pl.col(error)) | (pl.col(request) == ANY) | (pl.col(error) == ANY)
            for request, error in sides
        ]
    )


_UNAUTHORIZED = 401
_WITHOUT_CREDENTIALS = 2
"""401.2: the first leg, in which the client has not said who it is."""
_LAST, _FIRST, _SECOND, _ANY = range(4)
_NEXT_LEG = 400
"""Milliseconds between the starts of two legs, in addition to what the starts may be off."""
_NEXT_FAILURE = 2_500
"""Milliseconds from the first leg until HTTP.sys refuses the last one."""
_LONGEST_WAIT = 300_000
"""Milliseconds from the first leg until the last one is given up, if it waited."""


def with_heads(rows: pl.DataFrame) -> pl.DataFrame:
    """Requests of targets with ``asked``, ``head`` (the row that stands for their attempt) and ``attempted`` (its start).

    Rows of one second may stand in any order (KB900700), so what is near in time is one cluster, and each attempt in it
    takes one of every kind of leg. If there are fewer last legs than attempts, the first attempts have failed.
    """
    is_refused = pl.col("status").eq_missing(_UNAUTHORIZED)
    has_substatus = pl.col("substatus").is_not_null()
    kind = (
        pl.when(~is_refused)
        .then(_LAST)
        .when(has_substatus & (pl.col("substatus") == _WITHOUT_CREDENTIALS))
        .then(_FIRST)
        .when(has_substatus)
        .then(_SECOND)
        .otherwise(_ANY)
    )
    rows = rows.with_columns(pl.coalesce("start", "end").alias("asked"), kind.alias("leg"))
    rows = rows.sort("target", "server", "method", "asked", "row")
    place = pl.struct("target", "server", "method")
    reach = _NEXT_LEG + 2 * pl.max_horizontal("blur", pl.col("blur").shift(1))
    is_apart = (place.shift(1) != place) | (pl.col("asked") - pl.col("asked").shift(1) > reach)
    rows = rows.with_columns(is_apart.fill_null(value=True).cum_sum().alias("cluster"))
    turn = pl.int_range(pl.len()).over("cluster", "leg")
    firsts, lasts = ((pl.col("leg") == leg).sum().over("cluster") for leg in (_FIRST, _LAST))
    failed = pl.when(pl.col("leg") == _LAST).then((firsts.cast(pl.Int64) - lasts).clip(0)).otherwise(0)
    attempt = pl.when(pl.col("leg") == _ANY).then(0).otherwise(turn + failed)
    rows = rows.with_columns(attempt.alias("attempt"))
    own = ("cluster", "attempt")
    return rows.with_columns(
        pl.col("row").first().over(own).alias("head"),
        pl.col("asked").min().over(own).alias("attempted"),
        (pl.col("leg") != _LAST).all().over(own).alias("is_open"),
    ).drop("leg", "cluster", "attempt")


def owners(rows: pl.DataFrame, errors: pl.DataFrame) -> pl.DataFrame:
    """Attempts without a last leg and the errors which are it: ``e head attempted``.

    A request that waited and was given up began well before it was lost.

    Failures follow their attempts in the same order, so of several attempts before one error the next belongs to the
    next error of the target.
    """
    attempts = rows.filter(pl.col("is_open") & (pl.col("head") == pl.col("row")))
    attempts = attempts.select("target", "head", "attempted").sort("target", "attempted", "head")
    is_instant = pl.col("status").is_not_null()
    failed = pl.when(is_instant).then(pl.col("t") + 1000).otherwise("lost_low").alias("failed")
    ordered = Ordered(
        errors.filter(pl.col("target").is_not_null()).select(
            "e", "target", "lost_low", is_instant.alias("is_instant"), failed
        ),
        "target",
        "failed",
    )
    ends = attempts["attempted"] + _LONGEST_WAIT
    place = ordered.counts(attempts["target"], attempts["attempted"], ends)
    attempts = attempts.hstack(place)
    turn = pl.int_range(pl.len()).over("target", "low")
    attempts = attempts.with_columns((pl.col("low") + turn).alias("at")).filter(pl.col("at") < pl.col("high"))
    found = pl.concat(
        [
            attempts.select("head", "attempted"),
            ordered.rows[attempts["at"]].select("e", "lost_low", "is_instant", "failed"),
        ],
        how="horizontal",
    )
    is_soon = pl.col("failed") - pl.col("attempted") <= _NEXT_FAILURE
    found = found.filter(is_soon | ~pl.col("is_instant"))
    return found.sort("attempted").unique("e", keep="last").select("e", "head", "attempted")
