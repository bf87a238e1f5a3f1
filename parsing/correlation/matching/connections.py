"""The other requests on the TCP connection of an error, where the IIS log has the client's port.

Ports are used again, so a connection is bounded in time: by the error that closed it, by other errors of the same address
and port, and by a silence longer than the idle time-out, after which HTTP.sys would have closed it.
"""

from __future__ import annotations

import polars as pl

from parsing.correlation.logs.keys import ANY
from parsing.correlation.logs.requests import ENDED
from parsing.correlation.server.began import BODY, PENDING, QUEUE_TIMERS, SECOND, SLOW_CLIENT, SLOW_READER, ZOMBIE
from parsing.correlation.server.survey import IDLE
from parsing.correlation.server.sweep import PERIOD

LOOKBACK = 2_700 * SECOND
"""How long before an error its connection is followed."""

_CLOSING = (PERIOD + 2) * SECOND
_WAITING = 300 * SECOND
"""How long a request may have waited that was given up, beside the silence before it."""
_WAITED = (*PENDING, *QUEUE_TIMERS, BODY)
_ROUNDING = 1_500
MOST = 400
"""How many of its requests are named, those nearest in time."""
_SURE, _LIKELY = 0.99, 0.9
_INTERRUPTED = 40 * SECOND
_STEADY = 8
_OVERLAP = 200
_PAUSE = 5 * SECOND
"""A sign-in begins anew, or a client that left is back, after this silence: that is another connection."""


def sockets(errors: pl.DataFrame) -> pl.DataFrame:
    """``address port socket`` of the errors that have both."""
    known = errors.select("address", "port").drop_nulls().unique().sort("address", "port")
    return known.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("socket"))


def same_connection(errors: pl.DataFrame, rows: pl.DataFrame, idle: pl.DataFrame) -> pl.DataFrame:
    """``e at confidence``: the places in ``rows`` of requests on the connection of each error.

    ``errors`` and ``rows`` have ``socket``; ``idle`` has the longest and shortest idle time-out of each ``group`` in
    milliseconds.
    """
    errors = errors.filter(pl.col("socket").is_not_null()).join(idle, on="group", how="left", maintain_order="left")
    events = _with_connections(rows.with_row_index("at"), _bounded(errors))
    own = events.filter(pl.col("e").is_not_null()).select("connection", *_BOUNDS)
    requests = events.filter(pl.col("what") != _END).select("connection", "at", "asked", "end", "ending")
    found = own.join(requests, on="connection").filter((pl.col("asked") <= pl.col("until")) | pl.col("is_open"))
    # What ended with its client gone may have ended long after the connection fell silent.
    is_told = (pl.col("ending").fill_null(ENDED) == ENDED) | (pl.col("end") <= pl.col("until"))
    ended = pl.when(pl.col("at").is_null()).then("asked").otherwise("end")
    last_end = ended.filter((pl.col("asked") <= pl.col("until")) & is_told).max().over("e")
    is_silent = last_end <= pl.col("t") - pl.col("idle_shortest") + 2 * SECOND
    found = found.filter((pl.col("key") != IDLE) | is_silent)
    sure = (pl.col("t") - last_end <= pl.col("idle_longest") + _CLOSING).fill_null(value=True)
    ranked = found.filter(pl.col("at").is_not_null()).with_columns(
        pl.when(sure).then(_SURE).otherwise(_LIKELY).alias("confidence"),
        (pl.col("end") - pl.col("t")).abs().alias("distance"),
    )
    nearest = ranked.sort("e", "distance", "at").filter(pl.int_range(pl.len()).over("e") < MOST)
    return nearest.select("e", "at", "confidence")


_BOUNDS = ("e", "t", "key", "until", "is_open", "idle_longest", "idle_shortest")
_REQUEST, _ERROR, _END = range(3)


def _bounded(errors: pl.DataFrame) -> pl.DataFrame:
    """Errors with ``until``, the latest start of a request before them, and ``allowed``, the longest silence until then.

    An error of one stream of HTTP/2 or HTTP/3 leaves the connection to the others (``is_open``).
    """
    waited = pl.col("key").is_in(_WAITED) | pl.col("key").str.starts_with("connection_dropped")
    waiting = pl.when(pl.col("key") == SLOW_READER).then(2 * _WAITING).when(waited).then(_WAITING).otherwise(0)
    is_open = pl.col("stream").is_not_null() | (pl.col("key") == SLOW_CLIENT)
    until = (
        pl.when(pl.col("key") == IDLE)
        .then(pl.col("t") - pl.col("idle_shortest") + 2 * SECOND)
        .when(pl.col("kind") == ZOMBIE)
        .then("lost_high")
        .otherwise(pl.col("t") + SECOND)
    )
    return errors.with_columns(
        is_open.alias("is_open"),
        (until + _ROUNDING).alias("until"),
        (pl.col("idle_longest") + _CLOSING + waiting).alias("allowed"),
        ((pl.col("stream") == "1") & pl.col("status").is_not_null()).fill_null(value=False).alias("is_first"),
    )


