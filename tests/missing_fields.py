"""Takes fields of both logs away, alone, in pairs and all, and runs every command: ``python -m tests.missing_fields``.

A field is taken away in two ways: its value is ``-`` in every row, or the column is not logged. A row with every value
takes part each time, so that both kinds meet. A command may refuse (2) or say that something could not be read (3); a
fault of ours (1), a traceback or any other exception is printed, and the end is status 1.
"""

from __future__ import annotations

import io
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from itertools import combinations
from pathlib import Path

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
    *(("correlate", "--format", form) for form in FORMATS),
    ("correlate", "--redact"),
    ("timeline", "--around", "httperr1.log:3"),
    ("client-gone",),
    ("client-gone", "--redact"),
    *(("report", "--format", form) for form in ("text", "markdown", "html", "json")),
    ("report", "--redact"),
)


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


def failures(folder: Path, most: int, commands: Sequence[tuple[str, ...]] = COMMANDS, step: int = 1) -> Iterator[str]:
    """Every command that failed, with the fields that were gone; with ``step`` only every n-th case."""
    for number, (iis, httperr) in enumerate(list(cases(most))[::step]):
        for as_column in (False, True):
            logs = folder / f"{number}-{as_column}"
            logs.mkdir()
            heads = ("Microsoft Internet Information Services 10.0", "Microsoft HTTP API 2.0")
            (logs / "u_ex260615.log").write_bytes(log(IIS, iis, as_column=as_column, software=heads[0]).encode())
            (logs / "httperr1.log").write_bytes(log(HTTPERR, httperr, as_column=as_column, software=heads[1]).encode())
            for command in commands:
                name, *options = command
                words = [name, str(logs), *options, "--index-dir", str(folder / "index"), "--quiet"]
                if found := failure(words):
                    yield f"without {sorted(iis)} {sorted(httperr)}: {' '.join(command)}: {found}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        count = 0
        for problem in failures(Path(made), int(sys.argv[1]) if len(sys.argv) > 1 else 1):
            print(problem, flush=True)
            count += 1
    print(f"{count} failures")
    sys.exit(1 if count else 0)
