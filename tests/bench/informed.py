"""What correlation finds when it is told what a simulator knows of its server, so that only the logs limit it.

It is told the time-outs, which addresses are one client's, how many drops of each path were the application's, and how often
and how soon clients asked again or got into both logs. Which row belongs to which it has to find like the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from parsing.correlation import Correlated
from parsing.correlation.correlate import correlate_window
from parsing.correlation.logs.errors import read_errors
from parsing.correlation.logs.windows import Window
from parsing.correlation.matching.chances import Chances, learned_chances
from parsing.correlation.matching.correlation_window import read_stretch
from parsing.correlation.server.began import timeouts_table
from parsing.correlation.server.habits import Habits, habits_of
from parsing.correlation.server.timeouts import Timeout
from parsing.index.snapshot import Snapshot
from parsing.questions import Selection

ROW = tuple[str, int]
HOUR = 3_600_000
TIMERS = {"client-gone": "zombie", "idle": "idle", "header-wait": "header", "body-wait": "body"}
"""The time-out that each cause of an error shows."""
EARLIEST = 0.02
"""Share of the shortest waits that a clock which is set may have spoiled."""


class Informed:
    """Correlation of one log set with the truth of its server at hand."""

    def __init__(self, snapshot: Snapshot, logs: Path, pairs: Mapping[str, set[tuple[ROW, ROW]]]) -> None:
        self.snapshot = snapshot
        self.truth = pl.read_ndjson(logs / "truth.ndjson", infer_schema_length=None)
        self.names = {source.id: source.name for source in snapshot.sources}
        self.pairs = pairs
        errors = read_errors(snapshot, Selection(log="httperr")).with_columns(self._named("source"))
        told = self.truth.select(pl.col("source").alias("name"), "line", "cause", "began", "ended_by")
        self.errors = errors.join(told, on=["name", "line"], how="left", maintain_order="left")
        self.shared = _shared(logs, self.truth)

    def records(self) -> Iterator[Correlated]:
        habits = self._habits()
        first, last = (int(edge) for edge in self.errors.select(pl.col("t").min(), pl.col("t").max().alias("z")).row(0))
        for begin in range(first, last + 1, HOUR):
            yield from correlate_window(habits, Window(begin, min(begin + HOUR - 1, last)))

    def _named(self, column: str) -> pl.Expr:
        return pl.col(column).replace_strict(self.names, return_dtype=pl.String).alias("name")

    def _habits(self) -> Habits:
        habits = habits_of(self.snapshot)
        known = habits.surroundings
        single = pl.when(pl.col("client").is_in(list(self.shared))).then(0.001).otherwise(0.999)
        drops = known.drops.informed(self._closed_itself(habits))
        known = replace(
            known,
            timeouts=self._timeouts(habits),
            shares=known.shares.with_columns(single.alias("single")),
            drops=drops,
        )
        return replace(habits, surroundings=known, chances=self._chances(replace(habits, surroundings=known)))

    def _timeouts(self, habits: Habits) -> pl.DataFrame:
        began = pl.col("began").str.to_datetime(time_unit="ms", time_zone="UTC").dt.replace_time_zone(None)
        waits = self.errors.filter(pl.col("cause").is_in(list(TIMERS))).with_columns(
            ((pl.col("t") - began.cast(pl.Int64)) / 1000).alias("wait")
        )
        shortest = dict(waits.group_by("cause").agg(pl.col("wait").quantile(EARLIEST)).iter_rows())

        def timeout(name: str, learned: Timeout) -> Timeout:
            cause = next(cause for cause, what in TIMERS.items() if what == name)
            seconds = shortest.get(cause)
            return learned if seconds is None else Timeout(seconds, seconds + 1, seconds + 1)

        return timeouts_table(
            [
                (
                    server.group,
                    timeout("zombie", server.zombie),
                    timeout("idle", server.idle),
                    timeout("header", server.header),
                    timeout("body", server.body),
                )
                for server in habits.servers
            ]
        )

    def _closed_itself(self, habits: Habits) -> pl.DataFrame:
        """``group path path_share``: the true share of the application in the drops of each path."""
        drops = self.errors.filter(pl.col("reason") == "Connection_Dropped")
        drops = drops.join(habits.surroundings.groups, on=["source", "server"], how="left", nulls_equal=True)
        closed = (pl.col("ended_by") == "worker").mean().alias("path_share")
        return drops.group_by("group", "path").agg(closed)

    def _chances(self, habits: Habits) -> Chances:
        """As they are learned, from pairs that are true or not."""
        parts: dict[str, list[pl.DataFrame]] = {"retry": [], "same-request": [], "asked": []}
        first, last = (int(edge) for edge in self.errors.select(pl.col("t").min(), pl.col("t").max().alias("z")).row(0))
        for begin in range(first, last + 1, HOUR):
            stretch = read_stretch(habits.surroundings, Window(begin, min(begin + HOUR - 1, last)))
            if stretch is None:
                continue
            places = {
                name: dict(zip(frame[number], zip(frame["source"], frame["line"], strict=True), strict=True))
                for name, frame, number in (("e", stretch.errors, "e"), ("row", stretch.requests, "row"))
            }
            for relation, found in (("retry", stretch.pairs.retries()), ("same-request", stretch.pairs.same())):
                error = found["error"] if relation == "retry" else found["e"]
                true = [self._is_true(relation, places, *pair) for pair in zip(error, found["row"], strict=True)]
                parts[relation].append(found.with_columns(pl.Series("probability", true, dtype=pl.Float64)))
            parts["asked"].append(stretch.pairs.asked_for())
        return learned_chances(*(pl.concat(found) for found in parts.values()))

    def _is_true(self, relation: str, places: Mapping[str, Mapping[int, Any]], e: int, row: int) -> float:
        if row not in places["row"] or e not in places["e"]:
            return 0.0
        error, request = ((self.names[source], line) for source, line in (places["e"][e], places["row"][row]))
        return float((error, request) in self.pairs[relation])


def _shared(logs: Path, truth: pl.DataFrame) -> set[str]:
    """The addresses of more than one client."""
    clients: dict[ROW, int | None] = {row[:2]: row[2] for row in truth.select("source", "line", "client").iter_rows()}
    seen: dict[str, int] = {}
    shared: set[str] = set()
    for path in logs.rglob("*.log"):
        name, place = path.relative_to(logs).as_posix(), 0
        for number, line in enumerate(path.read_text("latin-1").splitlines(), 1):
            if line.startswith("#Fields:"):
                place = line.split()[1:].index("c-ip")
            elif not line.startswith("#"):
                client = clients.get((name, number))
                address = line.split(" ", place + 1)[place]
                if client is not None and seen.setdefault(address, client) != client:
                    shared.add(address)
    return shared
