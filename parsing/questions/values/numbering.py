"""One number for every value of a field, whichever dictionary its code is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from parsing.filters.expressions import counted_column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.question import stop_if_cancelled

_AT_ONCE = 200_000
"""The number of sorted values that are looked up at once."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """``values`` by number, and for each column of codes the number of every code (null for one without a value)."""

    values: pl.Series
    numbers: Mapping[str, pl.Series]

    @property
    def bytes(self) -> int:
        return int(self.values.estimated_size() + sum(codes.estimated_size() for codes in self.numbers.values()))


def numbering(snapshot: Snapshot, name: str, roots: Mapping[str, Segment], *, is_sorted: bool = False) -> Numbering:
    """The numbers of a field's values; ``roots`` are columns of codes that it comes from, each with a segment of it.

    With ``is_sorted`` values are in the order of their numbers, which takes much longer the first time.
    """
    sizes = tuple(sorted((root, snapshot.dictionary(root).len()) for root in roots))
    result: Numbering = snapshot.memory.values.get(
        ("numbering", name, sizes, is_sorted), lambda: _number(snapshot, name, roots, is_sorted=is_sorted)
    )
    return result


def _number(snapshot: Snapshot, name: str, roots: Mapping[str, Segment], *, is_sorted: bool) -> Numbering:
    found = {root: _values(snapshot, name, root, segment) for root, segment in roots.items()}
    values = pl.concat(list(found.values())).drop_nulls().unique()
    stop_if_cancelled()
    ordered = values.sort() if is_sorted else values
    numbers = {root: _numbers(known, ordered, is_sorted=is_sorted) for root, known in found.items()}
    return Numbering(ordered, numbers)


def _numbers(known: pl.Series, ordered: pl.Series, *, is_sorted: bool) -> pl.Series:
    """The place of each value in ``ordered``; sorted ones are found a stretch at a time, so that it can be stopped."""
    stop_if_cancelled()
    table = ordered.to_frame().with_row_index("number")
    if not is_sorted or ordered.len() <= _AT_ONCE:
        return known.to_frame().join(table, on="value", how="left", maintain_order="left")["number"]
    rows = known.to_frame().with_row_index("row")
    places = []
    for start in range(0, ordered.len(), _AT_ONCE):
        stop_if_cancelled()
        part = table.slice(start, _AT_ONCE)
        least, greatest = (pl.lit(part["value"][place], dtype=pl.String) for place in (0, -1))
        mine = rows.filter(pl.col("value").is_between(least, greatest))
        places.append(mine.join(part, on="value").select("row", "number"))
    found = pl.concat(places)
    return pl.repeat(None, known.len(), dtype=pl.UInt32, eager=True).scatter(found["row"], found["number"])


def _values(snapshot: Snapshot, name: str, root: str, segment: Segment) -> pl.Series:
    """The value for each code of a dictionary."""
    value = counted_column(segment, name, snapshot)
    assert value is not None
    codes = pl.int_range(0, snapshot.dictionary(root).len(), dtype=pl.UInt32, eager=True).alias(root)
    return codes.to_frame().select(value.alias("value")).to_series()
