"""Judges ``compare`` by planted changes; prints a line for each seed and ends with 1 if a bar is missed.

    python -m tests.bench.judge_compare [--seeds 20] [--requests 40000]

A quiet day of the demo (no incidents) is compared with itself, the first half with the second: nothing may be called sure,
in 19 of 20 seeds. Then one change at a time is written into its second half: a path that takes twice as long, a client
that was not there, a reason that is gone, one server of two that takes twice as long. Each must be among the first five
findings, in every seed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from unittest import mock

from parsing.compare import SURE, Comparison, Difference, before_and_after, compare
from parsing.httpsys import write_demo
from parsing.httpsys.planned import Incidents
from parsing.index import LogSet

FIRST = 5
NEW_CLIENT = "203.0.113.77"
GONE = "Timer_AppPool"
Rows = list[list[str]]


@dataclass
class QuietDay:
    """The rows of a demo without incidents, as tokens, with the directives of their files."""

    iis_head: list[str]
    iis: Rows
    errors_head: list[str]
    errors: Rows
    moment: datetime
    """The middle of the day, by requests: as many before it as after."""

    @classmethod
    def simulated(cls, seed: int, requests: int, folder: Path) -> QuietDay:
        with mock.patch.object(Incidents, "plan"):
            write_demo(folder, seed=seed, requests=requests)
        iis_head, iis = _read(folder / "W3SVC1")
        errors_head, errors = _read(folder / "HTTPERR")
        middle = iis[len(iis) // 2]
        return cls(iis_head, iis, errors_head, errors, datetime.fromisoformat(f"{middle[0]}T{middle[1]}"))

    def place(self, name: str) -> int:
        fields = next(line for line in self.iis_head if line.startswith("#Fields"))
        return fields.split()[1:].index(name)

    def is_after(self, row: list[str]) -> bool:
        return datetime.fromisoformat(f"{row[0]}T{row[1]}") >= self.moment


def _read(folder: Path) -> tuple[list[str], Rows]:
    head: list[str] = []
    rows: Rows = []
    for path in sorted(folder.glob("*.log")):
        for line in path.read_text("latin-1").splitlines():
            if not line.startswith("#"):
                rows.append(line.split(" "))
            elif not rows:
                head.append(line)
    return head, rows


Plant = Callable[[QuietDay, Random, Path], Callable[[Difference], bool]]
"""Writes the changed logs into a folder, and says by which finding the change is found."""


def _write(folder: Path, name: str, head: Sequence[str], rows: Rows) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(f"{line}\n" for line in [*head, *(" ".join(row) for row in rows)]), "latin-1")


def _write_both(day: QuietDay, folder: Path, iis: Rows, errors: Rows) -> None:
    _write(folder, "u_ex260615.log", day.iis_head, iis)
    _write(folder, "httperr1.log", day.errors_head, errors)


def slow_path(day: QuietDay, chance: Random, folder: Path) -> Callable[[Difference], bool]:
    stem, taken = day.place("cs-uri-stem"), day.place("time-taken")
    counts = Counter(row[stem] for row in day.iis if row[stem].isascii() and int(row[taken]) >= 20)
    path = chance.choice([name for name, count in counts.items() if count >= len(day.iis) // 200])
    iis = [_twice(row, taken) if row[stem] == path and day.is_after(row) else row for row in day.iis]
    _write_both(day, folder, iis, day.errors)
    return lambda one: one.measure in ("p50", "p95") and one.value == path and one.difference > 0


def _twice(row: list[str], taken: int) -> list[str]:
    return [*row[:taken], str(int(row[taken]) * 2), *row[taken + 1 :]]


def new_client(day: QuietDay, chance: Random, folder: Path) -> Callable[[Difference], bool]:
    place = day.place("c-ip")
    iis = [
        [*row[:place], NEW_CLIENT, *row[place + 1 :]] if day.is_after(row) and chance.random() < 0.01 else row
        for row in day.iis
    ]
    _write_both(day, folder, iis, day.errors)
    return lambda one: one.measure == "new" and one.value == NEW_CLIENT


def gone_reason(day: QuietDay, chance: Random, folder: Path) -> Callable[[Difference], bool]:
    """A reason that comes for a quarter of a percent of the requests before the middle, and not any more after it."""
    before = [row for row in day.iis if not day.is_after(row)]
    sample = chance.sample(before, len(before) // 400)
    model, client = day.errors[0], day.place("c-ip")
    names = next(line for line in day.errors_head if line.startswith("#Fields")).split()[1:]
    planted = []
    for row in sample:
        known = {"date": row[0], "time": row[1], "c-ip": row[client], "s-reason": GONE}
        planted.append([known.get(name, value) for name, value in zip(names, model, strict=True)])
    _write_both(day, folder, day.iis, sorted([*day.errors, *planted], key=lambda row: row[:2]))
    return lambda one: one.measure == "gone" and one.value == GONE


def slow_server(day: QuietDay, chance: Random, folder: Path) -> Callable[[Difference], bool]:
    taken = day.place("time-taken")
    rows: dict[str, Rows] = {"web01": [], "web02": []}
    for row in day.iis:
        server = chance.choice(list(rows))
        rows[server].append(_twice(row, taken) if server == "web02" and day.is_after(row) else row)
    for server, own in rows.items():
        _write(folder / server / "W3SVC1", "u_ex260615.log", day.iis_head, own)
    _write(folder / "web01" / "HTTPERR", "httperr1.log", day.errors_head, day.errors)
    return lambda one: one.field == "server-name" and one.measure in ("p50", "p95") and one.value == "web02"


def nothing(day: QuietDay, _: Random, folder: Path) -> Callable[[Difference], bool]:
    _write_both(day, folder, day.iis, day.errors)
    return lambda one: one.sure >= SURE


PLANTS: dict[str, Plant] = {
    "slow path": slow_path,
    "new client": new_client,
    "gone reason": gone_reason,
    "slow server": slow_server,
}


def compared(day: QuietDay, plant: Plant, seed: int, folder: Path) -> tuple[Comparison, Callable[[Difference], bool]]:
    is_found = plant(day, Random(seed), folder / "logs")
    with LogSet.open([str(folder / "logs")], index_dir=folder / "index") as logs:
        logs.read()
        snapshot = logs.snapshot()
        assert snapshot.oldest is not None
        assert snapshot.newest is not None
        length = max(day.moment - snapshot.oldest, snapshot.newest - day.moment)
        *_, last = compare(snapshot, *before_and_after(day.moment, length))
    return last, is_found


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--requests", type=int, default=40_000)
    options = parser.parse_args(words)
    alarms, missed = 0, 0
    for seed in range(1, options.seeds + 1):
        with tempfile.TemporaryDirectory() as place:
            day = QuietDay.simulated(seed, options.requests, Path(place) / "demo")
            quiet, is_sure = compared(day, nothing, seed, Path(place) / "quiet")
            false = [one for one in quiet.findings if is_sure(one)]
            alarms += bool(false)
            told = [f"quiet {len(false)} sure of {quiet.looked_at}"]
            for name, plant in PLANTS.items():
                result, is_found = compared(day, plant, seed, Path(place) / name)
                at = next((rank for rank, one in enumerate(result.findings, 1) if is_found(one)), 0)
                missed += not 0 < at <= FIRST
                sure = result.findings[at - 1].sure if at else 0
                told.append(f"{name} {at or 'not found'} ({sure:.3f})")
            print(f"seed {seed}: {', '.join(told)}", flush=True)
            for one in false:
                print(f"    false alarm: {one.summary} ({one.sure:.3f})", flush=True)
    print(f"sure of nothing: {options.seeds - alarms} of {options.seeds} (bar: 19 of 20)")
    print(f"missed among the first {FIRST}: {missed} of {options.seeds * len(PLANTS)} (bar: 0)")
    return int(alarms > options.seeds / 20 or missed > 0)


if __name__ == "__main__":
    sys.exit(main())
