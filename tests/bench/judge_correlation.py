"""Judges correlation by simulated truth and prints every figure beside its bar; ends with 1 if a bar is missed.

    python -m tests.bench.judge_correlation [--quick] [--server demo other third] [--seeds 1 2 3] [--requests N]
        [--minutes 10 20 60] [--folder DIR]

Three servers: the demo (``parsing.httpsys``), ``other_server`` in variants, and ``third_server``; each seed is a server with
parameters of its own. The first and the last are run with the default fields, with the client port, and with half of the
clients behind shared addresses; figures of a setting are pooled over its seeds. ``--minutes`` judges the same logs cut to
that many minutes instead. With ``--folder`` logs and indexes are kept for the next run.

Claims are those of a confidence of 0.5 and more. Recall is over all true pairs of a relation, whatever their confidence; of a
connection over as many as the program names.
``ended_by`` that is ``unknown`` counts as wrong; its confidence is judged where it is not. Next to it stands what the program
would find if it were told the truth of the simulator.
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

from parsing.correlation import Correlated, correlate
from parsing.httpsys.demo import write_demo
from parsing.httpsys.profile import ServerProfile
from parsing.index.log_set import LogSet
from parsing.knowledge.relations import CLAIMS
from tests.bench.cutting import ROW, Truth, cut_logs, cut_truth, densest, moment_of, read_truth
from tests.bench.informed import Facts, Informed
from tests.parsing.correlation.other_server import Habits, OtherServer, variants
from tests.third_server import Parameters, write_logs

TIMERS = {"idle": "idle", "header-wait": "header", "body-wait": "body", "slow-client": "slow client"}
WIDEST = {"zombie": 75.0, "idle": 10.0, "header": 10.0, "body": 10.0}
ENOUGH = 100
"""Claims of a band, or true pairs of a relation, that are enough to judge by."""
RATES = (300.0, 350.0, 450.0, 500.0, 250.0)
"""Requests a second of the demo's seeds, in turn."""
Bars = dict[str, tuple[float, float]]
DEFAULT_BARS: Bars = {"same-request": (0.97, 0.93), "retry": (0.97, 0.93)}
PORT_BARS: Bars = {"same-connection": (0.995, 0.995), "same-request": (0.985, 0.985), "retry": (0.97, 0.93)}
SETTINGS = (("default fields", False, 0.05), ("client port", True, 0.05), ("half shared", False, 0.5))


@dataclass
class Bands:
    """For each tenth of confidence: how many, how many of them true, the sum of their confidence."""

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
class Scores:
    """What some runs scored. ``relations`` counts claimed, claimed rightly, true; ``ended_by`` right and all."""

    relations: dict[str, list[int]] = field(default_factory=lambda: {relation: [0, 0, 0] for relation in CLAIMS})
    ended_by: list[int] = field(default_factory=lambda: [0, 0])
    drops: list[int] = field(default_factory=lambda: [0, 0, 0])
    """Of ``Connection_Dropped``: right, all, ``unknown``."""
    began: dict[str, list[tuple[bool, float]]] = field(default_factory=dict)
    bands: Bands = field(default_factory=Bands)
    who: Bands = field(default_factory=Bands)
    """Bands of ``ended_by`` of ``Connection_Dropped``."""
    seconds: float = 0.0
    informed: Scores | None = None
    """What the same rows score if the truth of the simulator is known (``tests.bench.informed``)."""

    def merge(self, other: Scores) -> None:
        for relation, counts in other.relations.items():
            self.relations[relation] = [mine + one for mine, one in zip(self.relations[relation], counts, strict=True)]
        self.ended_by = [mine + one for mine, one in zip(self.ended_by, other.ended_by, strict=True)]
        self.drops = [mine + one for mine, one in zip(self.drops, other.drops, strict=True)]
        for kind, found in other.began.items():
            self.began.setdefault(kind, []).extend(found)
        self.bands.merge(other.bands)
        self.who.merge(other.who)
        self.seconds += other.seconds
        if other.informed is not None:
            self.informed = self.informed or Scores()
            self.informed.merge(other.informed)

    def precision(self, relation: str) -> float:
        claimed, hits, _ = self.relations[relation]
        return hits / claimed if claimed else float("nan")

    def recall(self, relation: str) -> float:
        _, hits, true = self.relations[relation]
        return hits / true if true else float("nan")


