"""The values of a breakdown from the counts of its segments: which there are, in what order, and when they occur."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.rows.records import field_dtype
from parsing.questions.selection import Selection
from parsing.questions.values.counting import COUNT, FIRST, LAST, Groups, added_in_turns
from parsing.questions.values.first_and_last import NUMBER, first_and_last_times
from parsing.questions.values.group_keys import KEY, Space
from parsing.questions.values.numbering import Numbering, numbering

Spaces = Mapping[Space, Sequence[Groups]]
Ranks = Callable[[pl.DataFrame, str], pl.Series]
"""For the rows of a table, numbers (or texts) in the order of the values of a field."""

_MOST_TIED = 10_000
"""Up to this number, values that tie are decoded and sorted without further thought."""

_MANY = 1 << 20
"""With more keys than this it pays to know the order of values without decoding them."""


@dataclass(frozen=True, slots=True)
class ValueOrder:
    """What values are ordered by (``count``, ``first``, ``last`` or ``value``), and how many are wanted."""

    by: str
    is_descending: bool
    top: int | None

    def best(self, found: pl.DataFrame) -> pl.DataFrame:
        """The rows that can be among the first: as many as are wanted, and all that tie with the last of them."""
        if self.top is None or self.top >= found.height or self.by == "value":
            return found
        key = found[f" {self.by}"]
        if self.is_descending:
            return found.filter(key >= key.top_k(max(self.top, 1)).min())
        return found.filter(key <= key.bottom_k(max(self.top, 1)).max())

    def least(self, best: pl.DataFrame, names: Sequence[str], ranks: Ranks) -> pl.DataFrame:
        """``best`` without most of the rows that lose a tie by value; ``ranks`` are numbers in the order of values.

        Where millions of values occur once each, all of them tie, and only the first of them are to be decoded.
        """
        if self.top is None or self.by == "value" or best.height <= self.top + _MOST_TIED:
            return best
        key = best[f" {self.by}"]
        worst = key.min() if self.is_descending else key.max()
        chosen, tied = [best.filter(key != worst)], best.filter(key == worst)
        for name in names:
            wanted = max(self.top - sum(table.height for table in chosen), 1)
            rank = ranks(tied, name)
            known = rank.drop_nulls()
            if known.len() >= wanted:
                last = known.bottom_k(wanted).max()
                chosen.append(tied.filter((rank < last).fill_null(value=False)))
                tied = tied.filter((rank == last).fill_null(value=False))
            else:
                chosen.append(tied.filter(rank.is_not_null()))
                tied = tied.filter(rank.is_null())
        return pl.concat([*chosen, tied])

    def sorted(self, found: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
        """The rows wanted, in order; ties in order of value, what was not logged after all values."""
        by_value = [*names]
        if self.by == "value":
            ordered = found.sort(by_value, descending=[self.is_descending for _ in names], nulls_last=True)
        else:
            flags = [self.is_descending, *(False for _ in names)]
            ordered = found.sort(f" {self.by}", *by_value, descending=flags, nulls_last=True)
        return ordered if self.top is None else ordered.head(self.top)


@dataclass(frozen=True, slots=True)
class FoundValues:
    """``table`` has the values wanted with counts and maybe times, ``distinct`` is how many there are.

    ``members`` are the keys of these values in each space, with the value's ``NUMBER`` in the table.
    """

    table: pl.DataFrame
    distinct: int
    members: tuple[pl.DataFrame, ...]


def spaces_of(parts: Sequence[Groups]) -> dict[Space, list[Groups]]:
    """The counts of segments that have the fields, by their space."""
    spaces: dict[Space, list[Groups]] = {}
    for part in parts:
        if part.space is not None:
            spaces.setdefault(part.space, []).append(part)
    return spaces


def find(snapshot: Snapshot, names: Sequence[str], spaces: Spaces, order: ValueOrder, *, is_timed: bool) -> FoundValues:
    """The values of all spaces together."""
    if len(spaces) == 1 and order.by != "value" and next(iter(spaces)).is_one_to_one:
        return _found_in_one(snapshot, names, spaces, order)
    tables = [pl.concat(list(added_in_turns(parts, space))) for space, parts in spaces.items()]
    is_sorted = order.by == "value" or sum(table.height for table in tables) > _MANY
    known = None if not tables else _numberings(snapshot, names, spaces, is_sorted=is_sorted)
    if known is None:
        values = _decoded(snapshot, spaces, tables)
    else:
        values = [_numbered(space, table, known) for space, table in zip(spaces, tables, strict=True)]
    tables.clear()
    turns = 1 if order.by == "value" or known is None else sum(table.height for table in values) // _MANY + 1
    best, distinct = [], 0
    for whole in _united(names, values, known or {}, turns, is_timed=is_timed):
        best.append(order.least(order.best(whole), names, _as_numbered) if is_sorted else order.best(whole))
        distinct += whole.height
    together = pl.concat(best)
    few = (order.sorted(together, names) if order.by == "value" else order.best(together)).with_row_index(NUMBER)
    members = tuple(table.join(few.select(*names, NUMBER), on=names, nulls_equal=True) for table in values)
    shown = few.with_columns(_worded(name, numbers) for name, numbers in (known or {}).items() if numbers is not None)
    return FoundValues(order.sorted(shown, names), distinct, members if not is_timed else ())


def _found_in_one(snapshot: Snapshot, names: Sequence[str], spaces: Spaces, order: ValueOrder) -> FoundValues:
    """The values of a single space, in which different keys are different values: only the best are decoded."""
    ((space, parts),) = spaces.items()
    ranks = partial(_ranks, snapshot, space, parts[0].segment)
    best, distinct = [], 0
    for table in added_in_turns(parts, space):
        best.append(order.least(order.best(table), names, ranks))
        distinct += table.height
    few = order.least(order.best(pl.concat(best)), names, ranks).with_row_index(NUMBER)
    members = (few,) if KEY in few.columns else ()
    return FoundValues(order.sorted(_decoded(snapshot, spaces, [few])[0], names), distinct, members)


def _ranks(snapshot: Snapshot, space: Space, segment: Segment, table: pl.DataFrame, name: str) -> pl.Series:
    (root,) = space.roots_of[space.names.index(name)]
    keys = table.select(space.physical())[root]
    if root not in space.coded:
        return keys.cast(field_dtype(name))
    return numbering(snapshot, name, {root: segment}, is_sorted=True).numbers[root].gather(keys)


def timed(snapshot: Snapshot, selection: Selection, spaces: Spaces, found: FoundValues) -> pl.DataFrame:
    """The table with the first and last times of its values."""
    if FIRST in found.table.columns:
        return found.table
    nothing = pl.DataFrame(schema={NUMBER: pl.UInt32(), FIRST: pl.Datetime("ms"), LAST: pl.Datetime("ms")})
    times = []
    for (keys, parts), member in zip(spaces.items(), found.members, strict=True):
        shown = member
        if member.height > found.table.height:
            shown = member.join(found.table.select(NUMBER), on=NUMBER, how="semi")
        if FIRST not in shown.columns:
            shown = first_and_last_times(snapshot, selection, keys, parts, shown.select(KEY, NUMBER))
        times.append(shown.select(NUMBER, FIRST, LAST))
    spans = _spans(pl.concat([nothing, *times]))
    return found.table.join(spans, on=NUMBER, how="left", maintain_order="left")


def _spans(times: pl.DataFrame) -> pl.DataFrame:
    return times.group_by(NUMBER).agg(pl.col(FIRST).min(), pl.col(LAST).max())


def _decoded(snapshot: Snapshot, spaces: Spaces, tables: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    return [
        space.decode(snapshot, parts[0].segment, table)
        for (space, parts), table in zip(spaces.items(), tables, strict=True)
    ]


def _numberings(
    snapshot: Snapshot, names: Sequence[str], spaces: Spaces, *, is_sorted: bool
) -> dict[str, Numbering | None] | None:
    """For each field its numbering, or ``None`` for a number; ``None`` where a value is not that of a single code."""
    found: dict[str, Numbering | None] = {}
    for place, name in enumerate(names):
        if any(len(space.roots_of[place]) != 1 for space in spaces):
            return None
        roots = {space.roots_of[place][0]: parts[0].segment for space, parts in spaces.items()}
        if field_dtype(name).is_numeric():
            found[name] = None
        elif all(space.roots_of[place][0] in space.coded for space in spaces):
            found[name] = numbering(snapshot, name, roots, is_sorted=is_sorted)
        else:
            return None
    return found


def _numbered(space: Space, table: pl.DataFrame, known: Mapping[str, Numbering | None]) -> pl.DataFrame:
    """A table of keys with the numbers of values under the names of their fields."""
    physical = table.select(space.physical())
    columns = []
    for place, (name, numbers) in enumerate(known.items()):
        codes = physical[space.roots_of[place][0]]
        number = codes.cast(field_dtype(name)) if numbers is None else numbers.numbers[codes.name].gather(codes)
        columns.append(number.alias(name))
    return pl.concat([pl.DataFrame(columns), table.select(pl.col("^ .*$"))], how="horizontal")


def _worded(name: str, numbers: Numbering) -> pl.Expr:
    return pl.lit(numbers.values).gather(pl.col(name)).alias(name)


def _united(
    names: Sequence[str],
    tables: Sequence[pl.DataFrame],
    known: Mapping[str, Numbering | None],
    turns: int,
    *,
    is_timed: bool,
) -> Iterator[pl.DataFrame]:
    """The values of all tables with their figures added up, in several tables where there are very many."""
    merged = [pl.col(COUNT).sum()]
    if is_timed:
        merged += [pl.col(FIRST).min(), pl.col(LAST).max()]
    shared = [*names, COUNT, *([FIRST, LAST] if is_timed else [])]
    schema: dict[str, pl.DataType] = {name: pl.UInt32() if known.get(name) else field_dtype(name) for name in names}
    times = {FIRST: pl.Datetime("ms"), LAST: pl.Datetime("ms")} if is_timed else {}
    nothing = pl.DataFrame(schema={**schema, COUNT: pl.Int64(), **times})
    whose = pl.sum_horizontal(pl.col(name).hash() % turns for name in names) % turns
    for turn in range(turns):
        mine = (table.select(shared) if turns == 1 else table.select(shared).filter(whose == turn) for table in tables)
        yield pl.concat([nothing, *mine]).lazy().group_by(names).agg(merged).collect()


def _as_numbered(table: pl.DataFrame, name: str) -> pl.Series:
    return table[name]
