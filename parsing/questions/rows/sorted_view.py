"""A view in the order of a field's values: each segment's rows are sorted once, and a page is searched in all of them.

The runs of the segments stay on disk. Where an offset is follows from how many keys of each run are below a key, so
that nothing is merged; among the rows of one key the order is that of time, as in ``TimeView``.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Snapshot
from parsing.questions.question import damage_worded
from parsing.questions.rows import blocks
from parsing.questions.rows.blocks import Blocks
from parsing.questions.rows.columns import ROW, scan
from parsing.questions.rows.ordinals import Ordinals
from parsing.questions.rows.paged import PagedRows
from parsing.questions.rows.reading import PART, TIME_ORDER, in_order, placed, read
from parsing.questions.rows.value_runs import ListedRows, ValueRun
from parsing.questions.rows.view import Part, TimeView
from parsing.questions.selection import Selection

_VIEWS = 3

_FEW = 8
"""So many rows more than those of a page are read without a look at when they are."""

_LISTED = 10_000
"""So many rows of a value are listed to find those of a page among them."""

_VALUE, _FROM, _TO = " value", " from", " to"
_NO_ROWS = pl.DataFrame(
    schema={PART: pl.UInt32(), ROW: pl.UInt32(), _VALUE: pl.Int64(), _FROM: pl.Int64(), _TO: pl.Int64()}
)


@dataclass(frozen=True, slots=True)
class _Value:
    """The rows of one value: its key, how many rows are before them in the view, and where they are in each run."""

    key: int | None
    before: int
    firsts: Sequence[int]
    afters: Sequence[int]

    @property
    def count(self) -> int:
        return sum(self.afters) - sum(self.firsts)


class SortedView(PagedRows):
    """The rows of a selection in the order of a field; rows without a value come last, ties are in order of time.

    It has what a ``TimeView`` has, but no offsets of times.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        selection: Selection,
        ordinals: Ordinals,
        runs: Sequence[ValueRun],
        *,
        is_descending: bool,
    ) -> None:
        self.snapshot = snapshot
        self.selection = selection
        self.by_log = {"iis": 0, "httperr": 0}
        for run in runs:
            self.by_log[run.segment.log] += run.total
        self.segments = [run.segment for run in runs]
        self._ordinals = ordinals
        self._is_descending = is_descending
        self._keys = [run.spill.numbers(run.keys) for run in runs]
        self._rows = [run.spill.numbers(run.rows) for run in runs]
        self._without = [run.spill.numbers(run.without) for run in runs]
        self._known = sum(map(len, self._keys))
        self._spans = pl.DataFrame(
            [(part, segment.first, segment.last) for part, segment in enumerate(self.segments)],
            schema={PART: pl.UInt32(), "first": pl.Datetime("ms"), "last": pl.Datetime("ms")},
            orient="row",
        )
        self._lock = threading.Lock()
        self._views: dict[int | None, TimeView] = {}

    def _records(self, offset: int, limit: int, names: Sequence[str]) -> pl.DataFrame:
        values = []
        for value in self._values_from(offset):
            values.append(value)
            if value.before + value.count >= offset + limit:
                break
        if len(values) == 1 and values[0].count > _LISTED:
            return self._view(values[0]).page(offset - values[0].before, limit, names)
        wanted = self._wanted(values, offset, limit)
        found = read(self.snapshot, self.segments, wanted.sort(PART, ROW), names)
        # Which rows are on the page is known once those of its first and of its last value are in order.
        order = in_order(self.snapshot, found).sort(_VALUE, *TIME_ORDER)
        nth = pl.int_range(pl.len()).over(_VALUE)
        chosen = order.filter(nth >= pl.col(_FROM), nth < pl.col(_TO))
        return placed(self.snapshot, found, chosen, names)

    def _wanted(self, values: Sequence[_Value], offset: int, limit: int) -> pl.DataFrame:
        """Part and row of little more than the rows of a page, with the number of their value.

        Of the rows here that have the same value, those from one place to another are on the page.
        """
        # Of values with a row or two there are thousands on a page: a frame for each would take seconds.
        listed: list[list[int]] = [[] for _ in _NO_ROWS.columns]
        found = []
        for number, value in enumerate(values):
            start = max(offset - value.before, 0)
            length = min(offset + limit - value.before, value.count) - start
            if value.count <= length + _FEW:
                parts, rows = self._listed(value, range(len(self.segments)))
                same = ([place] * len(rows) for place in (number, start, start + length))
                for column, more in zip(listed, (parts, rows, *same), strict=True):
                    column += more
                continue
            candidates, before = self._candidates(value, start, length)
            places = {_VALUE: number, _FROM: start - before, _TO: start - before + length}
            found.append(candidates.with_columns(pl.lit(at, dtype=pl.Int64).alias(name) for name, at in places.items()))
        return pl.concat([*found, pl.DataFrame(listed, schema=_NO_ROWS.schema)], rechunk=True)

    def _candidates(self, value: _Value, start: int, length: int) -> tuple[pl.DataFrame, int]:
        """Part and row of little more than some rows of a value, and how many others of its rows are before these."""
        counts = [after - first for first, after in zip(value.firsts, value.afters, strict=True)]
        spans = self._spans.with_columns(pl.Series("kept", counts, dtype=pl.Int64)).filter(pl.col("kept") > 0)
        touched, before = Blocks(spans).around(start, length)
        height = int(touched["kept"].sum())
        if height > _LISTED:
            rows, skipped = self._view(value).candidates(start, length)
            return rows, start - skipped
        rows = self._rows_of(value, touched[PART])
        if height <= length + _FEW:
            return rows, before
        timed = pl.concat(self._timed(part, mine) for (part,), mine in rows.group_by(PART))
        found, others = Blocks(timed).around(start - before, length)
        return found.select(PART, ROW), before + others

    def _timed(self, part: object, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of a part as blocks of one each, which are somewhere between the times of their real blocks."""
        segment = self.segments[int(str(part))]
        times = blocks.bounds(self.snapshot, segment).select("first", "last")
        return pl.concat([rows, times[rows[ROW] // blocks.BLOCK]], how="horizontal").with_columns(kept=1)

    def _rows_of(self, value: _Value, parts: Iterable[int]) -> pl.DataFrame:
        """As ``_listed``, as a frame."""
        numbers, places = self._listed(value, parts)
        return pl.DataFrame({PART: numbers, ROW: places}, schema={PART: pl.UInt32(), ROW: pl.UInt32()})

    def _listed(self, value: _Value, parts: Iterable[int]) -> tuple[list[int], list[int]]:
        """Part and row of the rows that some parts have of a value."""
        lists = self._without if value.key is None else self._rows
        numbers: list[int] = []
        places: list[int] = []
        for part in parts:
            first, after = value.firsts[part], value.afters[part]
            if after > first:
                places += lists[part][first:after].tolist()
                numbers += [part] * (after - first)
        return numbers, places

    def _values_from(self, offset: int) -> Iterator[_Value]:
        """Values in the order of the view, from the one that has the row at an offset."""
        if offset < self._known:
            value: _Value | None = self._value(self._key_at(offset))
            while value is not None:
                yield value
                value = self._next(value)
        if self.count > self._known:
            yield _Value(None, self._known, [0] * len(self._without), [len(rows) for rows in self._without])

    def _key_at(self, offset: int) -> int:
        """The key of the row at an offset: the least that has more rows up to it than are before the row."""
        place = self._known - 1 - offset if self._is_descending else offset
        low = min(keys[0] for keys in self._keys if len(keys))
        high = max(keys[-1] for keys in self._keys if len(keys))
        while low < high:
            middle = (low + high) // 2
            if sum(bisect_right(keys, middle) for keys in self._keys) > place:
                high = middle
            else:
                low = middle + 1
        return low

    def _value(self, key: int) -> _Value:
        firsts = [bisect_left(keys, key) for keys in self._keys]
        afters = [bisect_right(keys, key) for keys in self._keys]
        return _Value(key, self._known - sum(afters) if self._is_descending else sum(firsts), firsts, afters)

    def _next(self, value: _Value) -> _Value | None:
        """The value that comes after another in the view."""
        if self._is_descending:
            lower = [keys[first - 1] for keys, first in zip(self._keys, value.firsts, strict=True) if first]
            return self._value(max(lower)) if lower else None
        ends = zip(self._keys, value.afters, strict=True)
        higher = [keys[after] for keys, after in ends if after < len(keys)]
        return self._value(min(higher)) if higher else None

    def _view(self, value: _Value) -> TimeView:
        """The rows of one value, in order of time."""
        with self._lock:
            known = self._views.get(value.key)
        if known is None:
            lists = self._without if value.key is None else self._rows
            spans = zip(self.segments, lists, value.firsts, value.afters, strict=True)
            parts = [Part(segment, ListedRows(segment, rows[first:after])) for segment, rows, first, after in spans]
            known = TimeView(self.snapshot, self.selection, parts)
            with self._lock:
                self._views = {**dict(list(self._views.items())[-_VIEWS:]), value.key: known}
        return known

    def offset_of(self, time: datetime) -> int:  # noqa: ARG002
        """The first row: in this order a time has no place."""
        return 0

    @damage_worded()
    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when the view does not have it."""
        known = next((known.id for known in self.snapshot.sources if known.name == source), None)
        found = None if known is None else self._value_of(known, line, time)
        place = None if found is None else self._view(found).offset_of_row(source, line, time)
        return None if found is None or place is None else found.before + place

    def _value_of(self, source: int, line: int, time: datetime | None) -> _Value | None:
        """The value that the row of a line has."""
        is_row = (pl.col("source") == source) & (pl.col("line") == line)
        for segment in self.segments:
            if time is not None and not segment.first <= time <= segment.last:
                continue
            rows = scan(self.snapshot, segment).filter(is_row if time is None else is_row & (pl.col("time") == time))
            found = rows.select(self._ordinals.of(segment).alias(_VALUE), "line").collect()
            if found.height:
                key: int | None = found[_VALUE].item()
                return next(self._values_from(self._known)) if key is None else self._value(key)
        return None
