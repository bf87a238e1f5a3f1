"""The same jobs by an earlier checkout and by this one, in turn, on the same logs: ``python -m tests.bench queries --against OLD``.

Each checkout makes an index of its own and runs its own code, in processes whose modules are its own. A pair is one run of
each, straight after one another, and every other pair begins with the other one; what counts is the median of the ratios.
A machine that is busy makes single runs useless and the pairs less so: the middle half of the ratios is shown.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench.correlating import write_simulated
from tests.bench.generate import HARD, write_httperr, write_iis
from tests.bench.processes import run
from tests.bench.table import Measure

BAR = 1.1
"""No job may take more than this many times as long as before."""
_LEAST = 0.2
"""Seconds that a run is to take: short jobs are repeated within it, up to ``_MOST_TIMES``."""
_MOST_TIMES = 50
_HERE = Path(__file__).resolve().parents[2]

_QUESTIONS = """
import inspect, json, sys, time
from functools import partial
from pathlib import Path
from parsing.index.log_set import LogSet
from parsing.questions.question import answer
from tests.bench import queries

Rows = getattr(queries, "OrderedRows", None) or queries.Positions

def view(snapshot, text, sort):
    found = answer(snapshot, Rows(queries.parse(text) if text else queries.EVERYTHING, sort=sort))
    for part in range(20):
        found.page(found.count * part // 20, 50)

with LogSet.open([sys.argv[1]], index_dir=Path(sys.argv[2])) as log_set:
    log_set.read()
    snapshot = log_set.snapshot()
    jobs = {contest.name: contest.ours for contest in queries.CONTESTS}
    for text, sort in queries._VIEWS:
        name = f"view and 20 pages, {text or 'all rows'}{f' by {sort}' if sort else ''}"
        jobs[name] = lambda snapshot, text=text, sort=sort: view(snapshot, text, sort)
    forgotten = [snapshot][: len(inspect.signature(queries._forget).parameters)]
    print(json.dumps(list(jobs)), flush=True)
    for line in sys.stdin:
        times, name = line.strip().split(" ", 1)
        started, used = time.perf_counter(), time.process_time()
        for _ in range(int(times)):
            queries._forget(*forgotten)
            jobs[name](snapshot)
        print(time.perf_counter() - started, time.process_time() - used, flush=True)
"""
"""Runs jobs that are named on its input, so many times, and answers with seconds on the clock and of the processor.

It runs in either checkout, so it uses only what both have.
"""

_READ = """
import sys, time
from functools import partial
from pathlib import Path
from parsing.index.log_set import LogSet
started, used = time.perf_counter(), time.process_time()
with LogSet.open([sys.argv[1]], index_dir=Path(sys.argv[2])) as log_set:
    log_set.read()
print(time.perf_counter() - started, time.process_time() - used)
"""

_CORRELATE = """
import sys, time
from functools import partial
from pathlib import Path
from parsing.correlation.correlate import correlate, correlate_one
from parsing.correlation.timeline import focus_on, timeline
from parsing.index.log_set import LogSet
with LogSet.open([sys.argv[2]], index_dir=Path(sys.argv[3])) as log_set:
    log_set.read()
    snapshot = log_set.snapshot()
    sources = [source for source in snapshot.sources if source.format == "httperr" and source.rows > 100]
    chosen = [(source, source.rows // 2 + 20 * turn) for turn in range(3) for source in sources[::3]][:24]
    if sys.argv[1] != "first":
        first = correlate_one(snapshot, chosen[0][0].id, chosen[0][1])
    started, used = time.perf_counter(), time.process_time()
    if sys.argv[1] == "all":
        for found in correlate(snapshot):
            pass
    elif sys.argv[1] == "timelines":
        for source, line in chosen:
            row = {"log": "httperr", "source": source.name, "line": line, "time": first.time, "client": first.client}
            timeline(snapshot, focus_on("error", row))
    else:
        for source, line in chosen[:1] if sys.argv[1] == "first" else chosen[1:]:
            correlate_one(snapshot, source.id, line)
    print(time.perf_counter() - started, time.process_time() - used)
"""
_CORRELATIONS = {
    "all": "correlate all",
    "first": "correlate one, the first, which learns",
    "others": "correlate 23 others, one by one",
    "timelines": "timelines of 24 errors",
}


Taken = tuple[float, float]
"""Seconds on the clock, and of the processor."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree of some version, and the index that it made."""

    root: Path
    cache: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.root)}

    def seconds(self, code: str, *arguments: str | Path) -> Taken:
        """Run code of this checkout in a process of its own, which prints how long it took."""
        made = run([sys.executable, "-c", code, *arguments, self.cache], environment=self.environment)
        return _taken(made.output.splitlines()[-1])


@contextmanager
def _asked(checkout: Checkout, logs: Path) -> Iterator[tuple[list[str], Callable[[str, int], Taken]]]:
    """A process that has an index open: the names of its jobs, and what runs one of them so many times."""
    process = subprocess.Popen(
        [sys.executable, "-c", _QUESTIONS, str(logs), str(checkout.cache)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=checkout.environment,
        cwd=checkout.root,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    answers, jobs = process.stdout, process.stdin
    names = json.loads(answers.readline() or "[]")

    def seconds(name: str, times: int) -> Taken:
        jobs.write(f"{times} {name}\n")
        jobs.flush()
        return _taken(answers.readline())

    try:
        yield names, seconds
    finally:
        jobs.close()
        process.wait()
        answers.close()


def measures(old: Path, folder: Path, part: str, lines: int, pairs: int) -> Iterator[Measure]:
    """Every job of ``queries``, ``ingest`` or ``correlate``: how many times as long it takes as in the checkout ``old``."""
    logs = folder / "paired"
    before, now = Checkout(old.resolve(), folder / "old-index"), Checkout(_HERE, folder / "new-index")
    if part == "correlate":
        write_simulated(logs, lines)
    else:
        write_iis(logs / "u_ex260615.log", lines, HARD)
        write_httperr(logs / "httperr1.log", max(1, lines // 60), HARD)
    if part == "queries":
        yield from _questions(before, now, logs, pairs)
    elif part == "ingest":
        yield _pairs("index from nothing", partial(_read, before, logs), partial(_read, now, logs), pairs)
    else:
        for each in (before, now):
            each.seconds(_READ, logs)
        for what, name in _CORRELATIONS.items():
            old_run, new_run = (partial(each.seconds, _CORRELATE, what, logs) for each in (before, now))
            yield _pairs(name, old_run, new_run, pairs)
    for made in (logs, before.cache, now.cache):
        shutil.rmtree(made, ignore_errors=True)


def _taken(printed: str) -> Taken:
    clock, processor = printed.split()
    return float(clock), float(processor)


def _read(checkout: Checkout, logs: Path) -> Taken:
    shutil.rmtree(checkout.cache, ignore_errors=True)
    return checkout.seconds(_READ, logs)


def _questions(before: Checkout, now: Checkout, logs: Path, pairs: int) -> Iterator[Measure]:
    with ExitStack() as both:
        old_names, old = both.enter_context(_asked(before, logs))
        new_names, new = both.enter_context(_asked(now, logs))
        for name in new_names:
            if name in old_names:
                first, _ = old(name, 1)
                new(name, 1)
                times = min(max(math.ceil(_LEAST / first), 1), _MOST_TIMES)
                yield _pairs(name, partial(old, name, times), partial(new, name, times), pairs)


def _pairs(name: str, old: Callable[[], Taken], new: Callable[[], Taken], pairs: int) -> Measure:
    """The median ratio of some pairs of runs."""
    before, now = [], []
    for turn in range(pairs):
        if turn % 2:
            now.append(new())
            before.append(old())
        else:
            before.append(old())
            now.append(new())
    clock, processor = ([new[which] / old[which] for new, old in zip(now, before, strict=True)] for which in (0, 1))
    low, _, high = statistics.quantiles(clock, n=4)
    taken = " against ".join(f"{statistics.median(clock for clock, _ in each) * 1000:.0f} ms" for each in (now, before))
    detail = (
        f"{taken}; middle half of {pairs} pairs {low:.2f} to {high:.2f}; processor {statistics.median(processor):.2f} x"
    )
    return Measure(name, statistics.median(clock), "x", BAR, detail)
