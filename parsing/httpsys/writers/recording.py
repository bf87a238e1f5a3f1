"""What a simulated server logged, in memory: requests for the IIS log and errors for Httperr.log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from parsing.httpsys.server.connections import Connection, Exchange

CAUSES: dict[str, tuple[str, str]] = {
    "answered": ("", "the response reached the client"),
    "kernel-cache": ("", "HTTP.sys answered from its cache; no worker saw the request"),
    "client-left-in-time": ("client", "the client left, the worker finished before the time-out"),
    "client-left-sending": ("client", "the client left while the response was being sent"),
    "late-compression": ("client", "the client left, the drop was logged, and IIS logged a failed write as well"),
    "cut-by-timer": ("http.sys", "a timer of HTTP.sys ended the request, and IIS logged the broken exchange as well"),
    "rejected": ("http.sys", "HTTP.sys could not parse the request or would not take it"),
    "no-route": ("http.sys", "no site or application listens for this host and path"),
    "queue-full": ("http.sys", "the queue of the pool was full"),
    "pool-offline": ("http.sys", "rapid-fail protection had taken the pool offline after crashes"),
    "stopped": ("administrator", "the pool was stopped"),
    "connection-limit": ("administrator", "the site had as many connections as its limit allows"),
    "queue-wait": ("http.sys", "the request waited too long for a worker"),
    "idle": ("http.sys", "the kept-alive connection was silent for too long"),
    "header-wait": ("http.sys", "no complete request came on a new connection"),
    "body-wait": ("http.sys", "the body of the request stopped arriving"),
    "slow-reader": ("http.sys", "the client read the response too slowly"),
    "client-gone": ("client", "the client left and the worker did not finish before the time-out"),
    "client-gone-list-full": ("client", "the client left when too many dead connections were waiting already"),
    "client-gone-in-queue": ("client", "the client left before a worker took the request"),
    "application-closed": ("worker", "the application closed the connection instead of finishing the response"),
    "worker-crash": ("worker", "the worker process died with the request in it"),
    "worker-shutdown": ("worker", "the old worker process ran out of time to finish the request"),
}
"""Why a row exists: who ended the exchange (empty: nobody before its end), and the cause in words."""


class ErrorRow:
    """One row of Httperr.log. ``is_bare`` rows have addresses only, even if a request stood behind them.

    ``began`` is when the wait that the row ended began: for ``client-gone`` the moment the client left, for a timer
    the start of the silence, of the headers, of the wait for more of the body, or of the sending; else the start of
    the request.
    """

    __slots__ = ("began", "cause", "connection", "exchange", "is_bare", "reason", "status", "time")

    def __init__(
        self,
        time: int,
        connection: Connection,
        exchange: Exchange | None,
        reason: str,
        cause: str,
        began: int,
        status: int = 0,
        is_bare: bool = False,
    ) -> None:
        self.time = time
        self.connection = connection
        self.exchange = exchange
        self.reason = reason
        self.cause = cause
        self.began = began
        self.status = status
        self.is_bare = is_bare or exchange is None


ServerEventKind = Literal["crash", "killed", "stopped late", "recycled", "switched off", "opened"]


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """Something that happened to a pool or its worker process ``pid``, of which Windows keeps its own account."""

    time: int
    kind: ServerEventKind
    pool: str
    pid: int


@dataclass(slots=True)
class Recording:
    """The rows of both logs in the order of the events; an exchange is in ``requests`` at most once."""

    requests: list[Exchange] = field(default_factory=list)
    errors: list[ErrorRow] = field(default_factory=list)
    events: list[ServerEvent] = field(default_factory=list)
    asked: int = 0
    """Requests that clients sent."""
