"""When some keys occur first and last, looked up where the counts of segments say that they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.columns import lazy, roots
from parsing.questions.counting import FIRST, LAST, Groups
from parsing.questions.keys import KEY, Space
from parsing.questions.selection import Selection

_LOOK = (32_768, 262_144)
"""How many rows are looked at before more of them: what is frequent is found at once."""


def extents(
    snapshot: Snapshot, selection: Selection, space: Space, parts: Sequence[Groups], keys: pl.Series
) -> pl.DataFrame:
    """Keys with the times of their first and last rows."""
    firsts = _search(snapshot, selection, space, parts, keys, is_last=False)
    lasts = _search(snapshot, selection, space, parts, keys, is_last=True)
    times = pl.Datetime("ms")
    return pl.DataFrame(
        [
            keys.alias(KEY),
            pl.Series(FIRST, [firsts.get(key) for key in keys], dtype=times),
            pl.Series(LAST, [lasts.get(key) for key in keys], dtype=times),
        ]
    )


def _search(
    snapshot: Snapshot, selection: Selection, space: Space, parts: Sequence[Groups], keys: pl.Series, *, is_last: bool
) -> dict[Any, datetime]:
    """The first or last time of each key: segments are searched until none can have an earlier or later one."""
    best: dict[Any, datetime] = {}
    pick = max if is_last else min
    ordered = sorted(parts, key=lambda part: _edge(part.segment, is_last=is_last), reverse=is_last)
    for part in ordered:
        edge = _edge(part.segment, is_last=is_last)
        open_keys = [key for key in keys if key not in best or pick(edge, best[key]) != best[key]]
        if not open_keys:
            break
        wanted = _present(part, pl.Series(KEY, open_keys, dtype=keys.dtype))
        if wanted.len():
            for key, time in _times(snapshot, selection, space, part.segment, wanted, is_last=is_last):
                best[key] = pick(time, best.get(key, time))
    return best


def _edge(segment: Segment, *, is_last: bool) -> datetime:
    return segment.last if is_last else segment.first


def _present(part: Groups, keys: pl.Series) -> pl.Series:
    known = part.has(keys)
    if keys.null_count() and _has_null(part):
        return known.append(pl.Series(KEY, [None], dtype=keys.dtype))
    return known


def _has_null(part: Groups) -> bool:
    return part.nulls > 0 if part.table is None else bool(part.table[KEY].null_count())


def _times(
    snapshot: Snapshot, selection: Selection, space: Space, segment: Segment, keys: pl.Series, *, is_last: bool
) -> Iterator[tuple[Any, datetime]]:
    """The first or last time of each key in a segment that has them all."""
    wanted = selection.keeps(snapshot, segment)
    needed = list(space.roots) if isinstance(wanted, bool) else list(dict.fromkeys([*space.roots, *roots(wanted)]))
    rows = lazy(snapshot, segment, needed)
    found: dict[Any, int] = {}
    for start, length in _stretches(segment.rows, is_last=is_last):
        part = rows.slice(start, length).with_row_index(" row", offset=start)
        part = part if isinstance(wanted, bool) else part.filter(wanted)
        left = keys.filter(~keys.is_in(list(found), nulls_equal=True))
        at = pl.col(" row").max() if is_last else pl.col(" row").min()
        chosen = part.select(*space.key(), " row").filter(pl.col(KEY).is_in(left.implode(), nulls_equal=True))
        found.update(chosen.group_by(KEY).agg(at).collect().iter_rows())
        if len(found) == keys.len():
            break
    rows_found = pl.Series(list(found.values()), dtype=pl.Int64)
    yield from zip(found, _read_times(segment, rows_found), strict=True)


def _stretches(rows: int, *, is_last: bool) -> Iterator[tuple[int, int]]:
    start = 0
    for length in (*_LOOK, rows):
        size = min(length, rows - start)
        if size > 0:
            yield (rows - start - size if is_last else start), size
        start += length


def _read_times(segment: Segment, rows: pl.Series) -> list[datetime]:
    start, end = int(str(rows.min())), int(str(rows.max())) + 1
    times = segment.scan().select("time").slice(start, end - start).collect().to_series()
    return times.gather(rows - start).to_list()
