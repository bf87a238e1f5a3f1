"""Judges correlation by simulated truth and prints the table of figures.

    python -m tests.bench.judge_correlation [--seeds 1 2 3] [--requests 400000] [--rates 200 350 500]

Every seed is another server: other time-outs, phases of the sweep, paces and layouts. Claims are those of a confidence of
0.5 and more. ``recall`` is over all true pairs of a relation, whatever their confidence.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from parsing.correlation.correlate import correlate
from parsing.correlation.correlated import CLAIMS, Correlated
from parsing.httpsys.demo import write_demo
from parsing.httpsys.profile import ServerProfile
from parsing.index.log_set import LogSet

ROW = tuple[str, int]
TIMERS = {"idle": "idle", "header-wait": "header", "body-wait": "body"}


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
class Figures:
    """What one run scored; ``bands`` has claims and true ones of each tenth of confidence."""

    name: str
    relations: dict[str, tuple[float, float, int]]
    ended_by: tuple[float, float]
    began: dict[str, tuple[float, float, int]]
    bands: dict[int, tuple[int, int, float]]


def judge(name: str, records: Iterable[Correlated], truth: Truth) -> Figures:
    claims: dict[str, set[tuple[ROW, ROW]]] = {relation: set() for relation in CLAIMS}
    bands: dict[int, list[tuple[float, bool]]] = {}
    right: list[tuple[bool, bool]] = []
    began: dict[str, list[tuple[bool, float]]] = {}
    for record in records:
        row = (record.source, record.line)
        true = truth.errors[row]
        right.append((record.ended_by == true["ended_by"], record.reason == "Connection_Dropped"))
        kind = "zombie" if true["cause"] == "client-gone" else TIMERS.get(true["cause"])
        if kind and record.began:
            moment = (
                pl.Series([true["began"]])
                .str.to_datetime(time_unit="ms", time_zone="UTC")
                .dt.replace_time_zone(None)[0]
            )
            is_held = record.began.earliest <= moment <= record.began.latest
            began.setdefault(kind, []).append((is_held, record.began.seconds))
        for request in record.related:
            pair = (row, (request.source, request.line))
            if request.relation not in CLAIMS:
                continue
            is_true = pair in truth.pairs[request.relation]
            if request.relation != "same-connection":
                bands.setdefault(min(9, int(request.confidence * 10)), []).append((request.confidence, is_true))
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
        {
            band: (len(found), sum(true for _, true in found), sum(c for c, _ in found))
            for band, found in sorted(bands.items())
        },
    )


def _scored(claimed: set[tuple[ROW, ROW]], true: set[tuple[ROW, ROW]]) -> tuple[float, float, int]:
    hits = len(claimed & true)
    return hits / len(claimed) if claimed else float("nan"), hits / len(true) if true else float("nan"), len(true)


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")


def printed(figures: Figures) -> str:
    lines = [figures.name]
    for relation, (precision, recall, number) in figures.relations.items():
        lines.append(f"  {relation:16} precision {precision:.4f}  recall {recall:.4f}  of {number}")
    lines.append(f"  ended_by         all {figures.ended_by[0]:.4f}  Connection_Dropped {figures.ended_by[1]:.4f}")
    for kind, (held, width, number) in sorted(figures.began.items()):
        lines.append(f"  began {kind:10} held {held:.4f}  median width {width:.1f} s  of {number}")
    for band, (number, true, total) in figures.bands.items():
        lines.append(f"  band {band / 10:.1f} mean {total / number:.3f}  true {true / number:.3f}  of {number}")
    return "\n".join(lines)


def run(folder: Path, seed: int, requests: int, rate: float, *, port: bool, shared: float) -> Figures:
    profile = replace(ServerProfile.drawn(seed, "2022"), requests=requests, rate=rate)
    demo = write_demo(folder / "logs", seed=seed, profile=profile, client_port=port, proxy_share=shared)
    with LogSet.open([str(demo.folder)], index_dir=folder / "index") as logs:
        logs.read()
        snapshot = logs.snapshot()
        started = time.perf_counter()
        records = [record for part in correlate(snapshot) for record in part]
        seconds = time.perf_counter() - started
    name = f"seed {seed}  {rate:g}/s  {'client port' if port else 'default fields'}  shared {shared:.0%}"
    return judge(f"{name}  {len(records)} errors in {seconds:.1f} s", records, read_truth(demo.truth))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--rates", type=float, nargs="+", default=[200, 350, 500])
    parser.add_argument("--requests", type=int, default=400_000)
    chosen = parser.parse_args(arguments)
    for place, seed in enumerate(chosen.seeds):
        rate = chosen.rates[place % len(chosen.rates)]
        for port, shared in ((False, 0.05), (True, 0.05), (False, 0.5)):
            folder = Path(tempfile.mkdtemp())
            try:
                print(printed(run(folder, seed, chosen.requests, rate, port=port, shared=shared)), flush=True)
            finally:
                shutil.rmtree(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
