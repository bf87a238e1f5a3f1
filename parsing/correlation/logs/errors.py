"""The errors of Httperr.log as correlation needs them. Times are milliseconds since 1970."""

from __future__ import annotations

import polars as pl

from parsing.correlation.logs.addresses import normal_addresses
from parsing.correlation.logs.uris import split_uris
from parsing.correlation.logs.windows import Window
from parsing.index.snapshot import Segment, Snapshot
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
}
_ERROR_NUMBERS = {"port": "c-port", "server_port": "s-port", "status": "sc-status"}


def read_errors(snapshot: Snapshot, selection: Selection, window: Window | None = None) -> pl.DataFrame:
    """The errors of a selection, decoded, in time order. One row each, numbered by ``e`` from 0.

    Columns: ``e source line t reason client (normalised) c-ip (as logged) port server server_port method uri path
    query is_cut queue stream status``.
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
    texts = [field for field in _ERROR_TEXTS.values() if field in segment.fields]
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
