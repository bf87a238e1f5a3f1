"""What correlation finds when it is told what a simulator knows of its server, so that only the logs limit it.

It is told the time-outs, which addresses are one client's, how many drops of each path were the application's, and how often
and how soon clients asked again or got into both logs. Which row belongs to which it has to find like the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
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
TIMERS = ("client-gone", "idle", "header-wait", "body-wait")
"""Causes of an error that show a time-out."""
EARLIEST = 0.02
"""Share of the shortest waits that a clock which is set may have spoiled."""


@dataclass(frozen=True)
class Facts:
    """What a simulator knows of its server: addresses of more than one client, and by cause the shortest wait of an error."""

    shared: set[str]
    shortest: dict[str, float]

    @classmethod
    def of(cls, logs: Path) -> Facts:
        """From all logs in a folder, and their truth."""
        told = {
            row[:2]: row[2:] for row in _truth(logs).select("source", "line", "client", "cause", "began").iter_rows()
        }
        seen: dict[str, int] = {}
        shared: set[str] = set()
        waits: dict[str, list[float]] = {}
        for name, number, time, address in _rows(logs):
            client, cause, began = told.get((name, number), (None, "", None))
            if client is not None and seen.setdefault(address, client) != client:
                shared.add(address)
            if cause in TIMERS and began is not None:
                waits.setdefault(cause, []).append((datetime.fromisoformat(time) - _naive(began)).total_seconds())
        return cls(shared, {cause: sorted(found)[int(EARLIEST * len(found))] for cause, found in waits.items()})


def _rows(logs: Path) -> Iterator[tuple[str, int, str, str]]:
    """Source, line, time and client's address of every row."""
    for path in logs.rglob("*.log"):
        name, place = path.relative_to(logs).as_posix(), 0
        for number, line in enumerate(path.read_text("latin-1").splitlines(), 1):
            if line.startswith("#Fields:"):
                place = line.split()[1:].index("c-ip")
            elif not line.startswith("#"):
                yield name, number, line[:19], line.split(" ", place + 1)[place]


def _truth(logs: Path) -> pl.DataFrame:
    return pl.read_ndjson(logs / "truth.ndjson", infer_schema_length=None)


def _naive(moment: str) -> datetime:
    return datetime.fromisoformat(moment.removesuffix("Z"))


class Informed:
    """Correlation of one log set with the truth of its server at hand."""

    def __init__(
        self,
        snapshot: Snapshot,
        facts: Facts,
        errors: Mapping[ROW, Mapping[str, Any]],
        pairs: Mapping[str, set[tuple[ROW, ROW]]],
    ) -> None:
        """``errors`` and ``pairs`` are true of the rows of this log set."""
        self.snapshot = snapshot
        self.facts = facts
        self.names = {source.id: source.name for source in snapshot.sources}
        self.pairs = pairs
        found = read_errors(snapshot, Selection(log="httperr"))
        by = [
            errors[self.names[source], line]["ended_by"]
            for source, line in zip(found["source"], found["line"], strict=True)
        ]
        self.errors = found.with_columns(pl.Series("ended_by", by, dtype=pl.String))
        edges = self.errors.select(pl.col("t").min(), pl.col("t").max().alias("last")).row(0)
        self.windows = [Window(begin, min(begin + HOUR - 1, edges[1])) for begin in range(edges[0], edges[1] + 1, HOUR)]

    def records(self) -> Iterator[Correlated]:
        habits = self._habits()
        for window in self.windows:
            yield from correlate_window(habits, window)

    def _habits(self) -> Habits:
        habits = habits_of(self.snapshot)
        known = habits.surroundings
        single = pl.when(pl.col("client").is_in(list(self.facts.shared))).then(0.001).otherwise(0.999)
        known = replace(
            known,
            timeouts=self._timeouts(habits),
            shares=known.shares.with_columns(single.alias("single")),
            drops=known.drops.informed(self._closed_itself(habits)),
        )
        return replace(habits, surroundings=known, chances=self._chances(replace(habits, surroundings=known)))

    def _timeouts(self, habits: Habits) -> pl.DataFrame:
        def timeout(cause: str, learned: Timeout) -> Timeout:
            seconds = self.facts.shortest.get(cause)
            return learned if seconds is None else Timeout(seconds, seconds + 1, seconds + 1)

        return timeouts_table(
            [
                (
                    server.group,
                    timeout("client-gone", server.zombie),
                    timeout("idle", server.idle),
                    timeout("header-wait", server.header),
                    timeout("body-wait", server.body),
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
        for window in self.windows:
            stretch = read_stretch(habits.surroundings, window)
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
