"""The truth of a simulated server, and its logs cut to some minutes: which line became which, and what is still true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from parsing.correlation import Correlated
from parsing.correlation.matching.connections import LOOKBACK, MOST

ROW = tuple[str, int]

STAMP = "%Y-%m-%d %H:%M:%S"
SPANS = 3
"""How many spans of a log are cut out."""


def densest(logs: Path, minutes: int) -> list[datetime]:
    """Begins of the spans of so many minutes with the most errors that no timer wrote; they do not overlap."""
    counts: dict[int, int] = {}
    width = timedelta(minutes=minutes)
    epoch = datetime(2000, 1, 1)  # noqa: DTZ001
    for path in (logs / "HTTPERR").glob("*.log"):
        for line in path.read_text("latin-1").splitlines():
            if not line.startswith("#") and " Timer_ConnectionIdle" not in line:
                place = (_time(line) - epoch) // width
                counts[place] = counts.get(place, 0) + 1
    best = sorted(counts, key=lambda place: (-counts[place], place))[:SPANS]
    return [epoch + place * width for place in best]


def cut_logs(logs: Path, cut: Path, begin: datetime, minutes: int) -> dict[tuple[str, int], tuple[str, int]]:
    """Writes what lies in a span to the folder ``cut``; old places of its rows and the new ones."""
    end = begin + timedelta(minutes=minutes)
    kept: dict[tuple[str, int], tuple[str, int]] = {}
    for path in sorted(logs.rglob("*.log")):
        name = path.relative_to(logs).as_posix()
        lines: list[str] = []
        rows = 0
        with path.open("r", encoding="latin-1", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if not line.startswith("#"):
                    if not begin <= _time(line) < end:
                        continue
                    rows += 1
                    kept[name, number] = (name, len(lines) + 1)
                lines.append(line)
        if rows:
            target = cut / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("".join(lines), "latin-1", newline="")
    return kept


def _time(line: str) -> datetime:
    return datetime.strptime(line[:19], STAMP)  # noqa: DTZ007


@dataclass(frozen=True)
class Truth:
    """What happened: errors by row, and the true pairs of each relation."""

    errors: dict[ROW, dict[str, Any]]
    pairs: dict[str, set[tuple[ROW, ROW]]]
    starts: dict[ROW, str] = field(default_factory=dict)
    """When the requests of connections began."""

    def near(self, record: Correlated) -> set[tuple[ROW, ROW]]:
        """The other requests on the connection of an error that the program names: the nearest of its last minutes."""
        row = (record.source, record.line)
        starts = [
            (abs(moment_of(self.starts[request]) - record.time), request) for request in self.connected.get(row, ())
        ]
        reach = timedelta(milliseconds=LOOKBACK)
        return {(row, request) for _, request in sorted(one for one in starts if one[0] <= reach)[:MOST]}

    @cached_property
    def connected(self) -> dict[ROW, list[ROW]]:
        found: dict[ROW, list[ROW]] = {}
        for error, request in self.pairs["same-connection"]:
            found.setdefault(error, []).append(request)
        return found


def read_truth(path: Path) -> Truth:
    rows = pl.read_ndjson(path, infer_schema_length=None)
    is_error = pl.col("source").str.to_lowercase().str.contains("httperr")
    errors, requests = rows.filter(is_error), rows.filter(~is_error)
    by_row = {(row["source"], row["line"]): row for row in errors.iter_rows(named=True)}
    place = [pl.struct("source", "line").alias("error")]
    asked = errors.filter(pl.col("request").is_not_null()).select("request", *place)
    same = asked.join(requests.select("request", "source", "line"), on="request")
    own = errors.select("connection", pl.col("request").alias("mine"), *place)
    connected = own.join(requests.select("connection", "request", "source", "line"), on="connection")
    connected = connected.filter(pl.col("request").ne_missing(pl.col("mine")))
    retried = requests.filter(pl.col("retries").is_not_null()).select(
        pl.col("retries").alias("error"), "source", "line"
    )
    retried = retried.join(errors.select(*place), on="error", how="semi")
    frames = {"same-request": same, "same-connection": connected, "retry": retried}
    starts = {row[:2]: row[2] for row in requests.select("source", "line", "start").iter_rows()}
    return Truth(by_row, {relation: set(_pairs(frame)) for relation, frame in frames.items()}, starts)


def _pairs(frame: pl.DataFrame) -> Iterator[tuple[ROW, ROW]]:
    for error, source, line in frame.select("error", "source", "line").iter_rows():
        yield (error["source"], error["line"]), (source, line)


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def cut_truth(truth: Truth, kept: dict[ROW, ROW]) -> Truth:
    """The truth of rows that are left, by their new places."""
    errors = {kept[row]: told for row, told in truth.errors.items() if row in kept}
    pairs = {
        relation: {(kept[error], kept[request]) for error, request in found if error in kept and request in kept}
        for relation, found in truth.pairs.items()
    }
    return Truth(errors, pairs, {kept[row]: start for row, start in truth.starts.items() if row in kept})
