"""When some values occur first and last, looked up where the counts of segments say that they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.columns import lazy, roots
from parsing.questions.counting import FIRST, LAST, Groups
from parsing.questions.keys import KEY, Space
from parsing.questions.selection import Selection

NUMBER = " number"
"""A value whose times are wanted; it may have several keys."""

_LOOK = (32_768, 262_144)
"""How many rows are looked at before more of them: what is frequent is found at once."""

_ROW, _TIME = " row", " time"


def extents(
    snapshot: Snapshot, selection: Selection, space: Space, parts: Sequence[Groups], members: pl.DataFrame
) -> pl.DataFrame:
    """``NUMBER`` with the first and last times of rows that have one of its keys; ``members`` are ``KEY, NUMBER``."""
    firsts = _search(snapshot, selection, space, parts, members, is_last=False)
    lasts = _search(snapshot, selection, space, parts, members, is_last=True)
    return firsts.rename({_TIME: FIRST}).join(lasts.rename({_TIME: LAST}), on=NUMBER)


def _search(
    snapshot: Snapshot,
    selection: Selection,
    space: Space,
    parts: Sequence[Groups],
    members: pl.DataFrame,
    *,
    is_last: bool,
) -> pl.DataFrame:
    """The first or last time of each value: segments are searched until none can have an earlier or later one."""
    best = members.select(pl.col(NUMBER).unique(), pl.lit(None, dtype=pl.Datetime("ms")).alias(_TIME))
    for part in sorted(parts, key=lambda part: _edge(part.segment, is_last=is_last), reverse=is_last):
        edge = _edge(part.segment, is_last=is_last)
        may_improve = pl.col(_TIME).is_null() | (pl.col(_TIME) < edge if is_last else pl.col(_TIME) > edge)
        wanted = best.filter(may_improve)
        if not wanted.height:
            break
        known = part.known(members.join(wanted, on=NUMBER, how="semi"))
        if known.height:
            found = pl.concat([best, _times(snapshot, selection, space, part.segment, known, is_last=is_last)])
            best = found.group_by(NUMBER).agg(pl.col(_TIME).max() if is_last else pl.col(_TIME).min())
    return best


def _edge(segment: Segment, *, is_last: bool) -> datetime:
    return segment.last if is_last else segment.first


def _times(
    snapshot: Snapshot,
    selection: Selection,
    space: Space,
    segment: Segment,
    members: pl.DataFrame,
    *,
    is_last: bool,
) -> pl.DataFrame:
    """The first or last time of each value in a segment that has all of these keys."""
    wanted = selection.keeps(snapshot, segment)
    needed = list(space.roots) if isinstance(wanted, bool) else list(dict.fromkeys([*space.roots, *roots(wanted)]))
    rows = lazy(snapshot, segment, needed)
    at = pl.col(_ROW).max() if is_last else pl.col(_ROW).min()
    found = []
    for start, length in _stretches(segment.rows, is_last=is_last):
        part = rows.slice(start, length).with_row_index(_ROW, offset=start)
        part = part if isinstance(wanted, bool) else part.filter(wanted)
        keys = part.select(*space.key(), _ROW).cast({KEY: members[KEY].dtype})
        chosen = keys.join(members.lazy(), on=KEY, nulls_equal=True)
        found.append(chosen.group_by(NUMBER).agg(at).collect())
        members = members.join(found[-1], on=NUMBER, how="anti")
        if not members.height:
            break
    together = pl.concat(found)
    return together.select(NUMBER, _read_times(segment, together[_ROW]).alias(_TIME))


def _stretches(rows: int, *, is_last: bool) -> Iterator[tuple[int, int]]:
    start = 0
    for length in (*_LOOK, rows):
        size = min(length, rows - start)
        if size > 0:
            yield (rows - start - size if is_last else start), size
        start += length


def _read_times(segment: Segment, rows: pl.Series) -> pl.Series:
    start, end = int(str(rows.min())), int(str(rows.max())) + 1
    times = segment.scan().select("time").slice(start, end - start).collect().to_series()
    return times.gather(rows - start)