def judge(records: Iterable[Correlated], truth: Truth) -> Scores:
    scores = Scores()
    claims: dict[str, set[tuple[ROW, ROW]]] = {relation: set() for relation in CLAIMS}
    near: set[tuple[ROW, ROW]] = set()
    for record in records:
        row = (record.source, record.line)
        true = truth.errors[row]
        is_right = record.ended_by == true["ended_by"]
        scores.ended_by = [scores.ended_by[0] + is_right, scores.ended_by[1] + 1]
        if record.reason == "Connection_Dropped":
            is_open = record.ended_by == "unknown"
            scores.drops = [scores.drops[0] + is_right, scores.drops[1] + 1, scores.drops[2] + is_open]
            if not is_open:
                scores.who.add(record.ended_by_confidence, is_true=is_right)
        kind = "zombie" if true["cause"] == "client-gone" else TIMERS.get(true["cause"])
        if kind and record.began:
            is_held = record.began.earliest <= moment_of(true["began"]) <= record.began.latest
            scores.began.setdefault(kind, []).append((is_held, record.began.seconds))
        near |= truth.near(record)
        for request in record.related:
            if request.relation not in CLAIMS:
                continue
            pair = (row, (request.source, request.line))
            if request.relation != "same-connection":
                scores.bands.add(request.confidence, is_true=pair in truth.pairs[request.relation])
            if request.is_claim:
                claims[request.relation].add(pair)
    for relation in CLAIMS:
        true_pairs = truth.pairs[relation]
        wanted = near if relation == "same-connection" else true_pairs
        hits = len(claims[relation] & true_pairs)
        missed = len(wanted - claims[relation])
        scores.relations[relation] = [len(claims[relation]), hits, hits + missed]
    return scores


Line = tuple[str, str, str, bool | None]
"""What, measured, its bar, and whether it is met; null where nothing is asked."""


def _least(what: str, measured: float, bar: float, number: int) -> Line:
    is_judged = number >= ENOUGH
    return (
        what,
        f"{measured:.4f} of {number}",
        f"≥ {bar:g}" if is_judged else "-",
        measured >= bar if is_judged else None,
    )


def lines_of(scores: Scores, bars: Bars) -> Iterator[Line]:
    for relation, (claimed, _, true) in sorted(scores.relations.items()):
        if not true:
            continue
        precision, recall = bars.get(relation, (0.0, 0.0))
        yield _least(f"{relation} precision", scores.precision(relation), precision, claimed)
        yield _least(f"{relation} recall", scores.recall(relation), recall, true)
    right, number = scores.ended_by
    yield _least("ended_by, all", right / max(1, number), 0.98, number)
    right, number, unknown = scores.drops
    yield _least(f"ended_by, Connection_Dropped ({unknown} unknown)", right / max(1, number), 0.95, number)
    for kind, found in sorted(scores.began.items()):
        held = sum(is_held for is_held, _ in found) / len(found)
        yield _least(f"began held, {kind}", held, 0.95, len(found))
        if kind in WIDEST:
            width = median(width for _, width in found)
            yield f"began width, {kind}", f"{width:.1f} s", f"≤ {WIDEST[kind]:g} s", width <= WIDEST[kind]


def lines_of_bands(what: str, bands: Bands, *, is_bold: bool) -> Iterator[Line]:
    """By tenths of confidence. ``is_bold``: only too much confidence, by more than 0.10, is a fault."""
    for tenth, (number, true, total) in sorted(bands.tenths.items()):
        mean, share = total / number, true / number
        name = f"{what} {tenth / 10:.1f} to {(tenth + 1) / 10:.1f}"
        measured = f"{share:.3f} true at {mean:.3f}, of {number}"
        is_met = share >= mean - 0.1 if is_bold else abs(share - mean) <= 0.07
        is_judged = tenth >= 5 and number >= ENOUGH
        bar = "no more than 0.10 below" if is_bold else "within 0.07"
        yield name, measured, bar if is_judged else "-", is_met if is_judged else None


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


def lines_of_informed(scores: Scores, informed: Scores, *, is_cut: bool) -> Iterator[Line]:
    """Recall, and how much is left open, next to a matcher that is told the truth of the simulator."""
    for relation in ("retry", "same-request"):
        recall, best, number = scores.recall(relation), informed.recall(relation), scores.relations[relation][2]
        is_met = recall >= best - 0.03 if number >= ENOUGH and not is_cut else None
        measured = f"{recall:.4f}, informed {best:.4f} (precision {informed.precision(relation):.4f}), of {number}"
        yield f"{relation} recall", measured, "-" if is_cut else "no more than 0.03 below", is_met
    unknown, least = scores.drops[2], informed.drops[2]
    yield (
        "unknown drops",
        f"{unknown}, informed {least}, of {scores.drops[1]}",
        "no more" if is_cut else "-",
        unknown <= least if is_cut else None,
    )


def _scored(logs: Path, index: Path, truth: Truth, facts: Facts | None) -> Scores:
    with LogSet.open([str(logs)], index_dir=index) as log_set:
        log_set.read()
        started = time.perf_counter()
        records = [record for part in correlate(log_set.snapshot()) for record in part]
        seconds = time.perf_counter() - started
        scores = judge(records, truth)
        if facts is not None:
            scores.informed = judge(Informed(log_set.snapshot(), facts, truth.errors, truth.pairs).records(), truth)
    scores.seconds = seconds
    return scores


