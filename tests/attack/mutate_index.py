"""Damages the files of an index in a thousand ways and watches what commands make of it.

``python -m tests.attack.mutate_index [--count N] [--seed N]``. Each mutation is made on a copy of a whole index; then two rounds
of commands are run. In the first, each has to give the right answer, or to end with an error of few lines; in the second,
each has to give the right answer. Of what would be wrong in silence, of tracebacks and of what is not healed none is allowed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.written_events import events_xml, was
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write
from tui.cli import main as dropline

KINDS = {
    "rows": "rows-*.parquet",
    "rejects": "rejects-*.parquet",
    "damage": "damage-*.parquet",
    "words": "words-*.parquet",
    "evidence": "evidence-*.parquet",
    "manifest": "manifest.sqlite",
    "copy": "manifest-copy.sqlite",
    "incidents": "incidents.json",
}
"""The kinds of files of an index, as their names are."""

HOWS = ("bit", "byte", "cut", "swap", "zero", "delete")
MOST_LINES = 5
"""Lines that an error of a command may have."""

COLUMNS = "log,source,line,time,c-ip,cs-uri-stem,cs-uri,cs(User-Agent),sc-status,time-taken,s-reason,s-queuename"

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("query", "--format", "csv", "--columns", COLUMNS),
    ("breakdown", "--by", "path", "--sort", "-p95", "--format", "csv"),
    ("rejects", "--format", "csv"),
    ("rejects", "--damaged", "--format", "csv"),
    ("evidence", "--format", "csv"),
    ("incidents", "--format", "ndjson"),
    ("index", "--format", "ndjson"),
)


@dataclass
class Outcome:
    """How many mutations of each kind ended in each way."""

    ends: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def written(folder: Path) -> Path:
    """Logs with rows and rejects of several sources; their index has more than one file of each kind, some of equal size."""
    for number in range(3):
        junk = [f"junk {number}{line:03}\r\n" for line in range(40)]
        junk += [
            f"2026-06-15 11:00:{line:02} 10.0.0.1 GET /a - 443 - 192.0.2.1 A - 200 0 0 {number}x\r\n"
            for line in range(9)
        ]
        write(folder / f"u_ex26061{number}.log", IIS_HEAD, iis_lines(300, first=300 * number), *junk)
        write(folder / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(100, first=1000 + 100 * number), *junk)
        events = [was(5011, f"2026-06-15T10:0{minute}:00Z", "Web", number) for minute in range(9)]
        write(folder / f"System{number}.xml", events_xml(events))
    for number in range(2):
        twin = iis_lines(60, path="/twin").replace(" 200 0 0 ", f" 20{number} 0 0 ")
        write(folder / f"u_ex26062{number}.log", IIS_HEAD, twin)
    return folder


def indexed(logs: Path, index: Path) -> Path:
    """The folder of an index that has been made in several turns."""
    waiting = logs.parent / "waiting"
    waiting.mkdir()
    paths = sorted(logs.iterdir())
    for path in paths:
        path.rename(waiting / path.name)
    for path in paths:
        (waiting / path.name).rename(path)
        run(("count",), logs, index)
    (folder,) = index.iterdir()
    return folder


def run(command: tuple[str, ...], logs: Path, index: Path) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command in this process; panics of Polars are heard, too."""
    written_out, err = io.BytesIO(), io.StringIO()
    out = io.TextIOWrapper(written_out, "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _native_errors() as native:
        try:
            status = dropline([command[0], str(logs), *command[1:], "--index-dir", str(index)])
        except SystemExit as end:
            status = int(end.code or 0)
    out.flush()
    return status, written_out.getvalue().decode(), err.getvalue() + "".join(native)


@contextlib.contextmanager
def _native_errors() -> Iterator[list[str]]:
    """What compiled code writes to standard error meanwhile."""
    heard: list[str] = []
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield heard
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            heard.append(file.read().decode("utf-8", "replace"))


def files_of(folder: Path, kind: str) -> list[Path]:
    return sorted(folder.glob(KINDS[kind]))


def mutate(paths: list[Path], how: str, dice: random.Random) -> str:
    """Damage one of the files, or exchange two (of a single one, two blocks); says what was done.

    Of files that are exchanged, every other pair is of equal size.
    """
    path = dice.choice(paths)
    twins = [each for each in paths if [other.stat().st_size for other in paths].count(each.stat().st_size) > 1]
    if how == "swap" and twins and dice.random() < 0.5:
        path = dice.choice(twins)
        paths = [each for each in twins if each.stat().st_size == path.stat().st_size]
    data = bytearray(path.read_bytes())
    at = dice.randrange(len(data))
    match how:
        case "bit":
            data[at] ^= 1 << dice.randrange(8)
        case "byte":
            data[at] = (data[at] + dice.randrange(1, 256)) % 256
        case "cut":
            del data[at:]
        case "zero":
            size = dice.choice((16, 256, 4096))
            data[at : at + size] = bytes(len(data[at : at + size]))
        case "delete":
            path.unlink()
            return f"{path.name} deleted"
        case "swap" if len(paths) > 1:
            other = dice.choice([each for each in paths if each != path])
            path.write_bytes(other.read_bytes())
            other.write_bytes(data)
            return f"{path.name} and {other.name} exchanged"
        case _:
            size = min(dice.choice((16, 512, 4096)), len(data) // 2)
            to = dice.randrange(len(data) - size + 1)
            at = min(at, len(data) - size)
            data[at : at + size], data[to : to + size] = data[to : to + size], data[at : at + size]
    path.write_bytes(data)
    return f"{how} at {at} of {path.name}"


def attack(count: int, seed: int, tell: Callable[[str], object] = lambda _: None) -> Outcome:
    """Makes mutations by turns of every kind of file and every kind of damage."""
    outcome = Outcome()
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        logs = written(top / "logs")
        whole = indexed(logs, top / "whole")
        right = {command: run(command, logs, top / "whole") for command in COMMANDS}
        if any(status or not out for status, out, _ in right.values()):
            raise AssertionError("a command has no answer for the whole index")
        for number in range(count):
            kind, how = list(KINDS)[number % len(KINDS)], HOWS[number // len(KINDS) % len(HOWS)]
            index = top / "index"
            shutil.copytree(top / "whole", index)
            done = mutate(files_of(index / whole.name, kind), how, dice)
            end = _end(logs, index, right, done, outcome)
            outcome.ends[kind, how, end] += 1
            shutil.rmtree(index)
            if number % 100 == 99:
                tell(f"{number + 1} mutations, {len(outcome.faults)} faults")
    return outcome


def _end(
    logs: Path, index: Path, right: dict[tuple[str, ...], tuple[int, str, str]], done: str, outcome: Outcome
) -> str:
    end = "no harm"
    for turn in ("first", "second"):
        for command in COMMANDS:
            status, out, err = run(command, logs, index)
            where = f"{done}, {turn} turn of {command[0]}"
            if "Traceback" in err or "panicked" in err or err.count("\n") > MOST_LINES:
                outcome.faults.append(f"{where}: {err[:300]}")
                return "traceback"
            if (status, out) == right[command][:2]:
                continue
            if status == 0:
                outcome.faults.append(f"{where}: wrong in silence")
                return "wrong"
            if turn == "second":
                outcome.faults.append(f"{where}: not healed: {err}")
                return "not healed"
            end = "said, and healed"
    return end


def main() -> int:
    parser = argparse.ArgumentParser(description="Damage an index in many ways, and see what becomes of it.")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcome = attack(options.count, options.seed, lambda text: print(text, file=sys.stderr))
    for kind in KINDS:
        for how in HOWS:
            ends = {end: number for (k, h, end), number in outcome.ends.items() if (k, h) == (kind, how)}
            print(f"{kind:9} {how:7} " + ", ".join(f"{end} {number}" for end, number in sorted(ends.items())))
    print(f"{options.count} mutations, {len(outcome.faults)} faults")
    for fault in outcome.faults[:20]:
        print(fault)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
