"""Judges incidents by simulated truth and prints every figure beside its bar; ends with 1 if a bar is missed.

    python -m tests.bench.judge_incidents [--quick] [--server demo other plain third] [--seeds 1 2 3] [--hours 12] [--verbose]

Four simulated servers, made apart from each other: the demo's model of HTTP.sys (every seed is another server), the other
and the third server of the tests of correlation, and plain days of two servers from rates alone. Every seed draws times,
strengths and places anew, and is judged once with what was planned and once as a quiet day. What is planned is found where
an incident of its kind and of one of its pools overlaps it; a reported one is real where it overlaps anything planned, of
its pool if both name one. What left fewer than six rows in both logs cannot be found and is counted apart. Low ones are
held to their own bar.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from parsing.filters import parse
from parsing.httpsys import ServerProfile, write_demo
from parsing.incidents import Incident, find_incidents
from parsing.index import LogSet, Snapshot
from parsing.questions import Count, answer
from tests.bench.judge_correlation import Line, Table
from tests.parsing.correlation import other_server
from tests.parsing.correlation.other_server import Habits, Mishap, OtherServer
from tests.parsing.incidents import plain_days
from tests.parsing.incidents.plain_days import PlainDay, drawn_mishaps
from tests.third_server.logs import write_logs
from tests.third_server.parameters import Parameters

_BEFORE, _AFTER = timedelta(seconds=60), timedelta(seconds=240)
"""How much earlier and later than what is planned an incident may lie and still be of it: rows come a time-out later."""
_BEGIN, _END = timedelta(seconds=30), timedelta(seconds=60)
_LEAST_ROWS = 6
_RATE = 3.5


@dataclass(frozen=True)
class PlannedSpan:
    """What was to be found. ``server`` is empty where there is one alone."""

    kinds: tuple[str, ...]
    pools: frozenset[str]
    begin: datetime
    end: datetime
    server: str = ""


@dataclass
class IncidentFigures:
    """Sums over days."""

    planned: int = 0
    unseen: int = 0
    found: int = 0
    begins: int = 0
    ends: int = 0
    reported: int = 0
    real: int = 0
    low: int = 0
    wrong_counts: int = 0
    checked: int = 0
    quiet_days: float = 0
    quiet_alarms: int = 0
    quiet_low: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, name: str, planned: Sequence[PlannedSpan], incidents: Sequence[Incident], snapshot: Snapshot) -> None:
        for plan in planned:
            if _rows_to_see(plan, snapshot) < _LEAST_ROWS:
                self.unseen += 1
                continue
            self.planned += 1
            fitting = [one for one in incidents if one.kind in plan.kinds and _is_of(one, plan)]
            if not fitting:
                instead = [f"{one.kind} {'+'.join(one.pools)}" for one in incidents if _is_of(one, plan)]
                self.missed.append(f"{name}: {_worded(plan)} not found; instead: {', '.join(instead) or 'nothing'}")
                continue
            best = min(fitting, key=lambda one: abs(one.begin - plan.begin))
            self.found += 1
            self.begins += abs(best.begin - plan.begin) <= _BEGIN
            self.ends += abs(best.end - plan.end) <= _END
            off = (best.begin - plan.begin).total_seconds(), (best.end - plan.end).total_seconds()
            if abs(off[0]) > _BEGIN.total_seconds() or abs(off[1]) > _END.total_seconds():
                self.missed.append(f"{name}: {_worded(plan)} begins {off[0]:+.0f} s, ends {off[1]:+.0f} s off")
        for one in incidents:
            is_real = any(_is_of(one, plan) for plan in planned)
            if one.severity == "low":
                self.low += not is_real
                continue
            self.reported += 1
            self.real += is_real
            if not is_real:
                self.missed.append(
                    f"{name}: {one.severity} {one.kind} {'+'.join(one.pools)} at {one.begin} is not real"
                )

    def add_quiet(self, name: str, hours: float, incidents: Sequence[Incident]) -> None:
        self.quiet_days += hours / 24
        for one in incidents:
            self.quiet_alarms += one.severity != "low"
            self.quiet_low += one.severity == "low"
            self.missed.append(f"{name}, quiet: {one.severity} {one.kind} at {one.begin}: {one.summary}")

    def check(self, snapshot: Snapshot, incidents: Sequence[Incident]) -> None:
        """Whether both filters of each incident keep what its record counts."""
        for one in incidents:
            counts = [answer(snapshot, Count(parse(text))).total for text in (one.filter, one.requests_filter)]
            self.checked += 1
            self.wrong_counts += counts != [one.errors, one.requests]


def _rows_to_see(plan: PlannedSpan, snapshot: Snapshot) -> int:
    """Errors of its pool, or of any where it has none, and requests that failed, from its begin to a time-out after it."""
    queue = f" queue:({', '.join(plan.pools)})" if plan.pools else ""
    where = parse(f"(log:httperr -reason:Timer_ConnectionIdle{queue}) or status:5xx or taken>10s")
    return answer(snapshot, Count(where, span=(plan.begin, plan.end + timedelta(seconds=130)))).total


def _is_of(one: Incident, plan: PlannedSpan) -> bool:
    overlaps = one.begin <= plan.end + _AFTER and one.end >= plan.begin - _BEFORE
    is_of_server = not plan.server or not one.servers or plan.server in one.servers
    return overlaps and is_of_server and (not plan.pools or not one.pools or bool(plan.pools & set(one.pools)))


def _worded(plan: PlannedSpan) -> str:
    return f"{plan.kinds[0]} {'+'.join(sorted(plan.pools))} {plan.begin:%H:%M:%S} to {plan.end:%H:%M:%S}"


def _lines(figures: IncidentFigures) -> Iterator[Line]:
    def share(what: str, part: int, whole: int, bar: float) -> Line:
        return what, f"{part / max(whole, 1):.3f} of {whole}", f"≥ {bar:g}", part >= bar * whole

    yield share("found with right kind and pool", figures.found, figures.planned, 0.95)
    yield share("begin within 30 s", figures.begins, figures.found, 0.9)
    yield share("end within 60 s", figures.ends, figures.found, 0.8)
    yield share("reported medium or high that are real", figures.real, figures.reported, 0.9)
    yield "planned that left too few rows", str(figures.unseen), "-", None
    yield "low that were not planned", str(figures.low), "-", None
    yield (
        "filters that keep another number",
        f"{figures.wrong_counts} of {figures.checked}",
        "0",
        not figures.wrong_counts,
    )
    alarms, low, days = figures.quiet_alarms, figures.quiet_low, figures.quiet_days
    if days:
        yield "medium or high on quiet days", f"{alarms} in {days:g} days", "≤ 1 in 10", alarms <= max(1, days / 10)
        yield "low on quiet days", f"{low} in {days:g} days", "≤ 3 a day", low <= 3 * days


def judge_demo(figures: IncidentFigures, seed: int, hours: float, folder: Path) -> None:
    """The demo's model: seeds draw the server, its pace and the strengths of what goes wrong."""
    rate = _RATE * (0.7 + 0.6 * Random(seed).random())
    profile = replace(ServerProfile.drawn(seed, "2022"), requests=int(rate * hours * 3600), rate=rate)
    for is_quiet in (False, True):
        logs = write_demo(folder / f"{is_quiet}", seed=seed, profile=profile, has_incidents=not is_quiet)
        with LogSet.open([str(logs.folder)], index_dir=folder / f"index-{is_quiet}") as log_set:
            log_set.read()
            snapshot = log_set.snapshot()
            found = find_incidents(snapshot)
            if is_quiet:
                figures.add_quiet(f"demo {seed}", hours, found)
                continue
            figures.add(f"demo {seed}", _written_plan(logs.planned), found, snapshot)
            figures.check(snapshot, found)


