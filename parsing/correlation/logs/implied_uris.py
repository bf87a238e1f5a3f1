"""The URI of an error that names none, where the IIS log has the request that it ended.

A timer that cuts a response off, or a client that is too slow, may leave a row with addresses only. If just one request
of that client ended at that second with its client gone, it was that one, and a retry can be looked for.
"""

from __future__ import annotations

import polars as pl

from parsing.correlation.logs.addresses import normal_addresses
from parsing.correlation.logs.errors import decoded
from parsing.correlation.logs.keys import Normals, numbers_of
from parsing.correlation.logs.requests import client_port_field, ending, is_ended
from parsing.correlation.logs.uris import normal_queries, normal_text
from parsing.correlation.logs.windows import Window
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.fields import WITHHELD

_EARLY, _LATE = 1_000, 4_000
_NEEDED = {"c-ip", "cs-uri-stem", "sc-win32-status"}


def with_implied_uris(
    errors: pl.DataFrame, is_bare: pl.Expr, snapshot: Snapshot, normals: Normals, client_port: str | None
) -> pl.DataFrame:
    """Errors whose ``method``, ``path`` and ``query`` are those of the request they ended, though ``uri`` is null.

    ``is_implied`` marks them.
    """
    bare = errors.filter(is_bare & pl.col("client").is_not_null())
    blank = errors.with_columns(pl.lit(value=False).alias("is_implied"))
    if bare.is_empty():
        return blank
    first, last = (int(edge) for edge in bare.select(pl.col("t").min(), pl.col("t").max().alias("last")).row(0))
    window = Window(first - _EARLY, last + _LATE)
    frames = [
        _gone(snapshot, segment, window, bare["client"].unique(), normals, client_port)
        for segment in snapshot.segments
        if segment.log == "iis" and window.meets(segment) and set(segment.fields) >= _NEEDED
    ]
    if not frames:
        return blank
    own = _only(bare, pl.concat(frames)).with_columns(pl.lit(value=True).alias("is_implied"))
    joined = errors.join(own, on="e", how="left", maintain_order="left", suffix="_own")
    return joined.with_columns(
        *(pl.coalesce(name, f"{name}_own").alias(name) for name in ("method", "path", "query")),
        pl.col("is_implied").fill_null(value=False),
    ).drop("method_own", "path_own", "query_own")


def _gone(
    snapshot: Snapshot, segment: Segment, window: Window, clients: pl.Series, normals: Normals, client_port: str | None
) -> pl.DataFrame:
    """Requests of some clients that ended with the client gone, decoded."""
    table = pl.DataFrame([clients.rename("client"), pl.int_range(len(clients), eager=True).rename("number")])
    if "c-ip" in segment.coded:
        codes = numbers_of(normals.addresses(snapshot, "c-ip"), table).is_not_null().arg_true().cast(pl.UInt32)
        is_client = pl.col("c-ip").is_in(codes.implode())
    else:
        is_client = pl.lit(value=True)
    rows = segment.scan().filter(is_client & is_ended(segment.fields, gone=True))
    inside = window.keeps(segment)
    rows = rows if inside is None else rows.filter(inside)
    wanted = ("c-ip", "s-ip", "s-port", "cs-method", "cs-uri-stem", "cs-uri-query", "time-taken")
    fields = [field for field in wanted if field in segment.fields]
    port = client_port_field(segment, client_port)
    ports = [pl.col(port).alias("own_port") if port else pl.lit(None, dtype=pl.Int64).alias("own_port")]
    frame = rows.select(
        pl.col("time").cast(pl.Int64).alias("end"), ending(segment.fields).alias("ending"), *fields, *ports
    )
    found = frame.collect()
    if port in segment.coded:
        found = found.with_columns(snapshot.dictionary(port).gather(found["own_port"]).alias("own_port"))
    texts = {field: decoded(snapshot, segment, found, field) for field in wanted if segment.is_text(field)}
    query = texts["cs-uri-query"]
    return pl.DataFrame(
        [
            found["end"],
            normal_addresses(texts["c-ip"]).rename("client"),
            normal_addresses(texts["s-ip"]).rename("own_server"),
            found["own_port"].cast(pl.Int64, strict=False),
            texts["cs-method"].rename("method"),
            normal_text(texts["cs-uri-stem"]).rename("path"),
            normal_queries(query.fill_null("")).rename("query"),
        ]
    ).filter((query != WITHHELD).fill_null(value=True))


def _only(bare: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """``e method path query`` of the errors for which just one request fits."""
    sides = bare.select("e", "t", "client", "server", "port")
    pairs = gone.with_row_index("row").join(sides, on="client")
    agrees = [
        pl.col(own).is_null() | pl.col(error).is_null() | (pl.col(own) == pl.col(error))
        for own, error in (("own_server", "server"), ("own_port", "port"))
    ]
    is_near = (pl.col("end") - pl.col("t")).is_between(-_EARLY, _LATE)
    fits = pairs.filter(is_near & pl.all_horizontal(agrees))
    is_only = (pl.len().over("e") == 1) & (pl.len().over("row") == 1)
    return fits.filter(is_only).select("e", "method", "path", "query")