def _with_connections(rows: pl.DataFrame, errors: pl.DataFrame) -> pl.DataFrame:
    """The requests and the errors of all sockets in order of time, with the ``connection`` that each belongs to."""
    limit = errors["idle_longest"].max()
    longest = (limit if isinstance(limit, int) else 120 * SECOND) + _CLOSING
    asked = pl.coalesce("start", "end").alias("asked")
    requests = rows.select(
        "socket", "server", "server_port", asked, "end", "at", "status", "substatus", "ending",
        pl.lit(_REQUEST).alias("what"), pl.lit(longest).alias("allowed"), pl.lit(value=False).alias("is_first"),
    )  # fmt: skip
    # A stream that its client left was in use until then; its row may come after the connection has been closed.
    is_left = pl.col("is_open") & (pl.col("kind") == ZOMBIE)
    ended = pl.when("is_open").then(pl.col("t")).otherwise(pl.max_horizontal("until", pl.col("t") - _WAITING))
    ended = pl.when(is_left).then("lost_low").otherwise(ended)
    seen = errors.select(
        "socket",
        pl.col("server_number").alias("server"),
        pl.col("e_server_port").alias("server_port"),
        pl.when(pl.col("key") == IDLE).then(pl.col("t") + SECOND).otherwise(ended).alias("asked"),
        pl.when(is_left).then("lost_high").when("is_open").then("t").alias("end"),
        pl.when("is_open").then(_ERROR).otherwise(_END).alias("what"),
        "allowed",
        "is_first",
        *_BOUNDS,
    )
    events = pl.concat([requests, seen], how="diagonal_relaxed")
    events = events.sort("socket", "asked", "what", "at", "e", nulls_last=True)
    silence = pl.col("asked") - pl.col("end").cum_max().over("socket").forward_fill().shift(1)
    events = events.with_columns(silence.alias("silence"))
    events = events.with_columns(_is_new().fill_null(value=True).cum_sum().alias("connection"))
    return events.with_columns(pl.col("connection") * 1024 + _interruptions().cum_sum().over("connection"))


def _is_new() -> pl.Expr:
    """Whether an event is the first of a connection.

    A client that leaves closes the connection, but only one of the streams if requests share it.
    """
    is_shared = (pl.col("silence") < -_OVERLAP) | (pl.col("what") == _ERROR)
    signs_in = (pl.col("status") == 401) & (pl.col("substatus") == 2)
    has_signed_in = signs_in.cast(pl.Int64).cum_sum().over("socket").shift(1) > 0
    was_left = (pl.col("ending").shift(1) != ENDED) & ~is_shared.fill_null(value=False).any().over("socket")
    other_port = (pl.col("server_port") != pl.col("server_port").shift(1)) & (pl.col("server_port") != ANY)
    is_paused = pl.col("silence") > _PAUSE
    return (
        (pl.col("socket") != pl.col("socket").shift(1))
        | (pl.col("what").shift(1) == _END)
        | pl.col("is_first")
        | (pl.col("silence") > pl.col("allowed")).fill_null(value=False)
        | (signs_in & has_signed_in & is_paused).fill_null(value=False)
        | (was_left & is_paused).fill_null(value=False)
        | other_port.fill_null(value=False)
    )


def _interruptions() -> pl.Expr:
    """Whether a silence is out of all proportion to those before it: a client that asked steadily has come back."""
    silence = pl.when(pl.col("what") == _REQUEST).then(pl.col("silence").clip(0))
    usual = silence.cum_max().shift(1).over("connection")
    number = (silence > 2 * SECOND).cast(pl.Int64).cum_sum().shift(1).over("connection")
    is_odd = (silence > _INTERRUPTED) & (silence > 4 * usual) & (number >= _STEADY)
    return is_odd.fill_null(value=False).cast(pl.Int64)
