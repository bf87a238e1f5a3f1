"""The values of a breakdown from the counts of its segments: which there are, in what order, and when they occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from parsing.index.snapshot import Snapshot
from parsing.questions.counting import COUNT, FIRST, LAST, Groups, added, added_in_turns
from parsing.questions.extents import NUMBER, extents
from parsing.questions.keys import KEY, Space
from parsing.questions.numbering import Numbering, numbering
from parsing.questions.records import dtype
from parsing.questions.selection import Selection

Spaces = Mapping[Space, Sequence[Groups]]


@dataclass(frozen=True, slots=True)
class Order:
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
class Found:
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


def find(snapshot: Snapshot, names: Sequence[str], spaces: Spaces, order: Order, *, is_timed: bool) -> Found:
    """The values of all spaces together."""
    if len(spaces) == 1 and order.by != "value" and next(iter(spaces)).is_one_to_one:
        return _found_in_one(snapshot, names, spaces, order)
    tables = [added(parts, space) for space, parts in spaces.items()]
    known = None if not tables else _numberings(snapshot, names, spaces, is_sorted=order.by == "value")
    if known is None:
        values = _decoded(snapshot, spaces, tables)
    else:
        values = [_numbered(space, table, known) for space, table in zip(spaces, tables, strict=True)]
    whole = _united(names, values, known or {}, is_timed=is_timed)
    few = (order.sorted(whole, names) if order.by == "value" else order.best(whole)).with_row_index(NUMBER)
    members = tuple(table.join(few.select(*names, NUMBER), on=names, nulls_equal=True) for table in values)
    shown = few.with_columns(_worded(name, numbers) for name, numbers in (known or {}).items() if numbers is not None)
    return Found(order.sorted(shown, names), whole.height, members if not is_timed else ())


def _found_in_one(snapshot: Snapshot, names: Sequence[str], spaces: Spaces, order: Order) -> Found:
    """The values of a single space, in which different keys are different values: only the best are decoded."""
    ((space, parts),) = spaces.items()
    best, distinct = [], 0
    for table in added_in_turns(parts, space):
        best.append(order.best(table))
        distinct += table.height
    few = order.best(pl.concat(best)).with_row_index(NUMBER)
    members = (few,) if KEY in few.columns else ()
    return Found(order.sorted(_decoded(snapshot, spaces, [few])[0], names), distinct, members)


def timed(snapshot: Snapshot, selection: Selection, spaces: Spaces, found: Found) -> pl.DataFrame:
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
            shown = extents(snapshot, selection, keys, parts, shown.select(KEY, NUMBER))
        times.append(shown.select(NUMBER, FIRST, LAST))
    spans = times[0] if len(times) == 1 else _spans(pl.concat([nothing, *times]))
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
        if dtype(name).is_numeric():
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
        number = codes.cast(dtype(name)) if numbers is None else numbers.numbers[codes.name].gather(codes)
        columns.append(number.alias(name))
    return pl.concat([pl.DataFrame(columns), table.select(pl.col("^ .*$"))], how="horizontal")


def _worded(name: str, numbers: Numbering) -> pl.Expr:
    return pl.lit(numbers.values).gather(pl.col(name)).alias(name)


def _united(
    names: Sequence[str], tables: Sequence[pl.DataFrame], known: Mapping[str, Numbering | None], *, is_timed: bool
) -> pl.DataFrame:
    merged = [pl.col(COUNT).sum()]
    if is_timed:
        merged += [pl.col(FIRST).min(), pl.col(LAST).max()]
    shared = [*names, COUNT, *([FIRST, LAST] if is_timed else [])]
    schema: dict[str, pl.DataType] = {name: pl.UInt32() if known.get(name) else dtype(name) for name in names}
    times = {FIRST: pl.Datetime("ms"), LAST: pl.Datetime("ms")} if is_timed else {}
    nothing = pl.DataFrame(schema={**schema, COUNT: pl.Int64(), **times})
    return (
        pl.concat([nothing, *(table.select(shared) for table in tables)]).lazy().group_by(names).agg(merged).collect()
    )
