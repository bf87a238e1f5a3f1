"""The values of a field, or of several, with how often, when first and when last they occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters.tree import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions import cache
from parsing.questions.counting import COUNT, FIRST, LAST, Groups, added, grouped
from parsing.questions.extents import extents
from parsing.questions.keys import KEY, Space, space
from parsing.questions.records import dtype, resolve
from parsing.questions.selection import Selection, Span

_MOST_LOOKED_UP = 200
"""Times of more values than this are found with their counts."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Values with their counts.

    ``table`` has a column for each field, then ``count``, ``share`` (of ``rows``), ``first`` and ``last``; null is for
    rows in which the field was not logged. ``rows`` have the field, with ``distinct`` values; ``without`` more rows
    are of a log that has no such field. ``left_out`` values, of ``rows_left_out`` rows, are not in the table.
    """

    table: pl.DataFrame
    rows: int
    without: int
    distinct: int
    left_out: int
    rows_left_out: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Exact counts by the values of one or more fields, by any of their names.

    ``order`` is ``count``, ``first``, ``last`` or ``value``, after ``-`` for the greatest first. Ties are in order of
    value; what was not logged comes after all values.
    """

    where: Filter = EVERYTHING
    by: tuple[str, ...] = ("s-reason",)
    top: int | None = None
    order: str = "-count"
    log: Log | None = None
    span: Span | None = None

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    @property
    def _key(self) -> str:
        return self.order.removeprefix("-")

    @property
    def _is_timed(self) -> bool:
        return self.top is None or self.top > _MOST_LOOKED_UP or self._key in ("first", "last")

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The fields by their names in the logs."""
        return tuple(dict.fromkeys(resolve(name, snapshot) for name in self.by))

    def partial(self, snapshot: Snapshot, segment: Segment) -> Groups:
        names = self.names(snapshot)
        keys = space(snapshot, segment, names)

        def group() -> Groups:
            return grouped(snapshot, segment, self.selection, keys, is_timed=self._is_timed)

        key = (segment.path, "groups", self.selection.key(snapshot), keys, self._is_timed)
        groups: Groups = cache.partials(snapshot).get(key, group)
        return groups

    def merge(self, snapshot: Snapshot, partials: Sequence[Groups]) -> Tally:
        names = self.names(snapshot)
        spaces: dict[Space, list[Groups]] = {}
        for part in partials:
            if part.space is not None:
                spaces.setdefault(part.space, []).append(part)
        distinct, table, members = self._chosen(snapshot, names, spaces)
        rows = sum(part.rows for part in partials if part.space is not None)
        if FIRST not in table.columns:
            table = self._timed(snapshot, names, spaces, table, members)
        return Tally(
            _named(table, names, rows),
            rows=rows,
            without=sum(part.rows for part in partials if part.space is None),
            distinct=distinct,
            left_out=distinct - table.height,
            rows_left_out=rows - int(table[COUNT].sum()),
        )

    def _chosen(
        self, snapshot: Snapshot, names: tuple[str, ...], spaces: Mapping[Space, list[Groups]]
    ) -> tuple[int, pl.DataFrame, list[pl.DataFrame]]:
        """How many values there are, those to show in order, and for each space its keys with their values."""
        found = [added(parts, space) for space, parts in spaces.items()]
        if len(found) == 1 and self._key == "count" and next(iter(spaces)).is_one_to_one:
            few = _decoded(snapshot, spaces, [self._few(found[0])])
            return found[0].height, self._ordered(few[0], names), few
        decoded = _decoded(snapshot, spaces, found)
        merged = [pl.col(COUNT).sum()]
        if self._is_timed:
            merged += [pl.col(FIRST).min(), pl.col(LAST).max()]
        shared = [*names, COUNT, *([FIRST, LAST] if self._is_timed else [])]
        tables = [_nothing(names, is_timed=self._is_timed), *(table.select(shared) for table in decoded)]
        values = pl.concat(tables).lazy().group_by(names).agg(merged).collect()
        return values.height, self._ordered(values, names), decoded

    def _few(self, found: pl.DataFrame) -> pl.DataFrame:
        """The values that can be among the first, and all that tie with the last of them."""
        if self.top is None or self.top >= found.height:
            return found
        counts = found[COUNT]
        if self.order.startswith("-"):
            return found.filter(pl.col(COUNT) >= counts.top_k(max(self.top, 1)).min())
        return found.filter(pl.col(COUNT) <= counts.bottom_k(max(self.top, 1)).max())

    def _ordered(self, table: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
        is_descending = self.order.startswith("-")
        if self._key == "value":
            flags = [is_descending for _ in names]
            ordered = table.sort(names, descending=flags, nulls_last=True)
        else:
            flags = [is_descending, *(False for _ in names)]
            ordered = table.sort(f" {self._key}", *names, descending=flags, nulls_last=True)
        return ordered if self.top is None else ordered.head(self.top)

    def _timed(
        self,
        snapshot: Snapshot,
        names: tuple[str, ...],
        spaces: Mapping[Space, list[Groups]],
        table: pl.DataFrame,
        members: Sequence[pl.DataFrame],
    ) -> pl.DataFrame:
        """The table with the first and last times of its values."""
        times = [_nothing(names, is_timed=True).drop(COUNT)]
        for (keys, parts), member in zip(spaces.items(), members, strict=True):
            shown = member.join(table.select(names), on=names, how="semi", nulls_equal=True)
            if FIRST not in shown.columns:
                known = extents(snapshot, self.selection, keys, parts, shown[KEY])
                shown = pl.concat([shown, known.drop(KEY)], how="horizontal")
            times.append(shown.select(*names, FIRST, LAST))
        spans = pl.concat(times).group_by(names).agg(pl.col(FIRST).min(), pl.col(LAST).max())
        return table.join(spans, on=names, how="left", nulls_equal=True, maintain_order="left")


def _decoded(
    snapshot: Snapshot, spaces: Mapping[Space, list[Groups]], tables: Sequence[pl.DataFrame]
) -> list[pl.DataFrame]:
    return [
        space.decode(snapshot, parts[0].segment, table)
        for (space, parts), table in zip(spaces.items(), tables, strict=True)
    ]


def _nothing(names: tuple[str, ...], *, is_timed: bool) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {name: dtype(name) for name in names}
    times = {FIRST: pl.Datetime("ms"), LAST: pl.Datetime("ms")} if is_timed else {}
    return pl.DataFrame(schema={**schema, COUNT: pl.Int64(), **times})


def _named(table: pl.DataFrame, names: tuple[str, ...], rows: int) -> pl.DataFrame:
    """The table with the names that it is shown under; a field that has the name of a figure gets a suffix."""
    figures = (COUNT, " share", FIRST, LAST)
    # Polars divides by a constant inexactly: 3 / 5 would be 0.6000000000000001.
    share = (pl.col(COUNT) / max(rows, 1)).round_sig_figs(12)
    shown = table.with_columns(share.alias(" share")).select(*names, *figures)
    taken = {figure.strip() for figure in figures}
    return shown.rename(
        {name: f"{name}#2" for name in names if name in taken} | {name: name.strip() for name in figures}
    )
