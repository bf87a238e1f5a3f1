"""Rows ordered by the values of a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters.values import column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.columns import ROW, picked
from parsing.questions.records import decode, dtype, empty, physical, ranks, resolve
from parsing.questions.selection import Selection

_KEY, _RANK, _PLACE = " key", " rank", " place"
"""Names with a blank, which no field of a log can have."""

_ORDER = (_KEY, "time", _RANK, "line")


@dataclass(frozen=True, slots=True)
class Greatest:
    """The first rows of a segment in some order: ``ROW`` and what they are ordered by."""

    segment: Segment
    table: pl.DataFrame


def greatest(snapshot: Snapshot, segment: Segment, selection: Selection, sort: str, number: int) -> Greatest | None:
    """The first ``number`` rows that a selection keeps of a segment, by a field, ties in order of time."""
    wanted = selection.keeps(snapshot, segment)
    if wanted is False:
        return None
    name = resolve(sort.removeprefix("-"), snapshot)
    value = column(segment, name, snapshot)
    key = (pl.lit(None) if value is None else value).cast(dtype(name)).alias(_KEY)
    scan = segment.scan().with_row_index(ROW)
    rows = (scan if wanted is True else scan.filter(wanted)).select(ROW, key, "time", "source", "line").collect()
    rank = ranks(snapshot, rows["source"]).alias(_RANK)
    return Greatest(segment, _sorted(rows.with_columns(rank).drop("source"), sort).head(number))


def sorted_records(snapshot: Snapshot, found: Sequence[Greatest], sort: str, names: Sequence[str]) -> pl.DataFrame:
    """The records of all these rows, in order."""
    if not found:
        return empty(names)
    tables = [
        part.table.with_columns(pl.lit(number, dtype=pl.UInt32).alias("part")) for number, part in enumerate(found)
    ]
    order = _sorted(pl.concat(tables), sort).select("part", ROW).with_row_index(_PLACE)
    records = [empty(names).with_columns(pl.lit(0, dtype=pl.UInt32).alias(_PLACE))]
    for number, part in enumerate(found):
        mine = order.filter(pl.col("part") == number)
        if mine.height:
            needed = physical(part.segment, snapshot, names)
            rows = pl.concat(pl.collect_all(picked(part.segment, mine[ROW].sort(), needed)))
            placed = rows.select(ROW).join(mine, on=ROW, how="left", maintain_order="left")[_PLACE]
            records.append(decode(snapshot, part.segment, rows, names).with_columns(placed))
    return pl.concat(records).sort(_PLACE).drop(_PLACE)


def _sorted(rows: pl.DataFrame, sort: str) -> pl.DataFrame:
    flags = [sort.startswith("-"), False, False, False]
    return rows.sort(*_ORDER, descending=flags, nulls_last=True)
