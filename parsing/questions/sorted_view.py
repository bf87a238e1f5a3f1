"""A view in the order of a field's values: each segment's rows are sorted once, and a page is searched in all of them.

The runs of the segments stay on disk. Where an offset is follows from how many keys of each run are below a key, so
that nothing is merged; among the rows of one key the order is that of time, as in ``View``.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Log, Snapshot
from parsing.questions.columns import ROW, picked
from parsing.questions.ordinals import Ordinals
from parsing.questions.reading import PART, collected, needed, placed
from parsing.questions.records import empty, record_columns
from parsing.questions.selection import Selection
from parsing.questions.value_runs import ListedRows, Run
from parsing.questions.view import RANK, Part, View, in_view

_VIEWS = 3

_FEW = 16
"""So many rows of a value are read with the page even where it shows a part of them."""

_VALUE, _FROM, _TO = " value", " from", " to"


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


class SortedView:
    """The rows of a selection in the order of a field; rows without a value come last, ties are in order of time.

    It has what a ``View`` has, but no offsets of times.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        selection: Selection,
        ordinals: Ordinals,
        runs: Sequence[Run],
        *,
        is_descending: bool,
    ) -> None:
        self.snapshot = snapshot
        self.selection = selection
        self.by_log: dict[Log, int] = {"iis": 0, "httperr": 0}
        for run in runs:
            self.by_log[run.segment.log] += run.total
        self.segments = [run.segment for run in runs]
        self._ordinals = ordinals
        self._is_descending = is_descending
        self._keys = [run.shelf.numbers(run.keys) for run in runs]
        self._rows = [run.shelf.numbers(run.rows) for run in runs]
        self._without = [run.shelf.numbers(run.without) for run in runs]
        self._known = sum(map(len, self._keys))
        self._lock = threading.Lock()
        self._views: dict[int | None, View] = {}

    @property
    def count(self) -> int:
        return sum(self.by_log.values())

    def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Records ``offset`` to ``offset + limit`` of the view, fewer at its end."""
        names = record_columns(self.snapshot, columns)
        offset = max(offset, 0)
        limit = min(limit, self.count - offset)
        if limit <= 0:
            return empty(names)
        values = []
        for value in self._values_from(offset):
            values.append(value)
            if value.before + value.count >= offset + limit:
                break
        if len(values) == 1:
            return self._view(values[0]).page(offset - values[0].before, limit, names)
        return self._mixed(values, offset, limit, names)

    def _mixed(self, values: Sequence[_Value], offset: int, limit: int, names: Sequence[str]) -> pl.DataFrame:
        """A page with the rows of several values."""
        pieces = []
        for number, value in enumerate(values):
            start = max(offset - value.before, 0)
            length = min(offset + limit - value.before, value.count) - start
            rows = self._rows_of(value)
            if length < value.count > _FEW:
                rows, start = self._view(value).candidates(start, length)
            pieces.append(rows.select(PART, ROW, *_piece(number, start, start + length)))
        wanted = pl.concat(pieces)
        columns = needed(self.snapshot, self.segments, wanted[PART].unique(), names)
        picks = {
            part: picked(self.segments[part], wanted.filter(pl.col(PART) == part)[ROW].sort(), physical)
            for part, physical in columns.items()
        }
        frames = collected(picks)
        # Which rows are on the page is known once those of its first and of its last value are in order.
        order = in_view(self.snapshot, frames).join(wanted, on=[PART, ROW])
        nth = pl.int_range(pl.len()).over(_VALUE)
        chosen = order.sort(_VALUE, "time", RANK, "line").filter(nth >= pl.col(_FROM), nth < pl.col(_TO))
        return placed(self.snapshot, self.segments, frames, chosen, names)

    def _rows_of(self, value: _Value) -> pl.DataFrame:
        """Part and row of all rows of a value."""
        found = []
        lists = self._without if value.key is None else self._rows
        for part, (first, after) in enumerate(zip(value.firsts, value.afters, strict=True)):
            if after > first:
                rows = pl.Series(ROW, lists[part][first:after].tolist(), dtype=pl.UInt32)
                found.append(rows.to_frame().select(pl.lit(part, dtype=pl.UInt32).alias(PART), ROW))
        return pl.concat(found)

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

    def _view(self, value: _Value) -> View:
        """The rows of one value, in order of time."""
        with self._lock:
            known = self._views.get(value.key)
        if known is None:
            lists = self._without if value.key is None else self._rows
            spans = zip(self.segments, lists, value.firsts, value.afters, strict=True)
            parts = [Part(segment, ListedRows(segment, rows[first:after])) for segment, rows, first, after in spans]
            known = View(self.snapshot, self.selection, parts)
            with self._lock:
                self._views = {**dict(list(self._views.items())[-_VIEWS:]), value.key: known}
        return known

    def offset_of(self, time: datetime) -> int:  # noqa: ARG002
        """The first row: in this order a time has no place."""
        return 0

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
            rows = segment.scan().filter(is_row if time is None else is_row & (pl.col("time") == time))
            found = rows.select(self._ordinals.of(segment).alias(_VALUE), "line").collect()
            if found.height:
                key: int | None = found[_VALUE].item()
                return next(self._values_from(self._known)) if key is None else self._value(key)
        return None


def _piece(number: int, start: int, stop: int) -> list[pl.Expr]:
    """What says which rows of a value are on a page."""
    places = {_VALUE: number, _FROM: start, _TO: stop}
    return [pl.lit(place, dtype=pl.Int64).alias(name) for name, place in places.items()]
