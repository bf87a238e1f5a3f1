"""Who asks: browsers, pollers, services, upload tools, slow downloads, a load balancer's probes, scanners.

Each is simulated from its first request to its last by itself. What one repeats because it lost it is said to the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sin
from random import Random

from tests.third_server.machine import Exchange, Lane, Machine, Outcome
from tests.third_server.parameters import Target

AGENTS = tuple(f"Mozilla/5.0+({system})+Browser/{version}" for system in "ABCDE" for version in range(100, 112))
ALMOST_AT_ONCE = 0.2


@dataclass(frozen=True, slots=True)
class Who:
    client: int
    address: str
    agent: str


class Clients:
    """Draws the clients of a machine and runs them."""

    def __init__(self, machine: Machine, random: Random) -> None:
        self.machine = machine
        self.random = random
        self.parameters = machine.parameters
        self._number = 0

    def run(self) -> None:
        kinds: tuple[tuple[int, Callable[[], None]], ...] = (
            (self.parameters.browser_count, self._browser),
            (self.parameters.poller_count, self._poller),
            (self.parameters.service_count, self._service),
            (self.parameters.uploader_count, self._uploader),
            (self.parameters.downloader_count, self._downloader),
            (self.parameters.scanner_count, self._scanner),
        )
        for number, kind in kinds:
            for _ in range(number):
                kind()
        self._probes()
        for begin, end in self.machine.plan.scans:
            self._scan(begin, end)

    def _who(self, agent: str = "") -> Who:
        random = self.random
        self._number += 1
        is_shared = random.random() < self.parameters.shared
        address = (
            f"198.51.100.{random.randrange(self.parameters.nat_addresses) + 1}"
            if is_shared
            else f"10.{self._number // 60_000 + 20}.{self._number // 250 % 240}.{self._number % 250 + 1}"
        )
        return Who(self._number, address, agent or AGENTS[int(len(AGENTS) * random.random() ** 2)])

    def _lane(self, who: Who, *, is_multiplexed: bool = False, keeps_alive: float | None = None) -> Lane:
        chosen = self.random.choice((30.0, 90.0, 300.0, 1e9)) if keeps_alive is None else keeps_alive
        return Lane(who.client, who.address, is_multiplexed, chosen)

    def _moment(self) -> float:
        """More come by day than by night."""
        while True:
            part = self.random.random()
            if self.parameters.hours < 12 or self.random.random() < 0.55 - 0.45 * sin(2 * pi * (part + 0.2)):
                return part * self.parameters.seconds

    def _again(
        self, ask: Callable[[float, Exchange | None], Outcome], now: float, waits: list[float]
    ) -> tuple[float, bool]:
        """Asks, and once more after each wait as long as it is lost; says when it was over and whether it was lost."""
        outcome = ask(now, None)
        for wait in waits:
            if not outcome.is_lost:
                break
            outcome = ask(outcome.at + wait, outcome.exchange)
        return outcome.at, outcome.is_lost

    def _browser(self) -> None:
        random, parameters = self.random, self.parameters
        who = self._who()
        is_multiplexed = random.random() < 0.6
        lanes = [self._lane(who, is_multiplexed=True)] if is_multiplexed else [self._lane(who) for _ in range(4)]
        patience = random.choice((random.uniform(8, 25), random.uniform(25, 120)))
        reloads = random.choice((0, 1, 2, 3))
        now = self._moment()
        for _ in range(random.randrange(2, 14)):
            if now > parameters.seconds:
                break
            target, query = self._page()
            waits = [random.choice((random.uniform(0.1, 2), random.expovariate(1 / 8))) for _ in range(reloads)]
            ask = self._asking(lanes[0], target, query, patience, who.agent)
            now, is_lost = self._again(ask, now, waits)
            if random.random() < 0.01:
                self.machine.half_a_request(self._lane(who), now, who.agent)
            if not is_lost:
                now = self._parts(lanes, now + 0.02, who.agent)
            now += random.expovariate(1 / 25) if random.random() < 0.9 else random.expovariate(1 / 400)

    def _page(self) -> tuple[Target, str]:
        random, parameters = self.random, self.parameters
        if random.random() < 0.12:
            return random.choice(parameters.reports), random.choice(("", f"year={random.randrange(2019, 2026)}"))
        target = random.choice(parameters.pages)
        return target, "" if target.path.endswith("/") else f"q={random.randrange(2000)}"

    def _asking(
        self, lane: Lane, target: Target, query: str, patience: float, agent: str, method: str = "GET"
    ) -> Callable[[float, Exchange | None], Outcome]:
        return lambda now, repeats: self.machine.ask(
            lane, now, target, patience, query=query, method=method, agent=agent, repeats=repeats
        )

    def _parts(self, lanes: list[Lane], now: float, agent: str) -> float:
        """Scripts and pictures of a page, all at once over one connection or a few."""
        ends = dict.fromkeys(range(len(lanes)), now)
        for number in range(self.random.randrange(0, 9)):
            place = number % len(lanes)
            part = Target(f"/shop/static/{self.random.randrange(60)}.js", "Shop", 0.01, 0.8)
            begun = now if lanes[place].is_multiplexed else ends[place]
            ends[place] = self.machine.ask(lanes[place], begun, part, 30, agent=agent).at
        return max(ends.values())

    def _poller(self) -> None:
        """Asks for the same at its own pace, whatever became of the last one."""
        random, parameters = self.random, self.parameters
        who = self._who()
        lane = self._lane(who, is_multiplexed=random.random() < 0.3, keeps_alive=1e9)
        period = random.choice((5.0, 10.0, 15.0, 30.0, 60.0))
        patience = random.choice((period * 2, 20.0, 30.0, 90.0))
        query = f"room={random.randrange(30)}&user={who.client}" if random.random() < 0.7 else ""
        now = self._moment()
        end = now + random.uniform(600, 14_400)
        while now < min(end, parameters.seconds):
            outcome = self.machine.ask(lane, now, parameters.poll, patience, query=query, agent=who.agent)
            now = max(outcome.at + 0.05, now + period)

    def _service(self) -> None:
        """Calls an interface from several threads, waits longer after each failure, and gives up after a few."""
        random, parameters = self.random, self.parameters
        who = self._who(random.choice(("svc/1", "svc/2", "-")))
        timeout = random.choice(parameters.service_timeouts)
        backs_off = random.random() < 0.7
        pace = random.uniform(10, 60)
        is_one_uri = random.random() < 0.5
        for _ in range(random.randrange(1, 5)):
            lane = self._lane(who, keeps_alive=1e9)
            now = self._moment() * 0.3
            end = min(parameters.seconds, now + random.uniform(3600, 6 * 3600))
            while now < end:
                target = random.choice(parameters.calls)
                query = "" if is_one_uri else f"sku={random.randrange(5000)}"
                method = "POST" if target.path.endswith("orders") else "GET"
                waits = [(2.0**step * random.uniform(0.8, 1.2) if backs_off else 0.05) for step in range(4)]
                now, _ = self._again(self._asking(lane, target, query, timeout, who.agent, method), now, waits)
                now += random.expovariate(1 / pace)

    def _uploader(self) -> None:
        """Sends files to one address from several threads."""
        random, parameters = self.random, self.parameters
        who = self._who("uploader/3")
        pace = random.uniform(5, 60)
        begin = self._moment()
        is_one_uri = random.random() < 0.7
        for _ in range(random.randrange(1, 4)):
            lane = self._lane(who, keeps_alive=1e9)
            now, end = begin, min(parameters.seconds, begin + random.uniform(1800, 9000))
            while now < end:
                query = "" if is_one_uri else f"name={random.randrange(100_000)}"
                low, high = parameters.again_after_stall
                waits = [random.uniform(low, high) for _ in range(3)]
                ask = self._uploading(lane, who, query)
                now, _ = self._again(ask, now, waits)
                now += random.expovariate(1 / pace)

    def _uploading(self, lane: Lane, who: Who, query: str) -> Callable[[float, Exchange | None], Outcome]:
        target = self.parameters.upload

        def ask(now: float, repeats: Exchange | None) -> Outcome:
            fresh = lane if repeats is None else self._lane(who, keeps_alive=30)
            return self.machine.upload(fresh, now, target, who.agent, query=query, repeats=repeats)

        return ask

    def _downloader(self) -> None:
        random, parameters = self.random, self.parameters
        who = self._who()
        lane = self._lane(who, is_multiplexed=random.random() < 0.4)
        now = self._moment()
        for _ in range(random.randrange(1, 5)):
            query = f"file={random.randrange(300)}"
            if random.random() < 0.25:
                outcome = self.machine.slow_download(lane, now, parameters.download, who.agent, query)
            else:
                outcome = self.machine.ask(lane, now, parameters.download, 600, query=query, agent=who.agent)
            if outcome.is_lost and random.random() < 0.6:
                again = outcome.at + random.expovariate(1 / 6)
                outcome = self.machine.ask(
                    lane, again, parameters.download, 600, query=query, agent=who.agent, repeats=outcome.exchange
                )
            now = outcome.at + random.expovariate(1 / 60)

    def _probes(self) -> None:
        """A load balancer asks for the same page every few seconds, from two addresses."""
        period = self.random.choice((5.0, 10.0, 20.0))
        page = self.parameters.pages[0]
        for place in (4, 5):
            self._number += 1
            lane = Lane(self._number, f"10.10.10.{place}", is_multiplexed=False, keeps_alive=0.0)
            now = self.random.uniform(0, period)
            while now < self.parameters.seconds:
                self.machine.ask(
                    lane, now, page, self.random.choice((3.0, 3.0, 5.0)), query="probe=1", agent="balancer"
                )
                now += period

    def _scanner(self) -> None:
        begin = self._moment()
        self._scan(begin, begin + self.random.uniform(20, 120))

    def _scan(self, begin: float, end: float) -> None:
        who = self._who("scan/9")
        now = begin
        while now < min(end, self.parameters.seconds):
            lane = self._lane(who, keeps_alive=0.0)
            self.machine.reject(lane, now, f"/{self.random.randrange(10**6):x}.php", who.agent)
            now += self.random.expovariate(1 / 2)
