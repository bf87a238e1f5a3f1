"""Application pools: when each works, is slow, stopped or offline, and when its worker process dies. Planned ahead."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.third_server.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Planned:
    """An incident: its kind in the words of the truth, its pool (empty: none or all) and its span in seconds."""

    kind: str
    pool: str
    begin: float
    end: float


@dataclass
class Pool:
    """Spans of a state do not overlap. ``deaths`` are the moments at which the worker process ends."""

    name: str
    spans: list[tuple[float, float, str]] = field(default_factory=list)
    deaths: list[float] = field(default_factory=list)
    slowness: dict[float, float] = field(default_factory=dict)

    def state(self, now: float) -> tuple[str, float]:
        """What the pool does at a moment, and how many times longer than usual its answers take."""
        for begin, end, state in self.spans:
            if begin <= now < end:
                return state, self.slowness.get(begin, 1.0)
        return "", 1.0

    def death_after(self, now: float) -> float:
        place = bisect_right(self.deaths, now)
        return self.deaths[place] if place < len(self.deaths) else float("inf")


@dataclass
class Plan:
    """All pools and incidents of a server, and the moments at which all clients of a shared address leave."""

    pools: dict[str, Pool]
    incidents: list[Planned]
    scans: list[tuple[float, float]]
    departures: list[float]


@dataclass(frozen=True, slots=True)
class Chance:
    """Where and when something may go wrong."""

    plan: Plan
    pool: Pool
    begin: float
    length: float
    random: Random

    @property
    def end(self) -> float:
        return self.begin + self.length

    def happens(self, kind: str, end: float, pool: str | None = None) -> None:
        self.plan.incidents.append(Planned(kind, self.pool.name if pool is None else pool, self.begin, end))


def planned(parameters: Parameters, random: Random) -> Plan:
    pools = {name: Pool(name) for name in parameters.pools}
    plan = Plan(pools, [], [], [])
    if not parameters.is_planned:
        return plan
    number = max(2, round(parameters.hours / 3))
    width = parameters.seconds / number
    for place in range(number):
        begin = place * width + random.uniform(0.2, 0.5) * width
        length = min(random.uniform(180, 1200), 0.3 * width)
        random.choice(_KINDS)(Chance(plan, pools[random.choice(list(pools))], begin, length, random))
    for pool in pools.values():
        pool.deaths.sort()
    return plan


def _stopped(chance: Chance) -> None:
    chance.pool.deaths.append(chance.begin)
    chance.pool.spans.append((chance.begin, chance.end, "stopped"))
    chance.happens("pool-stopped", chance.end)


def _crashed(chance: Chance) -> None:
    chance.pool.deaths += [chance.begin, chance.begin + chance.random.uniform(20, 100)]
    chance.happens("worker-crash", chance.pool.deaths[-1])


def _offline(chance: Chance) -> None:
    deaths = [chance.begin + step * chance.random.uniform(15, 25) for step in range(5)]
    chance.pool.deaths += deaths
    chance.pool.spans.append((max(deaths), max(deaths) + chance.length, "offline"))
    chance.happens("pool-offline", max(deaths) + chance.length)


def _slow(chance: Chance) -> None:
    chance.pool.spans.append((chance.begin, chance.end, "slow"))
    chance.pool.slowness[chance.begin] = chance.random.uniform(15, 60)
    chance.happens("slow-application", chance.end)


def _hung(chance: Chance) -> None:
    chance.pool.spans.append((chance.begin, chance.end, "hung"))
    chance.pool.deaths.append(chance.end)
    chance.happens("slow-application", chance.end)


def _full(chance: Chance) -> None:
    middle = chance.begin + chance.length / 2
    chance.pool.spans.append((chance.begin, middle, "full"))
    chance.happens("queue-full", middle)


def _departed(chance: Chance) -> None:
    """Answers are slow for a minute, then all clients behind shared addresses leave at once."""
    chance.pool.spans.append((chance.begin - 60, chance.begin + 1, "slow"))
    chance.pool.slowness[chance.begin - 60] = 20
    chance.plan.departures.append(chance.begin)
    chance.happens("clients-left", chance.begin + 5)


def _failing(chance: Chance) -> None:
    chance.pool.spans.append((chance.begin, chance.end, "failing"))
    chance.happens("server-errors", chance.end)


def _scanned(chance: Chance) -> None:
    chance.plan.scans.append((chance.begin, chance.end))
    chance.happens("scan", chance.end, pool="")


_KINDS = (_stopped, _crashed, _offline, _slow, _slow, _hung, _full, _departed, _failing, _scanned)


def in_order(incidents: Sequence[Planned]) -> list[Planned]:
    return sorted(incidents, key=lambda incident: incident.begin)
