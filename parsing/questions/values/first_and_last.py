"""When some values occur first and last, looked up where the counts of segments say that they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.rows.columns import columns, is_long, lazy, roots, times_at
from parsing.questions.selection import Selection
from parsing.questions.values.counting import FIRST, LAST, Groups
from parsing.questions.values.group_keys import KEY, Space

NUMBER = " number"
"""A value whose times are wanted; it may have several keys."""

_LOOK = (512, 4_096, 32_768, 262_144)
"""How many rows are looked at before more of them: what is frequent is found at once."""

_LISTED = 512
"""Up to this number of rows, they are looked through one by one, whatever the number of keys."""

_ROW = " row"


def first_and_last_times(
    snapshot: Snapshot, selection: Selection, space: Space, parts: Sequence[Groups], members: pl.DataFrame
) -> pl.DataFrame:
    """``NUMBER`` with the first and last times of rows that have one of its keys; ``members`` are ``KEY, NUMBER``."""
    numbers: dict[int | str | None, int] = dict(members.select(KEY, NUMBER).iter_rows())
    firsts = _search(snapshot, selection, space, parts, numbers, is_last=False)
    lasts = _search(snapshot, selection, space, parts, numbers, is_last=True)
    found = pl.Series(NUMBER, list(firsts), dtype=members.schema[NUMBER])
    times = pl.Series([*firsts.values(), *(lasts[number] for number in firsts)], dtype=pl.Datetime("ms"))
    return pl.DataFrame([found, times.head(found.len()).alias(FIRST), times.slice(found.len()).alias(LAST)])


def _search(
    snapshot: Snapshot,
    selection: Selection,
    space: Space,
    parts: Sequence[Groups],
    numbers: Mapping[int | str | None, int],
    *,
    is_last: bool,
) -> dict[int, datetime]:
    """The first or last time of each value: segments are searched until none can have an earlier or later one."""
    best: dict[int, datetime] = {}
    better = max if is_last else min
    for part in sorted(parts, key=lambda part: _edge(part.segment, is_last=is_last), reverse=is_last):
        edge = _edge(part.segment, is_last=is_last)
        wanted = [
            key for key, number in numbers.items() if number not in best or better(best[number], edge) != best[number]
        ]
        if not wanted:
            break
        known = part.known(wanted)
        if known:
            for key, time in _times(snapshot, selection, space, part.segment, known, is_last=is_last).items():
                best[numbers[key]] = better(best.get(numbers[key], time), time)
    return best


def _edge(segment: Segment, *, is_last: bool) -> datetime:
    return segment.last if is_last else segment.first


def _times(
    snapshot: Snapshot,
    selection: Selection,
    space: Space,
    segment: Segment,
    keys: Sequence[int | str | None],
    *,
    is_last: bool,
) -> dict[int | str | None, datetime]:
    """The first or last time of each key in a segment that has all of them."""
    wanted = selection.keeps(snapshot, segment)
    needed = list(space.roots) if isinstance(wanted, bool) else list(dict.fromkeys([*space.roots, *roots(wanted)]))
    whole = lazy(snapshot, segment, needed)
    found: dict[int | str | None, int] = {}
    is_plain = isinstance(wanted, bool) and space.columns == [KEY] and not space.widths
    for start, length in _stretches(segment.rows, is_last=is_last):
        if is_plain and length <= _LISTED and not is_long(segment, needed[0]):
            own = columns(snapshot, segment, needed).to_series().slice(start, length)
            found |= _listed(own, range(start, start + length), keys, is_last=is_last)
        else:
            rows = whole.slice(start, length).with_row_index(_ROW, offset=start)
            rows = rows if isinstance(wanted, bool) else rows.filter(wanted)
            stretch = rows.select(*space.key(), _ROW).collect(engine="in-memory")
            found |= _places(stretch, keys, is_last=is_last)
        keys = [key for key in keys if key not in found]
        if not keys:
            break
    return dict(zip(found, times_at(snapshot, segment, list(found.values())), strict=True))


def _listed(
    own: pl.Series, rows: Sequence[int], keys: Sequence[int | str | None], *, is_last: bool
) -> dict[int | str | None, int]:
    """The first or last of a few rows that has a key, for each that occurs."""
    places = (
        zip(own.to_list(), rows, strict=True) if is_last else zip(reversed(own.to_list()), reversed(rows), strict=True)
    )
    found = dict(places)
    return {key: found[key] for key in keys if key in found}


def _places(rows: pl.DataFrame, keys: Sequence[int | str | None], *, is_last: bool) -> dict[int | str | None, int]:
    """The row of the first or last of ``rows`` that has a key, for each that occurs."""
    if rows.height <= _LISTED:
        return _listed(rows[KEY], rows[_ROW].to_list(), keys, is_last=is_last)
    wanted = rows[KEY].is_in(pl.Series(keys, dtype=rows.schema[KEY]).implode(), nulls_equal=True)
    found = rows.filter(wanted).unique(KEY, keep="last" if is_last else "first")
    return dict(found.select(KEY, _ROW).iter_rows())


def _stretches(rows: int, *, is_last: bool) -> Iterator[tuple[int, int]]:
    start = 0
    for length in (*_LOOK, rows):
        size = min(length, rows - start)
        if size > 0:
            yield (rows - start - size if is_last else start), size
        start += length
