"""The values of a field, or of two, with how often, when first and when last they occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters.tree import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.keys import Space, space
from parsing.questions.records import dtype, resolve
from parsing.questions.selection import Selection, Span

_COUNTED = (
    pl.len().cast(pl.Int64).alias(" count"),
    pl.col("time").min().alias(" first"),
    pl.col("time").max().alias(" last"),
)
_MERGED = (pl.col(" count").sum(), pl.col(" first").min(), pl.col(" last").max())


@dataclass(frozen=True, slots=True)
class Groups:
    """The values found in one segment, as keys of a space; of a segment without the field only how many rows."""

    segment: Segment
    space: Space | None
    table: pl.DataFrame
    rows: int


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
    first occurrence, then of value; values that were not logged come last among equals.
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

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        return tuple(resolve(name, snapshot) for name in self.by)

    def partial(self, snapshot: Snapshot, segment: Segment) -> Groups:
        rows = self.selection.rows(snapshot, segment)
        keys = space(snapshot, segment, self.names(snapshot))
        if rows is None or keys is None:
            number = 0 if rows is None else int(rows.select(pl.len()).collect().item())
            return Groups(segment, None, pl.DataFrame(), number)
        if keys.roots:
            table = rows.group_by(keys.roots).agg(_COUNTED).collect()
        else:
            table = rows.select(_COUNTED).collect().filter(pl.col(" count") > 0)
        return Groups(segment, keys, table, int(table[" count"].sum()))

    def merge(self, snapshot: Snapshot, partials: Sequence[Groups]) -> Tally:
        names = self.names(snapshot)
        found, values = self._merged(snapshot, names, partials)
        rows, distinct = int(found[" count"].sum()), found.height
        few = self._few(found)
        table = self._ordered(few if values is None else values.decode(snapshot, few), names)
        shown = int(table[" count"].sum())
        return Tally(
            _named(table, names, rows),
            rows=rows,
            without=sum(groups.rows for groups in partials if groups.space is None),
            distinct=distinct,
            left_out=distinct - table.height,
            rows_left_out=rows - shown,
        )

    def _merged(
        self, snapshot: Snapshot, names: tuple[str, ...], partials: Sequence[Groups]
    ) -> tuple[pl.DataFrame, _Decoder | None]:
        """Counts by key, and what decodes the keys; without a decoder they are values already."""
        spaces: dict[Space, list[Groups]] = {}
        for groups in partials:
            if groups.space is not None:
                spaces.setdefault(groups.space, []).append(groups)
        tables = [(_Decoder(keys, found[0].segment), _summed(found, keys.roots)) for keys, found in spaces.items()]
        if len(tables) == 1 and tables[0][0].space.is_one_to_one and self._key != "value":
            return tables[0][1], tables[0][0]
        decoded = [decoder.decode(snapshot, table) for decoder, table in tables]
        whole = pl.concat([_nothing(names), *decoded])
        return whole.lazy().group_by(names).agg(_MERGED).collect(), None

    @property
    def _key(self) -> str:
        return self.order.removeprefix("-")

    def _few(self, found: pl.DataFrame) -> pl.DataFrame:
        """The values that can be among the first, and all that tie with the last of them until they are decoded."""
        if self.top is None or self.top >= found.height or self._key == "value":
            return found
        if self.top <= 0:
            return found.clear()
        key, is_descending = f" {self._key}", self.order.startswith("-")
        best = found[key].top_k(self.top) if is_descending else found[key].bottom_k(self.top)
        edge = best.min() if is_descending else best.max()
        within = found.filter(pl.col(key) > edge if is_descending else pl.col(key) < edge)
        ties = found.filter(pl.col(key) == edge)
        earliest = ties[" first"].bottom_k(self.top - within.height).max()
        return pl.concat([within, ties.filter(pl.col(" first") <= earliest)])

    def _ordered(self, table: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
        is_descending = self.order.startswith("-")
        if self._key == "value":
            ordered = table.sort(names, descending=is_descending, nulls_last=True)
        else:
            flags = [is_descending, False, *(False for _ in names)]
            ordered = table.sort(f" {self._key}", " first", *names, descending=flags, nulls_last=True)
        return ordered if self.top is None else ordered.head(self.top)


@dataclass(frozen=True, slots=True)
class _Decoder:
    space: Space
    segment: Segment

    def decode(self, snapshot: Snapshot, keys: pl.DataFrame) -> pl.DataFrame:
        return self.space.decode(snapshot, self.segment, keys)


def _summed(found: Sequence[Groups], roots: tuple[str, ...]) -> pl.DataFrame:
    tables = pl.concat([groups.table for groups in found])
    if not roots:
        return tables.select(_MERGED)
    return tables if len(found) == 1 else tables.lazy().group_by(roots).agg(_MERGED).collect()


def _nothing(names: tuple[str, ...]) -> pl.DataFrame:
    counted = {" count": pl.Int64(), " first": pl.Datetime("ms"), " last": pl.Datetime("ms")}
    return pl.DataFrame(schema={name: dtype(name) for name in names} | counted)


def _named(table: pl.DataFrame, names: tuple[str, ...], rows: int) -> pl.DataFrame:
    """The table with the names that it is shown under; a field that has the name of a figure gets a suffix."""
    figures = (" count", " share", " first", " last")
    shown = table.with_columns((pl.col(" count") / max(rows, 1)).alias(" share")).select(*names, *figures)
    taken = {figure.strip() for figure in figures}
    return shown.rename(
        {name: f"{name}#2" for name in names if name in taken} | {name: name.strip() for name in figures}
    )
