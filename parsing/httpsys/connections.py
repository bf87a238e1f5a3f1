"""TCP connections of clients, and the exchanges of one request and one response on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsing.httpsys.applications import Endpoint
    from parsing.httpsys.clients import Client
    from parsing.httpsys.pools import Worker

IN_QUEUE, IN_WORKER, SENDING, ZOMBIE, DROPPED, DONE = range(6)
"""States of an exchange. A zombie's client has left; a dropped one has outlived the time-out in its worker."""


class Address:
    """An address that clients share or own; it hands out ephemeral ports in turn and uses them again."""

    __slots__ = ("_low", "_next", "_open", "_span", "text", "zone")

    def __init__(self, text: str, low: int, span: int, first: int, zone: str = "") -> None:
        self.text = text
        self.zone = zone
        self._low = low
        self._span = span
        self._next = first % span
        self._open: set[int] = set()

    def open_port(self) -> int:
        """The next free port in turn; an address that has run out gets a wider range."""
        if len(self._open) >= self._span:
            self._low, self._span = 1_025, 64_511
        port = self._low + self._next
        while port in self._open:
            self._next = (self._next + 1) % self._span
            port = self._low + self._next
        self._next = (self._next + 1) % self._span
        self._open.add(port)
        return port

    def close_port(self, port: int) -> None:
        self._open.discard(port)


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

    def __init__(self, number: int, client: Client, now: int, s_port: int, is_http2: bool) -> None:
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
