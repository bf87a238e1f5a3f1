"""Reads the same logs into indexes that came about in different ways, and compares what commands answer, byte for byte.

``python -m tests.attack.histories [--count N] [--seed N]``. A history is how an index came about: all logs at once, one after the
other, grown in steps, with other content at first, with other names at first, killed by ``kill -9`` while they were read or
segments joined, or with files of the index deleted. The answers must not depend on it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tests.attack.mutate_index import run
from tests.killed_reading import killed_reading
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, START, write

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("query", "--format", "ndjson"),
    ("query", "--format", "csv", "--sort", "-time-taken"),
    ("query", "--format", "csv", "--sort", "path"),
    *(("breakdown", "--by", field, "--format", "csv") for field in ("path", "client", "reason", "source", "status")),
    ("breakdown", "--by", "path", "--sort", "-p95", "--format", "csv"),
    ("histogram", "--format", "csv"),
    ("correlate", "--format", "ndjson"),
    ("timeline", "--format", "ndjson", "--where", "client:10.1.0.1"),
    ("client-gone", "--format", "csv"),
    ("incidents", "--format", "ndjson"),
    ("compare", "--b", "status:503", "--format", "csv"),
    ("rejects", "--format", "csv"),
    ("fields", "--format", "csv"),
    ("report", "--format", "json"),
    ("index", "--format", "ndjson"),
)

STAGES = ("writing", "committing", "in the transaction", "joining", "committing the joined", "joining dictionaries")


def texts(seed: int, rows: int) -> dict[str, str]:
    """The logs by name: many rows of one second, in several files, of the same clients and paths."""
    dice = random.Random(seed)
    logs = {}
    for name, head, line in (
        ("W3SVC1/u_ex260615.log", IIS_HEAD, _request),
        ("W3SVC1/u_ex260616.log", IIS_HEAD, _request),
        ("W3SVC2/u_ex260615.log", IIS_HEAD.replace(" time-taken", " time-taken X-Forwarded-For"), _forwarded),
        ("W3SVC10/u_ex260615.log", IIS_HEAD.replace(" time-taken", " time-taken cs-host"), _forwarded),
        ("httperr1.log", HTTPERR_HEAD, _error),
        ("httperr2.log", HTTPERR_HEAD, _error),
        ("httperr10.log", HTTPERR_HEAD, _error),
    ):
        moments = sorted(START + timedelta(seconds=dice.randrange(240)) for _ in range(rows))
        lines = [line(dice, moment) for moment in moments]
        lines.insert(rows // 2, f"junk of {name}\r\n")
        logs[name] = head + "".join(lines)
    return logs


def _request(dice: random.Random, moment: datetime, more: str = "") -> str:
    client, path = dice.randrange(4), dice.choice("abcde")
    status = dice.choice(("200 0 0", "200 0 64", "500 0 0", "503 0 64"))
    taken = dice.choice((15, 15, 120_000, dice.randrange(4000)))
    agent = dice.randrange(3)
    return f"{moment} 10.0.0.1 GET /{path} - 80 - 10.1.0.{client} Agent/{agent} - {status} {taken}{more}\r\n"


def _forwarded(dice: random.Random, moment: datetime) -> str:
    return _request(dice, moment, f" 192.0.2.{dice.randrange(3)}")


def _error(dice: random.Random, moment: datetime) -> str:
    client, path = dice.randrange(4), dice.choice("abcde")
    reason = dice.choice(("Connection_Dropped", "Timer_ConnectionIdle", "AppOffline", "Request_Cancelled", "QueueFull"))
    status = "503" if reason in ("AppOffline", "QueueFull") else "-"
    port = dice.choice((50_000, dice.randrange(1024, 60_000)))
    return f"{moment} 10.1.0.{client} {port} 10.0.0.1 80 HTTP/1.1 GET /{path} {status} 1 {reason} Shop\r\n"


class History:
    """Logs and their index below a folder, and the ways in which they may come about."""

    def __init__(self, folder: Path, logs: dict[str, str], seed: int) -> None:
        self.logs, self.index = folder / "logs", folder / "index"
        self._texts = logs
        self._dice = random.Random(seed)
        self.logs.mkdir(parents=True)

    def read(self) -> None:
        run(("count",), self.logs, self.index)

    def _whole(self, names: Sequence[str]) -> None:
        for name in names:
            write(self.logs / name, self._texts[name])

    def _shuffled(self) -> list[str]:
        return self._dice.sample(list(self._texts), len(self._texts))

    def whole(self) -> None:
        self._whole(list(self._texts))

    def one_by_one(self) -> None:
        for name in self._shuffled():
            self._whole([name])
            self.read()

    def grown(self, read: Callable[[], None] | None = None) -> None:
        """Each log grows by some bytes at a time, in any order, also within lines."""
        left = dict(self._texts)
        while left:
            for name in self._dice.sample(list(left), self._dice.randrange(1, len(left) + 1)):
                size = self._dice.randrange(1, 9000)
                write(self.logs / name, self._texts[name][: len(self._texts[name]) - len(left[name]) + size])
                left[name] = left[name][size:]
            left = {name: text for name, text in left.items() if text}
            (read or self.read)()

    def killed(self) -> None:
        self.grown(self._kill)

    def _kill(self) -> None:
        stage, count = self._dice.choice(STAGES), self._dice.randrange(1, 8)
        command = killed_reading(stage, count, self.logs, self.index, 6000)
        subprocess.run(command, capture_output=True, timeout=120, check=False)

    def others_at_first(self) -> None:
        """One log had other content, another one another name, and one more log was there."""
        names = self._shuffled()
        self._whole(names)
        write(self.logs / names[0], self._texts[names[1]])
        extra = write(self.logs / "httperr0.log", HTTPERR_HEAD, _error(self._dice, START))
        (self.logs / names[2]).rename(self.logs / "u_ex1.log")
        self.read()
        extra.unlink()
        (self.logs / "u_ex1.log").rename(self.logs / names[2])
        self._whole(names[:1])

    def repaired(self) -> None:
        self.one_by_one()
        for _ in range(3):
            files = sorted(path for path in self.index.rglob("*") if path.suffix in (".parquet", ".sqlite"))
            for path in self._dice.sample(files, min(len(files), 3)):
                path.unlink()
            self.read()

    def make(self, way: str) -> None:
        """Come about in a way, and be read to the end."""
        getattr(self, way)()
        self.read()

    def answers(self) -> dict[tuple[str, ...], tuple[int, str]]:
        """Exit status and standard output of each command."""
        return {command: run(command, self.logs, self.index)[:2] for command in COMMANDS}


WAYS = ("one_by_one", "grown", "others_at_first", "repaired", "killed")


def differences(count: int, seed: int, rows: int = 150) -> list[str]:
    """Which commands answer otherwise after which of so many histories than after a reading of all logs at once."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        logs = texts(seed, rows)
        # The logs are read in one place by turns, as answers name it.
        place = Path(name) / "set"
        whole = History(place, logs, seed)
        whole.make("whole")
        right = whole.answers()
        if any(status or not out for status, out in right.values()):
            raise AssertionError([command for command, (status, out) in right.items() if status or not out])
        for number in range(count):
            shutil.rmtree(place)
            history = History(place, logs, seed + number)
            history.make(WAYS[number % len(WAYS)])
            for command, answer in history.answers().items():
                if answer != right[command]:
                    found.append(
                        f"{WAYS[number % len(WAYS)]} {seed + number}: {' '.join(command)}: {_first(right[command][1], answer[1])}"
                    )
    return found


def _first(right: str, other: str) -> str:
    """The first lines that differ."""
    lines = zip(right.splitlines(), other.splitlines(), strict=False)
    return next((f"\n  {one}\n  {two}" for one, two in lines if one != two), "another number of lines")


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare answers from indexes that came about in different ways.")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = differences(options.count, options.seed)
    print(*found, sep="\n")
    print(f"{options.count} histories, {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
