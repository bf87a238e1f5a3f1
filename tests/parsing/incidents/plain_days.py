"""Days of two plain servers, row by row from rates alone: a third source of truth for incidents, without clients or queues.

Traffic rises and falls over the day. Every pool has its usual drops, failures and slow requests; a mishap changes the rates
of its pools, or adds rows, from its begin to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import pi, sin
from pathlib import Path
from random import Random
from typing import Any

from parsing.index.snapshot import Snapshot
from tests.small_sets import Table, in_log_order, small_snapshot

START = datetime(2025, 11, 3, 5, 0, 0)  # noqa: DTZ001 - rows have UTC without zone
POOLS = {"Shop": "/shop", "Intranet": "/team", "Service": "/svc"}
SERVERS = ("alpha", "beta")
ZOMBIE = 120
ERROR_FIELDS = (
    "c-ip", "c-port", "s-ip", "s-port", "cs-version", "cs-method", "cs-uri", "sc-status", "s-siteid", "s-reason",
    "s-queuename", "server-name",
)  # fmt: skip
IIS_FIELDS = (
    "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "c-ip", "sc-status", "sc-substatus",
    "sc-win32-status", "time-taken", "server-name",
)  # fmt: skip
REFUSALS = {"pool-stopped": "AppShutdown", "pool-offline": "AppOffline", "queue-full": "QueueFull"}


@dataclass(frozen=True)
class PlainMishap:
    """``kind`` as ``parsing.incidents`` is to call it; seconds after the start; of one server and some of its pools."""

    kind: str
    begin: float
    end: float
    server: str
    pools: tuple[str, ...] = ()
    strength: float = 0.7
    """The share of requests that it hits."""


class PlainDay:
    """``rate`` is requests a second of each server, ``clients`` how many addresses there are."""

    def __init__(
        self,
        seed: int,
        mishaps: tuple[PlainMishap, ...] = (),
        *,
        hours: float = 12,
        rate: float = 2,
        clients: int = 900,
    ) -> None:
        self.random = Random(seed)
        self.mishaps = mishaps
        self.seconds = hours * 3600
        self.requests: dict[str, list[dict[str, Any]]] = {server: [] for server in SERVERS}
        self.errors: dict[str, list[dict[str, Any]]] = {server: [] for server in SERVERS}
        self._clients = clients
        for server in SERVERS:
            self._day(server, rate)
        for mishap in mishaps:
            self._strangers(mishap)

    def _day(self, server: str, rate: float) -> None:
        random, now = self.random, 0.0
        while now < self.seconds:
            now += random.expovariate(rate * (1 + 0.6 * sin(2 * pi * now / 43_200)))
            pool = random.choices(list(POOLS), (5, 2, 3))[0]
            self._request(server, pool, now)

    def _request(self, server: str, pool: str, now: float) -> None:
        random = self.random
        client = f"10.7.{random.randrange(self._clients) // 250}.{random.randrange(250)}"
        path = f"{POOLS[pool]}/{random.choice(('list', 'item', 'find', 'save'))}"
        taken = random.lognormvariate(-1.5, 1.0) * (8 if path.endswith("find") else 1)
        held = [
            one for one in self.mishaps if one.server == server and pool in one.pools and one.begin <= now < one.end
        ]
        status, win32 = (500, 0) if random.random() < 0.001 else (200, 0)
        for mishap in held:
            if random.random() > mishap.strength:
                continue
            if mishap.kind in REFUSALS:
                self._error(server, pool, now, client, path, REFUSALS[mishap.kind], 503)
                return
            if mishap.kind == "worker-crash":
                self._error(server, pool, mishap.end, client, path, "Connection_Abandoned_By_ReqQueue", None)
                return
            if mishap.kind == "server-errors":
                status = 500
            if mishap.kind == "slow-application":
                taken = taken * 5 + random.uniform(10, 60)
        patience = random.uniform(15, 90)
        if random.random() < 0.0005:
            taken += 200
        if taken > patience + ZOMBIE:
            at = now + patience + ZOMBIE
            self._error(server, pool, at + (3 - at) % 5, client, path, "Connection_Dropped", None)
            return
        if taken > patience:
            win32 = 64
        self.requests[server].append(
            {"at": now + taken, "s-ip": "10.7.9.9", "cs-method": "GET", "cs-uri-stem": path, "cs-uri-query": None,
             "s-port": 443, "c-ip": client, "sc-status": status, "sc-substatus": 0, "sc-win32-status": win32,
             "time-taken": int(taken * 1000), "server-name": server}
        )  # fmt: skip

    def _error(
        self, server: str, pool: str | None, at: float, client: str, path: str | None, reason: str, status: int | None
    ) -> None:
        self.errors[server].append(
            {"at": at, "c-ip": client, "c-port": self.random.randrange(2_000, 60_000), "s-ip": "10.7.9.9", "s-port": 443,
             "cs-version": path and "HTTP/1.1", "cs-method": path and "GET", "cs-uri": path, "sc-status": status,
             "s-siteid": path and "1", "s-reason": reason, "s-queuename": pool, "server-name": server}
        )  # fmt: skip

    def _strangers(self, mishap: PlainMishap) -> None:
        """Rows of addresses that are no users: ``strength`` of them a second."""
        random = self.random
        reasons = {"scan": ("URL", "Header", "Hostname", "BadRequest"), "wrong-protocol": ("Verb",)}.get(
            mishap.kind, ()
        )
        now = mishap.begin
        while reasons and now < mishap.end:
            now += random.expovariate(mishap.strength)
            self._error(mishap.server, None, now, "203.0.113.66", "/x", random.choice(reasons), 400)

    def tables(self) -> list[Table]:
        found: list[Table] = []
        for server in SERVERS:
            found.append(("iis", f"{server}/u_ex251103.log", IIS_FIELDS, in_log_order(self.requests[server], at)))
            found.append(("httperr", f"{server}/httperr1.log", ERROR_FIELDS, in_log_order(self.errors[server], at)))
        return found

    def snapshot(self, folder: Path) -> Snapshot:
        return small_snapshot(folder, self.tables())


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def drawn_mishaps(seed: int, hours: float = 12) -> tuple[PlainMishap, ...]:
    """One of each kind in an order, with strengths, lengths and pools that the seed draws."""
    random = Random(seed * 7 + 1)
    kinds = [
        "pool-stopped", "pool-offline", "queue-full", "worker-crash", "slow-application", "slow-application",
        "server-errors", "scan", "wrong-protocol",
    ]  # fmt: skip
    random.shuffle(kinds)
    found = []
    for place, kind in enumerate(kinds):
        begin = hours * 3600 * (place + 0.3 + 0.4 * random.random()) / len(kinds)
        length = random.uniform(40, 120) if kind == "worker-crash" else random.uniform(60, 900)
        pools: tuple[str, ...] = () if kind in ("scan", "wrong-protocol") else (random.choice(list(POOLS)),)
        if kind == "slow-application" and random.random() < 0.5:
            pools = ("Shop", "Service")
        strength = random.uniform(0.4, 3) if not pools else random.uniform(0.5, 1)
        found.append(PlainMishap(kind, begin, begin + length, random.choice(SERVERS), pools, strength))
    return tuple(found)
