"""What goes wrong in the window: each incident is a few events that change the server or bring certain clients.

The incident that each plan makes, by the kinds of ``parsing.incidents``; ``begin`` and ``end`` are those of its cause:

=====================  ====================  ==================================  =================================
plan                   kind                  pools                               from, to
=====================  ====================  ==================================  =================================
scan                   ``scan``              none                                first to last request of the scanner
deployment             ``pool-stopped``      DefaultAppPool                      stopped, started again
slow database          ``slow-application``  DefaultAppPool, Reports, Api        locks begin, locks end
crash                  ``worker-crash``      DefaultAppPool                      memory runs out, the process dies
TLS on the plain port  ``wrong-protocol``    none                                first to last attempt
crash loop             ``pool-offline``      Legacy                              first hang, started again
deadlock               ``slow-application``  Api; Reports or Legacy if short     first thread blocks, released
deadlock, killed       ``worker-crash``      the same                            first thread blocks, process killed
balancer gives up      ``slow-application``  DefaultAppPool, Reports, Api        as a slow database
connection leak        ``limit``             none                                limit set, limit lifted
=====================  ====================  ==================================  =================================

A deadlock fills the queue as well, and a balancer that gives up makes clients leave at once: of several kinds that fit, the
first of ``parsing.incidents.KINDS`` counts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from parsing.httpsys.chance import Chance, LogNormal
from parsing.httpsys.clients.population import Addresses
from parsing.httpsys.clients.scanners import TLS_HELLO, Leaker, Scanner
from parsing.httpsys.clients.world import World
from parsing.httpsys.server.connections import Exchange
from parsing.httpsys.server.pools import Pool


class SlowDatabase:
    """Requests that need the database hang on its locks, as many as there are database connections."""

    def __init__(self, world: World, slots: int, until: int) -> None:
        self._world = world
        self._slots = slots
        self._until = until
        self._chance = 0.35 + world.chance.unit() * 0.3
        self._lock = LogNormal(world.chance.between(80_000, 190_000), 0.6)
        self._hung = 0

    def delay(self, exchange: Exchange, usual: int) -> int:
        endpoint, world = exchange.endpoint, self._world
        now = world.schedule.now
        if endpoint is None or not endpoint.needs_database or now >= self._until:
            return usual
        if self._hung >= self._slots or world.chance.unit() > self._chance:
            return usual * 5
        self._hung += 1
        lasting = usual + self._lock.draw(world.chance)
        world.schedule.at(now + lasting, self._free, None)
        return lasting

    def _free(self, _: object) -> None:
        self._hung -= 1


class Deadlock:
    """Threads of the application wait for each other; a share of the requests never comes back by itself."""

    def __init__(self, world: World, until: int, share: float) -> None:
        self._world = world
        self._until = until
        self._share = share

    def delay(self, exchange: Exchange, usual: int) -> int:
        now = exchange.start
        if now >= self._until or self._world.chance.unit() > self._share:
            return usual
        return max(0, self._until - self._world.schedule.now) + usual


_SHORT = 300_000
_FIT_A_SHORT_WINDOW = ("scan", "slow database")
_WITH_DATABASE = ("DefaultAppPool", "Reports", "Api")


@dataclass(frozen=True, slots=True)
class PlannedIncident:
    """What happened when, to which pools, for tests and for the story of the demo. Times are milliseconds since 1970.

    ``kind`` is that of ``parsing.incidents``; the table above has those of all plans.
    """

    name: str
    kind: str
    pools: tuple[str, ...]
    begin: int
    end: int


class Incidents:
    """Plans the incidents of a window; their order is fixed, their times and strengths come from the seed."""

    def __init__(self, world: World, addresses: Addresses, chance: Chance) -> None:
        self._world = world
        self._addresses = addresses
        self._chance = chance
        self.planned: list[PlannedIncident] = []
        self._strangers: dict[int, Scanner] = {}

    def happened(self) -> tuple[PlannedIncident, ...]:
        """What was planned, strangers with when they really stopped: known once all has run."""
        strangers = self._strangers
        return tuple(
            replace(one, end=max(strangers[one.begin].last, one.begin)) if one.begin in strangers else one
            for one in self.planned
        )

    def plan(self) -> None:
        plans: tuple[tuple[float, str, Callable[[int], PlannedIncident]], ...] = (
            (0.09, "scan", self._scan),
            (0.17, "deployment", self._deployment),
            (0.27, "slow database", self._slow_database),
            (0.36, "crash", self._single_crash),
            (0.40, "TLS on the plain port", self._tls_on_plain_port),
            (0.48, "crash loop", self._crash_loop),
            (0.58, "deadlock", self._deadlock),
            (0.70, "balancer gives up", self._balancer_gives_up),
            (0.82, "connection leak", self._connection_leak),
            (0.90, "scan", self._scan),
        )
        window = self._world.profile.window
        for part, name, start in plans:
            if window < _SHORT and name not in _FIT_A_SHORT_WINDOW:
                continue
            begin = self._world.begin + int(window * (part + 0.025 * (self._chance.unit() - 0.5)))
            self.planned.append(replace(start(begin), name=name))

    def _lasting(self, part: float, low: int, high: int) -> int:
        """Milliseconds: a part of the window, varied by half, between low and high seconds."""
        usual = self._world.profile.window * part * (0.75 + self._chance.unit() / 2)
        return int(min(max(usual, low * 1000), high * 1000))

    def _at(self, time: int, action: Callable[[], None]) -> None:
        self._world.schedule.at(time, lambda _: action(), None)

    def _pool(self, name: str) -> Pool:
        return self._world.server.pools[name]

    def _block(self, pool: Pool, begin: int, end: int, share: float) -> None:
        self._at(begin, lambda: setattr(pool, "trouble", Deadlock(self._world, end, share)))
        self._at(end, lambda: setattr(pool, "trouble", None))

    def _scan(self, begin: int) -> PlannedIncident:
        count = min(self._chance.between(150, 400), 5 + self._world.profile.requests // 40)
        gap = self._lasting(0.004, 20, 150) // count
        scanner = Scanner(self._world, self._addresses.person("hostile"), count, gap)
        self._strangers[begin] = scanner
        self._world.schedule.at(begin, scanner.visit, None)
        return _planned("scan", (), begin, begin + count * gap)

    def _deployment(self, begin: int) -> PlannedIncident:
        """The main application is stopped and started again, the Api only recycled."""
        stopped = self._lasting(0.002, 10, 45)
        pool = self._pool("DefaultAppPool")
        self._at(begin, lambda: pool.close("Disabled"))
        self._at(begin + stopped, pool.open)
        self._at(begin + stopped + 5_000, self._pool("Api").recycle)
        self._at(begin + stopped + 20_000, self._pool("Reports").recycle)
        return _planned("pool-stopped", ("DefaultAppPool",), begin, begin + stopped)

    def _slow_database(self, begin: int) -> PlannedIncident:
        end = begin + self._lasting(0.05, 160, 1_500)
        self._at(begin, lambda: self._set_slow(end))
        self._at(end, self._set_usual)
        return _planned("slow-application", _WITH_DATABASE, begin, end)

    def _set_slow(self, until: int) -> None:
        for name in _WITH_DATABASE:
            pool = self._pool(name)
            pool.trouble = SlowDatabase(self._world, pool.threads * 2 // 5, until)

    def _set_usual(self) -> None:
        for pool in self._world.server.pools.values():
            pool.trouble = None

    def _single_crash(self, begin: int) -> PlannedIncident:
        """The main application runs out of memory: it slows to a halt, and dies."""
        pool = self._pool("DefaultAppPool")
        end = begin + self._chance.between(15_000, 40_000)
        self._block(pool, begin, end, 0.6)
        self._at(end, pool.crash)
        return _planned("worker-crash", (pool.name,), begin, end)

    def _tls_on_plain_port(self, begin: int) -> PlannedIncident:
        lasting = self._lasting(0.03, 60, 900)
        count = self._chance.between(40, 120)
        client = Scanner(self._world, self._addresses.person("office"), count, lasting // count, TLS_HELLO)
        self._strangers[begin] = client
        self._world.schedule.at(begin, client.visit, None)
        return _planned("wrong-protocol", (), begin, begin + lasting)

    def _crash_loop(self, begin: int) -> PlannedIncident:
        """Crash after crash until rapid-fail protection takes the pool offline; an administrator starts it again."""
        pool = self._pool("Legacy")
        time = begin
        for _ in range(self._world.profile.rapid_fail_crashes):
            started, time = time, time + self._chance.between(9_000, 45_000)
            self._block(pool, started, time, 0.7)
            self._at(time, pool.crash)
        end = time + self._lasting(0.02, 40, 600)
        self._at(end, pool.open)
        return _planned("pool-offline", (pool.name,), begin, end)

    def _deadlock(self, begin: int) -> PlannedIncident:
        """Threads block until none is left and the queue fills; often an administrator kills the process."""
        is_long = self._world.profile.window > 3_600_000
        name, share = ("Api", 0.36) if is_long else self._chance.one_of((("Reports", 0.08), ("Legacy", 0.05)))
        pool = self._pool(name)
        arriving = self._world.profile.rate * share
        blocked = min(1.0, pool.threads / (arriving * 40))
        lasting = int(pool.threads / (arriving * blocked) * 1000) + self._chance.between(140_000, 220_000)
        end = begin + lasting
        self._block(pool, begin, end, blocked)
        if self._chance.unit() >= 0.6:
            return _planned("slow-application", (name,), begin, end)
        killed = end - self._chance.between(100, 5_000)
        self._at(killed, lambda: pool.crash(is_killed=True))
        return _planned("worker-crash", (name,), begin, killed)

    def _balancer_gives_up(self, begin: int) -> PlannedIncident:
        """The database is slow again; the balancer's probes fail, and it cuts every connection for a while."""
        planned = self._slow_database(begin)
        cut = begin + (planned.end - begin) // 2
        self._at(cut, lambda: self._cut_all(cut + self._chance.between(15_000, 60_000)))
        return planned

    def _cut_all(self, until: int) -> None:
        self._world.away_until = until
        self._world.server.cut_all()

    def _connection_leak(self, begin: int) -> PlannedIncident:
        """A program opens connections without end; the administrator limits those of the site, too tightly."""
        connections = self._world.server.connections
        rate = self._world.profile.rate
        lasting = self._lasting(0.01, 60, 240)
        count = int(40 + rate * 2)
        leaker = Leaker(self._world, self._addresses.person("office"), count, lasting // count)
        self._world.schedule.at(begin, leaker.visit, None)
        limited = begin + lasting * 2 // 3
        self._at(limited, lambda: setattr(connections, "limit", len(connections) * 9 // 10))
        lifted = limited + self._lasting(0.003, 8, 120)
        self._at(lifted, lambda: setattr(connections, "limit", sys.maxsize))
        self._at(begin + lasting, leaker.kill)
        return _planned("limit", (), limited, lifted)


def _planned(kind: str, pools: tuple[str, ...], begin: int, end: int) -> PlannedIncident:
    return PlannedIncident("", kind, pools, begin, end)
