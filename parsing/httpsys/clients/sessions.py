"""The kinds of clients: people with browsers and phones, programs that poll, upload, download or probe."""

from __future__ import annotations

from parsing.httpsys.chance import LogNormal, Weighted
from parsing.httpsys.clients.client import Client, Habit
from parsing.httpsys.clients.world import World
from parsing.httpsys.server.applications import (
    API_CALLS,
    ASSETS,
    BROCHURE,
    FILES,
    HEALTH,
    LEGACY_PAGES,
    PAGES,
    PARTNER_CALLS,
    REPORT_PAGES,
    STATUS_POLL,
    STOCK_POLL,
    UPLOADS,
    Endpoint,
)
from parsing.httpsys.server.connections import Exchange, Person

_CABLE = LogNormal(2_500_000, 0.7)
_OFFICE = LogNormal(6_000_000, 0.4)
_RADIO = LogNormal(160_000, 1.0)

BROWSING = Habit(_CABLE, 35, LogNormal(12_000, 0.9), 1_500, 0.35, 0.25, http2=0.6, leaves_reading=0.03)
OFFICE = Habit(_OFFICE, 8, LogNormal(40_000, 0.7), 4_000, 0.4, 0.25, plain=0.0, user="CORP\\user")
LEGACY = Habit(_OFFICE, 8, LogNormal(15_000, 0.8), 2_500, 0.45, 0.2, plain=0.7)
MOBILE = Habit(
    _RADIO,
    120,
    LogNormal(9_000, 0.8),
    2_000,
    0.25,
    0.35,
    http2=0.7,
    plain=0.0,
    leaves_reading=0.06,
    stalls=0.004,
    vanishes=0.4,
)
POLLING = Habit(_CABLE, 25, LogNormal(28_000, 0.05), 5_000, 0.15, 0.15, plain=0.25, lingers=0.8)
UPLOADING = Habit(LogNormal(400_000, 1.0), 40, LogNormal(240_000, 0.4), 30_000, 0.2, 0.3, stalls=0.06)
DOWNLOADING = Habit(LogNormal(900_000, 1.0), 40, LogNormal(90_000, 0.6), 20_000, 0.2, 0.2, leaves_reading=0.12)
READING = Habit(_RADIO, 90, LogNormal(70_000, 0.6), 10_000, 0.2, 0.2, stalls=0.5, http2=0.3)
BATCH = Habit(_OFFICE, 6, LogNormal(100_000, 0.02), 3_000, 0.5, 0.3, plain=0.0, user="CORP\\svc-batch", lingers=0.7)
PARTNER = Habit(_CABLE, 20, LogNormal(300_000, 0.1), 30_000, 0.4, 0.4, plain=0.3, lingers=0.8)
PROBING = Habit(_OFFICE, 3, LogNormal(5_000, 0.05), 3_000, 0.0, 0.0, plain=1.0, lingers=0.2)


class Browser(Client):
    """Pages with their pictures and scripts over a few connections in parallel."""

    __slots__ = ("_in_flight", "_lanes", "_page", "_pages", "_pages_left", "_think", "_to_fetch")

    def __init__(self, world: World, person: Person, habit: Habit, pages: Weighted[Endpoint], think: LogNormal) -> None:
        super().__init__(world, person, habit)
        chance = world.chance
        self._pages = pages
        self._pages_left = 1 + chance.exponential(5)
        self._think = think
        self._page: Endpoint | None = None
        self._to_fetch = 0
        self._in_flight = 0
        self._lanes = 6 if self.is_http2 else chance.between(2, 5)
        self.has_cached = 0.6 if chance.unit() < 0.5 else 0.05

    def visit(self, _: object) -> None:
        if self._pages_left <= 0:
            return
        self._pages_left -= 1
        self._page = page = self._pages.draw(self.world.chance)
        self.ask(page)

    def elsewhere(self) -> None:
        self._pages_left = 0

    def done(self, exchange: Exchange, end: int) -> None:
        if exchange.endpoint is self._page:
            self._page = None
            self._open_page(end)
            return
        self._in_flight -= 1
        self._fetch_more(end)

    def given_up(self, exchange: Exchange, now: int) -> None:
        if exchange.endpoint is not self._page:
            self._in_flight -= 1
            self._fetch_more(now)
        elif self.world.chance.unit() < 0.5:
            self._next_page(now)
        else:
            self.finish(now)

    def _open_page(self, end: int) -> None:
        world = self.world
        self._to_fetch = world.chance.exponential(5) if self._pages is PAGES else world.chance.below(2)
        if world.chance.unit() < 0.02:
            world.schedule.at(end + 20, self.preconnect, None)
        if not self._to_fetch:
            self._next_page(end)
            return
        for lane in range(min(self._lanes, self._to_fetch)):
            self._to_fetch -= 1
            self._in_flight += 1
            world.schedule.at(end + self.rtt + 7 * lane, self._fetch, None)

    def _fetch(self, _: object) -> None:
        self.ask(ASSETS.draw(self.world.chance))

    def _fetch_more(self, end: int) -> None:
        if self._to_fetch:
            self._to_fetch -= 1
            self._in_flight += 1
            self.world.schedule.at(end + self.rtt, self._fetch, None)
        elif not self._in_flight:
            self._next_page(end)

    def _next_page(self, end: int) -> None:
        if self._pages_left > 0:
            self.world.schedule.at(end + 800 + self._think.draw(self.world.chance), self.visit, None)
        else:
            self.finish(end)


