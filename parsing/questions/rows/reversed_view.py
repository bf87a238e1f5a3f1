"""A view with the newest rows first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from parsing.questions.rows.view import TimeView

_MILLISECOND = timedelta(milliseconds=1)

_MARGIN = 256
"""Rows read on both sides of a page, among which those of the same time end as a rule."""


class ReversedView:
    """The rows of a view from the newest to the oldest; rows of the same time stay in order of source and line."""

    def __init__(self, view: TimeView) -> None:
        self.by_log = view.by_log
        self._view = view

    @property
    def count(self) -> int:
        return self._view.count

    def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Records ``offset`` to ``offset + limit``, fewer at the end."""
        end = self.count - max(offset, 0)
        start = max(end - max(limit, 0), 0)
        if start >= end:
            return self._view.page(0, 0, columns)
        low, high = max(start - _MARGIN, 0), min(end + _MARGIN, self.count)
        rows = self._view.page(low, high - low, columns)
        first, last = rows["time"][start - low], rows["time"][end - 1 - low]
        # Rows of the same time as the first or the last of them stand in another order here: all of these are read.
        if (low > 0 and rows["time"][0] == first) or (high < self.count and rows["time"][-1] == last):
            low, high = self._view.offset_of(first), self._view.offset_of(last + _MILLISECOND)
            rows = self._view.page(low, high - low, columns)
        newer = self.count - high + int((rows["time"] > last).sum())
        same = rows.filter(pl.col("time").is_between(first, last)).sort("time", descending=True, maintain_order=True)
        return same.slice(max(offset, 0) - newer, limit)

    def _same_time(self, offset: int) -> tuple[int, int]:
        """The rows of the view, from and to, that have the time of one of them."""
        time = self._view.page(offset, 1, ())["time"].item()
        return self._view.offset_of(time), self._view.offset_of(time + _MILLISECOND)

    def offset_of(self, time: datetime) -> int:
        """The offset of the first row that is not newer than a time."""
        return self.count - self._view.offset_of(time + _MILLISECOND)

    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None:
        """The offset of the row of a line; ``None`` when the view does not have it."""
        place = self._view.offset_of_row(source, line, time)
        if place is None:
            return None
        start, after = self._same_time(place)
        return self.count - after + place - start
