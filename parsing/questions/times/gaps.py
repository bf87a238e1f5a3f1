"""Stretches of time in which a source has no rows between two that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.rows.columns import columns

_RUNS: dict[str, pl.DataType] = {"source": pl.UInt32(), "start": pl.Datetime("ms"), "end": pl.Datetime("ms")}


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps of at least ``least``: ``source`` (name), ``start`` and ``end``, the times of the rows around each."""

    least: timedelta = timedelta(hours=1)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return sorted(snapshot.segments, key=lambda segment: segment.last, reverse=True)

    def partial(self, snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
        """Stretches of each source without such a gap."""
        key = (segment.path, "runs", self.least)
        runs: pl.DataFrame = snapshot.memory.blocks.get(key, lambda: self._runs(snapshot, segment))
        return runs

    def _runs(self, snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
        rows = columns(snapshot, segment, ["source", "time"])
        if rows["source"].min() != rows["source"].max():
            rows = rows.sort("source", "time")
        begins = (pl.col("source") != pl.col("source").shift()) | (pl.col("time").diff() >= self.least)
        firsts = rows.select(begins.fill_null(value=True).arg_true().alias("row")).to_series()
        lasts = firsts.shift(-1, fill_value=rows.height) - 1
        return pl.DataFrame(
            {
                "source": rows["source"].gather(firsts),
                "start": rows["time"].gather(firsts),
                "end": rows["time"].gather(lasts),
            },
            schema=_RUNS,
        )

    def merge(self, snapshot: Snapshot, partials: Sequence[pl.DataFrame]) -> pl.DataFrame:
        runs = pl.concat([pl.DataFrame(schema=_RUNS), *partials]).sort("source", "start", "end")
        before = pl.col("end").cum_max().shift().over("source")
        gaps = runs.with_columns(before=before).filter(pl.col("start") - pl.col("before") >= self.least)
        names = {source.id: source.name for source in snapshot.sources}
        return gaps.select(
            pl.col("source").replace_strict(names, return_dtype=pl.String),
            pl.col("before").alias("start"),
            pl.col("start").alias("end"),
        ).sort("source", "start")
