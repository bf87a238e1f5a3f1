"""A second, plain simulation of clients and HTTP.sys, made apart from the demo's so that nothing leans on its habits.

Users ask one thing at a time. Whoever waits too long leaves; the drop comes at the first sweep after the time-out, unless
the worker ends before it. Everything that may differ between servers is a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from parsing.index.snapshot import Snapshot
from tests.small_sets import in_log_order, small_snapshot

START = datetime(2024, 3, 5, 10, 0, 0)  # noqa: DTZ001 - rows have UTC without zone
IIS, ERRORS = "u_ex240305.log", "httperr1.log"
SERVER = "192.168.7.20"
ROW = tuple[str, int]

ERROR_FIELDS = (
    "c-ip", "c-port", "s-ip", "s-port", "cs-version", "cs-method", "cs-uri", "sc-status", "s-siteid", "s-reason",
    "s-queuename",
)  # fmt: skip
IIS_FIELDS = (
    "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "c-ip", "cs(User-Agent)", "sc-status",
    "sc-substatus", "sc-win32-status", "time-taken",
)  # fmt: skip

PATHS = (
    ("/", 0.3, 0.2),
    ("/list.aspx", 0.25, 0.5),
    ("/item.aspx", 0.3, 0.4),
    ("/find.aspx", 0.1, 6.0),
    ("/big.aspx", 0.05, 45.0),
)


@dataclass(frozen=True)
class Mishap:
    """What goes wrong from ``begin`` to ``end``, in seconds; ``kind`` as ``parsing.incidents`` is to call it.

    A worker process hangs from ``begin`` and dies at ``end``. ``strength`` is how many times slower the applications are,
    or how many rows strangers cause.
    """

    kind: str
    begin: float
    end: float
    strength: float = 6

    def holds(self, now: float) -> bool:
        return self.begin < now < self.end


REFUSALS = {
    "queue-full": "QueueFull",
    "pool-stopped": "Disabled",
    "pool-offline": "AppOffline",
    "limit": "ConnLimit",
}
"""Mishaps in which every request but those for ``/`` is refused, with this reason."""
STRANGERS = {
    "scan": ("URL", "Hostname", "BadRequest", "N/A"),
    "wrong-protocol": ("Verb", "Version_N/S"),
    "slow-clients": ("Timer_EntityBody", "Timer_MinBytesPerSecond"),
}
"""Mishaps that are rows of others than the users, with one of these reasons."""


@dataclass(frozen=True)
class Habits:
    """How this server and its clients behave; times in seconds."""

    zombie: float = 90
    idle: float = 120
    phase: float = 2.3
    has_sweep_for_drops: bool = True
    patience: tuple[float, float] = (12, 35)
    asks_again: float = 0.6
    wait: Callable[[Random], float] = field(default=lambda random: random.expovariate(1 / 3))
    shared: float = 0.05
    shared_addresses: int = 4
    pairs: float = 0.1
    has_agent: bool = True
    pollers: float = 0.1
    closes_itself: float = 0.1
    users: int = 700
    seconds: int = 1800
    mishaps: tuple[Mishap, ...] = (Mishap("queue-full", 700, 760), Mishap("slow-application", 1000, 1200))


@dataclass
class Told:
    """The rows of both logs and what is true of them."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


