"""How often a few values occur over time, for the sparklines of a breakdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.columns import roots
from parsing.questions.rows.records import field_dtype, resolve_field
from parsing.questions.selection import Selection, Span
from parsing.questions.times.axis import Axis, axis
from parsing.questions.values.counting import COUNT
from parsing.questions.values.group_keys import space
from parsing.questions.values.only_of import Values, only_of

_TIME = " time"


@dataclass(frozen=True, slots=True)
class SparklineCounts:
    """``counts[i]`` are the rows with the i-th value in each bucket, which are ``every`` long from ``start``."""

    start: datetime | None
    every: timedelta
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Sparklines:
    """Counts by time for each of ``values`` (a tuple with one for each field, as in the table of a ``Breakdown``)."""

    where: Filter = EVERYTHING
    by: tuple[str, ...] = ("s-reason",)
    values: tuple[Values, ...] = ()
    buckets: int = 24
    every: timedelta | None = None
    log: Log | None = None
    span: Span | None = None

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def axis(self, snapshot: Snapshot) -> Axis | None:
        """The buckets; ``None`` for a log set without rows."""
        return axis(snapshot, self.span, self.every, self.buckets)

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The fields by their names in the logs."""
        return tuple(dict.fromkeys(resolve_field(name, snapshot) for name in self.by))

    def partial(self, snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
        """Counts by value and start of a bucket."""
        names = self.names(snapshot)
        found = self.axis(snapshot)
        keys = space(snapshot, segment, names)
        if found is None or keys is None or not self.values:
            return _nothing(names)
        key = (segment.path, "sparklines", self.selection.key(snapshot, names), names, self.values, found.every)

        def count() -> pl.DataFrame:
            wanted = only_of(snapshot, segment, names, self.values)
            needed = dict.fromkeys(["time", *keys.roots, *roots(wanted)])
            rows = self.selection.rows(snapshot, segment, list(needed))
            if rows is None:
                return _nothing(names)
            time = found.start_of(pl.col("time")).alias(_TIME)
            counts = rows.filter(wanted).group_by(*keys.key(), time).agg(pl.len().cast(pl.Int64).alias(COUNT))
            return keys.decode(snapshot, segment, counts.collect()).select(*names, _TIME, COUNT)

        counts: pl.DataFrame = snapshot.memory.partials.get(key, count)
        return counts

    def merge(self, snapshot: Snapshot, partials: Sequence[pl.DataFrame]) -> SparklineCounts:
        names = self.names(snapshot)
        found = self.axis(snapshot)
        if found is None:
            return SparklineCounts(None, self.every or timedelta(seconds=1), tuple(() for _ in self.values))
        lines = [[0] * found.count for _ in self.values]
        places = {value: place for place, value in enumerate(self.values)}
        counts = pl.concat([_nothing(names), *partials]).group_by(*names, _TIME).agg(pl.col(COUNT).sum())
        for *value, time, count in counts.iter_rows():
            place = places.get(tuple(value))
            if place is not None:
                lines[place][(time - found.start) // found.every] += count
        return SparklineCounts(found.start, found.every, tuple(map(tuple, lines)))


def _nothing(names: Sequence[str]) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {name: field_dtype(name) for name in names}
    return pl.DataFrame(schema={**schema, _TIME: pl.Datetime("ms"), COUNT: pl.Int64()})
