"""Records of rows that are known by their segment (``PART``) and their number in it (``ROW``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.rows.columns import ROW, scan
from parsing.questions.rows.records import decode, empty, physical, rank

PART = " part"
RANK = " rank"
"""The place of a row's source in the order of names."""

TIME_ORDER = ("time", RANK, "line")

_APART = 8_192
"""Rows of a segment further apart than this are not read together."""

_LONG = 65_536
"""Of a longer stretch only the rows wanted are read; of others all, which is quicker."""

TABLE, AT = " table", " at"
"""Which of several tables has a row, and where."""

_PLACE = " place"
_ORDERED = {TABLE: pl.UInt32(), AT: pl.UInt32(), "time": pl.Datetime("ms"), RANK: pl.UInt32(), "line": pl.Int64()}

_SEPARATE = pl.QueryOptFlags(comm_subplan_elim=False, comm_subexpr_elim=False)
"""Looking for what many plans have in common takes ten times as long as reading a few rows by each."""


@dataclass(frozen=True, slots=True)
class Read:
    """Physical columns of rows, without the columns that they were wanted with, all of segments of one layout."""

    segment: Segment
    table: pl.DataFrame


def read(
    snapshot: Snapshot, segments: Sequence[Segment], wanted: pl.DataFrame, names: Sequence[str] = ()
) -> list[Read]:
    """The rows at ``PART`` and ``ROW`` with what records of some fields are made of, a table for each layout.

    ``wanted`` is in order of part and row. Each crowd of rows is read by itself, and all of them at once.
    """
    plans: list[pl.LazyFrame] = []
    layouts: dict[object, tuple[Segment, list[str], list[int]]] = {}
    crowds = list(_crowds(wanted))
    for number, (part, rows) in enumerate(crowds):
        segment = segments[part]
        layout = segment.log, segment.fields, segment.coded
        if layout not in layouts:
            layouts[layout] = segment, physical(segment, snapshot, names), []
        plans.append(_plan(snapshot, segment, layouts[layout][1], rows[ROW]))
        layouts[layout][2].append(number)
    frames = pl.collect_all(plans, optimizations=_SEPARATE)
    found = []
    for segment, _, mine in layouts.values():
        table = pl.concat([_picked(frames[number], crowds[number][1][ROW]) for number in mine], rechunk=True)
        places = wanted if len(layouts) == 1 else pl.concat([crowds[number][1] for number in mine])
        found.append(Read(segment, pl.concat([places, table], how="horizontal")))
    return found


def _crowds(wanted: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Rows of a part that are near each other."""
    part, row = pl.col(PART), pl.col(ROW)
    begins = (part != part.shift()) | (row - row.shift() > _APART)
    starts = wanted.select(begins.fill_null(value=True).arg_true()).to_series().to_list()
    for start, end in pairwise([*starts, wanted.height]):
        yield wanted[PART][start], wanted.slice(start, end - start)


def _plan(snapshot: Snapshot, segment: Segment, columns: Sequence[str], rows: pl.Series) -> pl.LazyFrame:
    """The stretch from the first to the last of some rows; only these rows where it is long."""
    start, length = rows[0], rows[-1] + 1 - rows[0]
    whole = scan(snapshot, segment).select(columns).slice(start, length)
    if length <= _LONG or length == rows.len():
        return whole
    return whole.with_row_index(ROW, offset=start).filter(pl.col(ROW).is_in(rows.implode())).drop(ROW)


def _picked(stretch: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    return stretch if stretch.height == rows.len() else stretch[rows - rows[0]]


def in_order(snapshot: Snapshot, found: Sequence[Read]) -> pl.DataFrame:
    """What rows that were read are ordered by, and the columns they were wanted with; not yet in order."""
    if not found:
        return pl.DataFrame(schema=_ORDERED)
    return pl.concat(
        read.table.select(
            pl.lit(number, dtype=pl.UInt32).alias(TABLE),
            pl.int_range(pl.len(), dtype=pl.UInt32).alias(AT),
            pl.col("^ .*$"),
            "time",
            rank(snapshot).alias(RANK),
            "line",
        )
        for number, read in enumerate(found)
    )


def placed(snapshot: Snapshot, found: Sequence[Read], order: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The records of rows that were read, in the order of some rows of ``in_order``."""
    if len(found) == 1:
        return decode(snapshot, found[0].segment, found[0].table[order[AT]], names)
    numbered = order.select(TABLE, AT).with_row_index(_PLACE)
    records = [empty(names).with_columns(pl.lit(0, dtype=pl.UInt32).alias(_PLACE))]
    for number, read in enumerate(found):
        mine = numbered.filter(pl.col(TABLE) == number)
        decoded = decode(snapshot, read.segment, read.table[mine[AT]], names)
        records.append(decoded.with_columns(mine[_PLACE]))
    return pl.concat(records).sort(_PLACE).drop(_PLACE)


def records(
    snapshot: Snapshot, segments: Sequence[Segment], places: pl.DataFrame, names: Sequence[str]
) -> pl.DataFrame:
    """The records of rows, in the order of ``places``."""
    wanted = places.select(PART, ROW).with_row_index(_PLACE).sort(PART, ROW)
    found = read(snapshot, segments, wanted, names)
    return placed(snapshot, found, in_order(snapshot, found).sort(_PLACE), names) if found else empty(names)
