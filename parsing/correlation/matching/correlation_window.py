"""One stretch of time: its errors with their moments, and the requests that may belong to them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from parsing.correlation.assumptions import (
    DEFAULT_SINGLE,
    SURE_WHO,
)
from parsing.correlation.logs.errors import read_errors, with_implied_uris
from parsing.correlation.logs.keys import Keys, Normals, with_numbers
from parsing.correlation.logs.requests import Requests
from parsing.correlation.logs.targets import rows_of_targets, with_targets
from parsing.correlation.logs.windows import Window, parts_of_seconds
from parsing.correlation.matching.claims import AGAIN, AROUND, IS_BARE, Pairs
from parsing.correlation.matching.connections import LOOKBACK, sockets
from parsing.correlation.server.began import SECOND, with_moments, with_nature
from parsing.correlation.server.drops import Drops, reconsidered
from parsing.correlation.server.survey import DROPPED, TIMER, with_group
from parsing.correlation.server.sweep import PERIOD, Sweeps
from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Snapshot
from parsing.knowledge.reasons import reason
from parsing.questions import Selection, damage_worded

AFTER = AGAIN + 60 * SECOND
"""How long after an error its requests may end."""
RIVALS = 130 * SECOND
"""Errors this much before and after compete for the same requests."""


@dataclass(frozen=True)
class Surroundings:
    """What is known of the servers, as far as one stretch needs it."""

    snapshot: Snapshot
    normals: Normals
    groups: pl.DataFrame
    timeouts: pl.DataFrame
    sweeps: Sweeps
    drops: Drops
    shares: pl.DataFrame
    has_server: bool

    @property
    def before(self) -> int:
        """How long before an error its requests may have ended."""
        longest = self.timeouts["zombie_longest"].max() if self.timeouts.height else None
        return (longest if isinstance(longest, int) else 0) + PERIOD * SECOND + AROUND + 10 * SECOND


@dataclass(frozen=True)
class Stretch:
    """``errors`` (with ``is_wanted``), ``requests`` (with ``row``), what fits, and requests with the ``socket`` of an error."""

    errors: pl.DataFrame
    requests: pl.DataFrame
    pairs: Pairs
    connected: pl.DataFrame | None = None


@damage_worded()
def read_stretch(
    known: Surroundings,
    window: Window,
    where: Filter = EVERYTHING,
    client_port: str | None = None,
    cancelled: Cancelled = never,
) -> Stretch | None:
    """Everything of a window; null when no error in it is wanted."""
    snapshot = known.snapshot
    wanted = read_errors(snapshot, Selection(where, "httperr"), window)
    if wanted.is_empty():
        return None
    window = Window(*wanted.select(pl.col("t").min(), pl.col("t").max().alias("last")).row(0))
    everything = with_parts(read_errors(snapshot, Selection(log="httperr"), window.grown(RIVALS, RIVALS)))
    everything = with_nature(with_group(everything, known.groups), known.sweeps, known.drops)
    stop_if(cancelled)
    places = wanted.select("source", "line", pl.lit(value=True).alias("is_wanted"))
    errors = everything.join(places, on=["source", "line"], how="left", maintain_order="left")
    errors = errors.with_columns(pl.col("is_wanted").fill_null(value=False))
    errors = errors.filter(pl.col("is_wanted") | pl.col("uri").is_not_null())
    errors = with_implied_uris(errors, IS_BARE, snapshot, known.normals, client_port)
    keys = Keys.of(errors, has_server=known.has_server)
    errors = _with_clients(known, with_targets(with_numbers(errors, keys)))
    reader = Requests(snapshot, keys, known.normals, client_port, cancelled)
    requests = reader.read(window.grown(known.before, AFTER)).with_row_index("row")
    stop_if(cancelled)
    rows = rows_of_targets(requests, errors)
    errors = reconsidered(errors, rows, requests, known.timeouts)
    is_open = (pl.col("key") == DROPPED) & pl.col("worker").is_between(1 - SURE_WHO, SURE_WHO)
    otherwise = errors.filter(is_open).with_columns((1 - pl.col("worker")).alias("worker"))
    errors, otherwise = (with_moments(frame, known.timeouts) for frame in (errors, otherwise))
    stop_if(cancelled)
    connected = None
    if reader.has_port():
        named = sockets(errors)
        errors, otherwise = (
            frame.join(named, on=["address", "port"], how="left", maintain_order="left")
            for frame in (errors, otherwise)
        )
        connected = reader.read_sockets(window.grown(LOOKBACK, AFTER), named)
    return Stretch(errors, requests, Pairs(errors, requests, rows, otherwise), connected)


def _with_clients(known: Surroundings, errors: pl.DataFrame) -> pl.DataFrame:
    """Errors with ``single``, how sure their address is one client's, and ``may_be_logged``."""
    single = known.shares.select("client", "single")
    errors = errors.join(single, on="client", how="left", maintain_order="left")
    may_be_logged = {text: _may_be_logged(text) for text in errors["reason"].drop_nulls().unique()}
    return errors.with_columns(
        pl.col("single").fill_null(DEFAULT_SINGLE),
        pl.col("reason").replace_strict(may_be_logged, default=False, return_dtype=pl.Boolean).alias("may_be_logged"),
    )


def _may_be_logged(text: str) -> bool:
    """Whether the request of an error can be in the IIS log too (DOMAIN.md 4.1): not if no worker had it, or it died with one."""
    known = reason(text)
    return known.status is None and known.group != "bad request" and known.code not in _NEVER_LOGGED


_NEVER_LOGGED = (
    "Client_Reset",
    "Connection_Abandoned_By_ReqQueue",
    "Connection_Abandoned_By_AppPool",
    "Connection_Dropped_List_Full",
    "Timer_ReqQueue",
    "Timer_AppPool",
    "Disabled",
    "ConnLimit",
    "AppShutdown",
)


def with_parts(errors: pl.DataFrame) -> pl.DataFrame:
    """Errors with ``at``, the time to the part of a second that their order tells, and how much it may be off (``blur``).

    What a sweep writes comes all at once, and tells nothing of the time between other rows.
    """
    is_swept = pl.col("reason").str.to_lowercase().str.starts_with(TIMER) | (
        pl.col("reason").str.to_lowercase() == DROPPED
    )
    whole = errors.with_columns((pl.col("t") + 500).alias("at"), pl.lit(1000, dtype=pl.Int64).alias("blur"))
    steady = whole.filter(~is_swept.fill_null(value=False)).sort("t", "source", "line")
    parts = parts_of_seconds(steady)
    steady = steady.with_columns((steady["t"] + parts["part"]).alias("at"), parts["blur"].alias("blur"))
    return pl.concat([whole.filter(is_swept.fill_null(value=False)), steady]).sort("e")
