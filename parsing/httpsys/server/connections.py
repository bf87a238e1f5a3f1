"""Who asks, the TCP connection, the exchange of one request and one response on it, and the worker that has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from parsing.httpsys.clients.addresses import ClientAddress
    from parsing.httpsys.server.applications import Endpoint

IN_QUEUE, IN_WORKER, SENDING, ZOMBIE, DROPPED, DONE = range(6)
"""States of an exchange. A zombie's client has left; a dropped one has outlived the time-out in its worker."""


@dataclass(slots=True)
class Person:
    """Who asks: one user or program at an address, which others may share. Losses wait here for a retry."""

    id: int
    address: ClientAddress
    agent: str
    losses: dict[tuple[str, str, str], Exchange] = field(default_factory=dict)


class Peer(Protocol):
    """A client as the server knows it: what can be sent to it, and how long it waits. Times are milliseconds."""

    person: Person
    user: str
    rtt: int
    link: int
    """Bytes per second."""
    calm: int
    """How long the client certainly waits."""
    legs: int
    """Challenges that it needs until it is signed in on a connection."""
    has_cached: float
    """The chance that it has an asset already."""
    vanishes: bool
    """Whether its network fails instead of closing its connections."""

    def challenged(self) -> None: ...

    def patience(self) -> int: ...

    def stall_after(self) -> int: ...

    def stalls_reading(self) -> bool: ...

    def leaves_while_reading(self) -> bool: ...

    def answered(self, exchange: Exchange, end: int) -> None: ...

    def lose(self, exchange: Exchange) -> None: ...


class Connection:
    """One TCP connection. ``since`` is when its present silence, or the wait for its first bytes, began."""

    __slots__ = (
        "active",
        "client",
        "id",
        "is_http2",
        "is_open",
        "is_watched",
        "port",
        "s_port",
        "served",
        "sign_in",
        "since",
        "stream",
    )

    def __init__(self, number: int, client: Peer, now: int, s_port: int, is_http2: bool) -> None:
        self.id = number
        self.client = client
        self.port = client.person.address.open_port()
        self.s_port = s_port
        self.is_http2 = is_http2
        self.is_open = True
        self.is_watched = False
        self.active: list[Exchange] = []
        self.served = 0
        self.sign_in = 0
        self.since = now
        self.stream = 1


class Exchange:
    """One request, what became of it, and where it was logged. Times are milliseconds since 1970, 0 for never."""

    __slots__ = (
        "appended",
        "cause",
        "client",
        "client_left",
        "connection",
        "end",
        "endpoint",
        "error_place",
        "id",
        "iis_place",
        "leave_at",
        "leaves",
        "lost_at",
        "method",
        "path",
        "query",
        "retry_of",
        "start",
        "state",
        "status",
        "stream",
        "substatus",
        "version",
        "waits_since",
        "win32",
        "worker",
    )

    def __init__(
        self,
        number: int,
        connection: Connection,
        endpoint: Endpoint | None,
        target: tuple[str, str, str],
        now: int,
    ) -> None:
        self.id = number
        self.connection = connection
        self.client = connection.client
        self.endpoint = endpoint
        self.method, self.path, self.query = target
        self.version = "HTTP/2.0" if connection.is_http2 else "HTTP/1.1"
        self.start = now
        self.state = IN_QUEUE
        self.leave_at = 0
        self.leaves = False
        self.client_left = 0
        self.lost_at = 0
        self.waits_since = 0
        self.end = 0
        self.status = 0
        self.substatus = 0
        self.win32 = 0
        self.stream = 0
        self.appended = ""
        self.cause = ""
        self.retry_of: Exchange | None = None
        self.worker: Worker | None = None
        self.iis_place: tuple[str, int] | None = None
        self.error_place: tuple[str, int] | None = None

    @property
    def target(self) -> tuple[str, str, str]:
        """Method, path and query as the client sent them."""
        return self.method, self.path, self.query


class Worker:
    """A worker process of a pool. A crashed or retired one keeps no thread of its successor busy."""

    __slots__ = ("cold_until", "is_ready", "pid", "running")

    def __init__(self, pid: int = 0) -> None:
        self.pid = pid
        self.running: dict[int, Exchange] = {}
        self.is_ready = False
        self.cold_until = 0
