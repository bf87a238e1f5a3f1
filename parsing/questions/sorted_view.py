"""A view in the order of a field's values: the counts by value say where a page is, and only its values are read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.blocks import kept
from parsing.questions.columns import ROW, picked, roots
from parsing.questions.counting import array, array_size
from parsing.questions.ordinals import Narrowed, Ordinals
from parsing.questions.reading import PART, collected, records
from parsing.questions.records import empty, ranks, record_columns
from parsing.questions.selection import Selection
from parsing.questions.view import RANK, Part, View

_BATCH = 50_000
"""So many rows of a few values are read and sorted at once."""

_VIEWS = 3

_KEY, _ORDINAL = " key", " ordinal"
_SORTED_BY = (_ORDINAL, _KEY, "time", RANK, "line")


@dataclass(frozen=True, slots=True)
class SortPart:
    """How many kept rows of a segment have each ordinal, and how many have none."""

    segment: Segment
    counts: pl.DataFrame
    nulls: int

    @property
    def total(self) -> int:
        return int(self.counts["count"].sum()) + self.nulls

    @property
    def bytes(self) -> int:
        return int(self.counts.estimated_size())


def sort_part(snapshot: Snapshot, segment: Segment, selection: Selection, ordinals: Ordinals) -> SortPart | None:
    """The counts by ordinal of a segment."""
    ordinal = ordinals.of(segment).alias(_ORDINAL)
    needed = roots(ordinal)
    rows = selection.rows(snapshot, segment, needed or ["source"])
    if rows is None:
        return None
    found = rows.with_columns(ordinal).select(_ORDINAL).collect().to_series().rechunk()
    known = found.drop_nulls()
    size = array_size(known)
    if size is None:
        counts = known.value_counts(name="count")
    else:
        each = pl.DataFrame({"count": array(known, size)}).with_row_index(_ORDINAL)
        counts = each.filter(pl.col("count") > 0)
    return SortPart(segment, counts.select(pl.col(_ORDINAL), pl.col("count").cast(pl.Int64)), found.null_count())


class SortedView:
    """The rows of a selection in the order of a field; rows without a value come last, ties are in order of time.

    It has what a ``View`` has, but no offsets of times.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        selection: Selection,
        ordinals: Ordinals,
        parts: Sequence[SortPart],
        *,
        is_descending: bool,
    ) -> None:
        self.snapshot = snapshot
        self.selection = selection
        self.by_log: dict[Log, int] = {"iis": 0, "httperr": 0}
        for part in parts:
            self.by_log[part.segment.log] += part.total
        self._ordinals = ordinals
        self._parts = tuple(parts)
        self._is_descending = is_descending
        self._lock = threading.Lock()
        self._views: dict[int | None, View] = {}
        self._batch: tuple[tuple[int, int], pl.DataFrame] | None = None
        tables = [pl.DataFrame(schema={_ORDINAL: pl.UInt32(), "count": pl.Int64()}), *(part.counts for part in parts)]
        counts = pl.concat(tables).group_by(_ORDINAL).agg(pl.col("count").sum())
        nulls = pl.DataFrame({_ORDINAL: [None], "count": [sum(part.nulls for part in parts)]}, schema=counts.schema)
        ordered = pl.concat([counts, nulls.filter(pl.col("count") > 0)])
        ordered = ordered.sort(_ORDINAL, descending=is_descending, nulls_last=True)
        self._groups = _batched(ordered.with_columns(upto=pl.col("count").cum_sum()), ordinals)

    @property
    def count(self) -> int:
        return sum(self.by_log.values())

    def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Records ``offset`` to ``offset + limit`` of the view, fewer at its end."""
        names = record_columns(self.snapshot, columns)
        offset = max(offset, 0)
        left = min(limit, self.count - offset)
        found = [empty(names)]
        while left > 0:
            found.append(self._stretch(offset, left, names))
            offset += found[-1].height
            left -= found[-1].height
        return pl.concat(found)

    def offset_of(self, time: datetime) -> int:  # noqa: ARG002
        """The first row: in this order a time has no place."""
        return 0

    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when the view does not have it."""
        known = next((known.id for known in self.snapshot.sources if known.name == source), None)
        group = None if known is None else self._group_of(known, line, time)
        if group is None:
            return None
        first, last = self._together(group)
        before = self._before(first)
        if first == last and self._is_one_view(first):
            place = self._view(first).offset_of_row(source, line, time)
            return None if place is None else before + place
        rank = ranks(self.snapshot, pl.Series([known], dtype=pl.UInt32)).item()
        rows = self._read(first, last).with_row_index("place")
        found = rows.filter((pl.col(RANK) == rank) & (pl.col("line") == line))
        return before + int(found["place"].item()) if found.height else None

    def _group_of(self, source: int, line: int, time: datetime | None) -> int | None:
        """The group of values that the row of a line is in."""
        is_row = (pl.col("source") == source) & (pl.col("line") == line)
        for part in self._parts:
            segment = part.segment
            wanted = self.selection.keeps(self.snapshot, segment)
            if time is not None and not segment.first <= time <= segment.last:
                continue
            rows = segment.scan().filter(is_row if time is None else is_row & (pl.col("time") == time))
            rows = rows if isinstance(wanted, bool) else rows.filter(wanted)
            found = rows.with_columns(self._ordinals.of(segment).alias(_ORDINAL)).select(_ORDINAL).collect()
            if found.height:
                ordinal = found.item()
                same = pl.col(_ORDINAL).is_null() if ordinal is None else pl.col(_ORDINAL) == ordinal
                group: int = self._groups.with_row_index("group").filter(same)["group"].item()
                return group
        return None

    def _before(self, group: int) -> int:
        return int(self._groups["upto"][group - 1]) if group else 0

    def _stretch(self, offset: int, limit: int, names: Sequence[str]) -> pl.DataFrame:
        """The first records of a page, as many as have the values that are read together."""
        upto = self._groups["upto"]
        first, last = self._together(int(upto.search_sorted(offset, side="right")))
        start = offset - self._before(first)
        limit = min(limit, int(upto[last]) - offset)
        if first == last and self._is_one_view(first):
            return self._view(first).page(start, limit, names)
        segments = [part.segment for part in self._parts]
        return records(self.snapshot, segments, self._read(first, last).slice(start, limit), names)

    def _together(self, group: int) -> tuple[int, int]:
        """The first and last of the groups that are read with one."""
        batch = self._groups["batch"]
        return int(batch.search_sorted(batch[group], side="left")), int(batch.search_sorted(batch[group], "right")) - 1

    def _is_one_view(self, group: int) -> bool:
        return bool(self._groups["is_one_view"][group])

    def _view(self, group: int) -> View:
        """The rows of one value, in order of time."""
        ordinal: int | None = self._groups[_ORDINAL][group]
        with self._lock:
            known = self._views.get(ordinal)
        if known is None:
            narrowed = self._narrowed(ordinal, ordinal)
            found = [(part.segment, kept(self.snapshot, part.segment, narrowed)) for part in self._parts]
            parts = [Part(segment, rows) for segment, rows in found if rows is not None and rows.total]
            known = View(self.snapshot, narrowed, parts)
            with self._lock:
                self._views = {**dict(list(self._views.items())[-_VIEWS:]), ordinal: known}
        return known

    def _narrowed(self, low: int | None, high: int | None) -> Narrowed:
        where, log, span = self.selection.where, self.selection.log, self.selection.span
        return Narrowed(where, log, span, self._ordinals, low, high)

    def _read(self, first: int, last: int) -> pl.DataFrame:
        """Part and row of all rows of some groups, in order."""
        with self._lock:
            if self._batch is not None and self._batch[0] == (first, last):
                return self._batch[1]
        low, high = sorted((int(self._groups[_ORDINAL][first]), int(self._groups[_ORDINAL][last])))
        picks = {}
        for number, part in enumerate(self._parts):
            if part.counts.filter(pl.col(_ORDINAL).is_between(low, high)).height:
                rows = self._rows(part.segment, self._narrowed(low, high))
                needed = roots(self._ordinals.of(part.segment), self._ordinals.value(part.segment))
                picks[number] = picked(part.segment, rows, list(dict.fromkeys(["time", "source", "line", *needed])))
        found = pl.concat([self._keyed(number, rows) for number, rows in collected(picks).items()])
        flags = [self._is_descending, self._is_descending, False, False, False]
        ordered = found.sort(_SORTED_BY, descending=flags)
        with self._lock:
            self._batch = (first, last), ordered
        return ordered

    def _rows(self, segment: Segment, narrowed: Narrowed) -> pl.Series:
        mask = narrowed.mask(self.snapshot, segment)
        if isinstance(mask, bool):
            return pl.int_range(0, segment.rows if mask else 0, dtype=pl.UInt32, eager=True)
        return mask.arg_true()

    def _keyed(self, number: int, rows: pl.DataFrame) -> pl.DataFrame:
        segment = self._parts[number].segment
        return rows.select(
            pl.lit(number, dtype=pl.UInt32).alias(PART),
            ROW,
            self._ordinals.of(segment).alias(_ORDINAL),
            self._ordinals.value(segment).alias(_KEY),
            "time",
            ranks(self.snapshot, rows["source"]).alias(RANK),
            "line",
        )


def _batched(groups: pl.DataFrame, ordinals: Ordinals) -> pl.DataFrame:
    """Groups with the ``batch`` they are read in: many rows of one value and all without a value are views."""
    least, greatest = ordinals.exact
    is_exact = pl.col(_ORDINAL).is_between(least, greatest)
    is_one_view = pl.col(_ORDINAL).is_null() | ((pl.col("count") > _BATCH) & is_exact)
    place = (pl.col("upto") - 1) // _BATCH
    begins = pl.col("is_one_view") | pl.col("is_one_view").shift() | (place != place.shift())
    return groups.with_columns(is_one_view=is_one_view).with_columns(batch=begins.fill_null(value=True).cum_sum())
