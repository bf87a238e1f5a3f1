"""All rows by the values of a field, in bounded memory: each segment becomes a sorted run on disk, the runs are merged.

A run is known by the first row of each of its blocks. Put in order, the first rows of all blocks cut the whole into
slabs, and a slab is found in few blocks of each run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from parsing.filters.expressions import column
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.question import damage_worded
from parsing.questions.rows.records import decode, empty, field_dtype, physical, rank, ranks, resolve_field
from parsing.questions.rows.spill_file import lack_of_room_worded
from parsing.questions.selection import Selection

BLOCK = 4096
SLAB = 16
"""Blocks in a slab."""

_KEY, _RANK, _PART, _PLACE = " key", " rank", " part", " place"
"""Names with a blank, which no field of a log can have."""

_ORDER = (_KEY, "time", _RANK, "line")


@dataclass(frozen=True, slots=True)
class _Run:
    """The rows of a segment in order, as a file, and what the first row of each block is ordered by."""

    segment: Segment
    path: Path
    rows: int
    firsts: pl.DataFrame


def rows_by_value(snapshot: Snapshot, selection: Selection, sort: str, names: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The records of all rows that a selection keeps, ordered as by ``Page``, in frames of some ten thousand rows.

    Needs room for the rows in the folder for temporary files, and raises ``IndexStoreError`` when there is none.
    """
    with lack_of_room_worded():
        temporary = tempfile.TemporaryDirectory(prefix="dropline-", ignore_cleanup_errors=True)
    with temporary as folder:
        runs = []
        for number, segment in enumerate(selection.segments(snapshot)):
            run = _run(snapshot, segment, selection, sort, names, Path(folder) / f"{number}.parquet")
            if run is not None:
                runs.append(run)
            yield empty(names)
        yield from _merged(snapshot, runs, sort, names)


@damage_worded()
def _run(
    snapshot: Snapshot, segment: Segment, selection: Selection, sort: str, names: Sequence[str], path: Path
) -> _Run | None:
    wanted = selection.keeps(snapshot, segment)
    if wanted is False:
        return None
    name = resolve_field(sort.removeprefix("-"), snapshot)
    key = _value(snapshot, segment, name).alias(_KEY)
    rows = segment.scan() if wanted is True else segment.scan().filter(wanted)
    found = rows.select(*physical(segment, snapshot, names), key).collect()
    if not found.height:
        return None
    found = in_order(found.with_columns(ranks(snapshot, found["source"]).alias(_RANK)), sort)
    with lack_of_room_worded():
        found.write_parquet(path, compression="lz4", statistics=False, row_group_size=BLOCK * SLAB)
    return _Run(segment, path, found.height, found.select(_ORDER).gather_every(BLOCK))


def _value(snapshot: Snapshot, segment: Segment, name: str) -> pl.Expr:
    if name == "source":
        return rank(snapshot)
    value = column(segment, name, snapshot)
    return (pl.lit(None) if value is None else value).cast(field_dtype(name))


def in_order(rows: pl.DataFrame, sort: str) -> pl.DataFrame:
    flags = [sort.startswith("-"), False, False, False]
    return rows.sort(*_ORDER, descending=flags, nulls_last=True)


def _merged(snapshot: Snapshot, runs: Sequence[_Run], sort: str, names: Sequence[str]) -> Iterator[pl.DataFrame]:
    if not runs:
        return
    blocks = _blocks(runs, sort)
    for low, high in pairwise([*range(0, blocks.height, SLAB), blocks.height]):
        touched = blocks.filter(pl.col(_PLACE) <= high, pl.col("until") > low)
        spans = touched.group_by(_PART).agg(pl.col("start").min(), pl.col("start").max().alias("last"))
        parts = [_read(snapshot, runs, names, *span) for span in spans.iter_rows()]
        slab = in_order(pl.concat(parts), sort)
        first, after = (_found(slab, blocks, place) for place in (low, high))
        yield slab.slice(first, after - first).drop(_KEY, _RANK, _PART, _PLACE)


def _blocks(runs: Sequence[_Run], sort: str) -> pl.DataFrame:
    """Every block: its run, the row of the run it starts with, its place, and that of the next of the same run."""
    firsts = [
        run.firsts.with_columns(
            pl.lit(part, dtype=pl.UInt32).alias(_PART), (pl.int_range(pl.len(), dtype=pl.Int64) * BLOCK).alias("start")
        )
        for part, run in enumerate(runs)
    ]
    blocks = in_order(pl.concat(firsts), sort).drop(_ORDER).with_row_index(_PLACE)
    until = pl.col(_PLACE).shift(-1, fill_value=blocks.height + 1).over(_PART)
    return blocks.with_columns(until.alias("until"))


@damage_worded()
def _read(
    snapshot: Snapshot, runs: Sequence[_Run], names: Sequence[str], part: int, start: int, last: int
) -> pl.DataFrame:
    """The records of the blocks of a run from ``start`` to ``last``, with what they are ordered by."""
    run = runs[part]
    length = min(last + BLOCK, run.rows) - start
    rows = pl.scan_parquet(run.path).slice(start, length).collect()
    return decode(snapshot, run.segment, rows, names).with_columns(
        rows[_KEY],
        rows[_RANK],
        pl.lit(part, dtype=pl.UInt32).alias(_PART),
        pl.int_range(start, start + length, dtype=pl.Int64).alias(_PLACE),
    )


def _found(slab: pl.DataFrame, blocks: pl.DataFrame, place: int) -> int:
    """Where in a slab the first row of the block at a place is; the end of the slab for the place after the last."""
    if place >= blocks.height:
        return slab.height
    part, start = blocks.select(_PART, "start").row(place)
    return int(slab.select(((pl.col(_PART) == part) & (pl.col(_PLACE) == start)).arg_max()).item())
