"""Correlation of a day of a busy server: all errors at once, one error, and how soon both stop when they are told to.

The logs come from the model of HTTP.sys, in parts of an hour or two by different clients of one server. Its errors are
thinned evenly to the number that is wanted.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from parsing.httpsys.profile import ServerProfile
from parsing.httpsys.simulation import simulate
from parsing.httpsys.writers.error_log import ErrorLog
from parsing.httpsys.writers.iis_log import IisLog
from tests.bench.generate import REALISTIC, write_httperr, write_iis
from tests.bench.processes import Run, run_python
from tests.bench.table import MIB, Measure

PARTS = 12
ERRORS = 60
"""One error for so many requests."""
_RATE = 70.0
_DAY = datetime(2026, 6, 15, tzinfo=UTC)

_WRITE = """
import sys
from pathlib import Path
from tests.bench.correlating import write_part
write_part(Path(sys.argv[1]), *map(int, sys.argv[2:]))
"""
"""Parts are written by processes of their own, so that their memory is not counted with what is measured."""

_RANDOM = """
import sys
from pathlib import Path
from tests.bench.correlating import write_random
write_random(Path(sys.argv[1]), int(sys.argv[2]))
"""

_INDEX = """
import sys
from pathlib import Path
from parsing.index.log_set import LogSet
with LogSet.open([sys.argv[1]], index_dir=Path(sys.argv[2])) as log_set:
    log_set.read()
"""

_ALL = """
import json, sys, time
from pathlib import Path
from parsing.correlation.correlate import correlate
from parsing.index.log_set import LogSet
with LogSet.open([sys.argv[1]], index_dir=Path(sys.argv[2])) as log_set:
    snapshot = log_set.snapshot()
    started = time.perf_counter()
    errors = claims = 0
    first = None
    for found in correlate(snapshot):
        first = first or time.perf_counter() - started
        errors += len(found)
        claims += sum(len(error.claims) for error in found)
    print(json.dumps({"seconds": time.perf_counter() - started, "first": first, "errors": errors, "claims": claims}))
"""

_ONE = """
import json, statistics, sys, time
from pathlib import Path
from parsing.correlation.correlate import correlate_one
from parsing.correlation.timeline import focus_on, timeline
from parsing.index.log_set import LogSet
with LogSet.open([sys.argv[1]], index_dir=Path(sys.argv[2])) as log_set:
    snapshot = log_set.snapshot()
    sources = [source for source in snapshot.sources if source.format == "httperr" and source.rows > 100]
    chosen = [(source.id, source.rows // 2 + 20 * turn) for turn in range(3) for source in sources[::3]][:24]
    names = {source.id: source.name for source in snapshot.sources}
    taken, laid = [], []
    for source, line in chosen:
        started = time.perf_counter()
        error = correlate_one(snapshot, source, line)
        taken.append(time.perf_counter() - started)
        row = {"log": "httperr", "source": names[source], "line": line, "time": error.time, "client": error.client}
        started = time.perf_counter()
        timeline(snapshot, focus_on("error", row))
        laid.append(time.perf_counter() - started)
    print(json.dumps({
        "first": taken[0], "worst": max(taken[1:]), "median": statistics.median(taken[1:]),
        "laid": max(laid[1:]), "usual": statistics.median(laid[1:]),
    }))
"""

_STOP = """
import json, sys, threading, time
from pathlib import Path
from parsing.correlation import correlate
from parsing.errors import CancelledError
from parsing.index.log_set import LogSet
worst = done = 0.0
with LogSet.open([sys.argv[1]], index_dir=Path(sys.argv[2])) as log_set:
    for after in map(float, sys.argv[3:]):
        log_set.snapshot().memory.habits.clear()
        stopped = threading.Event()
        timer = threading.Timer(after, stopped.set)
        began = time.perf_counter()
        timer.start()
        try:
            for _ in correlate(log_set.snapshot(), cancelled=stopped.is_set):
                pass
        except CancelledError:
            worst = max(worst, time.perf_counter() - began - after)
            done += 1
        timer.cancel()
print(json.dumps({"worst": worst, "stopped": done}))
"""


def write_part(folder: Path, number: int, requests: int) -> None:
    """One part of a simulated day; it begins where the one before it ends."""
    profile = replace(ServerProfile.drawn(1, "2022"), requests=requests, rate=_RATE, proxy_share=0.05)
    start = _DAY + number * timedelta(seconds=requests / _RATE)
    recording = simulate(profile, number + 1, start).recording
    IisLog(profile, client_port=False).write(folder, recording.requests)
    wanted = min(len(recording.errors), requests // ERRORS)
    ErrorLog(profile).write(
        folder, [recording.errors[place * len(recording.errors) // wanted] for place in range(wanted)]
    )


def write_simulated(folder: Path, requests: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(
            lambda number: run_python(_WRITE, folder / f"part{number:02}", str(number), str(requests // PARTS)),
            range(PARTS),
        ):
            pass


def write_random(folder: Path, requests: int) -> None:
    """Errors that belong to no request, of clients and paths that are everywhere: nothing can be set aside early."""
    write_iis(folder / "u_ex260615.log", requests, REALISTIC)
    sparse = replace(REALISTIC, rows_per_second=max(1, REALISTIC.rows_per_second // ERRORS))
    write_httperr(folder / "httperr1.log", requests // ERRORS, sparse)


def measures(folder: Path, lines: int, *, is_long: bool = False) -> Iterator[Measure]:
    """All measurements of correlation; with ``is_long`` also on logs in which nothing belongs together."""
    logs, cache = folder / "correlated", folder / "correlated-index"
    write_simulated(logs, lines)
    yield from _measured(logs, cache, f"{lines / 1e6:g} M requests")
    shutil.rmtree(logs)
    if is_long:
        run_python(_RANDOM, logs, str(lines))
        yield from _measured(logs, cache, f"{lines / 1e6:g} M requests, random")
        shutil.rmtree(logs)


def _measured(logs: Path, cache: Path, what: str) -> Iterator[Measure]:
    shutil.rmtree(cache, ignore_errors=True)
    run_python(_INDEX, logs, cache)
    run, told = _told(_ALL, logs, cache)
    detail = f"{told['errors']:,} errors, {told['claims']:,} claims, first ones after {told['first']:.1f} s"
    detail += f", {run.processor:.1f} s of processor"
    yield Measure(f"correlate all, {what}", told["seconds"], "s", 15, detail)
    yield Measure(f"memory, correlate all, {what}", run.peak / MIB, "MiB", 1536)
    _, told = _told(_ONE, logs, cache)
    detail = f"median {told['median'] * 1000:.0f} ms; the first, which learns, {told['first'] * 1000:.0f} ms"
    yield Measure(f"correlate one, {what}", told["worst"] * 1000, "ms", 200, detail)
    usual = f"median {told['usual'] * 1000:.0f} ms: the error with what belongs to it, and its client's other rows"
    yield Measure(f"timeline of one error, {what}", told["laid"] * 1000, "ms", 200, usual)
    run, told = _told(_STOP, logs, cache, *map(str, (0.1, 0.5, 1, 2, 3, 4.5)))
    yield Measure(f"cancelled within, {what}", told["worst"] * 1000, "ms", 150, f"{told['stopped']:.0f} times")
    shutil.rmtree(cache)


def _told(code: str, *arguments: str | Path) -> tuple[Run, dict[str, Any]]:
    run = run_python(code, *arguments)
    return run, json.loads(run.output.splitlines()[-1])
