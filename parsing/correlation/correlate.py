"""Correlation of the two logs: for each error who ended it, since when, and which requests belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from parsing.correlation.correlated import Correlated
from parsing.correlation.logs.windows import Window, window_of
from parsing.correlation.matching.correlation_window import AFTER, Stretch, read_stretch
from parsing.correlation.matching.findings import claims, narrowed, related
from parsing.correlation.server.habits import Habits, habits_of
from parsing.correlation.server.timeouts import LONGEST_LAG
from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.correlation.verdict import records
from parsing.errors import UsageError
from parsing.filters import EVERYTHING, Filter
from parsing.index.epoch import milliseconds
from parsing.index.snapshot import Snapshot
from parsing.knowledge.relations import CLAIMED
from parsing.questions import Count, Selection, answer, damage_worded

_REQUESTS = 600_000
_ERRORS = 12_000
_SHORTEST = 60_000


def correlate(
    snapshot: Snapshot,
    where: Filter = EVERYTHING,
    *,
    client_port: str | None = None,
    cancelled: Cancelled = never,
) -> Iterator[list[Correlated]]:
    """All errors that a filter keeps, in time order, one list a stretch of time.

    ``client_port`` names the field of the IIS log that holds the client's port, if it has an unusual name. Raises
    ``CancelledError`` soon after ``cancelled()`` is true.
    """
    windows = _windows(snapshot, where)
    if not windows:
        return
    habits = habits_of(snapshot, cancelled=cancelled)
    for window in windows:
        found = correlate_window(habits, window, where, client_port, cancelled)
        if found:
            yield found


def correlate_one(
    snapshot: Snapshot,
    source: int | str,
    line: int,
    *,
    client_port: str | None = None,
    cancelled: Cancelled = never,
) -> Correlated:
    """One error, by the name or id of its source and its line. Raises ``UsageError`` if there is no such row."""
    ids = {known.id for known in snapshot.sources if source in (known.id, known.name)}
    moment = _time_of(snapshot, ids, line)
    if moment is None:
        raise UsageError("no such error", where=f"{source}:{line}", hint="name a row of Httperr.log")
    habits = habits_of(snapshot, cancelled=cancelled)
    at = milliseconds(moment)
    for error in correlate_window(habits, Window(at, at), EVERYTHING, client_port, cancelled):
        if error.source_id in ids and error.line == line:
            return error
    raise UsageError("no such error", where=f"{source}:{line}", hint="name a row of Httperr.log")


@dataclass(frozen=True, slots=True)
class ErrorFrames:
    """What is found of the errors of one stretch of time, as frames; stretches share no error, so frames add up.

    ``errors`` has a row an error: ``source`` (its id), ``line``, ``time``, ``reason`` (lower case, ``-`` if none),
    ``queue``, ``client``, ``path`` (normalised), ``earliest`` and ``latest`` (the interval that holds when the wait
    began), ``ended_by``, ``ended_by_confidence`` (0 to 1) and ``batch``. ``claims`` has a row a claim: ``error_source``,
    ``error_line``, and of the request ``relation``, ``source``, ``line``, ``start`` (null without time-taken), ``end``,
    ``status`` and ``confidence`` (0.5 to 1). Times are UTC without zone.
    """

    errors: pl.DataFrame
    claims: pl.DataFrame


def correlated_frames(
    snapshot: Snapshot,
    where: Filter = EVERYTHING,
    *,
    client_port: str | None = None,
    cancelled: Cancelled = never,
) -> Iterator[ErrorFrames]:
    """The errors that a filter keeps with their claims, one pair of frames a stretch of time, in time order.

    Cheaper than ``correlate`` where no words and no neighbours are needed. Raises ``CancelledError`` soon after
    ``cancelled()`` is true.
    """
    windows = _windows(snapshot, where)
    if not windows:
        return
    habits = habits_of(snapshot, cancelled=cancelled)
    for window in windows:
        stop_if(cancelled)
        stretch = read_stretch(habits.surroundings, window, where, client_port, cancelled)
        if stretch is None:
            continue
        found = claims(stretch.pairs, habits.chances)
        stop_if(cancelled)
        errors = narrowed(stretch.errors, stretch.requests, found).filter(pl.col("is_wanted"))
        yield _frames(errors, stretch.requests, found)


def _frames(errors: pl.DataFrame, requests: pl.DataFrame, found: pl.DataFrame) -> ErrorFrames:
    def moment(column: str, name: str) -> pl.Expr:
        return pl.col(column).cast(pl.Datetime("ms")).alias(name)

    facts = errors.select(
        "source",
        "line",
        moment("t", "time"),
        pl.col("key").alias("reason"),
        "queue",
        "client",
        "path",
        moment("began_low", "earliest"),
        moment("began_high", "latest"),
        "ended_by",
        "ended_by_confidence",
        "batch",
    )
    own = errors.select("e", pl.col("source").alias("error_source"), pl.col("line").alias("error_line"))
    sure = found.filter(pl.col("confidence") >= CLAIMED).join(own, on="e", maintain_order="left")
    claimed = sure.join(requests, on="row", maintain_order="left").select(
        "error_source",
        "error_line",
        "relation",
        "source",
        "line",
        moment("start", "start"),
        moment("end", "end"),
        "status",
        "confidence",
    )
    return ErrorFrames(facts, claimed)


@damage_worded()
def correlate_window(
    habits: Habits,
    window: Window,
    where: Filter = EVERYTHING,
    client_port: str | None = None,
    cancelled: Cancelled = never,
) -> list[Correlated]:
    """The errors of one stretch of time."""
    stop_if(cancelled)
    stretch = read_stretch(habits.surroundings, window, where, client_port, cancelled)
    if stretch is None:
        return []
    stop_if(cancelled)
    found = claims(stretch.pairs, habits.chances)
    stop_if(cancelled)
    errors = narrowed(stretch.errors, stretch.requests, found).filter(pl.col("is_wanted"))
    rows = related(habits.surroundings, stretch, found, cancelled)
    stop_if(cancelled)
    return records(habits.surroundings.snapshot, errors, rows, cancelled)


def stretches(snapshot: Snapshot, where: Filter = EVERYTHING, *, cancelled: Cancelled = never) -> Iterator[Stretch]:
    """The stretches of time that together hold all errors a filter keeps, with the nature of each."""
    if not answer(snapshot, Count(where, "httperr")).total:
        return
    habits = habits_of(snapshot, cancelled=cancelled)
    for window in _windows(snapshot, where):
        found = read_stretch(habits.surroundings, window, where, cancelled=cancelled)
        if found is not None:
            yield found


@damage_worded()
def _time_of(snapshot: Snapshot, ids: set[int], line: int) -> datetime | None:
    for segment in snapshot.segments:
        if segment.log != "httperr":
            continue
        is_row = pl.col("source").is_in(list(ids)) & (pl.col("line") == line)
        times = segment.scan().filter(is_row).select("time").collect().to_series()
        if len(times):
            found = times[0]
            assert isinstance(found, datetime)
            return found
    return None


def _windows(snapshot: Snapshot, where: Filter) -> list[Window]:
    """Stretches which together hold all wanted errors, each with about as many requests as fit in memory."""
    selection = Selection(where, "httperr")
    segments = list(selection.segments(snapshot))
    if not segments:
        return []
    first = min(window_of(segment).first for segment in segments)
    last = max(window_of(segment).last for segment in segments)
    spans = [(window_of(segment), segment.rows, segment.log) for segment in snapshot.segments if segment.rows]
    windows: list[Window] = []
    pending = [Window(first, last)]
    while pending:
        window = pending.pop()
        rows = {
            log: sum(_share(span, window) * n for span, n, own in spans if own == log) for log in ("iis", "httperr")
        }
        is_small = rows["iis"] <= _REQUESTS and rows["httperr"] <= _ERRORS
        if rows["httperr"] == 0:
            continue
        if is_small or window.last - window.first <= _SHORTEST:
            windows.append(window)
            continue
        middle = (window.first + window.last) // 2
        pending += [Window(middle + 1, window.last), Window(window.first, middle)]
    return windows


def requests_within(snapshot: Snapshot, window: Window) -> float:
    """About how many requests have to be read to correlate the errors of a window."""
    wide = window.grown(LONGEST_LAG * 1_000, AFTER)
    spans = [(window_of(segment), segment.rows) for segment in snapshot.segments if segment.log == "iis"]
    return sum(_share(span, wide) * rows for span, rows in spans if rows)


def _share(span: Window, window: Window) -> float:
    inside = min(span.last, window.last) - max(span.first, window.first)
    return max(0.0, (inside + 1) / (span.last - span.first + 1))
