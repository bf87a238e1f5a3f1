"""Judges correlation by simulated truth and prints every figure beside its bar; ends with 1 if a bar is missed.

    python -m tests.bench.judge_correlation [--quick] [--server demo|other|both] [--seeds 1 2 3] [--rates 300 350 450]
        [--requests 290000]

Every seed of the demo is another server: other time-outs, phases of the sweep, paces and layouts; each is run with the
default fields, with the client port, and with half of the clients behind shared addresses. The other server is a second
simulation, made apart, in variants. Claims are those of a confidence of 0.5 and more. Recall is over all true pairs of a
relation, whatever their confidence.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from parsing.correlation.correlate import correlate
from parsing.correlation.correlated import Correlated
from parsing.httpsys.demo import write_demo
from parsing.httpsys.profile import ServerProfile
from parsing.index.log_set import LogSet
from parsing.index.snapshot import Snapshot
from parsing.knowledge.relations import CLAIMS
from tests.parsing.correlation.other_server import Habits, OtherServer, variants

ROW = tuple[str, int]
TIMERS = {"idle": "idle", "header-wait": "header", "body-wait": "body"}
WIDEST = {"zombie": 75.0, "idle": 10.0, "header": 10.0, "body": 10.0}
ENOUGH = 100
"""Claims of a band, or true pairs of a relation in a variant of the other server, that are enough to judge by."""
Bars = dict[str, tuple[float, float]]
DEFAULT_BARS: Bars = {"same-request": (0.97, 0.93), "retry": (0.97, 0.93)}
PORT_BARS: Bars = {"same-connection": (0.995, 0.995), "same-request": (0.985, 0.985), "retry": (0.97, 0.93)}


@dataclass(frozen=True)
class Truth:
    """What happened: errors by row, and the true pairs of each relation."""

    errors: dict[ROW, dict[str, Any]]
    pairs: dict[str, set[tuple[ROW, ROW]]]


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
    return Truth(by_row, {relation: set(_pairs(frame)) for relation, frame in frames.items()})


def _pairs(frame: pl.DataFrame) -> Iterator[tuple[ROW, ROW]]:
    for error, source, line in frame.select("error", "source", "line").iter_rows():
        yield (error["source"], error["line"]), (source, line)


@dataclass
class Bands:
    """For each tenth of confidence: how many pairs, how many of them true, the sum of their confidence."""

    tenths: dict[int, tuple[int, int, float]] = field(default_factory=dict)

    def add(self, confidence: float, *, is_true: bool) -> None:
        tenth = min(9, int(confidence * 10))
        number, true, total = self.tenths.get(tenth, (0, 0, 0.0))
        self.tenths[tenth] = number + 1, true + is_true, total + confidence

    def merge(self, other: Bands) -> None:
        for tenth, (number, true, total) in other.tenths.items():
            mine = self.tenths.get(tenth, (0, 0, 0.0))
            self.tenths[tenth] = mine[0] + number, mine[1] + true, mine[2] + total


@dataclass
class Figures:
    """What one run scored: precision, recall and number of true pairs; share held, median width and number of moments."""

    name: str
    relations: dict[str, tuple[float, float, int]]
    ended_by: tuple[float, float]
    began: dict[str, tuple[float, float, int]]
    bands: Bands


def judge(name: str, records: Iterable[Correlated], truth: Truth) -> Figures:
    claims: dict[str, set[tuple[ROW, ROW]]] = {relation: set() for relation in CLAIMS}
    bands = Bands()
    right: list[tuple[bool, bool]] = []
    began: dict[str, list[tuple[bool, float]]] = {}
    for record in records:
        row = (record.source, record.line)
        true = truth.errors[row]
        right.append((record.ended_by == true["ended_by"], record.reason == "Connection_Dropped"))
        kind = "zombie" if true["cause"] == "client-gone" else TIMERS.get(true["cause"])
        if kind and record.began:
            is_held = record.began.earliest <= _moment(true["began"]) <= record.began.latest
            began.setdefault(kind, []).append((is_held, record.began.seconds))
        for request in record.related:
            if request.relation not in CLAIMS:
                continue
            pair = (row, (request.source, request.line))
            if request.relation != "same-connection":
                bands.add(request.confidence, is_true=pair in truth.pairs[request.relation])
            if request.is_claim:
                claims[request.relation].add(pair)
    drops = [is_right for is_right, is_drop in right if is_drop]
    return Figures(
        name,
        {relation: _scored(claims[relation], truth.pairs[relation]) for relation in sorted(CLAIMS)},
        (_share(is_right for is_right, _ in right), _share(drops)),
        {
            kind: (_share(held for held, _ in found), median(width for _, width in found), len(found))
            for kind, found in began.items()
        },
        bands,
    )


def _moment(text: str) -> Any:
    return pl.Series([text]).str.to_datetime(time_unit="ms", time_zone="UTC").dt.replace_time_zone(None)[0]


def _scored(claimed: set[tuple[ROW, ROW]], true: set[tuple[ROW, ROW]]) -> tuple[float, float, int]:
    hits = len(claimed & true)
    return hits / len(claimed) if claimed else float("nan"), hits / len(true) if true else float("nan"), len(true)


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")


Line = tuple[str, str, str, bool | None]
"""What, measured, its bar, and whether it is met; null where nothing is asked."""


def _least(what: str, measured: float, bar: float, note: str = "") -> Line:
    return what, f"{measured:.4f}{note}", f"≥ {bar:g}", measured >= bar


def lines_of(figures: Figures, bars: Bars, least: int = 1) -> Iterator[Line]:
    """``least`` is how many true pairs of a relation are enough to hold it to a bar."""
    for relation, (precision, recall, number) in figures.relations.items():
        if not number:
            continue
        measured = (("precision", precision), ("recall", recall))
        for place, (word, value) in enumerate(measured):
            what = f"{relation} {word}"
            if relation in bars and number >= least:
                yield _least(what, value, bars[relation][place], f" of {number}" if place else "")
            elif relation in DEFAULT_BARS or relation in bars:
                yield what, f"{value:.4f} of {number}", "-", None
    yield _least("ended_by, all", figures.ended_by[0], 0.98)
    yield _least("ended_by, Connection_Dropped", figures.ended_by[1], 0.95)
    for kind, (held, width, number) in sorted(figures.began.items()):
        yield _least(f"began held, {kind}", held, 0.95, f" of {number}")
        yield f"began width, {kind}", f"{width:.1f} s", f"≤ {WIDEST[kind]:g} s", width <= WIDEST[kind]


def lines_of_bands(bands: Bands, *, is_shared: bool) -> Iterator[Line]:
    """Claims by tenths of confidence. Where many share addresses, only too much confidence is a fault."""
    for tenth, (number, true, total) in sorted(bands.tenths.items()):
        mean, share = total / number, true / number
        what = f"confidence {tenth / 10:.1f} to {(tenth + 1) / 10:.1f}"
        measured = f"{share:.3f} true at {mean:.3f}, of {number}"
        bar = "no more than 0.10 below" if is_shared else "within 0.07"
        is_met = share >= mean - 0.1 if is_shared else abs(share - mean) <= 0.07
        is_judged = tenth >= 5 and number >= ENOUGH
        yield what, measured, bar if is_judged else "-", is_met if is_judged else None


class Table:
    """Prints lines as they come and remembers whether one was missed."""

    def __init__(self) -> None:
        self.missed = 0

    def print(self, name: str, lines: Iterable[Line]) -> None:
        print(f"\n### {name}\n\n| bar | measured | bar | met |\n| --- | --- | --- | --- |")
        for what, measured, bar, is_met in lines:
            self.missed += is_met is False
            print(f"| {what} | {measured} | {bar} | {'' if is_met is None else 'met' if is_met else '**missed**'} |")
        sys.stdout.flush()


def _correlated(snapshot: Snapshot) -> tuple[list[Correlated], str]:
    started = time.perf_counter()
    records = [record for part in correlate(snapshot) for record in part]
    return records, f"{len(records)} errors in {time.perf_counter() - started:.1f} s"


def run(folder: Path, seed: int, requests: int, rate: float, *, port: bool, shared: float) -> Figures:
    """One server of the demo."""
    profile = replace(ServerProfile.drawn(seed, "2022"), requests=requests, rate=rate)
    demo = write_demo(folder / "logs", seed=seed, profile=profile, client_port=port, proxy_share=shared)
    with LogSet.open([str(demo.folder)], index_dir=folder / "index") as logs:
        logs.read()
        records, cost = _correlated(logs.snapshot())
    name = f"seed {seed}, {rate:g}/s, {'client port' if port else 'default fields'}, {shared:.0%} shared"
    return judge(f"{name}: {requests} requests, {cost}", records, read_truth(demo.truth))


def run_other(folder: Path, seed: int, name: str, habits: Habits) -> Figures:
    """One variant of the other server."""
    server = OtherServer(seed, habits)
    records, cost = _correlated(server.snapshot(folder))
    errors, pairs = server.truth()
    told = {
        row: {**error, "cause": _cause(error), "began": f"{error['began'].isoformat(timespec='milliseconds')}Z"}
        for row, error in errors.items()
    }
    return judge(f"other server, {name}, seed {seed}: {cost}", records, Truth(told, pairs))


def _cause(error: dict[str, Any]) -> str:
    if error["s-reason"] == "Timer_ConnectionIdle":
        return "idle"
    return "client-gone" if error["by"] == "client" else ""


def judge_demo(table: Table, seeds: Sequence[int], rates: Sequence[float], requests: int) -> None:
    bands: dict[bool, Bands] = {False: Bands(), True: Bands()}
    for place, seed in enumerate(seeds):
        for port, shared in ((False, 0.05), (True, 0.05), (False, 0.5)):
            folder = Path(tempfile.mkdtemp())
            try:
                figures = run(folder, seed, requests, rates[place % len(rates)], port=port, shared=shared)
            finally:
                shutil.rmtree(folder)
            is_shared = shared > 0.1
            bars = PORT_BARS if port else {} if is_shared else DEFAULT_BARS
            lines = [*lines_of(figures, bars), *lines_of_bands(figures.bands, is_shared=is_shared)]
            table.print(figures.name, lines)
            bands[is_shared].merge(figures.bands)
    for is_shared, merged in bands.items():
        name = f"confidence, all seeds, {'50%' if is_shared else '5%'} shared"
        table.print(name, lines_of_bands(merged, is_shared=is_shared))


def judge_other(table: Table, seeds: Sequence[int]) -> None:
    bands: dict[bool, Bands] = {False: Bands(), True: Bands()}
    for name, habits in variants():
        for seed in seeds:
            folder = Path(tempfile.mkdtemp())
            try:
                figures = run_other(folder, seed, name, habits)
            finally:
                shutil.rmtree(folder)
            is_shared = habits.shared > 0.1
            table.print(figures.name, lines_of(figures, {} if is_shared else DEFAULT_BARS, ENOUGH))
            bands[is_shared].merge(figures.bands)
    for is_shared, merged in bands.items():
        name = f"other server, confidence, {'variants with many shared addresses' if is_shared else 'other variants'}"
        table.print(name, lines_of_bands(merged, is_shared=is_shared))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=("demo", "other", "both"), default="both")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--rates", type=float, nargs="+", default=[300, 350, 450, 500, 250], help="one for each seed")
    parser.add_argument("--requests", type=int, default=290_000)
    parser.add_argument("--quick", action="store_true", help="one seed, 120,000 requests")
    chosen = parser.parse_args(arguments)
    seeds = chosen.seeds[:1] if chosen.quick else chosen.seeds
    table = Table()
    if chosen.server != "other":
        judge_demo(table, seeds, chosen.rates, 120_000 if chosen.quick else chosen.requests)
    if chosen.server != "demo":
        judge_other(table, seeds)
    print(f"\n{table.missed} bars missed." if table.missed else "\nAll bars met.")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
