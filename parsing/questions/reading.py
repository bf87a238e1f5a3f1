"""Records of rows that are known by their segment (``PART``) and their number in it (``ROW``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.columns import ROW, picked
from parsing.questions.records import decode, empty, physical

PART = " part"
_PLACE = " place"


def collected(picks: Mapping[int, Sequence[pl.LazyFrame]]) -> dict[int, pl.DataFrame]:
    """The rows picked of each part, all read at once."""
    frames = iter(pl.collect_all([frame for found in picks.values() for frame in found]))
    return {number: pl.concat([next(frames) for _ in found]) for number, found in picks.items()}


def records(
    snapshot: Snapshot, segments: Sequence[Segment], places: pl.DataFrame, names: Sequence[str]
) -> pl.DataFrame:
    """The records of rows, in the order of ``places``."""
    picks = {}
    for number in places[PART].unique():
        rows = places.filter(pl.col(PART) == number)[ROW].sort()
        picks[number] = picked(segments[number], rows, physical(segments[number], snapshot, names))
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
    found = [empty(names).with_columns(pl.lit(0, dtype=pl.UInt32).alias(_PLACE))]
    for (number,), mine in order.group_by(PART):
        rows = mine.join(frames[int(str(number))], on=ROW, how="left", maintain_order="left")
        found.append(decode(snapshot, segments[int(str(number))], rows, names).with_columns(rows[_PLACE]))
    return pl.concat(found).sort(_PLACE).drop(_PLACE)
