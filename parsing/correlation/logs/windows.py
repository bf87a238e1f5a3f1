"""Stretches of time, and the search for the rows of a key within them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from parsing.index.epoch import milliseconds
from parsing.index.snapshot import Segment

_TIME_BITS = 34
_LONGEST = (1 << _TIME_BITS) - 1
"""Milliseconds that fit into one number with a key: 198 days."""


def _literal(ms: int) -> pl.Expr:
    return pl.lit(ms, dtype=pl.Int64).cast(pl.Datetime("ms"))


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of row times in milliseconds, both ends included."""

    first: int
    last: int

    def meets(self, segment: Segment) -> bool:
        return (
            segment.rows > 0 and milliseconds(segment.last) >= self.first and milliseconds(segment.first) <= self.last
        )

    def keeps(self, segment: Segment) -> pl.Expr | None:
        if milliseconds(segment.first) >= self.first and milliseconds(segment.last) <= self.last:
            return None
        return pl.col("time").is_between(_literal(self.first), _literal(self.last))

    def grown(self, before: int, after: int) -> Window:
        return Window(self.first - before, self.last + after)


def window_of(segment: Segment) -> Window:
    """The time from the first to the last row of a segment."""
    return Window(milliseconds(segment.first), milliseconds(segment.last))


def parts_of_seconds(frame: pl.DataFrame) -> pl.DataFrame:
    """``part``, the milliseconds into its second at which each row was written, and how much it may be off (``blur``).

    Rows (``source t line``, in that order within a second) are written as things happen, so on a busy server their order
    tells more than the whole second does. A row that stands behind younger ones was written late (KB900700), and its
    place tells nothing.
    """
    frame = frame.select("source", "t", "line")
    following = pl.col("line").reverse().cum_min().reverse().shift(-1)
    is_late = pl.col("line") > (following.over("source") if frame["source"].n_unique() > 1 else following)
    is_new = (pl.col("t") != pl.col("t").shift(1)) | (pl.col("source") != pl.col("source").shift(1))
    at = frame.select(is_new.fill_null(value=True).alias("is_first"), is_late.fill_null(value=False).alias("is_late"))
    at = at.with_columns((~pl.col("is_late")).cast(pl.Int64).cum_sum().alias("steady"))
    before = pl.when("is_first").then(pl.col("steady") - (~pl.col("is_late")).cast(pl.Int64)).forward_fill()
    upto = pl.when(pl.col("is_first").shift(-1).fill_null(value=True)).then("steady").backward_fill()
    number = (upto - before).clip(1)
    place = (pl.col("steady") - before - 1).clip(0)
    return at.select(
        pl.when("is_late").then(500).otherwise((place * 2 + 1) * 500 // number).alias("part"),
        pl.when("is_late").then(1000).otherwise(1000 // number).alias("blur"),
    )


def with_parts(frames: Iterable[pl.DataFrame]) -> list[pl.DataFrame]:
    """Frames of rows (``source t line`` and more), each of one segment, with ``parts_of_seconds``.

    Rows of one second of one source may be in several segments, and are then looked at together.
    """
    known = list(frames)
    if len(known) < 2:
        return [frame.hstack(parts_of_seconds(frame)) for frame in known]
    places = pl.concat(frame.select("source", "t", "line") for frame in known).with_row_index("place")
    ordered = places.sort("t", "source", "line")
    parts = parts_of_seconds(ordered).with_columns(ordered["place"]).sort("place").drop("place")
    starts = itertools.accumulate((frame.height for frame in known), initial=0)
    return [frame.hstack(parts.slice(start, frame.height)) for frame, start in zip(known, starts, strict=False)]


class Ordered:
    """Rows in order of a key and a time, so that the rows of a key within an interval are one slice.

    Both columns are whole numbers; rows where one is null are left out. The interval of times must be shorter
    than 198 days.
    """

    def __init__(self, rows: pl.DataFrame, key: str, at: str) -> None:
        rows = rows.filter(pl.col(key).is_not_null() & pl.col(at).is_not_null())
        least = rows[at].min()
        self._base = int(least) if isinstance(least, int) else 0
        order = self._place(rows[key], rows[at])
        self.rows = rows.with_columns(order.alias("place")).sort("place")
        self._places = self.rows["place"]

    def _place(self, keys: pl.Series, times: pl.Series) -> pl.Series:
        offsets = (times - self._base).clip(0, _LONGEST).cast(pl.Int64)
        return (keys.cast(pl.Int64) * (1 << _TIME_BITS)) + offsets

    def counts(self, keys: pl.Series, lows: pl.Series, highs: pl.Series) -> pl.DataFrame:
        """``low`` and ``high``: where the rows from ``lows`` to ``highs`` (both included) of each key begin and end."""
        low = self._places.search_sorted(self._place(keys, lows), side="left").cast(pl.Int64)
        high = self._places.search_sorted(self._place(keys, highs), side="right").cast(pl.Int64)
        is_before = highs < self._base
        return pl.DataFrame({"low": low, "high": high, "none": is_before}).select(
            "low", pl.when("none").then("low").otherwise(pl.max_horizontal("low", "high")).alias("high")
        )

    def within(self, probes: pl.DataFrame, limit: int, *, latest: bool = False) -> pl.DataFrame:
        """The rows that fit each probe (``e key low high``), the first ``limit`` of them or the last.

        Gives ``e``, ``count`` (of all that fit), ``rank`` (from 0, by time, among all that fit) and the rows' columns.
        """
        probes = probes.filter(pl.col("key").is_not_null() & pl.col("low").is_not_null())
        slices = self.counts(probes["key"], probes["low"], probes["high"])
        low, high = slices["low"].alias("first"), slices["high"].alias("end")
        found = pl.DataFrame([probes["e"], low, high]).filter(pl.col("end") > pl.col("first"))
        if latest:
            taken = (pl.max_horizontal("first", pl.col("end") - limit), pl.col("end"))
        else:
            taken = (pl.col("first"), pl.min_horizontal("end", pl.col("first") + limit))
        spread = found.select(
            "e", "first", (pl.col("end") - pl.col("first")).alias("count"), pl.int_ranges(*taken).alias("at")
        ).explode("at")
        return spread.select("e", "count", (pl.col("at") - pl.col("first")).alias("rank")).hstack(
            self.rows[spread["at"]].drop("place").get_columns()
        )
