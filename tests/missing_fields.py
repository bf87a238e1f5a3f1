"""Takes fields of both logs away, alone, in pairs and all, and asks everything: ``python -m tests.missing_fields [MOST]``.

Every command runs, and the explorer shows every view (where pairs are gone, with every twentieth pair: it takes a
second each). ``MOST`` is how many fields are gone at once, 1 unless given; of pairs the commands run in one format.

A field is taken away in two ways: its value is ``-`` in every row, or the column is not logged. A row with every value
takes part each time, so that both kinds meet. A command may refuse (2) or say that something could not be read (3); a
fault of ours (1), a traceback or any other exception is printed, and the end is status 1.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import os
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stderr, redirect_stdout
from itertools import combinations
from pathlib import Path

from tests.tui.driving import explorer
from tui.cli import main

IIS = {
    "date": "2026-06-15", "time": "10:00:05", "s-sitename": "W3SVC1", "s-computername": "WEB01", "s-ip": "10.0.0.1",
    "cs-method": "GET", "cs-uri-stem": "/a", "cs-uri-query": "id=1", "s-port": "443", "cs-username": "SHOP\\amy",
    "c-ip": "192.0.2.7", "cs-version": "HTTP/1.1", "cs(User-Agent)": "Agent/1.0", "cs(Cookie)": "k=v",
    "cs(Referer)": "https://shop.example/", "cs-host": "shop.example", "sc-status": "200", "sc-substatus": "0",
    "sc-win32-status": "64", "sc-bytes": "10", "cs-bytes": "20", "time-taken": "4000", "REMOTE_PORT": "50123",
}  # fmt: skip
HTTPERR = {
    "date": "2026-06-15", "time": "10:01:40", "c-ip": "192.0.2.7", "c-port": "50123", "s-ip": "10.0.0.1",
    "s-port": "443", "cs-version": "HTTP/1.1", "cs-method": "GET", "cs-uri": "/a?id=1", "streamid": "1",
    "streamid_ex": "0", "sc-status": "503", "s-siteid": "1", "s-reason": "Connection_Dropped", "s-queuename": "Pool",
    "transport": "TCP", "fault-code": "0x80070008", "extended-fault-code": "0x1",
}  # fmt: skip
KEPT = {"date", "time"}
"""Without these a row is a reject."""

FORMATS = ("table", "csv", "ndjson")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("index",),
    ("rejects",),
    ("count", "--where", "reason:*Dropped or status:5xx"),
    *(("query", "--format", form) for form in FORMATS),
    ("query", "--sort", "-time-taken", "--redact"),
    *(("breakdown", "--by", field) for field in ("reason", "path", "client", "queue,status")),
    ("breakdown", "--by", "path", "--sort", "-p95"),
    ("histogram",),
    ("incidents",),
    ("fields",),
    ("evidence",),
    ("compare", "--a", "time:10:00", "--b", "time:10:01"),
    *(("correlate", "--format", form) for form in FORMATS),
    ("correlate", "--redact"),
    ("timeline", "--around", "httperr1.log:3"),
    ("client-gone",),
    ("client-gone", "--redact"),
    *(("report", "--format", form) for form in ("text", "markdown", "html", "json")),
    ("report", "--redact"),
)

FEWER: tuple[tuple[str, ...], ...] = (
    ("count", "--where", "reason:*Dropped or status:5xx"),
    ("query", "--sort", "-time-taken", "--redact"),
    ("breakdown", "--by", "path", "--sort", "-p95"),
    ("breakdown", "--by", "queue,status"),
    ("histogram",),
    ("incidents",),
    ("fields",),
    ("compare", "--a", "time:10:00", "--b", "time:10:01"),
    ("correlate", "--format", "ndjson", "--redact"),
    ("timeline", "--around", "httperr1.log:3"),
    ("client-gone", "--redact"),
    ("report", "--format", "json"),
)
"""What is run where several fields are gone: each command once."""

VIEW_KEYS = (
    "2",
    "down",
    "enter",
    "escape",
    "r",
    "escape",
    "3",
    "down",
    "b",
    "escape",
    "4",
    "right",
    "5",
    "down",
    "1",
    "down",
)
"""Every view, the detail, the timeline of a row and the breakdown of a column."""


def log(values: dict[str, str], gone: frozenset[str], *, as_column: bool, software: str) -> str:
    """A log with one row without the fields and, where the columns are left, one row with all of them."""
    names = [name for name in values if not (as_column and name in gone)]
    rows = [" ".join("-" if name in gone else values[name] for name in names)]
    if not as_column:
        rows.append(" ".join(values[name] for name in names))
    return f"#Software: {software}\r\n#Fields: {' '.join(names)}\r\n" + "\r\n".join(rows) + "\r\n"


def cases(most: int) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Fields of the IIS log and of Httperr.log to take away: up to ``most`` at once within both, and all."""
    fields = [("iis", name) for name in IIS if name not in KEPT]
    fields += [("httperr", name) for name in HTTPERR if name not in KEPT]
    for size in range(1, most + 1):
        for chosen in combinations(fields, size):
            yield (
                frozenset(name for which, name in chosen if which == "iis"),
                frozenset(name for which, name in chosen if which == "httperr"),
            )
    yield frozenset(IIS) - KEPT, frozenset(HTTPERR) - KEPT


