"""Rows of a side counted by value, by batch (ten stretches of time with about as many rows each) and by group of clients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from parsing.compare.sides import Side
from parsing.filters.expressions import column
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.question import stop_if_cancelled
from parsing.questions.rows.columns import roots
from parsing.questions.rows.records import field_dtype
from parsing.questions.selection import Selection, Span
from parsing.questions.times.histogram import HistogramCounts
from parsing.questions.values import buckets
from parsing.questions.values.counting import COUNT
from parsing.questions.values.percentile_buckets import BUCKET

BATCHES = 10
"""Enough to see how much a share varies by itself, and each long enough to hold most bursts whole."""

_LEAST_ROWS = 20
"""Fewer rows in a batch say little of how a share varies."""

FIELD, NUMBER, BATCH, CLIENTS = "field", "number", "batch", "clients"
_KEYS: dict[str, pl.DataType] = {FIELD: pl.UInt16(), NUMBER: pl.UInt32(), BATCH: pl.UInt32(), CLIENTS: pl.UInt32()}

ALL = ""
"""The field of no name, of which every row has the same value."""

Candidates = tuple[tuple[str, pl.Series], ...]
"""Fields with their values that are frequent enough to be compared."""


@dataclass(frozen=True, slots=True)
class Batches:
    """Stretches of time from ``begin`` to ``end``, cut at ``edges``."""

    begin: datetime
    edges: tuple[datetime, ...]
    end: datetime

    @property
    def lengths(self) -> list[timedelta]:
        bounds = [self.begin, *self.edges, self.end]
        return [later - earlier for earlier, later in pairwise(bounds)]


def batches_of(counts: HistogramCounts, log: Log, span: Span | None) -> Batches:
    """Batches with about as many rows of a log each, of a fine histogram of a side; over all of its rows without a span."""
    table = counts.table
    kept = table.filter(table["iis"] + table["httperr"] > 0)["time"]
    first, last = kept.min(), kept.max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    start, end = span or (first, last + counts.every)
    so_far = table[log].cum_sum()
    total = int(so_far[-1])
    number = max(2, min(BATCHES, total // _LEAST_ROWS))
    wanted = pl.Series([math.ceil(total * part / number) for part in range(1, number)], dtype=so_far.dtype)
    places = so_far.search_sorted(wanted, side="left")
    ends = {table["time"][int(place)] + counts.every for place in places}
    return Batches(start, tuple(sorted(edge for edge in ends if start < edge < end)), end)


def _batch_number(edges: Sequence[datetime]) -> pl.Expr:
    """The batch that a row is in."""
    if not edges:
        return _zero()
    return pl.lit(pl.Series(edges, dtype=pl.Datetime("ms"))).search_sorted(pl.col("time"), side="right").cast(pl.UInt32)


def _client_group(snapshot: Snapshot, segment: Segment) -> pl.Expr:
    """One of as many groups of clients as there are batches, each client always in the same; 0 where it is not known."""
    client = column(segment, "c-ip", snapshot)
    if client is None:
        return _zero()
    known = pl.col("c-ip") if "c-ip" in segment.coded else client.hash()
    return (known.fill_null(0) % BATCHES).cast(pl.UInt32)


def _zero() -> pl.Expr:
    """A number 0 for each row: a literal would make one row of a frame that has nothing else."""
    return pl.col("time").is_null().cast(pl.UInt32)


def _value_number(snapshot: Snapshot, segment: Segment, name: str, values: pl.Series) -> pl.Expr | None:
    """The place of a row's value in ``values``, null for any other; ``None`` where the segment does not have the field."""
    if name == ALL:
        return _zero()
    value = column(segment, name, snapshot)
    if value is None:
        return None
    needed = roots(value)
    if len(needed) != 1 or needed[0] not in segment.coded:
        places = pl.int_range(0, values.len(), dtype=pl.UInt32, eager=True)
        return value.cast(field_dtype(name)).replace_strict(values, places, default=None, return_dtype=pl.UInt32)
    root = needed[0]
    size = snapshot.dictionary(root).len()

    def numbers() -> pl.Series:
        codes = pl.int_range(0, size, dtype=pl.UInt32, eager=True).alias(root).to_frame().select(value.alias("value"))
        places = values.alias("value").to_frame().with_row_index(NUMBER)
        return codes.join(places, on="value", how="left", maintain_order="left")[NUMBER]

    # The hash of a large tuple is computed for each look-up: a digest of the values stands for them.
    key = ("numbers of values", root, name, size, values.len(), int(values.hash().sum()))
    return pl.lit(snapshot.memory.values.get(key, numbers)).gather(pl.col(root))


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """Rows of one log by field, value, batch and group of clients; those with another value, or none, have no number.

    With ``has_times``, requests of which time-taken is known, by its bucket too, and only those that have a number.
    """

    side: Side
    log: Log
    edges: tuple[datetime, ...]
    candidates: Candidates
    has_times: bool = False

    @property
    def _selection(self) -> Selection:
        return Selection(self.side.where, self.log, self.side.span)

    @property
    def _nothing(self) -> pl.DataFrame:
        more: dict[str, pl.DataType] = {BUCKET: pl.UInt16()} if self.has_times else {}
        return pl.DataFrame(schema={**_KEYS, **more, COUNT: pl.Int64()})

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self._selection.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
        known = {
            str(place): _value_number(snapshot, segment, name, values)
            for place, (name, values) in enumerate(self.candidates)
        }
        numbers = {place: number for place, number in known.items() if number is not None}
        frame = self._rows(snapshot, segment, numbers)
        found = [self._nothing]
        if frame is None:
            return found[0]
        keys = [BATCH, CLIENTS, BUCKET] if self.has_times else [BATCH, CLIENTS]
        for place in numbers:
            stop_if_cancelled()
            rows = frame.filter(pl.col(place).is_not_null()) if self.has_times else frame
            counted = rows.group_by(pl.col(place).alias(NUMBER), *keys).agg(pl.len().cast(pl.Int64).alias(COUNT))
            found.append(counted.select(pl.lit(int(place), dtype=pl.UInt16).alias(FIELD), NUMBER, *keys, COUNT))
        return pl.concat(found)

    def _rows(self, snapshot: Snapshot, segment: Segment, numbers: Mapping[str, pl.Expr]) -> pl.DataFrame | None:
        taken = column(segment, "time-taken", snapshot) if self.has_times else None
        if self.has_times and taken is None:
            return None
        more = [_client_group(snapshot, segment).alias(CLIENTS), *([] if taken is None else [taken.alias(BUCKET)])]
        rows = self._selection.rows(snapshot, segment, roots(pl.col("time"), *more, *numbers.values()))
        if rows is None:
            return None
        wanted = rows if taken is None else rows.filter((taken >= 0).fill_null(value=False))
        named = (number.alias(place) for place, number in numbers.items())
        frame = wanted.select(_batch_number(self.edges).alias(BATCH), *more, *named).collect()
        if taken is None:
            return frame
        greatest = frame[BUCKET].max()
        return (
            frame.with_columns(buckets.bucket(pl.col(BUCKET), greatest).alias(BUCKET))
            if isinstance(greatest, int)
            else None
        )

    def merge(self, snapshot: Snapshot, partials: Sequence[pl.DataFrame]) -> pl.DataFrame:  # noqa: ARG002
        counts = pl.concat([self._nothing, *partials])
        return counts.group_by(pl.exclude(COUNT)).agg(pl.col(COUNT).sum())
