"""Clients that do not speak HTTP well: scanners, a TLS client on the plain port, connections that say nothing."""

from __future__ import annotations

from dataclasses import dataclass

from parsing.httpsys.chance import LogNormal, Weighted
from parsing.httpsys.clients.client import Client, Habit
from parsing.httpsys.clients.world import World
from parsing.httpsys.server.applications import Endpoint
from parsing.httpsys.server.connections import Exchange, Person


@dataclass(frozen=True, slots=True)
class Fault:
    """What HTTP.sys cannot take: the reason, the status, and what of the request it could still read."""

    reason: str
    status: int
    version: str = "HTTP/1.1"
    method: str = "GET"
    uri: str = "/"
    cause: str = "rejected"


FAULTS = Weighted(
    (
        (6, Fault("URL", 400, uri="/fee&fie=foe%u0041%zz")),
        (5, Fault("URL", 400, uri="/cgi-bin/%%32%65%%32%65/etc/passwd")),
        (4, Fault("URL", 400, uri="/search?q=%1B[31mred%1B[0m&x=%00")),
        (3, Fault("URL", 400, uri="/a[b]c[/red]%")),
        (6, Fault("Forbidden", 403, uri="/nessus\\..\\..\\..\\winnt\\win.ini")),
        (5, Fault("Forbidden", 403, uri="/scripts/..%255c../%2e%2e/%2e%2e/windows/win.ini")),
        (3, Fault("Forbidden", 403, method="M-POST", uri="/CIMListener/\\..\\..\\mydll")),
        (6, Fault("Hostname", 400, uri="/")),
        (3, Fault("Hostname", 400, uri="/test'XOR(1)*\"<b>[bold]")),
        (5, Fault("BadRequest", 400, uri="/api/v1/orders/1")),
        (4, Fault("Verb", 400, version="", method="", uri="")),
        (2, Fault("Verb", 400, version="", method="145.ll|'|'|SGFjS2Vk|'|'|Win", uri="7")),
        (2, Fault("URL", 400, version="HTTP/0.9", method="t3", uri="12.2.1")),
        (3, Fault("Header", 400, uri="/index.php?lang=../../tmp")),
        (2, Fault("Invalid_CR/LF", 400, uri="/")),
        (2, Fault("Number", 400, method="POST", uri="/upload/1")),
        (2, Fault("LengthRequired", 411, method="POST", uri="/xmlrpc.php")),
        (2, Fault("FieldLength", 400, uri="/reports/")),
        (2, Fault("RequestLength", 400, uri="/reports/view.aspx")),
        (2, Fault("URL_Length", 414, version="", uri="")),
        (1, Fault("EntityTooLarge", 413, method="POST", uri="/upload/2")),
        (2, Fault("Version_N/S", 505, version="HTTP/9.9", uri="/a")),
        (1, Fault("N/I", 501, method="POST", uri="/")),
    )
)
STRAY = Weighted(
    (
        (3, Fault("NotFound", 404, uri="/evox/about", cause="no-route")),
        (2, Fault("NotFound", 404, method="OPTIONS", uri="*", cause="no-route")),
        (2, Fault("NotFound", 404, uri="/%C0%AE%C0%AE/windows/win.ini", cause="no-route")),
        (3, Fault("N/A", 503, uri="/", cause="no-route")),
        (1, Fault("N/A", 503, uri="/manager/html", cause="no-route")),
    )
)
TLS_HELLO = Fault("Verb", 400, version="", method="", uri="")

_SMALL = LogNormal(1_200, 0.1)
_PROBES = Weighted(
    tuple(
        (1.0, Endpoint("DefaultAppPool", path, query, status=status, size=_SMALL))
        for path, query, status in (
            ("/wp-login.php", "", 404),
            ("/.env", "", 404),
            ("/phpmyadmin/index.php", "lang=en", 404),
            ("/a[b]c[/red]", "", 404),
            ('/"quoted"/{x}|^~', "", 404),
            ("/..;/manager/html", "", 404),
            ("/search", "q=%1B[31mred%1B[0m", 200),
            ("/search", "q=<script>alert('x')</script>", 200),
            ("/trace.axd", "", 403),
            ("/products/1", "id=1+union+select+null--", 200),
            ("/console/[link=x]click[/link]", "", 404),
        )
    )
)

SCANNING = Habit(LogNormal(1_500_000, 0.3), 60, LogNormal(6_000, 0.3), 3_000, 0.0, 0.0, plain=0.5, lingers=0.9)


class Scanner(Client):
    """Sends probes quickly, some malformed, some for paths that do not exist."""

    __slots__ = ("_gap", "_left", "_malformed", "_only", "last")

    def __init__(self, world: World, person: Person, count: int, gap: int, only: Fault | None = None) -> None:
        super().__init__(world, person, SCANNING)
        self._left = count
        self._gap = gap
        self._only = only
        self.last = 0
        """When it sent its last request."""
        self._malformed = 0.35 + world.chance.unit() * 0.4
        self.is_http2 = False
        if only is not None:
            self.s_port = 80

    def visit(self, _: object) -> None:
        chance = self.world.chance
        if self._left <= 0:
            return
        self._left -= 1
        self.last = self.world.schedule.now
        self.world.schedule.at(self.world.schedule.now + 5 + chance.exponential(self._gap), self.visit, None)
        if self._only is not None:
            self._send_fault(self._only)
        elif chance.unit() < self._malformed:
            self._send_fault((STRAY if self._knows_not_found() and chance.unit() < 0.2 else FAULTS).draw(chance))
        else:
            self.ask(_PROBES.draw(chance))

    def lose(self, exchange: Exchange) -> None:
        self.person.losses[exchange.target] = exchange

    def _knows_not_found(self) -> bool:
        return self.world.profile.windows >= "2012"

    def _send_fault(self, fault: Fault) -> None:
        world = self.world
        now = world.schedule.now
        if world.remaining <= 0 or now < world.away_until:
            return
        world.remaining -= 1
        world.exchanges += 1
        path, _, query = fault.uri.partition("?")
        target = (fault.method, path, query)
        exchange = Exchange(world.exchanges, world.server.connections.open(self, self.s_port, False), None, target, now)
        exchange.version = fault.version
        exchange.retry_of = self._lost_before(target, now) if fault.uri else None
        world.server.reject(exchange, fault.reason, fault.status, fault.cause)


class Leaker(Client):
    """A program that opens connections, says nothing and forgets them, until it may be killed."""

    __slots__ = ("_gap", "_left")

    def __init__(self, world: World, person: Person, count: int, gap: int) -> None:
        super().__init__(world, person, SCANNING)
        self._left = count
        self._gap = gap

    def kill(self) -> None:
        self._left = 0
        self._close(None)

    def visit(self, _: object) -> None:
        if self._left <= 0 or self.world.remaining <= 0:
            return
        self._left -= 1
        self._idle.append(self.preconnect(None))
        self.world.schedule.at(self.world.schedule.now + 1 + self.world.chance.exponential(self._gap), self.visit, None)