def _made(folder: Path, server: str, seed: int, requests: int, *, port: bool, shared: float) -> Path:
    """The folder of a server's logs, which are written if they are not there."""
    logs = folder / f"{server}-{seed}-{requests}-{port:d}-{shared:g}"
    if (logs / "truth.ndjson").exists():
        return logs
    if server == "demo":
        profile = replace(ServerProfile.drawn(seed, "2022"), requests=requests, rate=RATES[(seed - 1) % len(RATES)])
        write_demo(logs, seed=seed, profile=profile, client_port=port, proxy_share=shared)
    else:
        write_logs(logs, Parameters.drawn(seed, requests=requests, shared=shared), client_port=port)
    return logs


def run(
    folder: Path, server: str, seed: int, requests: int, *, port: bool, shared: float, minutes: Sequence[int]
) -> Scores:
    """One server of the demo's kind or of the third; with ``minutes`` the sum over the logs cut to these lengths."""
    logs = _made(folder, server, seed, requests, port=port, shared=shared)
    truth = read_truth(logs / "truth.ndjson")
    facts = Facts.of(logs)
    if not minutes:
        return _scored(logs, folder / f"{logs.name}-index", truth, facts)
    scores = Scores()
    for length in minutes:
        for place, begin in enumerate(densest(logs, length)):
            cut = folder / f"{logs.name}-{length}-{place}"
            kept = cut_logs(logs, cut, begin, length)
            scores.merge(_scored(cut, folder / f"{cut.name}-index", cut_truth(truth, kept), facts))
            shutil.rmtree(cut)
    return scores


def run_other(folder: Path, seed: int, habits: Habits) -> Scores:
    """One variant of the other server."""
    server = OtherServer(seed, habits)
    snapshot = server.snapshot(folder)
    started = time.perf_counter()
    records = [record for part in correlate(snapshot) for record in part]
    seconds = time.perf_counter() - started
    errors, pairs = server.truth()
    told = {
        row: {**error, "cause": _cause(error), "began": f"{error['began'].isoformat(timespec='milliseconds')}Z"}
        for row, error in errors.items()
    }
    scores = judge(records, Truth(told, pairs))
    scores.seconds = seconds
    return scores


def _cause(error: dict[str, Any]) -> str:
    if error["s-reason"] == "Timer_ConnectionIdle":
        return "idle"
    return "client-gone" if error["by"] == "client" else ""


def judge_server(
    table: Table, folder: Path, server: str, seeds: Sequence[int], requests: int, minutes: Sequence[int]
) -> None:
    for name, port, shared in SETTINGS:
        pooled = Scores()
        for seed in seeds:
            pooled.merge(run(folder, server, seed, requests, port=port, shared=shared, minutes=minutes))
        is_bold = shared > 0.1 or bool(minutes)
        bars = {} if is_bold else PORT_BARS if port else DEFAULT_BARS
        length = f", cut to {', '.join(map(str, minutes))} minutes" if minutes else ""
        _print(
            table, f"{server}, {name}{length}, {len(seeds)} seeds", pooled, bars, is_bold=is_bold, is_cut=bool(minutes)
        )


def judge_other(table: Table, seeds: Sequence[int]) -> None:
    pooled = {False: Scores(), True: Scores()}
    for _, habits in variants():
        for seed in seeds:
            folder = Path(tempfile.mkdtemp())
            try:
                pooled[habits.shared > 0.1].merge(run_other(folder, seed, habits))
            finally:
                shutil.rmtree(folder)
    for is_shared, scores in pooled.items():
        name = "variants with many shared addresses" if is_shared else "other variants"
        _print(table, f"other server, {name}", scores, {} if is_shared else DEFAULT_BARS, is_bold=is_shared)


def _print(table: Table, name: str, scores: Scores, bars: Bars, *, is_bold: bool, is_cut: bool = False) -> None:
    lines = [*lines_of(scores, bars), *lines_of_bands("confidence", scores.bands, is_bold=is_bold)]
    lines += lines_of_bands("ended_by of drops", scores.who, is_bold=is_bold)
    if scores.informed is not None:
        lines += lines_of_informed(scores, scores.informed, is_cut=is_cut)
    table.print(f"{name}: {scores.ended_by[1]:,} errors in {scores.seconds:.1f} s", lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=("demo", "other", "third"), nargs="+", default=["demo", "other", "third"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--requests", type=int, default=290_000)
    parser.add_argument("--minutes", type=int, nargs="+", default=[], help="cut the logs to that many minutes")
    parser.add_argument("--folder", type=Path, help="where to keep logs and indexes")
    parser.add_argument("--quick", action="store_true", help="one seed, 120,000 requests")
    chosen = parser.parse_args(arguments)
    seeds = chosen.seeds[:1] if chosen.quick else chosen.seeds
    requests = 120_000 if chosen.quick else chosen.requests
    table = Table()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.folder or Path(scratch)
        for server in chosen.server:
            if server == "other":
                judge_other(table, seeds)
            else:
                judge_server(table, folder, server, seeds, requests, chosen.minutes)
    print(f"\n{table.missed} bars missed." if table.missed else "\nAll bars met.")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
