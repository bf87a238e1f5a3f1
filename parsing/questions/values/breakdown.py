"""The values of a field, or of several, with how often, when first and when last they occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.records import resolve_field
from parsing.questions.selection import Selection, Span
from parsing.questions.values.counting import COUNT, FIRST, LAST, Groups, grouped
from parsing.questions.values.group_keys import Space
from parsing.questions.values.hashed_values import (
    HASHED,
    TIMED,
    HashedValues,
    any_is_hashed,
    hashed_groups,
    hashed_space,
)
from parsing.questions.values.merging import ValueOrder, find, spaces_of, timed

_MOST_LOOKED_UP = 200
"""Times of more values than this are found with their counts."""


@dataclass(frozen=True, slots=True)
class BreakdownTable:
    """Values with their counts.

    ``table`` has a column for each field, then ``count``, ``share`` (of ``rows``), ``first`` and ``last``; null is for
    rows in which the field was not logged. ``rows`` have the field, with ``distinct`` values; ``without`` more rows
    are of a log that has no such field. ``left_out`` values, of ``rows_left_out`` rows, are not in the table. ``few``
    values have fewer rows than was asked for, and are left out or come last.
    """

    table: pl.DataFrame
    rows: int
    without: int
    distinct: int
    left_out: int
    rows_left_out: int
    few: int = 0


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Exact counts by the values of one or more fields, by any of their names.

    ``order`` is ``count``, ``first``, ``last`` or ``value``, after ``-`` for the greatest first. Ties are in order of
    value; what was not logged comes after all values. Values with fewer than ``least`` rows are left out.
    """

    where: Filter = EVERYTHING
    by: tuple[str, ...] = ("s-reason",)
    top: int | None = None
    order: str = "-count"
    log: Log | None = None
    span: Span | None = None
    least: int = 1

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    @property
    def _key(self) -> str:
        return self.order.removeprefix("-")

    @property
    def _is_timed(self) -> bool:
        is_wide = self.top is None or self.top > _MOST_LOOKED_UP or self.least > 1
        return is_wide or self._key in ("first", "last")

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The fields by their names in the logs."""
        return tuple(dict.fromkeys(resolve_field(name, snapshot) for name in self.by))

    def partial(self, snapshot: Snapshot, segment: Segment) -> Groups:
        names = self.names(snapshot)
        keys = hashed_space(snapshot, segment, names)
        if keys is None and isinstance(known := self.selection.keeps(snapshot, segment), bool):
            return Groups(segment, None, segment.rows * known)

        is_timed = self._is_timed or any_is_hashed(snapshot, names)

        def group() -> Groups:
            if keys is not None and keys.is_hashed:
                return hashed_groups(snapshot, segment, self.selection, keys, TIMED)
            return grouped(snapshot, segment, self.selection, keys, is_timed=is_timed)

        key = (segment.path, "groups", self.selection.key(snapshot), keys, is_timed)
        groups: Groups = snapshot.memory.partials.get(key, group)
        return groups

    def merge(self, snapshot: Snapshot, partials: Sequence[Groups]) -> BreakdownTable:
        if self.least > 1:
            whole = replace(self, top=None, least=1).merge(snapshot, partials)
            enough = whole.table.filter(pl.col("count") >= self.least)
            return cut(whole, enough, self.top)
        names = self.names(snapshot)
        spaces = spaces_of(partials)
        table, distinct = self._found(snapshot, names, spaces)
        rows = sum(part.rows for part in partials if part.space is not None)
        return BreakdownTable(
            named(table, names, rows),
            rows=rows,
            without=sum(part.rows for part in partials if part.space is None),
            distinct=distinct,
            left_out=distinct - table.height,
            rows_left_out=rows - int(table[COUNT].sum()),
        )

    def _found(
        self, snapshot: Snapshot, names: tuple[str, ...], spaces: dict[Space, list[Groups]]
    ) -> tuple[pl.DataFrame, int]:
        """The values wanted with their figures, and how many there are."""
        is_descending = self.order.startswith("-")
        if any(space.is_hashed for space in spaces):
            known = HashedValues(snapshot, names)
            flags = [] if self._key == "value" else [is_descending]
            by = [f" {self._key}" for _ in flags]
            tables = known.of_spaces(spaces)
            reverses_values = is_descending and not by
            return known.first(
                known.added(tables, HASHED, keeps_keys=False), by, flags, self.top, reverses_values=reverses_values
            )
        order = ValueOrder(self._key, is_descending, self.top)
        found = find(snapshot, names, spaces, order, is_timed=self._is_timed)
        return timed(snapshot, self.selection, spaces, found), found.distinct


def cut(whole: BreakdownTable, enough: pl.DataFrame, top: int | None) -> BreakdownTable:
    """The first values of those that have rows ``enough``; the others are left out of the whole."""
    table = enough if top is None else enough.head(top)
    return replace(
        whole,
        table=table,
        left_out=whole.distinct - table.height,
        rows_left_out=whole.rows - int(table["count"].sum()),
        few=whole.distinct - enough.height,
    )


def named(table: pl.DataFrame, names: tuple[str, ...], rows: int, more: Sequence[str] = ()) -> pl.DataFrame:
    """The table with the names that it is shown under; a field that has the name of a figure gets a suffix.

    ``rows`` have the fields; ``more`` are figures behind those of a breakdown.
    """
    figures = (COUNT, " share", FIRST, LAST, *more)
    # Polars divides by a constant inexactly: 3 / 5 would be 0.6000000000000001.
    share = (pl.col(COUNT) / max(rows, 1)).round_sig_figs(12)
    shown = table.with_columns(share.alias(" share")).select(*names, *figures)
    taken = {figure.strip() for figure in figures}
    return shown.rename(
        {name: f"{name}#2" for name in names if name in taken} | {name: name.strip() for name in figures}
    )
