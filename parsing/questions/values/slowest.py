"""The values of a field, or of several, in the order of how long their requests took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from parsing.errors import UsageError
from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.question import Question
from parsing.questions.selection import Span
from parsing.questions.values.breakdown import Breakdown, BreakdownTable, cut, named
from parsing.questions.values.counting import COUNT, Groups
from parsing.questions.values.hashed_values import CHECK, HASH, HASHED, MOST, HashedGroups, HashedValues, hashed_space
from parsing.questions.values.merging import spaces_of
from parsing.questions.values.percentile_buckets import BUCKET, SHARES, at_most, percentiles_by_key
from parsing.questions.values.percentiles import Bucketed, Percentiles

TAKEN = tuple(SHARES)
"""What values can be ordered by: percentiles of ``time-taken`` in milliseconds, each within 1 %."""

ENOUGH: Mapping[str, int] = {"p50": 10, "p90": 10, "p95": 20, "p99": 100, "max": 1}
"""Rows from which on a percentile says more than which request happened to be the slowest: one or more lie above it."""

MOST_PAIRS = 250_000
"""Pairs of values in a segment from which on nearly all occur once, and their figures would take gigabytes."""

Part = tuple[Groups, Bucketed | Groups | None]


@dataclass(frozen=True, slots=True)
class Slowest:
    """A breakdown by how long the requests took: ``order`` is one of ``TAKEN``, after ``-`` for the greatest first.

    The answer is that of a ``Breakdown`` with a column more for each of ``TAKEN``. Ties are in order of value; values
    of which no row says how long it took are last, the most frequent first. Values with fewer than ``least`` rows are
    left out; without it, those with too few rows for the percentile (``ENOUGH``) come after all others. Raises
    ``UsageError`` for fields of which hardly any values come together twice.
    """

    where: Filter = EVERYTHING
    by: tuple[str, ...] = ("path",)
    top: int | None = None
    order: str = "-p95"
    log: Log | None = None
    span: Span | None = None
    least: int | None = None

    @property
    def _counts(self) -> Breakdown:
        return Breakdown(self.where, self.by, log=self.log, span=self.span)

    @property
    def _times(self) -> Percentiles:
        return Percentiles(self.where, self.by, order=self.order, log=self.log, span=self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self._counts.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> Part:
        counts = self._counts.partial(snapshot, segment)
        if len(self.by) > 1 and counts.table is not None and counts.table.height > MOST_PAIRS:
            reason = f"too many different values of {', '.join(self.by)} to order them by how long they took"
            raise UsageError(reason, hint="filter first, count one field, or sort the rows by taken")
        keys = hashed_space(snapshot, segment, self._counts.names(snapshot))
        if keys is not None and keys.is_hashed:
            return counts, self._times.hashed(snapshot, segment, keys)
        return counts, self._times.partial(snapshot, segment)

    def merge(self, snapshot: Snapshot, partials: Sequence[Part]) -> BreakdownTable:
        if any(isinstance(counts, HashedGroups) for counts, _ in partials):
            return self._merged_by_hash(snapshot, partials)
        tally = self._counts.merge(snapshot, [counts for counts, _ in partials])
        times = self._times.merge(snapshot, [times for _, times in partials]).table
        fields = [f"{name}#2" if name in TAKEN else name for name in tally.table.columns[: -len(_FIGURES)]]
        counted = tally.table.rename(dict(zip(tally.table.columns, [*fields, *_FIGURES], strict=True)))
        named = (times.to_series(place).alias(name) for place, name in enumerate(fields))
        taken = times.select(*named, pl.col("count").alias(_TIMED), *TAKEN)
        found = counted.join(taken, on=fields, how="left", nulls_equal=True) if fields else counted
        key = self.order.removeprefix("-")
        is_few = pl.col(_TIMED) < ENOUGH[key] if self.least is None else pl.col("count") < self.least
        group = pl.when(pl.col(key).is_null()).then(2).when(is_few).then(1).otherwise(0)
        descending = [False, self.order.startswith("-"), True, *(False for _ in fields)]
        # Among values that took as long, their order decides, not how many they are; that is for those without a time.
        rank = pl.when(pl.col(key).is_null()).then(pl.col("count"))
        ordered = found.sort(group, pl.col(key), rank, *fields, descending=descending, nulls_last=True)
        if self.least is not None:
            return cut(tally, ordered.filter(~is_few).drop(_TIMED), self.top)
        few = found.filter(group == 1).height
        return replace(cut(tally, ordered.drop(_TIMED), self.top), few=few)

    def _merged_by_hash(self, snapshot: Snapshot, partials: Sequence[Part]) -> BreakdownTable:
        """As ``merge``, where values have no codes: their texts are read when it is known which are wanted."""
        names = self._counts.names(snapshot)
        known = HashedValues(snapshot, names)
        found = known.added(known.of_spaces(spaces_of([counts for counts, _ in partials])), HASHED)
        found = found.join(_percentiles_by_hash(snapshot, known, partials), on=HASHED, how="left")
        key = self.order.removeprefix("-")
        is_few = pl.col(_TIMED) < ENOUGH[key] if self.least is None else pl.col(COUNT) < self.least
        is_untimed = pl.col(f" {key}").is_null()
        found = found.with_columns(
            pl.when(is_untimed).then(2).when(is_few).then(1).otherwise(0).alias(_GROUP),
            pl.when(is_untimed).then(pl.col(COUNT)).alias(_RANK),
            is_few.alias(_IS_FEW),
        ).drop(HASHED, _TIMED)
        distinct = found.height
        few = int((found[_GROUP] == 1).sum() if self.least is None else found[_IS_FEW].sum())
        if self.least is not None:
            found = found.filter(~pl.col(_IS_FEW))
        by, flags = [_GROUP, f" {key}", _RANK], [False, self.order.startswith("-"), True]
        shown, _ = known.first(found.drop(_IS_FEW), by, flags, self.top)
        rows = sum(counts.rows for counts, _ in partials if counts.space is not None)
        table = named(shown.drop(_GROUP, _RANK), names, rows, [f" {share}" for share in SHARES])
        return BreakdownTable(
            table,
            rows=rows,
            without=sum(counts.rows for counts, _ in partials if counts.space is None),
            distinct=distinct,
            left_out=distinct - table.height,
            rows_left_out=rows - int(table["count"].sum()),
            few=few,
        )


_TIMED = " timed"
_RANK, _GROUP, _IS_FEW = " rank", " group", " few"
_NO_TIMES = {HASH: pl.UInt64(), CHECK: pl.UInt32(), BUCKET: pl.UInt16(), COUNT: pl.Int64(), MOST: pl.Int64()}
_FIGURES = ("count", "share", "first", "last")


def _percentiles_by_hash(snapshot: Snapshot, known: HashedValues, partials: Sequence[Part]) -> pl.DataFrame:
    """How long the requests of each value took, by its hash."""
    tables = []
    for _, times in partials:
        if isinstance(times, HashedGroups) and times.rows:
            tables.append(known.of_segment(times))
        elif isinstance(times, Bucketed):
            tables.append(known.of_decoded(times.decoded(snapshot), [BUCKET]))
    by = [*HASHED, BUCKET]
    taken = known.added(tables, by) if tables else pl.DataFrame(schema=_NO_TIMES)
    most = taken.group_by(HASHED).agg(pl.col(MOST).max().alias(" max"))
    found = percentiles_by_key(taken.select(*by, COUNT), HASHED).drop(" max").join(most, on=HASHED)
    return found.select(*HASHED, *at_most(" max"), pl.col(COUNT).alias(_TIMED))


def breakdown_in_order(
    where: Filter,
    by: tuple[str, ...],
    top: int | None,
    order: str,
    log: Log | None = None,
    span: Span | None = None,
    least: int | None = None,
) -> Question[Any, BreakdownTable]:
    """The breakdown in an order of either kind: by counts, times and values, or by how long the requests took.

    Values with fewer than ``least`` rows are left out.
    """
    if order.removeprefix("-") in TAKEN:
        return Slowest(where, by, top, order, log, span, least)
    return Breakdown(where, by, top, order, log, span, least or 1)
