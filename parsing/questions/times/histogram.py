"""How many rows there are in each stretch of time, of each log, and of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.blocks import sums
from parsing.questions.rows.columns import columns, lazy, roots
from parsing.questions.selection import Selection, Span
from parsing.questions.times.axis import STEPS, Axis, aligned, axis, start_of
from parsing.questions.times.kinds import By, kind_names, kind_number

_FEW = 2_000
"""Up to this number of buckets in a segment, cutting up a mask is the quickest way to count."""


@dataclass(frozen=True, slots=True)
class HistogramCounts:
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

    def axis(self, snapshot: Snapshot) -> Axis | None:
        """The buckets; ``None`` for a log set without rows."""
        return axis(snapshot, self.span, self.every, self.buckets)

    def partial(self, snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
        """Counts with ``time``, ``log``, ``kind`` and ``count``, of what there is to count."""
        found = self.axis(snapshot)
        if found is None:
            return _NONE
        every = found.every
        key = (segment.path, "histogram", self.selection.key(snapshot), every, self.by)
        counts: pl.DataFrame = snapshot.memory.partials.get(
            key, lambda: _counts(snapshot, segment, self.selection, every, self.by)
        )
        return counts

    def merge(self, snapshot: Snapshot, partials: Sequence[pl.DataFrame]) -> HistogramCounts:
        found = self.axis(snapshot)
        if found is None:
            return HistogramCounts(
                self.every or STEPS[0],
                None,
                _table(pl.Series([], dtype=pl.Datetime("ms")), _NONE),
                _NONE if self.by else None,
            )
        start, every, number = found.start, found.every, found.count
        counts = pl.concat([_NONE, *partials])
        kinds = counts.group_by("time", "log", "kind").agg(pl.col("count").sum()).sort("time", "log", "kind")
        starts = pl.datetime_range(start, start + every * (number - 1), every, time_unit="ms", eager=True)
        return HistogramCounts(
            every, (start, start + every * number), _table(starts, counts), kinds if self.by else None
        )


_NONE = pl.DataFrame(schema={"time": pl.Datetime("ms"), "log": pl.String(), "kind": pl.String(), "count": pl.Int64()})


def _counts(
    snapshot: Snapshot, segment: Segment, selection: Selection, every: timedelta, by: By | None
) -> pl.DataFrame:
    mask = selection.mask(snapshot, segment)
    if mask is False:
        return _NONE
    start = aligned(segment.first, every)
    if (segment.last - start) // every >= _FEW:
        return _sparse(snapshot, segment, selection, every, by)
    starts = pl.datetime_range(start, segment.last, every, time_unit="ms", eager=True)

    def first_rows() -> tuple[int, ...]:
        time = columns(snapshot, segment, ["time"]).to_series()
        return (*time.search_sorted(starts, side="left"), segment.rows)

    rows = snapshot.memory.blocks.get((segment.path, "buckets", every), first_rows)
    found = []
    for kind, chosen in _masks(snapshot, segment, mask, by):
        table = pl.DataFrame({"time": starts, "count": sums(chosen, rows)}).filter(pl.col("count") > 0)
        found.append(_named(table, segment.log, pl.lit(kind, dtype=pl.String)))
    return pl.concat([_NONE, *found])


def _sparse(
    snapshot: Snapshot, segment: Segment, selection: Selection, every: timedelta, by: By | None
) -> pl.DataFrame:
    """Counts of more buckets than a mask can be cut into."""
    kind = None if by is None else kind_number(snapshot, segment, by)
    number = pl.lit(None, dtype=pl.UInt16) if kind is None else kind
    rows = selection.rows(snapshot, segment, ["time", *roots(number)])
    assert rows is not None
    grouped = rows.group_by(start_of(pl.col("time"), every).alias("time"), number.alias("kind")).agg(
        pl.len().alias("count")
    )
    numbers = pl.Series("number", range(len(names) if (names := kind_names(by)) else 0), dtype=pl.UInt16)
    found = grouped.collect().with_columns(pl.col("count").cast(pl.Int64))
    return _named(
        found, segment.log, pl.col("kind").replace_strict(numbers, names, default=None, return_dtype=pl.String)
    )


def _masks(
    snapshot: Snapshot, segment: Segment, mask: pl.Series | bool, by: By | None
) -> Iterator[tuple[str | None, pl.Series | bool]]:
    """The rows of each kind, by its name."""
    number = None if by is None else kind_number(snapshot, segment, by)
    if by is None or number is None:
        yield None, mask
        return
    kinds = lazy(snapshot, segment, roots(number)).select(number.alias("kind")).collect().to_series()
    least, greatest = kinds.min(), kinds.max()
    within = pl.Series([True]) if isinstance(mask, bool) else mask
    if kinds.null_count():
        yield None, kinds.is_null() & within
    if isinstance(least, int) and isinstance(greatest, int):
        for kind in range(least, greatest + 1):
            yield kind_names(by)[kind], (kinds == kind).fill_null(value=False) & within


def _named(counts: pl.DataFrame, log: Log, kind: pl.Expr) -> pl.DataFrame:
    return counts.select("time", pl.lit(log).alias("log"), kind.alias("kind"), "count")


def _table(starts: pl.Series, counts: pl.DataFrame) -> pl.DataFrame:
    each = counts.group_by("time").agg(
        pl.col("count").filter(pl.col("log") == log).sum().alias(log) for log in ("iis", "httperr")
    )
    times = starts.alias("time").to_frame()
    return times.join(each, on="time", how="left", maintain_order="left").with_columns(pl.exclude("time").fill_null(0))
