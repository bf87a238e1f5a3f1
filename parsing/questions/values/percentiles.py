"""How the numbers of a field are distributed, over all rows or for each value of another field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from parsing.filters import EVERYTHING, Filter, Number, Term, both, field_named, spelled
from parsing.filters.expressions import column
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.columns import roots
from parsing.questions.rows.records import field_dtype, resolve_field
from parsing.questions.selection import Selection, Span
from parsing.questions.values import buckets
from parsing.questions.values.breakdown import Breakdown
from parsing.questions.values.counting import COUNT, Groups
from parsing.questions.values.group_keys import Space, space
from parsing.questions.values.hashed_values import MOST, HashedGroups, hashed_groups
from parsing.questions.values.only_of import Values, only_of
from parsing.questions.values.percentile_buckets import (
    BUCKET,
    SHARES,
    at_most,
    pack,
    percentiles_by_key,
    percentiles_of_packed,
    unpack,
)

_NUMBER = " number"
_MAX = " max"


@dataclass(frozen=True, slots=True)
class PercentileTable:
    """Percentiles, each at most ``error`` (1 %) from the number that as large a share of the rows do not exceed; ``max`` is exact.

    ``table`` has a column for each field, then ``count`` (rows in which the number was logged), ``p50``, ``p90``,
    ``p95``, ``p99`` and ``max``. ``left_out`` values are not in it.
    """

    table: pl.DataFrame
    left_out: int
    error: float = buckets.PERCENTILE_ERROR


@dataclass(frozen=True, slots=True)
class Bucketed:
    """Counts of a segment by key and bucket, packed into numbers where they fit, and the ``greatest`` number by key."""

    segment: Segment
    space: Space
    counts: pl.DataFrame | pl.Series
    greatest: pl.DataFrame

    def decoded(self, snapshot: Snapshot) -> pl.DataFrame:
        """Counts by values in place of keys; rows without a count have the greatest number of their value, as ``MOST``."""
        counts = self.space.decode(snapshot, self.segment, _table(self.counts))
        most = self.space.decode(snapshot, self.segment, self.greatest)
        none = (pl.lit(0, pl.UInt16).alias(BUCKET), pl.lit(0, pl.Int64).alias(COUNT))
        names = self.space.names
        return pl.concat(
            [
                counts.select(*names, BUCKET, COUNT, pl.lit(None, pl.Int64).alias(MOST)),
                most.select(*names, *none, pl.col(_NUMBER).alias(MOST)),
            ],
            how="vertical_relaxed",
        )

    @property
    def bytes(self) -> int:
        return int(self.counts.estimated_size()) + int(self.greatest.estimated_size())


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Percentiles of a number (``of``) for the values of some fields, for all rows where ``by`` is empty.

    ``values`` picks values (a tuple with one for each field, as in the table of a ``Breakdown``). ``order`` is any
    column of the table but the fields, after ``-`` for the greatest first; the ``top`` by count are found quickest.
    """

    where: Filter = EVERYTHING
    by: tuple[str, ...] = ()
    of: str = "time-taken"
    values: tuple[Values, ...] | None = None
    top: int | None = None
    order: str = "-count"
    log: Log | None = None
    span: Span | None = None

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The fields by their names in the logs."""
        return tuple(dict.fromkeys(resolve_field(name, snapshot) for name in self.by))

    def _most_frequent(self, snapshot: Snapshot) -> Breakdown | None:
        """What finds the values by their counts alone, where these decide."""
        if self.values is not None or self.top is None or not self.by or self.order.removeprefix("-") != "count":
            return None
        number = field_named(self.of, snapshot.field_names)
        if number is None:
            return None
        logged = Term(number, ">=", Number(Fraction(0), "0"), spelled(number))
        return Breakdown(both(self.where, logged), self.by, self.top, self.order, self.log, self.span)

    def partial(self, snapshot: Snapshot, segment: Segment) -> Bucketed | Groups | None:
        quick = self._most_frequent(snapshot)
        if quick is not None:
            return quick.partial(snapshot, segment)
        selected = self.selection.key(snapshot, self.names(snapshot))
        key = (segment.path, "percentiles", selected, self.by, self.of, self.values)
        part: Bucketed | None = snapshot.memory.partials.get(key, lambda: self._bucketed(snapshot, segment))
        return part

    def hashed(self, snapshot: Snapshot, segment: Segment, keys: Space) -> HashedGroups | None:
        """Counts of a segment by the hash of its values and by bucket; for all values only."""
        number = column(segment, resolve_field(self.of, snapshot), snapshot)
        if number is None:
            return None
        bucket = buckets.bucket(number.cast(pl.Int64), buckets.GREATEST).alias(BUCKET)
        figures = [pl.len().cast(pl.UInt32).alias(COUNT), number.cast(pl.Int64).max().alias(MOST)]
        known = (number >= 0).fill_null(value=False)

        def group() -> HashedGroups:
            return hashed_groups(snapshot, segment, self.selection, keys, figures, [bucket], known)

        key = (segment.path, "hashed percentiles", self.selection.key(snapshot), keys, self.of)
        groups: HashedGroups = snapshot.memory.partials.get(key, group)
        return groups

    def _bucketed(self, snapshot: Snapshot, segment: Segment) -> Bucketed | None:
        names = self.names(snapshot)
        keys = space(snapshot, segment, names)
        number = column(segment, resolve_field(self.of, snapshot), snapshot)
        if keys is None or number is None:
            return None
        wanted = (number >= 0).fill_null(value=False)
        if self.values is not None and names:
            wanted = wanted & only_of(snapshot, segment, names, self.values)
        rows = self.selection.rows(snapshot, segment, list(dict.fromkeys([*keys.roots, *roots(wanted)])))
        if rows is None:
            return None
        chosen = rows.filter(wanted).select(*keys.key(), number.cast(pl.Int64).alias(_NUMBER)).collect()
        greatest = chosen[_NUMBER].max()
        if not isinstance(greatest, int):
            return None
        by_key = _greatest(chosen, keys.columns)
        bucket = buckets.bucket(pl.col(_NUMBER), greatest).alias(BUCKET)
        counts = _grouped(chosen.drop(_NUMBER).with_columns(chosen.select(bucket)), keys.columns, pl.len())
        packed = pack(counts) if self.values is None and keys.is_one_to_one and keys.has_key else None
        return Bucketed(segment, keys, counts if packed is None else packed, by_key)

    def merge(self, snapshot: Snapshot, partials: Sequence[Bucketed | Groups | None]) -> PercentileTable:
        quick = self._most_frequent(snapshot)
        if quick is None:
            return self._merged(snapshot, [part for part in partials if isinstance(part, Bucketed)])
        groups = [part for part in partials if isinstance(part, Groups)]
        tally = quick.merge(snapshot, groups)
        chosen = replace(self, values=tuple(tally.table.select(tally.table.columns[: len(self.by)]).rows()))
        segments = [part.segment for part in groups if part.rows and part.space is not None]
        parts = [chosen.partial(snapshot, segment) for segment in segments] if chosen.values else []
        return replace(chosen.merge(snapshot, parts), left_out=tally.left_out)

    def _merged(self, snapshot: Snapshot, partials: Sequence[Bucketed]) -> PercentileTable:
        names = self.names(snapshot)
        spaces: dict[Space, list[Bucketed]] = {}
        for part in partials:
            spaces.setdefault(part.space, []).append(part)
        packed = [part.counts for part in partials if isinstance(part.counts, pl.Series)]
        if len(spaces) == 1 and len(packed) == len(partials):
            keys, parts = next(iter(spaces.items()))
            greatest = _greatest(pl.concat([part.greatest for part in parts], how="vertical_relaxed"), keys.columns)
            # Both are in order of their keys, the one that is null first.
            found = percentiles_of_packed(packed).with_columns(greatest.sort(keys.columns)[_NUMBER].alias(_MAX))
            return self._shown(keys.decode(snapshot, parts[0].segment, self._few(found)), names, found.height)
        tables = [_nothing(names)]
        extremes = [tables[0].select(*names, pl.col(COUNT).alias(_NUMBER))]
        for keys, parts in spaces.items():
            for goal, held in (
                (tables, [_table(part.counts) for part in parts]),
                (extremes, [part.greatest for part in parts]),
            ):
                together = pl.concat(held, how="vertical_relaxed")
                goal.append(keys.decode(snapshot, parts[0].segment, together).select(goal[0].columns))
        counts = _grouped(pl.concat(tables), names, pl.col(COUNT).sum())
        if self.values is not None and names:
            wanted = pl.DataFrame(list(self.values), schema={name: field_dtype(name) for name in names}, orient="row")
            counts = counts.join(wanted, on=names, how="semi", nulls_equal=True)
        greatest = _greatest(pl.concat(extremes), names).rename({_NUMBER: _MAX})
        found = percentiles_by_key(counts, names).drop(_MAX)
        found = (
            found.join(greatest, on=names, nulls_equal=True)
            if names
            else found.with_columns(greatest[_MAX].head(found.height))
        )
        return self._shown(found, names, found.height)

    def _few(self, found: pl.DataFrame) -> pl.DataFrame:
        """The values that can be among the first: as many as are shown, and all that tie with the last of them."""
        if self.top is None or self.top >= found.height:
            return found
        key, is_descending = found[f" {self.order.removeprefix('-')}"], self.order.startswith("-")
        best = key.top_k(max(self.top, 1)) if is_descending else key.bottom_k(max(self.top, 1))
        return found.filter(key >= best.min() if is_descending else key <= best.max())

    def _shown(self, found: pl.DataFrame, names: tuple[str, ...], distinct: int) -> PercentileTable:
        flags = [self.order.startswith("-"), *(False for _ in names)]
        found = found.with_columns(at_most(_MAX))
        ordered = found.sort(f" {self.order.removeprefix('-')}", *names, descending=flags, nulls_last=True)
        table = ordered if self.top is None else ordered.head(self.top)
        figures = (COUNT, *(f" {share}" for share in SHARES))
        taken = {figure.strip() for figure in figures}
        named = {name: f"{name}#2" for name in names if name in taken}
        shown = table.select(*names, *figures).rename(named | {figure: figure.strip() for figure in figures})
        return PercentileTable(shown, distinct - table.height)


def _grouped(table: pl.DataFrame, keys: Sequence[str], figure: pl.Expr) -> pl.DataFrame:
    """The table by keys and bucket, with a figure for each as ``COUNT``."""
    return table.lazy().group_by(*keys, BUCKET).agg(figure.cast(pl.Int64).alias(COUNT)).collect()


def _greatest(table: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The greatest number by keys."""
    greatest = pl.col(_NUMBER).max()
    return table.group_by(keys).agg(greatest) if keys else table.select(greatest)


def _table(counts: pl.DataFrame | pl.Series) -> pl.DataFrame:
    return unpack(counts) if isinstance(counts, pl.Series) else counts


def _nothing(names: Sequence[str]) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {name: field_dtype(name) for name in names}
    return pl.DataFrame(schema={**schema, BUCKET: pl.UInt16(), COUNT: pl.Int64()})
