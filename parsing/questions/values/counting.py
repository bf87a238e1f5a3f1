"""Counting rows by key, and adding up the counts of several segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.question import stop_if_cancelled
from parsing.questions.selection import Selection
from parsing.questions.values.group_keys import KEY, Space

COUNT, FIRST, LAST = " count", " first", " last"

_COUNTED = (pl.len().cast(pl.Int64).alias(COUNT),)
_TIMED = (*_COUNTED, pl.col("time").min().alias(FIRST), pl.col("time").max().alias(LAST))
_SUMMED = {COUNT: pl.col(COUNT).cast(pl.Int64).sum(), FIRST: pl.col(FIRST).min(), LAST: pl.col(LAST).max()}

_WIDEST = 1 << 22
_SPARSEST = 4
"""Numbers are counted in an array if they are below it and not far above the number of rows, else by hashing."""

_AT_ONCE = 1 << 20
"""The number of keys that are added up at once, roughly."""

_FEW = 32
_SAMPLE = 2_048
"""A column with few values is known by a sample of its rows; comparing with each value is quickest then."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows of a segment by key: a ``table`` with keys, counts and maybe times, or an ``array`` of counts at the places
    of their keys with the rows that have none (``nulls``). A segment without the fields has only a number of rows.
    """

    segment: Segment
    space: Space | None
    rows: int
    table: pl.DataFrame | None = None
    array: pl.Series | None = None
    nulls: int = 0

    @property
    def bytes(self) -> int:
        return sum(int(found.estimated_size()) for found in (self.table, self.array) if found is not None)

    def known(self, keys: Sequence[int | str | None]) -> list[int | str | None]:
        """Those of some keys that rows of the segment have."""
        if self.array is None:
            assert self.table is not None
            own = self.table[KEY]
            wanted = pl.Series(keys, dtype=own.dtype, strict=False)
            return own.filter(own.is_in(wanted.implode(), nulls_equal=True)).to_list()
        size = self.array.len()
        return [
            key
            for key in keys
            if (isinstance(key, int) and key < size and self.array[key] > 0) or (key is None and self.nulls)
        ]


def grouped(
    snapshot: Snapshot, segment: Segment, selection: Selection, space: Space | None, *, is_timed: bool
) -> Groups:
    """The kept rows of a segment by key; with their first and last times where ``is_timed``."""
    if space is None:
        mask = selection.mask(snapshot, segment)
        return Groups(segment, None, segment.rows * mask if isinstance(mask, bool) else int(mask.sum()))
    is_timed = is_timed or not space.has_key
    needed = list(dict.fromkeys([*space.roots, "time"])) if is_timed else space.roots
    rows = selection.rows(snapshot, segment, needed)
    if rows is None:
        return Groups(segment, None, 0)
    if not is_timed and len(space.roots) == 1:
        keys = rows.collect().to_series().rechunk()
        size = array_size(keys)
        if size is not None:
            return Groups(segment, space, keys.len(), array=array(keys.drop_nulls(), size), nulls=keys.null_count())
        rows = keys.to_frame().lazy()
    table = counted_by_key(rows, space, is_timed=is_timed)
    count = int(table[COUNT].sum())
    return Groups(segment, space, count, _narrowed(table) if space.widths and not is_timed else table)


def counted_by_key(rows: pl.LazyFrame, space: Space, *, is_timed: bool = False) -> pl.DataFrame:
    """A table of the keys of some rows, with how many have each and, where ``is_timed``, its first and last times."""
    figures = _TIMED if is_timed else _COUNTED
    if space.columns:
        return rows.group_by(space.key()).agg(figures).collect()
    return rows.select(figures).collect().filter(pl.col(COUNT) > 0)


def _narrowed(counts: pl.DataFrame) -> pl.DataFrame:
    """Counts in as few bytes as they need and in order of key: of several values there may be as many as rows."""
    ordered = counts.sort(KEY)
    return ordered.with_columns(ordered[COUNT].shrink_dtype())


def array_size(keys: pl.Series) -> int | None:
    """How long an array of counts at the places of keys would be, if it pays."""
    if not keys.dtype.is_integer():
        return None
    least, greatest = keys.min(), keys.max()
    if least is None:
        return 1
    most = min(_WIDEST, keys.len() * _SPARSEST)
    return greatest + 1 if isinstance(greatest, int) and int(str(least)) >= 0 and greatest < most else None


def array(keys: pl.Series, size: int) -> pl.Series:
    """How often each number from 0 to before ``size`` occurs (``UInt32``)."""
    few = keys.gather_every(max(keys.len() // _SAMPLE, 1)).unique()
    if few.len() <= _FEW:
        counts = _compared(keys, few, size)
        if counts is not None:
            return counts
    # With one more value at each end the bins are exactly one wide, and a key is at the upper, closed end of its own.
    shifted = (keys.cast(pl.UInt32) + 1).append(pl.Series([0, size], dtype=pl.UInt32)).rechunk()
    counts = shifted.hist(bin_count=size, include_breakpoint=False, include_category=False).to_series()
    return counts.cast(pl.UInt32).scatter([0, size - 1], [counts[0] - 1, counts[-1] - 1])


def _compared(keys: pl.Series, few: pl.Series, size: int) -> pl.Series | None:
    """The counts found by comparing with the keys that are frequent; ``None`` if these are not all but a few."""
    found = [int((keys == key).sum()) for key in few]
    counts = _scattered(few.to_list(), found, size)
    left = keys.len() - sum(found)
    if left == 0:
        return counts
    if left > keys.len() // 4:
        return None
    rest = keys.filter(~keys.is_in(few.implode())).value_counts(name="count")
    return counts.scatter(rest.to_series(0).cast(pl.UInt32), rest["count"].cast(pl.UInt32))


def _scattered(places: Sequence[int], counts: Sequence[int], size: int) -> pl.Series:
    """An array of counts at some places, 0 at others."""
    if size > _SAMPLE:
        zeros = pl.zeros(size, dtype=pl.UInt32, eager=True)
        return zeros.scatter(pl.Series(places, dtype=pl.UInt32), pl.Series(counts, dtype=pl.UInt32))
    whole = [0] * size
    for place, count in zip(places, counts, strict=True):
        whole[place] = count
    return pl.Series(whole, dtype=pl.UInt32)


def added(parts: Sequence[Groups], space: Space) -> pl.DataFrame:
    """The counts of several segments of a space: a table with keys, counts, and times where all have them."""
    arrays = [part.array for part in parts if part.array is not None]
    if len(arrays) == len(parts):
        return _sparse(_sum(arrays), sum(part.nulls for part in parts))
    tables = [
        _sparse(part.array, part.nulls) if part.array is not None else part.table
        for part in parts
        if part.array is not None or part.table is not None
    ]
    whole = pl.concat([table for table in tables if table is not None], how="vertical_relaxed")
    figures = [_SUMMED[name] for name in whole.columns if name in _SUMMED]
    if not space.columns:
        return whole.select(figures).filter(pl.col(COUNT) > 0)
    if len(parts) == 1:
        return whole.with_columns(pl.col(COUNT).cast(pl.Int64))
    return whole.lazy().group_by(space.columns).agg(figures).collect()


def added_in_turns(parts: Sequence[Groups], space: Space) -> Iterator[pl.DataFrame]:
    """As ``added``, in several tables where there are very many keys: adding them up takes four times their memory."""
    tables = [part.table for part in parts if part.table is not None]
    turns = sum(table.height for table in tables) // _AT_ONCE + 1
    if turns == 1 or not space.has_key or len(tables) < len(parts):
        yield added(parts, space)
        return
    for some in _stretches(tables, turns) if space.widths else _shares(tables, turns):
        stop_if_cancelled()
        yield added([replace(part, table=table) for part, table in zip(parts, some, strict=True)], space)


def _shares(tables: Sequence[pl.DataFrame], turns: int) -> Iterator[list[pl.DataFrame]]:
    """The rows of a share of all keys, one share after the other."""
    whose = pl.col(KEY).hash() % turns
    for turn in range(turns):
        yield [table.filter(whose == turn) for table in tables]


def _stretches(tables: Sequence[pl.DataFrame], turns: int) -> Iterator[list[pl.DataFrame]]:
    """As ``_shares`` for tables of keys without nulls, cut where their order says, which copies nothing."""
    ordered = [table if table[KEY].flags["SORTED_ASC"] else table.sort(KEY) for table in tables]
    some = pl.concat([table[KEY].gather_every(_SAMPLE) for table in ordered]).sort()
    cuts = some.gather_every(max(some.len() // turns, 1)).slice(1)
    places = [[0, *table[KEY].search_sorted(cuts).to_list(), table.height] for table in ordered]
    for turn in range(cuts.len() + 1):
        yield [table.slice(at[turn], at[turn + 1] - at[turn]) for table, at in zip(ordered, places, strict=True)]


def _sum(arrays: Sequence[pl.Series]) -> pl.Series:
    total, *others = sorted((counts.cast(pl.Int64) for counts in arrays), key=pl.Series.len, reverse=True)
    for counts in others:
        missing = total.len() - counts.len()
        total = total + (counts.extend_constant(0, missing) if missing else counts)
    return total


def _sparse(counts: pl.Series, nulls: int) -> pl.DataFrame:
    table = counts.cast(pl.Int64).to_frame(COUNT).with_row_index(KEY)
    table = table.select(pl.col(KEY).cast(pl.Int64), COUNT).filter(counts > 0)
    missing = pl.DataFrame({KEY: [None], COUNT: [nulls]}, schema=table.schema)
    return pl.concat([table, missing]) if nulls else table
