"""Records of rows that are known by their segment (``PART``) and their number in it (``ROW``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.columns import ROW, picked
from parsing.questions.records import decode, empty, physical

PART = " part"
_PLACE = " place"


_SEPARATE = pl.QueryOptFlags(comm_subplan_elim=False, comm_subexpr_elim=False)
"""Looking for what many plans have in common takes ten times as long as reading a few rows by each."""


def collected(picks: Mapping[int, Sequence[pl.LazyFrame]]) -> dict[int, pl.DataFrame]:
    """The rows picked of each part, all read at once."""
    frames = iter(pl.collect_all([frame for found in picks.values() for frame in found], optimizations=_SEPARATE))
    return {number: pl.concat([next(frames) for _ in found]) for number, found in picks.items()}


def needed(
    snapshot: Snapshot, segments: Sequence[Segment], parts: Iterable[int], names: Sequence[str]
) -> dict[int, list[str]]:
    """The physical columns that records of some parts need."""
    known: dict[object, list[str]] = {}
    found = {}
    for number in parts:
        layout = segments[number].log, segments[number].fields, segments[number].coded
        if layout not in known:
            known[layout] = physical(segments[number], snapshot, names)
        found[number] = known[layout]
    return found


def records(
    snapshot: Snapshot, segments: Sequence[Segment], places: pl.DataFrame, names: Sequence[str]
) -> pl.DataFrame:
    """The records of rows, in the order of ``places``."""
    columns = needed(snapshot, segments, places[PART].unique(), names)
    picks = {}
    for number, physical_names in columns.items():
        rows = places.filter(pl.col(PART) == number)[ROW].sort()
        picks[number] = picked(segments[number], rows, physical_names)
    return placed(snapshot, segments, collected(picks), places, names)


def placed(
    snapshot: Snapshot,
    segments: Sequence[Segment],
    frames: Mapping[int, pl.DataFrame],
    places: pl.DataFrame,
    names: Sequence[str],
) -> pl.DataFrame:
    """The records of rows that have been read, with maybe others, in the order of ``places``."""
    order = places.select(PART, ROW).with_row_index(_PLACE)
    layouts: dict[object, tuple[Segment, list[pl.DataFrame]]] = {}
    for (number,), mine in order.group_by(PART):
        segment = segments[int(str(number))]
        rows = mine.join(frames[int(str(number))], on=ROW, how="left", maintain_order="left")
        layout = segment.log, segment.fields, segment.coded
        layouts.setdefault(layout, (segment, []))[1].append(rows)
    found = [empty(names).with_columns(pl.lit(0, dtype=pl.UInt32).alias(_PLACE))]
    for segment, parts in layouts.values():
        rows = pl.concat(parts)
        found.append(decode(snapshot, segment, rows, names).with_columns(rows[_PLACE]))
    return pl.concat(found).sort(_PLACE).drop(_PLACE)
