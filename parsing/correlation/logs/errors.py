"""The errors of Httperr.log as correlation needs them, and the URI of those that name none. Times are milliseconds since 1970.

A timer that cuts a response off, or a client that is too slow, may leave a row with addresses only. If just one request
of that client ended at that second with its client gone, it was that one, and a retry can be looked for.
"""

from __future__ import annotations

import polars as pl

from parsing.correlation.logs.keys import Normals, normal_addresses, normal_queries, normal_text, numbers_of, split_uris
from parsing.correlation.logs.requests import client_port_field, ending, is_ended
from parsing.correlation.logs.windows import Window
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.fields import WITHHELD
from parsing.questions import Selection

NO_VALUE = "-"
"""Stands for a reason that was not logged, as the log writes it."""

_ERROR_TEXTS = {
    "reason": "s-reason",
    "c-ip": "c-ip",
    "s-ip": "s-ip",
    "method": "cs-method",
    "uri": "cs-uri",
    "queue": "s-queuename",
    "stream": "streamid",
    "version": "cs-version",
}
_ERROR_NUMBERS = {"port": "c-port", "server_port": "s-port", "status": "sc-status"}


def read_errors(snapshot: Snapshot, selection: Selection, window: Window | None = None) -> pl.DataFrame:
    """The errors of a selection, decoded, in time order. One row each, numbered by ``e`` from 0.

    Columns: ``e source line t reason client (normalised) c-ip (as logged) port server server_port method uri path
    query is_cut queue stream version status``.
    """
    parts = [_errors_of(snapshot, selection, segment, window) for segment in selection.segments(snapshot)]
    frames = [part for part in parts if part is not None]
    errors = pl.concat(frames) if frames else _no_errors()
    errors = errors.sort("t", "source", "line")
    uris = split_uris(errors["uri"])
    return errors.with_columns(uris.get_columns()).with_row_index("e")


def _errors_of(
    snapshot: Snapshot, selection: Selection, segment: Segment, window: Window | None
) -> pl.DataFrame | None:
    if segment.log != "httperr" or (window is not None and not window.meets(segment)):
        return None
    wanted = selection.keeps(snapshot, segment)
    if wanted is False:
        return None
    rows = segment.scan() if wanted is True else segment.scan().filter(wanted)
    inside = window.keeps(segment) if window else None
    if inside is not None:
        rows = rows.filter(inside)
    texts = [segment.copied(field) for field in _ERROR_TEXTS.values() if field in segment.fields]
    numbers = [field for field in _ERROR_NUMBERS.values() if field in segment.fields]
    frame = rows.select("source", "line", pl.col("time").cast(pl.Int64).alias("t"), *texts, *numbers).collect()
    columns = [frame["source"], frame["line"], frame["t"]]
    for name, field in _ERROR_TEXTS.items():
        columns.append(decoded(snapshot, segment, frame, field).rename(name))
    for name, field in _ERROR_NUMBERS.items():
        values = frame[field] if field in frame.columns else pl.repeat(None, frame.height, eager=True)
        columns.append(values.cast(pl.Int64, strict=False).rename(name))
    found = pl.DataFrame(columns).with_columns(pl.col("reason").fill_null(NO_VALUE))
    return found.with_columns(
        normal_addresses(found["c-ip"]).alias("client"), normal_addresses(found["s-ip"]).alias("server")
    )


def decoded(snapshot: Snapshot, segment: Segment, frame: pl.DataFrame, field: str) -> pl.Series:
    """A field of some rows of a segment as text; null all along where these rows do not have it."""
    if field not in frame.columns:
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    values = frame[field]
    return snapshot.dictionary(field).gather(values) if field in segment.coded else values.cast(pl.String)


def _no_errors() -> pl.DataFrame:
    texts = {name: pl.String() for name in (*_ERROR_TEXTS, "client", "server")}
    numbers = {name: pl.Int64() for name in _ERROR_NUMBERS}
    return pl.DataFrame(schema={"source": pl.UInt32(), "line": pl.Int64(), "t": pl.Int64(), **texts, **numbers})


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
        *(
            pl.when(pl.col("is_implied").is_not_null()).then(f"{name}_own").otherwise(name).alias(name)
            for name in ("method", "path", "query")
        ),
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
