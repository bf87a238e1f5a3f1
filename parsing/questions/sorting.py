"""A view in the order of a field that is text in its segments, and not codes.

Such values hardly repeat: there is nothing to count. A page sorts the rows before it and its own, so it takes the
longer the deeper it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from parsing.filters.values import column
from parsing.index.snapshot import Segment
from parsing.questions.columns import ROW, roots, scan
from parsing.questions.paged import Paged
from parsing.questions.reading import PART, RANK, TIME_ORDER, records
from parsing.questions.records import dtype, ranks
from parsing.questions.view import View

_KEY = " key"
_SORTED_BY = (_KEY, *TIME_ORDER)
_ORDERED_BY = ("time", "source", "line")


class TextView(Paged):
    """The rows of a view in the order of a text; rows without one come last, ties are in order of time."""

    def __init__(self, view: View, name: str, *, is_descending: bool) -> None:
        self.snapshot = view.snapshot
        self.by_log = view.by_log
        self._view = view
        self._name = name
        self._flags = [is_descending, False, False, False]

    def _records(self, offset: int, limit: int, names: Sequence[str]) -> pl.DataFrame:
        return records(self.snapshot, self._view.segments, self._first(offset + limit).slice(offset), names)

    def offset_of(self, time: datetime) -> int:  # noqa: ARG002
        """The first row: in this order a time has no place."""
        return 0

    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:  # noqa: ARG002
        """The offset of the row of a line; ``None`` when the view does not have it. It sorts all rows."""
        known = next((known.id for known in self.snapshot.sources if known.name == source), None)
        if known is None:
            return None
        rank = ranks(self.snapshot, pl.Series([known], dtype=pl.UInt32)).item()
        places = self._first(self.count).with_row_index("place")
        found = places.filter((pl.col(RANK) == rank) & (pl.col("line") == line))
        return int(found["place"].item()) if found.height else None

    def _first(self, number: int) -> pl.DataFrame:
        """Part and row of the first rows in order."""
        tables = [self._greatest(place, segment, number) for place, segment in enumerate(self._view.segments)]
        return self._sorted(pl.concat(tables)).head(number)

    def _greatest(self, place: int, segment: Segment, number: int) -> pl.DataFrame:
        view = self._view
        value = column(segment, self._name, self.snapshot)
        key = (pl.lit(None) if value is None else value).cast(dtype(self._name)).alias(_KEY)
        wanted = view.selection.keeps(view.snapshot, segment)
        needed = [*_ORDERED_BY, *roots(key), *([] if isinstance(wanted, bool) else roots(wanted))]
        file = scan(self.snapshot, segment).select(list(dict.fromkeys(needed))).with_row_index(ROW)
        rows = (file if isinstance(wanted, bool) else file.filter(wanted)).select(ROW, key, *_ORDERED_BY).collect()
        part = pl.lit(place, dtype=pl.UInt32).alias(PART)
        ranked = rows.select(part, ROW, _KEY, "time", ranks(view.snapshot, rows["source"]).alias(RANK), "line")
        return self._sorted(ranked).head(number)

    def _sorted(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.sort(_SORTED_BY, descending=self._flags, nulls_last=True)
