"""Values without codes, counted by hashes: their texts stay on disk until it is known which of them are wanted.

A value is known by a hash of 96 bits, two of 64 and 32 with seeds of their own: among ten million values the chance that
any two have the same is one in 10**15. Each counts with the place of its first row, where its text is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from parsing.filters.expressions import counted_column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.question import stop_if_cancelled
from parsing.questions.rows.columns import ROW, roots, scan
from parsing.questions.rows.records import field_dtype
from parsing.questions.rows.sorted_runs import TemporaryFile, full_disk_explained
from parsing.questions.selection import Selection
from parsing.questions.values.counting import COUNT, FIRST, LAST, Groups, added
from parsing.questions.values.group_keys import Space, space

HASH, CHECK, PLACE = " hash", " check", " place"
MOST = " most"
"""The greatest of the numbers that are bucketed."""
HASHED = [HASH, CHECK]

_IN_MEMORY = 65_536
"""Values of a segment that are kept in memory; more of them are put on disk."""

_AT_ONCE = 1 << 20
"""Values added up at a time: it takes four times their memory."""

_READ_BYTES = 32 << 20
"""Text read at a time, about."""

_MOST_TIED = 10_000
"""Values that tie for the last place wanted, of which the texts are compared all at once."""


def hashed_space(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> Space | None:
    """As ``space``; values that have no codes in any segment, and no single number as their key, are hashed."""
    keys = space(snapshot, segment, names)
    if keys is None or keys.widths or not keys.roots:
        return keys
    root = keys.roots[0]
    is_text = segment.is_text(root) and root in segment.fields and root not in segment.coded
    return Space(tuple(names), (), frozenset(), is_hashed=True) if is_text or len(keys.roots) > 1 else keys


def any_is_hashed(snapshot: Snapshot, names: Sequence[str]) -> bool:
    """Whether values of some segment are hashed, so that all segments have to count in a way that goes with that."""

    def look() -> bool:
        layouts = {(segment.log, segment.fields, segment.coded): segment for segment in snapshot.segments}
        spaces = [hashed_space(snapshot, segment, names) for segment in layouts.values()]
        return any(keys is not None and keys.is_hashed for keys in spaces)

    result: bool = snapshot.once(("hashed", tuple(names)), look)
    return result


def _hashes(values: Sequence[pl.Expr]) -> list[pl.Expr]:
    first = [value.hash(2 * place + 1) for place, value in enumerate(values)]
    second = [value.hash(2 * place + 2) for place, value in enumerate(values)]
    whole, check = (hashes[0] if len(hashes) == 1 else _mixed(hashes) for hashes in (first, second))
    return [whole.alias(HASH), (check % 2**32).cast(pl.UInt32).alias(CHECK)]


def _mixed(hashes: Sequence[pl.Expr]) -> pl.Expr:
    mixed = hashes[0]
    for other in hashes[1:]:
        mixed = mixed ^ other
    return mixed


def _values(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> list[pl.Expr]:
    found = []
    for name in names:
        value = counted_column(segment, name, snapshot)
        assert value is not None
        found.append(value.cast(field_dtype(name)).alias(name))
    return found


@dataclass(frozen=True, slots=True)
class HashedGroups(Groups):
    """The rows of a segment by hash, with figures and the first ``ROW`` of each; many of them are on disk."""

    file: TemporaryFile | None = None

    @property
    def bytes(self) -> int:
        on_disk = 0 if self.file is None else self.file.path.stat().st_size
        return on_disk + (0 if self.table is None else int(self.table.estimated_size()))

    def scan(self) -> pl.LazyFrame:
        if self.file is not None:
            return pl.scan_parquet(self.file.path)
        assert self.table is not None
        return self.table.lazy()


def hashed_groups(
    snapshot: Snapshot,
    segment: Segment,
    selection: Selection,
    keys: Space,
    figures: Sequence[pl.Expr],
    more: Sequence[pl.Expr] = (),
    condition: pl.Expr | None = None,
) -> HashedGroups:
    """The kept rows of a segment by hash and by ``more`` keys, with ``figures``; of those that meet a condition."""
    wanted = selection.keeps(snapshot, segment)
    if wanted is False:
        return HashedGroups(segment, keys, 0)
    values = _values(snapshot, segment, keys.names)
    conditions = [part for part in (None if wanted is True else wanted, condition) if part is not None]
    counted = list(dict.fromkeys(["time", *roots(*figures)]))
    needed = list(dict.fromkeys([*counted, *roots(*values, *more, *conditions)]))
    rows = scan(snapshot, segment).select(needed).with_row_index(ROW)
    for part in conditions:
        rows = rows.filter(part)
    keyed = rows.select(*_hashes(values), *more, *counted, ROW)
    names = keyed.collect_schema().names()[: -len(counted) - 1]
    table = keyed.group_by(names).agg(*figures, pl.col(ROW).min()).collect(engine="streaming")
    stop_if_cancelled()
    count = int(table[COUNT].sum())
    if table.height <= _IN_MEMORY:
        return HashedGroups(segment, keys, count, table)
    with full_disk_explained():
        file = TemporaryFile()
        table.write_parquet(file.path, compression="uncompressed", statistics=False)
    return HashedGroups(segment, keys, count, file=file)


TIMED = (pl.len().cast(pl.UInt32).alias(COUNT), pl.col("time").min().alias(FIRST), pl.col("time").max().alias(LAST))
_ADDED = {
    COUNT: pl.col(COUNT).cast(pl.Int64).sum(),
    FIRST: pl.col(FIRST).min(),
    LAST: pl.col(LAST).max(),
    PLACE: pl.col(PLACE).min(),
    MOST: pl.col(MOST).max(),
}


@dataclass(frozen=True, slots=True)
class HashedValues:
    """Where the values of several segments are: in tables of decoded ones, or in rows of segments.

    A ``PLACE`` is the number of a table or segment here, times 2**32, and the number of the row.
    """

    snapshot: Snapshot
    names: tuple[str, ...]
    homes: list[Segment | pl.DataFrame] = field(default_factory=list)

    def _place(self, home: Segment | pl.DataFrame, row: pl.Expr) -> pl.Expr:
        self.homes.append(home)
        return (row.cast(pl.UInt64) + ((len(self.homes) - 1) << 32)).alias(PLACE)

    def of_segment(self, groups: HashedGroups) -> pl.LazyFrame:
        """The groups of a segment with the ``PLACE`` of each value."""
        return groups.scan().with_columns(self._place(groups.segment, pl.col(ROW))).drop(ROW)

    def of_decoded(self, decoded: pl.DataFrame, more: Sequence[str] = ()) -> pl.LazyFrame:
        """A table of values with figures and ``more`` keys, with the hash and ``PLACE`` of each value in place of it."""
        values = [pl.col(name) for name in self.names]
        others = [pl.col(name) for name in decoded.columns if name in _ADDED or name in more]
        place = self._place(decoded.select(self.names), pl.int_range(pl.len(), dtype=pl.UInt32))
        return decoded.lazy().select(*_hashes(values), *others, place)

    def of_spaces(self, spaces: Mapping[Space, Sequence[Groups]]) -> list[pl.LazyFrame]:
        """The tables of all segments; those that have codes are decoded."""
        tables = []
        for keys, parts in spaces.items():
            hashed = [part for part in parts if isinstance(part, HashedGroups)]
            tables += [self.of_segment(part) for part in hashed if part.rows]
            if not hashed:
                decoded = keys.decode(self.snapshot, parts[0].segment, added(parts, keys))
                tables.append(self.of_decoded(decoded))
        return tables

    def added(self, tables: Sequence[pl.LazyFrame], keys: Sequence[str], *, keeps_keys: bool = True) -> pl.DataFrame:
        """The figures of all tables by ``keys``, and the least place of each."""
        if not tables:
            kinds = {COUNT: pl.Int64(), FIRST: pl.Datetime("ms"), LAST: pl.Datetime("ms"), PLACE: pl.UInt64()}
            return pl.DataFrame(schema={**dict.fromkeys(keys if keeps_keys else [], pl.UInt64()), **kinds})
        figures = [_ADDED[name] for name in tables[0].collect_schema().names() if name in _ADDED]
        rows = sum(int(table.select(pl.len()).collect().item()) for table in tables)
        turns = rows // _AT_ONCE + 1
        found = []
        for turn in range(turns):
            stop_if_cancelled()
            mine = tables if turns == 1 else [table.filter(pl.col(HASH) % turns == turn) for table in tables]
            whole = pl.concat(
                [table.select(tables[0].collect_schema().names()) for table in mine], how="vertical_relaxed"
            )
            summed = whole.group_by(keys).agg(figures)
            found.append((summed if keeps_keys else summed.drop(keys)).collect())
        return pl.concat(found)

    def first(
        self,
        table: pl.DataFrame,
        by: Sequence[str],
        flags: Sequence[bool],
        top: int | None,
        *,
        reverses_values: bool = False,
    ) -> tuple[pl.DataFrame, int]:
        """The first ``top`` rows of a table in the order of some figures, values before the figures, and its height.

        ``flags`` say which figures are descending; missing ones come last. Ties are in order of value. The table may
        be large: it should be held by nobody else.
        """
        height = table.height
        shown = height if top is None else min(top, height)
        wanted = max(shown, 1)
        if wanted < table.height:
            table = self._among_first(table, by, flags, wanted, reverses_values=reverses_values)
        table = table.drop(HASHED, strict=False).sort(PLACE)
        table = pl.concat([self._values_at(table[PLACE]), table.drop(PLACE)], how="horizontal")
        keys = [*zip(by, flags, strict=True), *((name, reverses_values) for name in self.names)]
        order = _order(table, keys).head(shown)
        columns = table.get_columns()[::-1]
        del table
        moved = []
        while columns:
            # Of one chunk, the rows are put in order without their texts being copied.
            moved.append(columns.pop().rechunk()[order])
        return pl.DataFrame(moved), height

    def _among_first(
        self, table: pl.DataFrame, by: Sequence[str], flags: Sequence[bool], wanted: int, *, reverses_values: bool
    ) -> pl.DataFrame:
        """The rows that can be among the first ``wanted``: few more, however many tie."""
        better, same = table.clear(), table
        if by:
            ordered = table.select(by).with_row_index(ROW).sort(by, descending=list(flags), nulls_last=True)
            last = ordered.select(by).row(wanted - 1)
            ties = [pl.col(name).eq_missing(value) for name, value in zip(by, last, strict=True)]
            tied = ordered.select(pl.all_horizontal(ties).alias(ROW)).to_series()
            better, same = table[ordered.head(int(tied.arg_max() or 0))[ROW]], table[ordered[ROW].filter(tied)]
        left = wanted - better.height
        if same.height > left + _MOST_TIED:
            same = self._least(same, left, reverses_values=reverses_values)
        return pl.concat([better, same])

    def _least(self, tied: pl.DataFrame, wanted: int, *, reverses_values: bool) -> pl.DataFrame:
        """Those of many rows that have the first values, of which only some are in memory at a time."""
        best: list[pl.DataFrame] = []
        for values in self._read(tied[PLACE].sort()):
            stop_if_cancelled()
            flags = [reverses_values for _ in self.names]
            if best and best[0].height == wanted:
                values = values.filter(self._can_be_before(best[0].row(-1, named=True), reverses=reverses_values))
            best = [pl.concat([*best, values]).sort(self.names, descending=flags, nulls_last=True).head(wanted)]
        return tied.join(best[0].select(PLACE), on=PLACE, how="semi")

    def _can_be_before(self, last: Mapping[str, object], *, reverses: bool) -> pl.Expr:
        """Whether the first value of a row does not come after that of the last row wanted; missing ones come last."""
        value = last[self.names[0]]
        if value is None:
            return pl.lit(value=True)
        known = pl.lit(value, dtype=field_dtype(self.names[0]))
        return pl.col(self.names[0]) >= known if reverses else pl.col(self.names[0]) <= known

    def _values_at(self, places: pl.Series) -> pl.DataFrame:
        """The values at some places, which are in order."""
        nothing = pl.DataFrame(schema={name: field_dtype(name) for name in self.names})
        return pl.concat([nothing, *(values.drop(PLACE) for values in self._read(places))], rechunk=False)

    def _read(self, places: pl.Series) -> Iterator[pl.DataFrame]:
        """The values at some places, which are in order, with these places, some at a time."""
        homes = (places // 2**32).rle_id() if places.len() else places
        for (_,), mine in pl.DataFrame({"run": homes, PLACE: places}).group_by("run", maintain_order=True):
            home = self.homes[int(mine[PLACE][0]) >> 32]
            rows = (mine[PLACE] % 2**32).cast(pl.UInt32)
            if isinstance(home, pl.DataFrame):
                yield home[rows].with_columns(mine[PLACE])
                continue
            values = _values(self.snapshot, home, self.names)
            length = max(1024, _READ_BYTES // max(1, _row_bytes(self.snapshot, home, values)))
            for (number,), some in rows.to_frame(ROW).group_by(pl.col(ROW) // length, maintain_order=True):
                start = int(str(number)) * length
                chunk = scan(self.snapshot, home).slice(start, length).select(values).collect()
                found = chunk if some.height == chunk.height else chunk[some[ROW] - start]
                at = int(mine[PLACE][0]) >> 32
                yield found.with_columns((some[ROW].cast(pl.UInt64) + (at << 32)).alias(PLACE))


def frequent_values(
    snapshot: Snapshot, name: str, spaces: Mapping[Space, Sequence[Groups]], least: int, top: int
) -> pl.DataFrame:
    """The ``top`` most frequent values of a field, of which some are hashed, with ``least`` rows or more each."""
    known = HashedValues(snapshot, (name,))
    counts = known.added(known.of_spaces(spaces), HASHED, keeps_keys=False).filter(pl.col(COUNT) >= least)
    return known.first(counts, [COUNT], [True], top)[0]


def _order(table: pl.DataFrame, keys: Sequence[tuple[str, bool]]) -> pl.Series:
    """The numbers of the rows in the order of some columns, each with whether it is descending; nulls come last."""
    *others, (last, is_descending) = keys
    order = _sorted_in_parts(table[last], is_descending=is_descending).alias(ROW)
    for name, flag in reversed(others):
        column = pl.DataFrame([table[name][order].alias(PLACE), order])
        order = column.sort(PLACE, descending=flag, nulls_last=True, maintain_order=True)[ROW]
    return order


def _sorted_in_parts(values: pl.Series, *, is_descending: bool) -> pl.Series:
    """The numbers of values in their order. Sorting text copies it, so of much text a part is sorted at a time."""
    turns = int(values.estimated_size()) // _READ_BYTES + 1
    if turns == 1 or values.dtype != pl.String:
        return values.arg_sort(descending=is_descending, nulls_last=True)
    some = values.gather_every(max(1, values.len() // 4096)).drop_nulls().sort()
    edges = some.gather_every(max(1, some.len() // turns)).unique(maintain_order=True).slice(1)
    part = values.is_null().cast(pl.UInt32) * (edges.len() + 1) + edges.search_sorted(values, side="right").fill_null(0)
    found = []
    for turn in range(edges.len() + 1):
        mine = (part == turn).arg_true()
        found.append(mine[values[mine].arg_sort(descending=is_descending)])
    return pl.concat([*(found[::-1] if is_descending else found), values.is_null().arg_true()])


def _row_bytes(snapshot: Snapshot, segment: Segment, values: Sequence[pl.Expr]) -> int:
    """What the values of a row take in memory, judged by the first ones."""
    sample = scan(snapshot, segment).head(256).select(values).collect()
    return int(sample.estimated_size()) // max(1, sample.height)
