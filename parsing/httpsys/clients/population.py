"""Who comes to the site, from which addresses, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Protocol

from parsing.httpsys.clients import sessions
from parsing.httpsys.clients.addresses import ClientAddress
from parsing.httpsys.clients.scanners import Scanner
from parsing.httpsys.clients.world import World
from parsing.httpsys.server.connections import Person


class Visitor(Protocol):
    """Somebody who comes to the server, and is called for each of the visits."""

    def visit(self, _: object) -> None: ...


Maker = Callable[[World, Person], Visitor]


def _passing_scanner(world: World, person: Person) -> Scanner:
    return Scanner(world, person, 1 + world.chance.below(25), 1_500)


@dataclass(frozen=True, slots=True)
class VisitorStream:
    """One kind of visitor: its share of all requests, requests and milliseconds of one visit, its addresses."""

    share: float
    make: Maker
    requests: float
    lasting: int
    network: str = "home"


STREAMS = (
    VisitorStream(0.510, sessions.home_user, 29, 140_000),
    VisitorStream(0.060, sessions.office_worker, 10.7, 240_000, "office"),
    VisitorStream(0.050, sessions.legacy_user, 8.2, 170_000, "office"),
    VisitorStream(0.110, sessions.mobile_user, 9.1, 80_000, "mobile"),
    VisitorStream(0.210, sessions.poller, 100, 1_300_000),
    VisitorStream(0.008, sessions.uploader, 2.5, 40_000),
    VisitorStream(0.012, sessions.downloader, 2, 40_000),
    VisitorStream(0.004, sessions.reader, 1.7, 100_000, "mobile"),
    VisitorStream(0.022, sessions.batch_job, 25, 300_000, "office"),
    VisitorStream(0.030, sessions.partner, 50, 190_000, "partner"),
    VisitorStream(0.004, _passing_scanner, 13, 20_000, "hostile"),
)

_DAY = (
    (0.0, 0.35),
    (0.08, 0.5),
    (0.2, 1.1),
    (0.4, 1.45),
    (0.52, 0.85),
    (0.58, 0.8),
    (0.7, 1.35),
    (0.85, 1.2),
    (1.0, 0.6),
)
"""Traffic over the window, relative to its mean: quiet at first, two peaks, a dip for lunch."""
_STEPS = 1_000
_HOUR = 3_600_000
_LONG_VISIT = 1_000_000

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
AGENTS = {
    "home": (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME}",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0",
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) {_WEBKIT} Version/18.5 Safari/605.1.15",
        f"Mozilla/5.0 (X11; Linux x86_64) {_CHROME}",
        "python-requests/2.32.4",
    ),
    "office": (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Edg/137.0.0.0",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; .NET4.0C; .NET4.0E)",
        "ReportFetcher/4.2 (.NET 8.0)",
    ),
    "mobile": (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {_WEBKIT} Mobile/15E148",
        "okhttp/4.12.0",
        "ShopApp/7.1 (Android 15; [de])",
    ),
    "partner": ("PartnerSync/3.1", "Java/17.0.11", "axios/1.9.0"),
    "probe": ("HealthProbe/1.0",),
    "hostile": ("Mozilla/5.0 zgrab/0.x", "[bold red]scan[/] (compatible)", "() { :;}; echo pwned", "sqlmap/1.9", "-"),
}


_UNSHARED = ("probe", "hostile")


class Addresses:
    """Hands out addresses: shared ones to a share of the people, their own to the rest."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._people = 0
        self._known: dict[str, list[Person]] = {}
        self._own_addresses: dict[str, ClientAddress] = {}
        chance = world.chance
        self._shared = [
            ClientAddress(
                f"203.0.113.{10 + 7 * number}",
                1_024 + chance.below(20_000),
                chance.between(150, 6_000),
                chance.below(9_999),
            )
            for number in range(chance.between(3, 7))
        ]

    def person(self, network: str) -> Person:
        """Somebody of this network (a key of ``AGENTS``): new, or one who came before; a few come often."""
        chance = self._world.chance
        known = self._known.setdefault(network, [])
        if known and chance.unit() < 0.3:
            often = chance.unit()
            return known[int(len(known) * often * often * often)]
        self._people += 1
        is_shared = network not in _UNSHARED and chance.unit() < self._world.profile.proxy_share
        address = chance.one_of(self._shared) if is_shared else self._own(network)
        person = Person(self._people, address, chance.one_of(AGENTS[network]))
        known.append(person)
        return person

    def _own(self, network: str) -> ClientAddress:
        chance = self._world.chance
        text, zone = self._text(network, self._people)
        if text not in self._own_addresses:
            is_narrow = chance.unit() < 0.2
            low, span = (1_025 + chance.below(8_000), chance.between(3, 16)) if is_narrow else (49_152, 16_384)
            self._own_addresses[text] = ClientAddress(text, low, span, chance.below(span), zone)
        return self._own_addresses[text]

    def _text(self, network: str, number: int) -> tuple[str, str]:
        draw = self._world.chance.unit()
        scattered = number * 40_503 % 131_072
        low, high = scattered & 255, scattered >> 8 & 255
        if network == "probe":
            return f"10.20.0.{200 + number % 50}", ""
        if network == "hostile":
            return f"192.0.2.{1 + number % 254}", ""
        if network == "partner":
            return f"192.0.2.{1 + number % 254}" if draw < 0.2 else f"172.{16 + (scattered >> 16)}.{high}.{low}", ""
        if network == "office":
            if draw < 0.06:
                return (
                    f"fe80::5efe:10.30.{high}.{low or 1}" if draw < 0.02 else f"fe80::{scattered:x}:a1ff:fe{low:02x}",
                    "%13",
                )
            return f"10.{30 + (scattered >> 16) + 2 * (number // 131_072)}.{high}.{low}", ""
        if network == "mobile":
            if draw < 0.4:
                return f"2001:db8:{64 + high:x}:{number:x}::{low or 1:x}", ""
            return f"100.{64 + (scattered >> 16) + 2 * (number // 131_072)}.{high}.{low}", ""
        if draw < 0.15:
            return f"2001:db8:{high:x}:{number & 65_535:x}:{number >> 16:x}:7ff:fe{low:02x}:1", ""
        return f"198.{18 + (scattered >> 16)}.{high}.{low}", ""


