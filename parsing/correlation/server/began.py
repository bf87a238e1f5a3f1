"""When the wait that an error ended began, when the client lost the request, and who ended it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from parsing.correlation.assumptions import DECIDED
from parsing.correlation.server.drops import Drops
from parsing.correlation.server.survey import DROPPED, IDLE, TIMER
from parsing.correlation.server.sweep import PERIOD, Sweeps
from parsing.correlation.server.timeouts import Timeout
from parsing.knowledge.reasons import reason

HEADER = "timer_headerwait"
BODY = "timer_entitybody"
SLOW_READER = "timer_minbytespersecond"
SLOW_CLIENT = "slowresponsiveclient"
LIST_FULL = "connection_dropped_list_full"
QUEUE_TIMERS = ("timer_reqqueue", "timer_apppool", "apppooltimer")
PENDING = (
    "connection_abandoned_by_reqqueue",
    "connection_abandoned_by_apppool",
    "request_cancelled",
    "client_reset",
)
"""Reasons that end a request which has waited for any time."""

ZOMBIE, NOW, STALLED = "zombie", "now", "stalled"
"""Kinds of loss: the client left and the row came a time-out later; the row is the loss; the loss is in between."""

CONFIDENCE = "ended_by_confidence"
"""How sure it is who ended an error: 1 where its reason says so."""

SECOND = 1000
_SLACK = 500
"""Milliseconds by which whole seconds and a sweep that is itself a little late may be off."""
_LONGEST_RESPONSE = 600 * SECOND
_LONGEST_WAIT = 120 * SECOND
_QUEUE = Timeout(120, 120, 120)
_TABLE = {"zombie": "zombie", "idle": IDLE, "header": HEADER, "body": BODY}


def timeouts_table(rows: Sequence[tuple[int, Timeout, Timeout, Timeout, Timeout]]) -> pl.DataFrame:
    """``group`` with the longest and shortest ``zombie``, ``idle``, ``header`` and ``body`` time-out in milliseconds."""
    columns: dict[str, list[int]] = {"group": [row[0] for row in rows]}
    for place, name in enumerate(_TABLE, start=1):
        columns[f"{name}_longest"] = [int(row[place].latest * SECOND) for row in rows]  # type: ignore[union-attr]
        columns[f"{name}_shortest"] = [int(row[place].earliest * SECOND) for row in rows]  # type: ignore[union-attr]
    schema = {name: pl.UInt32() if name == "group" else pl.Int64() for name in columns}
    return pl.DataFrame(columns, schema=schema)


def with_nature(errors: pl.DataFrame, sweeps: Sweeps, drops: Drops) -> pl.DataFrame:
    """Errors (with ``group``) with what the sweep says of them.

    Adds ``key`` (the reason in lower case), ``is_on_sweep``, ``spread``, ``worker`` (probability that the application
    closed the connection), ``seen`` (drops from which that is known) and ``batch`` (rows that the same sweep wrote).
    """
    key = pl.col("reason").str.to_lowercase().alias("key")
    errors = errors.with_columns(key, (pl.col("t") // SECOND).alias("second"))
    votes = (pl.col("key") == DROPPED) | pl.col("key").str.starts_with(TIMER)
    errors = errors.with_columns(votes.fill_null(value=False).alias("votes"))
    batch = pl.when("votes").then(pl.len().over("group", "second", "votes")).otherwise(1)
    errors = errors.hstack(sweeps.phases(errors)).with_columns(batch.alias("batch"))
    return errors.hstack(drops.judged(errors))


def with_moments(errors: pl.DataFrame, timeouts: pl.DataFrame) -> pl.DataFrame:
    """Errors (``with_nature``) with ``kind``, ``ended_by``, and the intervals that hold their moments.

    ``began_low began_high`` is when the wait began that the row ended, ``lost_low lost_high`` when the client lost its
    request; from ``lost_at`` lags are measured.
    """
    errors = errors.join(timeouts, on="group", how="left", maintain_order="left")
    is_drop = pl.col("key") == DROPPED
    is_zombie = is_drop & (pl.col("worker") < 0.5)
    is_open = is_drop & pl.col("worker").is_between(1 - DECIDED, DECIDED)
    kind = pl.when(is_zombie).then(pl.lit(ZOMBIE)).when(pl.col("key") == BODY).then(pl.lit(STALLED))
    errors = errors.with_columns(kind.otherwise(pl.lit(NOW)).alias("kind"))
    began = _began(is_zombie, is_drop)
    lost_low = pl.when(pl.col("kind") == NOW).then(pl.col("t") - SECOND).otherwise(began[0])
    lost_high = pl.when(pl.col("kind") == ZOMBIE).then(began[1]).otherwise(pl.col("t") + SECOND)
    return errors.with_columns(
        pl.when(is_open)
        .then(pl.min_horizontal(began[0], _before("zombie", "longest")))
        .otherwise(began[0])
        .alias("began_low"),
        pl.when(is_open).then(pl.col("t") + SECOND).otherwise(began[1]).alias("began_high"),
        lost_low.alias("lost_low"),
        lost_high.alias("lost_high"),
        pl.when(pl.col("kind") == NOW).then("at").otherwise(lost_high).alias("lost_at"),
        pl.when(is_open)
        .then(pl.lit("unknown"))
        .otherwise(_ended_by(errors["reason"], is_drop, is_zombie))
        .alias("ended_by"),
        pl.when(is_drop).then(pl.max_horizontal("worker", 1 - pl.col("worker"))).otherwise(1.0).alias(CONFIDENCE),
    ).drop(*timeouts.columns[1:])


def _began(is_zombie: pl.Expr, is_drop: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    t, key = pl.col("t"), pl.col("key")
    queue = int(_QUEUE.likely) * SECOND
    spans = [
        (is_zombie, _before("zombie", "longest"), _before("zombie", "shortest")),
        *(
            (key == _TABLE[name], _before(name, "longest"), _before(name, "shortest"))
            for name in ("idle", "header", "body")
        ),
        (key.is_in(QUEUE_TIMERS), t - queue - PERIOD * SECOND - _SLACK, t - queue + SECOND + _SLACK),
        (key.is_in([SLOW_READER, SLOW_CLIENT]), t - _LONGEST_RESPONSE, t + SECOND),
        (is_drop | key.is_in(PENDING), t - _LONGEST_WAIT, t + SECOND),
    ]
    low, high = t - SECOND, t + SECOND
    for condition, earliest, latest in reversed(spans):
        low = pl.when(condition).then(earliest).otherwise(low)
        high = pl.when(condition).then(latest).otherwise(high)
    return low, high


def _before(name: str, end: str) -> pl.Expr:
    """A time-out before the row: the longest and one sweep, or the shortest."""
    if end == "longest":
        return pl.col("t") - pl.col(f"{name}_longest") - PERIOD * SECOND - _SLACK
    return pl.col("t") - pl.col(f"{name}_shortest") + SECOND + _SLACK


def _ended_by(reasons: pl.Series, is_drop: pl.Expr, is_zombie: pl.Expr) -> pl.Expr:
    known = {text: reason(text).ended_by for text in reasons.drop_nulls().unique()}
    table = (
        pl.col("reason").replace_strict(known, default="unknown", return_dtype=pl.String)
        if known
        else pl.lit("unknown")
    )
    return pl.when(is_zombie).then(pl.lit("client")).when(is_drop).then(pl.lit("worker")).otherwise(table)