def _written_plan(path: Path, also: Mapping[str, tuple[str, ...]] = {}) -> list[PlannedSpan]:
    def of_utc(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=None)

    rows = [json.loads(line) for line in path.read_text("ascii").splitlines()]
    for row in rows:
        row["pool"] = [row["pool"]] * bool(row["pool"]) if isinstance(row["pool"], str) else row["pool"]
    return [
        PlannedSpan(
            (row["kind"], *also.get(row["kind"], ())),
            frozenset(row["pool"]),
            of_utc(row["begin"]),
            of_utc(row["end"]),
        )
        for row in rows
    ]


def other_mishaps(seed: int, seconds: float) -> tuple[Mishap, ...]:
    random = Random(seed * 13 + 5)
    kinds = [
        "queue-full", "slow-application", "pool-stopped", "pool-offline", "worker-crash", "server-errors", "scan",
        "wrong-protocol",
    ]  # fmt: skip
    random.shuffle(kinds)
    found = []
    for place, kind in enumerate(kinds):
        begin = seconds * (place + 0.3 + 0.4 * random.random()) / len(kinds)
        length = random.uniform(20, 60) if kind == "worker-crash" else random.uniform(60, 700)
        strength = random.uniform(5, 15) if kind == "slow-application" else random.uniform(60, 250)
        found.append(Mishap(kind, begin, begin + length, strength))
    return tuple(found)