class Population:
    """Starts visits so that the requests of the profile are spread over its window."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.addresses = Addresses(world)
        flatness = 1.0 if world.profile.window > _HOUR else 0.3
        knots = tuple((at, 1 + (level - 1) * flatness) for at, level in _DAY)
        self._levels = tuple(_between(knots, step / _STEPS) for step in range(_STEPS + 1))
        self._planned = tuple(accumulate(self._levels))

    def settle(self) -> None:
        """The visitors who have been there for long at the beginning, and the first arrival of each kind."""
        world = self._world
        for stream in STREAMS:
            is_long = stream.lasting > _LONG_VISIT
            present = int(self._arrivals(stream) * stream.lasting * self._levels[0]) if is_long else 0
            for _ in range(present):
                self._start(stream, world.begin + world.chance.below(10_000))
            world.schedule.at(world.begin, self._arrive, stream)
        for _ in range(2 + int(world.profile.rate / 60)):
            visitor = sessions.monitor(world, self.addresses.person("probe"))
            world.schedule.at(world.begin + world.chance.below(15_000), visitor.visit, None)

    def _arrivals(self, stream: VisitorStream) -> float:
        """Visits per millisecond on average; more in a window so short that many visits do not end in it."""
        cut_short = 1.0 if stream.lasting > _LONG_VISIT else 1 + stream.lasting / self._world.profile.window
        return self._world.profile.rate * stream.share / stream.requests / 1000 * cut_short

    def _level(self) -> float:
        """How busy the site shall be now, relative to the mean: more if fewer requests came than planned so far."""
        world = self._world
        step = min(_STEPS, (world.schedule.now - world.begin) * _STEPS // world.profile.window)
        planned = self._planned[step] / self._planned[-1] * world.profile.requests
        asked = world.profile.requests - world.remaining
        return self._levels[step] * min(1.5, max(0.6, 2 * planned / (asked + 1) - 1))

    def _arrive(self, stream: VisitorStream) -> None:
        world = self._world
        if world.remaining <= 0:
            return
        now = world.schedule.now
        gap = world.chance.exponential(1 / (self._arrivals(stream) * self._level()))
        world.schedule.at(now + gap + 1, self._arrive, stream)
        if now >= world.away_until:
            self._start(stream, now)

    def _start(self, stream: VisitorStream, at: int) -> None:
        visitor = stream.make(self._world, self.addresses.person(stream.network))
        self._world.schedule.at(at, visitor.visit, None)


def _between(knots: Sequence[tuple[float, float]], part: float) -> float:
    for (left, low), (right, high) in pairwise(knots):
        if part <= right:
            return low + (high - low) * (part - left) / (right - left)
    return knots[-1][1]
