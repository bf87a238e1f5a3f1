"""How many rows there are in each stretch of time, of each log, and of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from parsing.filters.tree import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.knowledge.reasons import reason
from parsing.questions.selection import Selection, Span

By = Literal["status-class", "ended-by"]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
_MILLISECOND = timedelta(milliseconds=1)
_STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        *(1, 2, 5, 10, 15, 30),
        *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
        *(3600 * hours for hours in (1, 2, 3, 6, 12)),
        *(86400 * days for days in (1, 2, 7, 14, 28, 91, 364, 3640, 36400, 364000)),
    )
)
"""Lengths of a bucket that a reader can count with; the epoch is a boundary of all of them."""

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Bars:
    """The counts of a histogram.

    ``table`` has a row for every bucket, with ``time`` (its start), ``iis`` and ``httperr``. ``kinds`` has ``time``,
    ``log``, ``kind`` and ``count``, only where there is something to count and only when kinds were asked for. A kind
    is a status class (``2xx``) or who ended it; it is null where the log does not tell.
    """

    every: timedelta
    span: Span | None
    table: pl.DataFrame
    kinds: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Rows by time. Buckets are ``every`` long, or as long as gives at most ``buckets`` of them over the span.

    The span is that of the snapshot unless it is given; it is widened to whole buckets, but rows outside a given span
    are not counted.
    """

    where: Filter = EVERYTHING
    every: timedelta | None = None
    buckets: int = 80
    span: Span | None = None
    by: By | None = None
    log: Log | None = None

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def axis(self, snapshot: Snapshot) -> tuple[datetime, timedelta, int] | None:
        """Start of the first bucket, length of each, and their number; ``None`` for a log set without rows."""
        if self.span is not None:
            first, last = self.span[0], self.span[1] - _MILLISECOND
        elif snapshot.oldest is not None and snapshot.newest is not None:
            first, last = snapshot.oldest, snapshot.newest
        else:
            return None
        every = self.every or fitting_step(first, last, self.buckets)
        start = _aligned(first, every)
        return start, every, (_aligned(last, every) - start) // every + 1

    def partial(self, snapshot: Snapshot, segment: Segment) -> pl.DataFrame | None:
        """Counts with ``time``, ``log``, ``kind`` and ``count``."""
        axis = self.axis(snapshot)
        rows = self.selection.rows(snapshot, segment)
        if axis is None or rows is None:
            return None
        every = axis[1] // _MILLISECOND
        bucket = (pl.col("time").dt.timestamp("ms") // every).alias("bucket")
        kind = self._kind(segment)
        grouped = rows.group_by(bucket, kind.alias("kind")).agg(pl.len().cast(pl.Int64).alias("count")).collect()
        return grouped.select(
            (pl.col("bucket") * every).cast(pl.Datetime("ms")).alias("time"),
            pl.lit(segment.log).alias("log"),
            self._kind_name(snapshot, grouped["kind"]).alias("kind"),
            "count",
        )

    def _kind(self, segment: Segment) -> pl.Expr:
        name = {"status-class": "sc-status", "ended-by": "s-reason"}.get(self.by or "", "")
        if name not in segment.fields:
            return pl.lit(None, dtype=pl.UInt32)
        return pl.col(name) // 100 if name == "sc-status" else pl.col(name)

    def _kind_name(self, snapshot: Snapshot, kinds: pl.Series) -> pl.Series:
        if kinds.dtype == pl.String:
            names = kinds.unique().drop_nulls()
        elif self.by == "ended-by":
            codes = kinds.unique().drop_nulls()
            names = snapshot.dictionary("s-reason").gather(codes)
            ended = pl.Series([reason(name).ended_by for name in names], dtype=pl.String)
            return kinds.replace_strict(codes, ended, default=None, return_dtype=pl.String)
        else:
            return pl.select(pl.when(kinds.is_not_null()).then(pl.format("{}xx", kinds))).to_series()
        ended = pl.Series([reason(name).ended_by for name in names], dtype=pl.String)
        return kinds.replace_strict(names, ended, default=None, return_dtype=pl.String)

    def merge(self, snapshot: Snapshot, partials: Sequence[pl.DataFrame | None]) -> Bars:
        axis = self.axis(snapshot)
        if axis is None:
            return Bars(
                self.every or _STEPS[0],
                None,
                _table(pl.Series([], dtype=pl.Datetime("ms")), _NONE),
                _NONE if self.by else None,
            )
        start, every, number = axis
        counts = pl.concat([_NONE, *(part for part in partials if part is not None)])
        kinds = counts.group_by("time", "log", "kind").agg(pl.col("count").sum()).sort("time", "log", "kind")
        starts = pl.datetime_range(start, start + every * (number - 1), every, time_unit="ms", eager=True)
        return Bars(every, (start, start + every * number), _table(starts, counts), kinds if self.by else None)


_NONE = pl.DataFrame(schema={"time": pl.Datetime("ms"), "log": pl.String(), "kind": pl.String(), "count": pl.Int64()})


def _table(starts: pl.Series, counts: pl.DataFrame) -> pl.DataFrame:
    each = counts.group_by("time").agg(
        pl.col("count").filter(pl.col("log") == log).sum().alias(log) for log in ("iis", "httperr")
    )
    times = starts.alias("time").to_frame()
    return times.join(each, on="time", how="left", maintain_order="left").with_columns(pl.exclude("time").fill_null(0))


def _aligned(time: datetime, every: timedelta) -> datetime:
    return _EPOCH + (time - _EPOCH) // every * every


def fitting_step(first: datetime, last: datetime, buckets: int) -> timedelta:
    """The shortest sensible length of a bucket with which at most ``buckets`` cover the times from first to last."""
    for step in _STEPS:
        if (_aligned(last, step) - _aligned(first, step)) // step < max(buckets, 1):
            return step
    return last - first + _STEPS[-1]