def failure(words: Sequence[str]) -> str:
    """What went wrong with a command, or nothing."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = main(list(words))
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - PanicException of Polars is no Exception
        return traceback.format_exc(limit=-3)
    return err.getvalue()[-800:] if status not in (0, 2, 3) or "Traceback" in err.getvalue() else ""


Case = tuple[frozenset[str], frozenset[str], bool]
"""Fields of the IIS log and of Httperr.log that are gone, and whether the columns are, too."""


def cases_of(most: int) -> list[Case]:
    return [(iis, httperr, as_column) for iis, httperr in cases(most) for as_column in (False, True)]


def write_logs(logs: Path, case: Case) -> None:
    iis, httperr, as_column = case
    logs.mkdir()
    heads = ("Microsoft Internet Information Services 10.0", "Microsoft HTTP API 2.0")
    (logs / "u_ex260615.log").write_bytes(log(IIS, iis, as_column=as_column, software=heads[0]).encode())
    (logs / "httperr1.log").write_bytes(log(HTTPERR, httperr, as_column=as_column, software=heads[1]).encode())


def failures(folder: Path, case: Case, commands: Sequence[tuple[str, ...]] = COMMANDS) -> Iterator[str]:
    """Every command that failed, with the fields that were gone."""
    logs = folder / "logs"
    write_logs(logs, case)
    for name, *options in commands:
        words = [name, str(logs), *options, "--index-dir", str(folder / "index"), "--quiet"]
        if found := failure(words):
            yield f"without {_worded(case)}: {name} {' '.join(options)}: {found}"


async def view_failure(folder: Path, case: Case) -> str:
    """What went wrong in the explorer, or nothing."""
    write_logs(folder / "logs", case)
    try:
        async with explorer(folder / "logs", folder, size=(120, 36)) as driver:
            for key in VIEW_KEYS:
                await driver.press(key)
                await driver.settle()
    except BaseException:  # noqa: BLE001 - whatever it is
        return f"without {_worded(case)}: the explorer: {traceback.format_exc(limit=-3)}"
    return ""


def _worded(case: Case) -> str:
    iis, httperr, as_column = case
    return f"{sorted(iis)} {sorted(httperr)} {'as columns' if as_column else 'as values'}"


def _asked(case: Case, commands: Sequence[tuple[str, ...]], *, has_views: bool) -> tuple[int, list[str]]:
    """How much was asked of a case, and what failed; in a process that does nothing else."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        found = list(failures(Path(made), case, commands))
    if has_views:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
            found += filter(None, [asyncio.run(view_failure(Path(made), case))])
    return len(commands) + has_views, found


def run(most: int) -> int:
    """Ask everything, print what failed and the figures; the exit status."""
    asked: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), max_tasks_per_child=50) as pool:
        jobs = []
        for number, case in enumerate(cases_of(most)):
            gone = len(case[0]) + len(case[1])
            commands = FEWER if gone == 2 else COMMANDS
            jobs.append(pool.submit(_asked, case, commands, has_views=gone != 2 or number % 20 < 2))
        for job in as_completed(jobs):
            questions, found = job.result()
            asked += Counter(cases=1, questions=questions, failures=len(found))
            for problem in found:
                print(problem, flush=True)
    print(", ".join(f"{asked[name]:,} {name}" for name in ("cases", "questions", "failures")))
    return 1 if asked["failures"] else 0


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