class OtherServer:
    """Runs all users and sorts out their rows."""

    def __init__(self, seed: int, habits: Habits) -> None:
        self.random = Random(seed)
        self.habits = habits
        self.told = Told()
        self._number = 0
        for user in range(habits.users):
            self._user(user)
        for mishap in habits.mishaps:
            if mishap.kind in STRANGERS:
                self._strangers(mishap)

    def _strangers(self, mishap: Mishap) -> None:
        number = int(mishap.strength)
        for place in range(number):
            at = mishap.begin + (mishap.end - mishap.begin) * place / number
            address = f"198.51.100.{place % 20 + 1}" if mishap.kind == "slow-clients" else "198.51.100.77"
            reason = self.random.choice(STRANGERS[mishap.kind])
            self._error({"c-ip": address, "user": -1}, at, reason, None, at, "http.sys", None)

    def _user(self, user: int) -> None:
        random, habits = self.random, self.habits
        is_shared = random.random() < habits.shared
        address = f"203.0.113.{user % habits.shared_addresses + 1}" if is_shared else f"10.{user // 250}.{user % 250}.9"
        agent = f"Agent/{random.randrange(12)}" if habits.has_agent else None
        who = {"c-ip": address, "cs(User-Agent)": agent, "user": user, "patience": random.uniform(*habits.patience)}
        polls = random.random() < habits.pollers
        now = random.uniform(0, habits.seconds / 2)
        end = now + random.uniform(60, habits.seconds / 2)
        ended = now
        while now < end:
            path, _, slow = random.choices(PATHS, [share for _, share, _ in PATHS])[0]
            query = f"id={random.randrange(400)}" if path != "/" else None
            if polls:
                path, query, slow = "/poll.ashx", f"box={user % 90}", 1.0
            ended = self._ask(who, now, (path, query, slow), None, 0)
            now = ended + (15 if polls else random.expovariate(1 / 12))
        self._error(who, self._swept(ended + habits.idle), "Timer_ConnectionIdle", None, ended, "http.sys", None)

    def _ask(
        self, who: dict[str, Any], now: float, what: tuple[str, str | None, float], again: Any, attempt: int
    ) -> float:
        """Asks until answered or tired of it; returns when the user is free again."""
        random, habits = self.random, self.habits
        self._number += 1
        number = self._number
        path, _query, slow = what
        mishaps = [mishap for mishap in habits.mishaps if mishap.holds(now)]
        for mishap in mishaps:
            if mishap.kind in REFUSALS and path != "/":
                self._error(who, now, REFUSALS[mishap.kind], what, now, "http.sys", number, again, 503, now)
                return self._again(who, now, what, number, attempt)
        if path == "/find.aspx" and random.random() < habits.closes_itself:
            closed = now + random.uniform(0.2, 4)
            self._error(who, closed, "Connection_Dropped", what, now, "worker", number, again, None, now)
            return self._again(who, closed, what, number, attempt)
        slower = max((mishap.strength for mishap in mishaps if mishap.kind == "slow-application"), default=1.0)
        service = random.lognormvariate(0, 0.8) * slow * slower
        if any(mishap.kind == "server-errors" for mishap in mishaps) and random.random() < 0.7:
            self._request(who, now, service / 10, what, number, again, (500, 0, 0))
            return now + service / 10
        for crash in habits.mishaps:
            if crash.kind != "worker-crash":
                continue
            if crash.holds(now) and random.random() < 0.7:
                service = crash.end - now + 3600
            if now < crash.end < now + min(service, who["patience"]):
                reason = "Connection_Abandoned_By_ReqQueue"
                self._error(who, crash.end, reason, what, now, "worker", number, again, None, now)
                return self._again(who, crash.end, what, number, attempt)
        if service <= who["patience"]:
            self._request(who, now, service, what, number, again, (200, 0, 0))
            return now + service
        left = now + who["patience"]
        dropped = self._swept(left + habits.zombie) if habits.has_sweep_for_drops else left + habits.zombie
        if now + service < dropped:
            self._request(who, now, service, what, number, again, (200, 0, 64), left)
        else:
            self._error(who, dropped, "Connection_Dropped", what, left, "client", number, again, None, now)
            if random.random() < habits.pairs:
                self._request(who, now, service, what, number, again, (500, 19, 64), left)
        return self._again(who, left, what, number, attempt)

    def _again(
        self, who: dict[str, Any], lost: float, what: tuple[str, str | None, float], number: int, attempt: int
    ) -> float:
        if attempt < 3 and self.random.random() < self.habits.asks_again:
            return self._ask(who, lost + self.habits.wait(self.random), what, number, attempt + 1)
        return lost

    def _swept(self, due: float) -> float:
        return due + (self.habits.phase - due) % 5

    def _request(
        self,
        who: dict[str, Any],
        now: float,
        service: float,
        what: Any,
        number: int,
        again: Any,
        ended: tuple[int, int, int],
        left: float | None = None,
    ) -> None:
        row = {
            "at": now + service, "s-ip": SERVER, "s-port": 443, "cs-method": "GET", "cs-uri-stem": what[0],
            "cs-uri-query": what[1], "time-taken": int(service * 1000), "c-ip": who["c-ip"],
            "cs(User-Agent)": who["cs(User-Agent)"], "sc-status": ended[0], "sc-substatus": ended[1],
            "sc-win32-status": ended[2], "number": number, "again": again,
            "user": who["user"], "what": f"{what[0]}?{what[1]}", "start": now, "left": left,
        }  # fmt: skip
        self.told.requests.append(row)

    def _error(
        self, who: dict[str, Any], at: float, reason: str, what: Any, began: float, by: str, number: Any, again: Any = None,
        status: int | None = None, start: float = 0,
    ) -> None:  # fmt: skip
        uri = None if what is None else what[0] + (f"?{what[1]}" if what[1] else "")
        row = {
            "at": at, "c-ip": who["c-ip"], "c-port": self.random.randrange(20_000, 60_000), "s-ip": SERVER, "s-port": 443,
            "cs-version": what and "HTTP/1.1", "cs-method": what and "GET", "cs-uri": uri, "sc-status": status,
            "s-siteid": what and "1", "s-reason": reason, "s-queuename": what and "Pool", "number": number, "again": again,
            "began": began, "by": by, "user": who["user"], "what": what and f"{what[0]}?{what[1]}", "start": start,
            "left": began if by == "client" else at,
        }  # fmt: skip
        self.told.errors.append(row)

    def snapshot(self, folder: Path, *, without: frozenset[str] = frozenset()) -> Snapshot:
        """Both logs in order of time, and lines numbered in that order; ``without`` names fields that are not logged."""
        requests, errors = (in_log_order(rows, at) for rows in (self.told.requests, self.told.errors))
        iis_fields = [name for name in IIS_FIELDS if name not in without]
        return small_snapshot(folder, [("iis", IIS, iis_fields, requests), ("httperr", ERRORS, ERROR_FIELDS, errors)])

    def _repeat(self) -> None:
        """Whoever asks for a URI again after losing it has asked again, whether it meant to or not."""
        asked: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for row in (*self.told.requests, *self.told.errors):
            if row["number"] is not None:
                asked.setdefault((row["user"], row["what"]), []).append(row)
        for rows in asked.values():
            lost: tuple[int, float] | None = None
            for row in sorted(rows, key=lambda row: (row["start"], row["number"])):
                if lost is not None and row["number"] == lost[0]:
                    continue
                if row["again"] is None and lost is not None and row["start"] - lost[1] < 600:
                    row["again"] = lost[0]
                lost = (row["number"], row["left"]) if row["left"] is not None else None

    def truth(self) -> tuple[dict[ROW, dict[str, Any]], dict[str, set[tuple[ROW, ROW]]]]:
        """Errors by row, and the true pairs of ``same-request`` and ``retry``."""
        self._repeat()
        failed = {row["number"]: (ERRORS, row["line"]) for row in self.told.errors if row["number"]}
        pairs: dict[str, set[tuple[ROW, ROW]]] = {"same-request": set(), "retry": set(), "same-connection": set()}
        for row in self.told.requests:
            place = (IIS, row["line"])
            if row["number"] in failed:
                pairs["same-request"].add((failed[row["number"]], place))
            if row["again"] in failed:
                pairs["retry"].add((failed[row["again"]], place))
        errors = {
            (ERRORS, row["line"]): {**row, "ended_by": row["by"], "began": at(row["began"])} for row in self.told.errors
        }
        return errors, pairs


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def variants() -> Iterator[tuple[str, Habits]]:
    """Servers and clients that differ in what a correlation could lean on."""
    yield "usual", Habits()
    yield "one minute, fixed delay", Habits(zombie=60, phase=0.4, wait=lambda _: 10.0, asks_again=0.8)
    yield (
        "two minutes, patient",
        Habits(zombie=120, phase=4.9, patience=(60, 100), wait=lambda random: random.uniform(0, 2)),
    )
    yield "drops off the sweep", Habits(has_sweep_for_drops=False, closes_itself=0)
    yield "no agents", Habits(has_agent=False)
    yield "half shared", Habits(shared=0.5, shared_addresses=12)
    yield "half shared, no agents", Habits(shared=0.5, shared_addresses=12, has_agent=False)
    yield "slow to ask again", Habits(wait=lambda random: random.uniform(5, 60), asks_again=0.9)
    yield "hardly ever asks again", Habits(asks_again=0.05)
    yield "many pollers", Habits(pollers=0.7)
    yield "one proxy", Habits(shared=1.0, shared_addresses=1, users=300)