def judge_other(figures: IncidentFigures, seed: int, hours: float, folder: Path) -> None:
    """The other server: users who wait, leave and ask again, of one pool."""
    random = Random(seed + 99)
    seconds = int(hours * 3600)
    mishaps = other_mishaps(seed, seconds * 0.7)
    usual = Habits(
        seconds=seconds, users=int(15 * hours * random.uniform(0.8, 1.4)), closes_itself=0.02,
        zombie=random.choice((60, 90, 120)), phase=random.uniform(0, 5),
    )  # fmt: skip
    for is_quiet in (False, True):
        habits = replace(usual, mishaps=() if is_quiet else mishaps)
        (folder / f"{is_quiet}").mkdir()
        snapshot = OtherServer(seed, habits).snapshot(folder / f"{is_quiet}")
        found = find_incidents(snapshot)
        if is_quiet:
            figures.add_quiet(f"other {seed}", hours, found)
            continue
        pool = frozenset({"Pool"})
        plan = [
            PlannedSpan(
                (one.kind,),
                frozenset() if one.kind in other_server.STRANGERS or one.kind == "limit" else pool,
                other_server.at(one.begin),
                other_server.at(one.end),
            )
            for one in mishaps
        ]
        figures.add(f"other {seed}", plan, found, snapshot)
        figures.check(snapshot, found)


_ALSO = {"slow-application": ("worker-crash",)}
"""The third server's applications that hang end with the death of their process, and the first kind that fits counts."""


def judge_third(figures: IncidentFigures, seed: int, hours: float, folder: Path) -> None:
    """The third server: pools whose processes hang and die, and clients that leave behind shared addresses."""
    for is_quiet in (False, True):
        parameters = Parameters.drawn(seed, hours=hours, is_planned=not is_quiet)
        logs = write_logs(folder / f"{is_quiet}", parameters)
        with LogSet.open([str(logs.folder)], index_dir=folder / f"index-{is_quiet}") as log_set:
            log_set.read()
            snapshot = log_set.snapshot()
            found = find_incidents(snapshot)
            if is_quiet:
                figures.add_quiet(f"third {seed}", hours, found)
                continue
            figures.add(f"third {seed}", _written_plan(logs.incidents, _ALSO), found, snapshot)
            figures.check(snapshot, found)


def judge_plain(figures: IncidentFigures, seed: int, hours: float, folder: Path) -> None:
    """Plain days of two servers with the same pools."""
    random = Random(seed + 7)
    rate, clients = random.uniform(1, 3), random.choice((300, 900, 4000))
    for is_quiet in (False, True):
        mishaps = () if is_quiet else drawn_mishaps(seed, hours)
        (folder / f"{is_quiet}").mkdir()
        snapshot = PlainDay(seed, mishaps, hours=hours, rate=rate, clients=clients).snapshot(folder / f"{is_quiet}")
        found = find_incidents(snapshot)
        if is_quiet:
            figures.add_quiet(f"plain {seed}", hours, found)
            continue
        plan = [
            PlannedSpan(
                (one.kind,), frozenset(one.pools), plain_days.at(one.begin), plain_days.at(one.end), one.server
            )
            for one in mishaps
        ]  # fmt: skip
        figures.add(f"plain {seed}", plan, found, snapshot)
        figures.check(snapshot, found)


Judge = Callable[[IncidentFigures, int, float, Path], None]
SERVERS: dict[str, Judge] = {"demo": judge_demo, "other": judge_other, "plain": judge_plain, "third": judge_third}


def judged(server: str, seeds: Sequence[int], hours: float) -> IncidentFigures:
    figures = IncidentFigures()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            SERVERS[server](figures, seed, hours, Path(folder))
    return figures


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=SERVERS, nargs="+", default=list(SERVERS))
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--hours", type=float, default=12)
    parser.add_argument("--quick", action="store_true", help="two seeds")
    parser.add_argument("--verbose", action="store_true", help="name everything that was missed")
    chosen = parser.parse_args(arguments)
    table = Table()
    for server in chosen.server:
        started = time.perf_counter()
        seeds = chosen.seeds[:2] if chosen.quick else chosen.seeds
        figures = judged(server, seeds, chosen.hours)
        took = time.perf_counter() - started
        table.print(f"{server}, {len(seeds)} seeds of {chosen.hours:g} h ({took:.0f} s)", _lines(figures))
        if chosen.verbose:
            print("\n".join(["", *figures.missed]))
    print(f"\n{table.missed} bars missed." if table.missed else "\nAll bars met.")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
