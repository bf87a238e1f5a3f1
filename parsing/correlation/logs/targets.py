"""Errors and requests of the same client for the same URI, under one number: the target."""

from __future__ import annotations

import polars as pl

from parsing.correlation.logs.keys import ANY
from parsing.correlation.logs.sign_in_legs import with_heads


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
