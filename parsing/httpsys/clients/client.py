"""Clients: how they connect, how long they wait, and what they do when they lose a request."""

from __future__ import annotations

from dataclasses import dataclass

from parsing.httpsys.chance import LogNormal
from parsing.httpsys.clients.world import RETRY_WINDOW, World
from parsing.httpsys.server.applications import Endpoint
from parsing.httpsys.server.connections import Connection, Exchange, Person


@dataclass(frozen=True, slots=True)
class Habit:
    """What a kind of client has in common. Times are milliseconds, ``link`` is bytes per second.

    Of lost requests the share ``at_once`` is asked again within a second or so, ``soon`` after ``pause``; the rest
    is given up, or asked again only because the client would have asked anyway.
    """

    link: LogNormal
    rtt: int
    patience: LogNormal
    calm: int
    at_once: float = 0.3
    soon: float = 0.25
    pause: LogNormal = LogNormal(6_000, 0.8)  # noqa: RUF009 (immutable)
    http2: float = 0.0
    plain: float = 0.1
    """Share of clients that come to port 80."""
    stalls: float = 0.0
    """Chance that an upload stops arriving, or that the response stops being read."""
    leaves_reading: float = 0.01
    vanishes: float = 0.0
    """Share of clients whose network fails instead of closing their connections."""
    user: str = ""
    referer: str = ""
    lingers: float = 0.45
    """Chance that a finished client leaves its connections open until the server closes them."""


