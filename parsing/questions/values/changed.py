"""What is different between two stretches of time: values whose share of the rows has moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.knowledge.fields import CLIENT_PORT_NAMES, wire_field
from parsing.questions.selection import Selection, Span
from parsing.questions.values.breakdown import Breakdown
from parsing.questions.values.counting import COUNT, Groups, added
from parsing.questions.values.merging import spaces_of

_MOST_VALUES = 20_000
"""A text field with more values than this is not compared: each of them is too rare to say much."""

_MEASURED = ("time-taken", "sc-bytes", "cs-bytes")

_SURE = 2.0
"""Standard errors by which a share has to move to be told: what moves less may be chance."""

_SCHEMA: dict[str, pl.DataType] = {
    "field": pl.String(),
    "value": pl.String(),
    "count": pl.Int64(),
    "share": pl.Float64(),
    "count_before": pl.Int64(),
    "share_before": pl.Float64(),
    "moved": pl.Float64(),
}

Counted = Mapping[tuple[str, bool], Groups]
"""Groups by field, and whether they are of the later span."""


@dataclass(frozen=True, slots=True)
class ShareChanges:
    """Values of all fields with few values, ranked by how much their share moved between two spans.

    Without ``before``, the span is compared with one as long directly before it. The answer has ``field``, ``value``
    (as text, null where it was not logged), ``count``, ``share`` (of the rows that have the field), ``count_before``,
    ``share_before`` and ``moved``, the difference of the shares. What may well be chance is not in it.
    """

    span: Span
    where: Filter = EVERYTHING
    before: Span | None = None
    top: int | None = 30
    log: Log | None = None

    @property
    def earlier(self) -> Span:
        """The span that is compared with."""
        start, end = self.span
        return self.before or (start - (end - start), start)

    def _spans(self) -> tuple[tuple[bool, Span], tuple[bool, Span]]:
        return (False, self.earlier), (True, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        found = [Selection(self.where, self.log, span).segments(snapshot) for _, span in self._spans()]
        return list(dict.fromkeys(segment for segments in found for segment in segments))

    def partial(self, snapshot: Snapshot, segment: Segment) -> Counted:
        return {
            (name, is_later): Breakdown(self.where, (name,), 1, log=self.log, span=span).partial(snapshot, segment)
            for name in compared(snapshot, segment)
            for is_later, span in self._spans()
        }

    def merge(self, snapshot: Snapshot, partials: Sequence[Counted]) -> pl.DataFrame:
        names = dict.fromkeys(name for part in partials for name, _ in part)
        tables = [pl.DataFrame(schema=_SCHEMA)]
        for name in names:
            tables.append(
                _moves(
                    name,
                    _counts(snapshot, name, [part[name, True] for part in partials if (name, True) in part]),
                    _counts(snapshot, name, [part[name, False] for part in partials if (name, False) in part]),
                )
            )
        moved = pl.concat(tables)
        ranked = moved.sort(pl.col("moved").abs(), "field", "value", descending=[True, False, False], nulls_last=True)
        return ranked if self.top is None else ranked.head(self.top)


def compared(snapshot: Snapshot, segment: Segment) -> list[str]:
    """The fields of a segment with few values."""
    return [name for name in segment.fields if _has_few(snapshot, segment, name)]


def _has_few(snapshot: Snapshot, segment: Segment, name: str) -> bool:
    if segment.is_text(name):
        return name in segment.coded and snapshot.dictionary(name).len() <= _MOST_VALUES
    ports = {port.lower() for port in CLIENT_PORT_NAMES}
    return wire_field(name).is_number and name not in _MEASURED and name.lower() not in ports


def _counts(snapshot: Snapshot, name: str, parts: Sequence[Groups]) -> pl.DataFrame:
    """``value`` as text and how many rows have it."""
    tables = [pl.DataFrame(schema={"value": pl.String(), COUNT: pl.Int64()})]
    for keys, found in spaces_of(parts).items():
        decoded = keys.decode(snapshot, found[0].segment, added(found, keys))
        tables.append(decoded.select(pl.col(name).cast(pl.String).alias("value"), COUNT))
    return pl.concat(tables).group_by("value").agg(pl.col(COUNT).sum())


def _moves(name: str, now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    rows, rows_before = int(now[COUNT].sum()), int(before[COUNT].sum())
    if not rows or not rows_before:
        return pl.DataFrame(schema=_SCHEMA)
    joined = now.join(before, on="value", how="full", nulls_equal=True, coalesce=True, suffix=" before")
    counts = joined.select("value", pl.col(COUNT).fill_null(0), pl.col(f"{COUNT} before").fill_null(0))
    together = (pl.col(COUNT) + pl.col(f"{COUNT} before")) / (rows + rows_before)
    error = (together * (1 - together) * (1 / rows + 1 / rows_before)).sqrt()
    return (
        counts.select(
            pl.lit(name).alias("field"),
            "value",
            pl.col(COUNT).alias("count"),
            (pl.col(COUNT) / rows).alias("share"),
            pl.col(f"{COUNT} before").alias("count_before"),
            (pl.col(f"{COUNT} before") / rows_before).alias("share_before"),
            error.alias("error"),
        )
        .with_columns(moved=pl.col("share") - pl.col("share_before"))
        .filter((pl.col("moved").abs() > _SURE * pl.col("error")) & (pl.col("moved") != 0))
        .drop("error")
    )
