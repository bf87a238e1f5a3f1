"""What someone at the explorer waits for: the first rows of a large new log, and a new line of one that grows."""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from parsing.index.log_set import LogSet
from tests.bench.generate import IIS_FIELDS, write_iis
from tests.bench.table import Measure
from tui.jobs.engine import POLL

_LINES_ADDED = 10
_START = datetime(2026, 7, 1)  # noqa: DTZ001
_ROW = re.compile(r"\d\d:\d\d:\d\d .*\b(?:GET|POST|HEAD|PUT)\b")


def measures(folder: Path, lines: int) -> Iterator[Measure]:
    """First rows and live follow, through the engine and, where there are pseudo-terminals, through the explorer."""
    log = folder / "live" / "u_ex260615.log"
    write_iis(log, lines)
    if sys.platform != "win32":
        yield from _explored(log, folder, f"{lines / 1e6:g} M lines")
    yield _followed(log, folder, f"{lines / 1e6:g} M lines")
    shutil.rmtree(log.parent)


def _explored(log: Path, folder: Path, what: str) -> Iterator[Measure]:
    from tests.terminal import Terminal, environment

    index = folder / "live-index"
    home = environment(folder / "live-home")
    started = time.perf_counter()
    with Terminal(["--index-dir", index, log], columns=120, env=home) as terminal:
        terminal.wait(lambda text: bool(_ROW.search(text)))
        detail = "from the start of the process, imports included"
        yield Measure(f"explorer, first rows on screen, {what}", time.perf_counter() - started, "s", 1.5, detail)
        terminal.wait(lambda text: "reading" not in text and "so far" not in text, patience=600)
        terminal.press("q")
    with Terminal(["--index-dir", index, "--follow", log], columns=120, env=home) as terminal:
        terminal.wait(lambda text: bool(_ROW.search(text)))
        terminal.settle()
        waited = []
        for number in range(_LINES_ADDED):
            time.sleep(0.13 * number % 0.5)
            shown = f"/live/{number} " if number else "/live/0"
            waited.append(_seconds_until(partial(terminal.wait, shown), log, number))
        detail = f"the slowest of {_LINES_ADDED} lines"
        yield Measure(f"explorer, a new line on screen, {what}", max(waited), "s", 1, detail)
        terminal.press("q")
    shutil.rmtree(index)


def _seconds_until(seen: Callable[[], object], log: Path, number: int) -> float:
    _add(log, number)
    started = time.perf_counter()
    seen()
    return time.perf_counter() - started


def _add(log: Path, number: int) -> None:
    moment = (_START + timedelta(seconds=number)).strftime("%Y-%m-%d %H:%M:%S")
    values = [f"/live/{number}" if name == "cs-uri-stem" else "-" for name in IIS_FIELDS[2:]]
    with log.open("ab") as out:
        out.write((" ".join([moment, *values]) + "\r\n").encode())


def _followed(log: Path, folder: Path, what: str) -> Measure:
    """The slowest of some lines from the file into a snapshot."""
    waited = []
    with LogSet.open([str(log)], index_dir=folder / "followed-index") as log_set:
        log_set.read()
        stopped = threading.Event()

        def follow() -> None:
            while not stopped.wait(POLL):
                log_set.poll()

        thread = threading.Thread(target=follow)
        thread.start()
        for number in range(_LINES_ADDED):
            time.sleep(0.13 * number % 0.5)
            newest = _START + timedelta(days=1, seconds=number)
            waited.append(_seconds_until(partial(_until, log_set, newest), log, 86_400 + number))
        stopped.set()
        thread.join()
    shutil.rmtree(folder / "followed-index")
    return Measure(f"a new line in the index, {what}", max(waited), "s", 1, f"the slowest of {_LINES_ADDED} lines")


def _until(log_set: LogSet, newest: datetime) -> None:
    end = time.monotonic() + 30
    while log_set.snapshot().newest != newest:
        if time.monotonic() > end:
            raise RuntimeError("a new line was never read")
        time.sleep(0.002)