class Client:
    """A client with its connections. Subclasses say what it asks for and when."""

    __slots__ = (
        "_has_tickets",
        "_idle",
        "calm",
        "habit",
        "has_cached",
        "is_http2",
        "legs",
        "link",
        "person",
        "rtt",
        "s_port",
        "tries",
        "user",
        "vanishes",
        "world",
    )

    def __init__(self, world: World, person: Person, habit: Habit) -> None:
        chance = world.chance
        self.world = world
        self.person = person
        self.habit = habit
        self.calm = habit.calm
        self.link = max(habit.link.draw(chance), 2_000)
        self.rtt = 1 + int(habit.rtt * (0.4 + chance.unit()))
        self.s_port = 80 if chance.unit() < habit.plain else 443
        self.is_http2 = self.s_port == 443 and world.profile.release.has_http2 and chance.unit() < habit.http2
        self.has_cached = 0.0
        self.tries = 0
        self._has_tickets = chance.unit() < 0.85
        self.legs = 1 if self._has_tickets else 2
        self.vanishes = chance.unit() < habit.vanishes
        self.user = f"{habit.user}{person.id % 97:02d}" if habit.user else ""
        self._idle: list[Connection] = []

    # What the server asks of a client

    def challenged(self) -> None:
        """Signing in takes one 401 with Kerberos, whose ticket then comes unasked; with NTLM two per connection."""
        if self._has_tickets:
            self.legs = 0

    def patience(self) -> int:
        """How long the client waits for the whole response, from the start of the request."""
        return self.calm + self.habit.patience.draw(self.world.chance)

    def stall_after(self) -> int:
        """Milliseconds after which an upload stops arriving; -1 if it does not stop."""
        chance = self.world.chance
        return chance.exponential(1_500) if chance.unit() < self.habit.stalls else -1

    def stalls_reading(self) -> bool:
        return self.habit.stalls > 0 and self.world.chance.unit() < self.habit.stalls

    def leaves_while_reading(self) -> bool:
        return self.world.chance.unit() < self.habit.leaves_reading

    # Asking

    def ask(self, endpoint: Endpoint, connection: Connection | None = None) -> None:
        path, query = endpoint.target(self.world.chance)
        self.send(endpoint, (endpoint.method, path, query), connection)

    def send(
        self,
        endpoint: Endpoint,
        target: tuple[str, str, str],
        connection: Connection | None = None,
        cause: Exchange | None = None,
    ) -> None:
        """Sends a request now, unless the simulation's requests are used up or the server is out of reach.

        ``cause`` is the loss that this request repeats, where that is known already.
        """
        world = self.world
        if world.remaining <= 0:
            return
        now = world.schedule.now
        if now < world.away_until:
            self.elsewhere()
            return
        world.remaining -= 1
        world.exchanges += 1
        if connection is None or not connection.is_open:
            connection = self._connection()
        exchange = Exchange(world.exchanges, connection, endpoint, target, now)
        exchange.retry_of = cause or self._lost_before(target, now)
        world.server.receive(exchange)

    def again(self, exchange: Exchange) -> None:
        assert exchange.endpoint is not None
        is_here = self.world.schedule.now >= self.world.away_until
        if is_here and self.person.losses.get(exchange.target) is exchange:
            del self.person.losses[exchange.target]
        self.send(exchange.endpoint, exchange.target, cause=exchange)

    def answered(self, exchange: Exchange, end: int) -> None:
        """The response is complete. A challenge to sign in is answered on the same connection."""
        if exchange.status == 401:
            self.world.schedule.at(end + 1, self._sign_in, exchange)
            return
        connection = exchange.connection
        if not connection.is_http2:
            self._idle.append(connection)
        self.tries = 0
        self.done(exchange, end)

    def lose(self, exchange: Exchange) -> None:
        """The request has ended without its response; the reaction is always a later event."""
        world = self.world
        self.person.losses[exchange.target] = exchange
        draw = world.chance.unit()
        self.tries += 1
        now = world.schedule.now
        if self.tries <= 4 and draw < self.habit.at_once:
            world.schedule.at(now + self.rtt + world.chance.exponential(500), self.again, exchange)
        elif self.tries <= 4 and draw < self.habit.at_once + self.habit.soon:
            world.schedule.at(now + 1_000 + self.habit.pause.draw(world.chance), self.again, exchange)
        else:
            self.given_up(exchange, now)

    # What a kind of client does

    def done(self, exchange: Exchange, end: int) -> None:
        """A response has come."""

    def given_up(self, exchange: Exchange, now: int) -> None:
        """A lost request will not be repeated for its own sake."""

    def elsewhere(self) -> None:
        """The request went to another server."""

    def finish(self, end: int) -> None:
        """The client has no more questions: it closes its connections, or leaves that to the server."""
        chance = self.world.chance
        if chance.unit() < self.habit.lingers:
            return
        self.world.schedule.at(end + chance.exponential(15_000), self._close, None)

    # Connections

    def preconnect(self, _: object) -> Connection:
        """Opens a connection and sends nothing, as browsers do on a guess."""
        connection = self.world.server.connections.open(self, self.s_port, False)
        self.world.server.connections.watch(connection)
        return connection

    def _connection(self) -> Connection:
        idle = self._idle
        if self.is_http2:
            if not idle or not idle[0].is_open:
                self._idle = idle = [self.world.server.connections.open(self, self.s_port, True)]
            return idle[0]
        now = self.world.schedule.now
        for place in range(len(idle) - 1, -1, -1):
            connection = idle[place]
            if not connection.is_open:
                del idle[place]
            elif connection.since <= now:
                del idle[place]
                return connection
        return self.world.server.connections.open(self, self.s_port, False)

    def _close(self, _: object) -> None:
        for connection in self._idle:
            if not connection.active:
                self.world.server.connections.close(connection)

    def _sign_in(self, exchange: Exchange) -> None:
        assert exchange.endpoint is not None
        self.send(exchange.endpoint, exchange.target, exchange.connection, exchange.retry_of)

    def _lost_before(self, target: tuple[str, str, str], now: int) -> Exchange | None:
        losses = self.person.losses
        if not losses:
            return None
        lost = losses.pop(target, None)
        return lost if lost is not None and now - lost.lost_at <= RETRY_WINDOW else None