class Caller(Client):
    """A program that makes calls one after the other with pauses, the same one or various."""

    __slots__ = ("_calls", "_left", "_pause", "_same", "_started")

    def __init__(
        self,
        world: World,
        person: Person,
        habit: Habit,
        calls: Weighted[Endpoint],
        count: int,
        pause: LogNormal,
        repeats: bool = False,
    ) -> None:
        super().__init__(world, person, habit)
        self._calls = calls
        self._left = count
        self._pause = pause
        self._same: tuple[Endpoint, tuple[str, str, str]] | None = None
        self._started = 0
        if repeats:
            endpoint = calls.draw(world.chance)
            self._same = endpoint, (endpoint.method, *endpoint.target(world.chance))

    def visit(self, _: object) -> None:
        if self._left <= 0:
            return
        self._left -= 1
        self._started = self.world.schedule.now
        if self._same is not None:
            self.send(*self._same)
        else:
            self.ask(self._calls.draw(self.world.chance))

    def elsewhere(self) -> None:
        self._next(self.world.schedule.now)

    def done(self, _: Exchange, end: int) -> None:
        self._next(end)

    def given_up(self, _: Exchange, now: int) -> None:
        self._next(now)

    def _next(self, end: int) -> None:
        if self._left <= 0:
            self.finish(end)
            return
        due = (
            self._started + self._pause.draw(self.world.chance)
            if self._same
            else end + self._pause.draw(self.world.chance)
        )
        self.world.schedule.at(max(due, end + 50), self.visit, None)


def home_user(world: World, person: Person) -> Browser:
    return Browser(world, person, BROWSING, PAGES, LogNormal(14_000, 1.0))


def office_worker(world: World, person: Person) -> Browser:
    return Browser(world, person, OFFICE, REPORT_PAGES, LogNormal(25_000, 1.0))


def legacy_user(world: World, person: Person) -> Browser:
    return Browser(world, person, LEGACY, LEGACY_PAGES, LogNormal(20_000, 0.9))


def mobile_user(world: World, person: Person) -> Caller:
    return Caller(world, person, MOBILE, API_CALLS, 2 + world.chance.exponential(8), LogNormal(5_000, 1.1))


def poller(world: World, person: Person) -> Caller:
    chance = world.chance
    calls = Weighted(((3, STATUS_POLL), (1, STOCK_POLL)))
    every = chance.one_of((5_000, 10_000, 10_000, 15_000, 30_000))
    return Caller(world, person, POLLING, calls, chance.between(20, 180), LogNormal(every, 0.01), repeats=True)


def monitor(world: World, person: Person) -> Caller:
    return Caller(world, person, PROBING, Weighted(((1, HEALTH),)), 100_000, LogNormal(15_000, 0.002), repeats=True)


def partner(world: World, person: Person) -> Caller:
    """A program of another company that waits as long as it takes."""
    return Caller(world, person, PARTNER, PARTNER_CALLS, world.chance.between(20, 80), LogNormal(3_000, 0.8))


def uploader(world: World, person: Person) -> Caller:
    return Caller(world, person, UPLOADING, UPLOADS, 1 + world.chance.below(4), LogNormal(8_000, 1.0))


def downloader(world: World, person: Person) -> Caller:
    return Caller(world, person, DOWNLOADING, FILES, 1 + world.chance.below(3), LogNormal(20_000, 1.0))


def reader(world: World, person: Person) -> Caller:
    return Caller(world, person, READING, Weighted(((1, BROCHURE),)), 1 + world.chance.below(2), LogNormal(30_000, 1.0))


def batch_job(world: World, person: Person) -> Caller:
    count = world.chance.between(5, 40)
    return Caller(world, person, BATCH, REPORT_PAGES, count, LogNormal(4_000, 0.9))
