"""The events of which incidents are made: errors without idle closes, and requests that failed or took far too long.

Both come as one frame, in time order: ``log`` (``httperr`` or ``iis``), ``family`` (see ``FAMILIES``), ``at`` (when the
trouble of the row began) and ``t`` (when it was written), milliseconds since 1970, ``began`` (as ``at``, but for abandoned
requests when their worker process began to hang: see ``hang_begins``), ``server pool client path reason ended_by`` (texts,
null where not logged), ``source`` (its id) and ``line``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import polars as pl

from parsing.correlation.logs.errors import decoded, read_errors
from parsing.correlation.logs.requests import BROKEN_WRITE, ending
from parsing.correlation.matching.correlation_window import with_parts
from parsing.correlation.server.began import (
    BODY,
    HEADER,
    QUEUE_TIMERS,
    SLOW_CLIENT,
    SLOW_READER,
    with_moments,
    with_nature,
)
from parsing.correlation.server.habits import habits_of
from parsing.correlation.server.survey import DROPPED, with_group
from parsing.correlation.stopping import Cancelled, stop_if
from parsing.filters import Filter, both
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.reasons import reason
from parsing.questions.selection import Selection
from parsing.questions.usual_closes import no_idle_closes

STOPPED, OFFLINE, CRASHED, LIMIT, SLOW, FULL, LEFT, FAILED, SLOW_CLIENTS, REFUSED, OTHER = FAMILIES = (
    "stopped", "offline", "crashed", "limit", "slow", "full", "left", "failed", "slow clients", "refused", "other",
)  # fmt: skip
"""Kinds of events; each is compared with what is usual for it."""

_FAMILY_OF = {
    "disabled": STOPPED,
    "appshutdown": STOPPED,
    "appoffline": OFFLINE,
    "connection_abandoned_by_reqqueue": CRASHED,
    "connection_abandoned_by_apppool": CRASHED,
    "connlimit": LIMIT,
    "connections_refused": LIMIT,
    "queuefull": FULL,
    "client_reset": LEFT,
    "connection_dropped_list_full": LEFT,
    HEADER: SLOW_CLIENTS,
    BODY: SLOW_CLIENTS,
    SLOW_READER: SLOW_CLIENTS,
    SLOW_CLIENT: SLOW_CLIENTS,
    **dict.fromkeys(QUEUE_TIMERS, SLOW),
}
SLOW_AT_LEAST = 5_000
"""Milliseconds: nothing below is called slow, whatever is usual."""
SLOWER = 4
"""Slow is this many times what nineteen of twenty requests for such a path take."""
_BLOCK = 900_000
_STEPS = 12
"""Steps of a histogram of times in each doubling: bounds are exact to 6 %."""
_TIMES = {"server": pl.String(), "target": pl.String(), "block": pl.Int64(), "step": pl.Int32(), "len": pl.UInt32()}
ONE_CRASH = 2_000
"""Milliseconds within which what is abandoned was abandoned by one process."""
_LONGEST_HANG = 120_000
_ENOUGH = 20
_MOST_TARGETS = 200

SCHEMA = {
    "log": pl.String(),
    "family": pl.String(),
    "at": pl.Int64(),
    "t": pl.Int64(),
    "began": pl.Int64(),
    **dict.fromkeys(("server", "pool", "client", "path", "target", "reason", "ended_by"), pl.String()),
    "source": pl.UInt32(),
    "line": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Events:
    """``rows`` as above; ``bounds`` gives for each target of the IIS log from how many milliseconds it is slow."""

    rows: pl.DataFrame
    bounds: dict[str, int]


def read_events(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> Events:
    """All events of the rows that a filter keeps."""
    errors = _errors(snapshot, where, cancelled)
    times = _times_of_targets(snapshot, cancelled)
    bounds = _bounds(times)
    requests = [_requests(snapshot, segment, where, bounds) for segment in _iis(snapshot, where, cancelled)]
    pools = _pools(errors)
    found = pl.concat([hang_begins(errors, times, pools), *requests])
    likely = pl.when(pl.col("log") == "iis").then("likely")
    found = found.join(pools, on="target", how="left").with_columns(pl.coalesce("pool", likely).alias("pool"))
    return Events(found.select(*SCHEMA).sort("at", "t", "source", "line"), bounds)


def kept_by(snapshot: Snapshot, where: Filter, events: pl.DataFrame, cancelled: Cancelled) -> pl.DataFrame:
    """Those of some events whose rows a filter keeps."""
    places, selection = ["source", "line"], Selection(where)
    known = events.select(places).lazy()
    parts = [known.clear()]
    for segment in selection.segments(snapshot):
        stop_if(cancelled)
        rows = selection.rows(snapshot, segment, places)
        if rows is not None:
            parts.append(rows.join(known, on=places, how="semi").collect().lazy())
    kept = pl.concat(parts)
    return events.lazy().join(kept, on=places, how="semi", maintain_order="left").collect()


def _errors(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> pl.DataFrame:
    rows = read_errors(snapshot, Selection(both(where, no_idle_closes()), "httperr"))
    stop_if(cancelled)
    if rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    known = habits_of(snapshot, cancelled=cancelled).surroundings
    rows = with_nature(with_group(with_parts(rows), known.groups), known.sweeps, known.drops)
    rows = with_moments(rows, known.timeouts)
    stop_if(cancelled)
    families = {text: _family(text) for text in rows["reason"].drop_nulls().unique()}
    is_later = (pl.col("kind") == "zombie") | pl.col("key").is_in([HEADER, BODY, *QUEUE_TIMERS])
    middle = ((pl.col("began_low") + pl.col("began_high")) // 2).cast(pl.Int64)
    by_reason = pl.col("reason").replace_strict(families, default=OTHER, return_dtype=pl.String)
    is_dropped = pl.col("key") == DROPPED
    family = pl.when(is_dropped & (pl.col("kind") == "zombie")).then(pl.lit(SLOW)).otherwise(by_reason)
    found = rows.with_columns(
        pl.lit("httperr").alias("log"),
        family.alias("family"),
        pl.when(is_later).then(middle).otherwise("t").alias("at"),
        pl.when(is_later).then(middle).otherwise("t").alias("began"),
        pl.col("queue").alias("pool"),
        pl.col("c-ip").alias("client"),
        target_of(pl.col("path")).alias("target"),
        pl.lit(None, pl.String).alias("server"),
    )
    return _with_server(snapshot, found).select(*SCHEMA)


def _family(text: str) -> str:
    known = reason(text)
    return _FAMILY_OF.get(text.lower()) or (REFUSED if known.group == "bad request" else OTHER)


def _with_server(snapshot: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
    parts = []
    for segment in snapshot.segments:
        if segment.log == "httperr" and "server-name" in segment.fields:
            names = segment.scan().select("source", "line", "server-name").collect()
            parts.append(
                names.select("source", "line", decoded(snapshot, segment, names, "server-name").alias("named"))
            )
    if not parts:
        return rows
    named = rows.join(pl.concat(parts), on=["source", "line"], how="left", maintain_order="left")
    return named.with_columns(pl.col("named").alias("server"))


def target_of(path: pl.Expr) -> pl.Expr:
    """The first part of a path, in lower case, as paths are compared with others of the same application."""
    return pl.concat_str(pl.lit("/"), path.str.to_lowercase().str.extract(r"^/([a-z0-9_.-]*)", 1).fill_null("*"))


def _pools(errors: pl.DataFrame) -> pl.DataFrame:
    """The pool that most errors of a target name: the IIS log has no field for it (``target likely``)."""
    named = errors.filter(pl.col("pool").is_not_null() & pl.col("path").is_not_null())
    counted = named.group_by("target", "pool").len().sort("target", "len", "pool", descending=[False, True, False])
    return counted.group_by("target", maintain_order=True).agg(pl.col("pool").first().alias("likely"))


def _iis(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> Iterator[Segment]:
    for segment in sorted(Selection(where, "iis").segments(snapshot), key=lambda one: one.first):
        stop_if(cancelled)
        yield segment


def hang_begins(errors: pl.DataFrame, times: pl.DataFrame, pools: pl.DataFrame) -> pl.DataFrame:
    """Errors with ``began`` of abandoned requests set to when their worker process began to hang.

    A process that dies abandons what has gathered in it. At the usual pace of its pool's requests, that took about their
    number over their rate; who still got an answer meanwhile makes it longer, so this is the latest likely begin.
    """
    is_crash = pl.col("family") == CRASHED
    crashed = errors.filter(is_crash & pl.col("pool").is_not_null()).sort("t")
    if crashed.is_empty() or times.is_empty():
        return errors
    of_pool = times.join(pools.rename({"likely": "pool"}), on="target").group_by("server", "pool", "block")
    rates = {
        (server, pool, block): number / _BLOCK
        for server, pool, block, number in of_pool.agg(pl.col("len").sum()).iter_rows()
    }
    apart = (pl.col("t").diff().fill_null(0) > ONE_CRASH).cum_sum().over("server", "pool").alias("crash")
    crashes = crashed.with_columns(apart).group_by("server", "pool", "crash", maintain_order=True)
    longest = []
    for server, pool, _, time, number in crashes.agg(pl.col("t").first(), pl.len()).iter_rows():
        near = [rates.get((server, pool, time // _BLOCK + step), 0.0) for step in (-1, 0, 1)]
        rate = sorted(near)[1]
        longest.append((server, pool, time, min(int(number / rate), _LONGEST_HANG) if rate else 0))
    schema = {"server": pl.String(), "pool": pl.String(), "t": pl.Int64(), "hang": pl.Int64()}
    hangs = pl.DataFrame(longest, schema=schema, orient="row").sort("t")
    found = crashed.with_columns(apart).with_columns(pl.col("t").first().over("server", "pool", "crash").alias("first"))
    found = found.join(
        hangs.rename({"t": "first"}),
        on=["server", "pool", "first"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    ).with_columns((pl.col("first") - pl.col("hang")).alias("began"))
    others = errors.filter((is_crash & pl.col("pool").is_not_null()).not_())
    return pl.concat([others, found.select(errors.columns)])


def _times_of_targets(snapshot: Snapshot, cancelled: Cancelled) -> pl.DataFrame:
    """How many requests of each target took how long in each quarter of an hour: ``server target block step len``."""
    parts = [pl.DataFrame(schema=_TIMES)]
    for segment in snapshot.segments:
        if segment.log != "iis" or not segment.rows or not {"time-taken", "cs-uri-stem"} <= set(segment.fields):
            continue
        stop_if(cancelled)
        parts.append(
            snapshot.memory.partials.get((segment.path, "times of targets"), partial(_times, snapshot, segment))
        )
    return pl.concat(parts).group_by("server", "target", "block", "step").agg(pl.col("len").sum())


def _bounds(times: pl.DataFrame) -> dict[str, int]:
    """From how many milliseconds a request of each target is slow.

    For each quarter of an hour the time that 95 % of a target's requests take, and of these the median: an incident
    would have to last for half of the log to make itself usual.
    """
    if times.is_empty():
        return {}
    whole = times.group_by("target", "block", "step").agg(pl.col("len").sum())
    ordered = whole.sort("target", "block", "step").with_columns(
        pl.col("len").cum_sum().over("target", "block").alias("upto"),
        pl.col("len").sum().over("target", "block").alias("all"),
    )
    reached = ordered.filter((pl.col("upto") >= 0.95 * pl.col("all")) & (pl.col("all") >= _ENOUGH))
    slowest = reached.group_by("target", "block").agg(pl.col("step").min())
    usual = (
        slowest.group_by("target")
        .agg(pl.col("step").median())
        .with_columns(
            ((2.0 ** ((pl.col("step") + 1) / _STEPS) * SLOWER / 100).ceil() * 100)
            .cast(pl.Int64)
            .clip(SLOW_AT_LEAST)
            .alias("bound")
        )
    )
    frequent = whole.group_by("target").agg(pl.col("len").sum()).sort("len", "target", descending=[True, False])
    kept = usual.join(frequent.head(_MOST_TARGETS), on="target").sort("target")
    return dict(kept.select("target", "bound").iter_rows())


def _times(snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
    """The part of one segment in ``_times_of_targets``."""
    taken = pl.col("time-taken").clip(1)
    step = (taken.log(2) * _STEPS).floor().cast(pl.Int32).alias("step")
    block = (pl.col("time").cast(pl.Int64) // _BLOCK).alias("block")
    names = [name for name in ("server-name",) if name in segment.fields]
    is_coded = "cs-uri-stem" in segment.coded
    # Of text without codes, which takes gigabytes where there are many values, only the targets are kept.
    path = pl.col("cs-uri-stem") if is_coded else target_of(pl.col("cs-uri-stem")).alias("target")
    rows = segment.scan().filter(pl.col("time-taken").is_not_null()).select(path, *names, block, step)
    counted = rows.group_by(pl.all()).len().collect(engine="streaming")
    if is_coded:
        paths = decoded(snapshot, segment, counted, "cs-uri-stem")
        counted = counted.with_columns(pl.Series("target", _targets(paths)))
    named = counted.with_columns(decoded(snapshot, segment, counted, "server-name").alias("server"))
    summed = named.group_by("server", "target", "block", "step").agg(pl.col("len").sum())
    return summed.sort("server", "target", "block", "step").select(*_TIMES)


def _targets(paths: pl.Series) -> pl.Series:
    distinct = paths.unique()
    table = pl.DataFrame({"path": distinct}).with_columns(target_of(pl.col("path")).alias("target"))
    return pl.DataFrame({"path": paths}).join(table, on="path", how="left", nulls_equal=True, maintain_order="left")[
        "target"
    ]


def _requests(snapshot: Snapshot, segment: Segment, where: Filter, bounds: dict[str, int]) -> pl.DataFrame:
    """Requests that were answered with a 5xx, or that took far longer than usual."""
    wanted = Selection(where, "iis").keeps(snapshot, segment)
    fields = set(segment.fields)
    if wanted is False or not {"sc-status", "time-taken"} & fields:
        return pl.DataFrame(schema=SCHEMA)
    rows = segment.scan() if wanted is True else segment.scan().filter(wanted)
    taken = pl.col("time-taken").cast(pl.Int64) if "time-taken" in fields else pl.lit(None, pl.Int64)
    is_failed = pl.col("sc-status") >= 500 if "sc-status" in fields else pl.lit(value=False)
    names = [segment.copied(name) for name in ("cs-uri-stem", "c-ip", "server-name") if name in fields]
    frame = rows.filter(is_failed | (taken >= SLOW_AT_LEAST)).select(
        "source",
        "line",
        pl.col("time").cast(pl.Int64).alias("t"),
        taken.alias("taken"),
        (is_failed & (ending(segment.fields) != BROKEN_WRITE)).alias("is_failed"),
        *names,
    )
    found = frame.collect()
    texts = {
        name: decoded(snapshot, segment, found, field)
        for name, field in (("path", "cs-uri-stem"), ("client", "c-ip"), ("server", "server-name"))
    }
    found = found.select("source", "line", "t", "taken", "is_failed").with_columns(
        *(values.rename(name) for name, values in texts.items()), _targets(texts["path"]).alias("target")
    )
    bound = pl.col("target").replace_strict(bounds, default=None, return_dtype=pl.Int64) if bounds else pl.lit(None)
    is_slow = (pl.col("taken") >= bound).fill_null(value=False)
    found = found.with_columns(is_slow.alias("is_slow")).filter(pl.col("is_slow") | pl.col("is_failed"))
    start = pl.col("t") - pl.col("taken").fill_null(0)
    return found.with_columns(
        pl.lit("iis").alias("log"),
        pl.when("is_slow").then(pl.lit(SLOW)).otherwise(pl.lit(FAILED)).alias("family"),
        start.alias("at"),
        start.alias("began"),
        pl.lit(None, pl.String).alias("pool"),
        pl.lit(None, pl.String).alias("reason"),
        pl.lit(None, pl.String).alias("ended_by"),
    ).select(*SCHEMA)
