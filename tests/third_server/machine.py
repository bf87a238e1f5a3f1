"""HTTP.sys and the worker processes below it: what becomes of a request, by DOMAIN.md 2 and 4.

Clients call ``ask`` and its kin with the moment at which they send a request, and are told how it ended for them. Times
are seconds since the start by a clock that never jumps. Every row of either log is kept with what is true of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf
from random import Random

from tests.third_server.parameters import Parameters, Target
from tests.third_server.pools import Plan

SWEEP = 5


@dataclass(eq=False, slots=True)
class Lane:
    """Where a client sends requests one after another, or many at once (HTTP/2): a connection, or its successor."""

    client: int
    address: str
    is_multiplexed: bool
    keeps_alive: float
    exchanges: list[Exchange] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Exchange:
    """One request. ``lost`` is when its client lost it, ``free`` when the connection could carry another one."""

    number: int
    lane: Lane
    method: str
    path: str
    query: str
    agent: str
    start: float
    free: float = 0.0
    ended: tuple[float, int, int, int] | None = None
    """End, status, substatus and Windows status of its row in the IIS log."""
    error: Fault | None = None
    left: float | None = None
    lost: float | None = None
    repeats: Exchange | None = None
    """What its client sends again on purpose; ``retries`` is what it repeats by the definition of a retry."""
    retries: Exchange | None = None
    cause: str = "answered"
    closes: bool = False
    connection: Connection | None = None
    has_no_request: bool = False


@dataclass(eq=False, slots=True)
class Fault:
    """A row of Httperr.log. ``began`` is when the wait began that it ended."""

    at: float
    reason: str
    cause: str
    ended_by: str
    began: float
    status: int = 0
    is_bare: bool = False
    connection: Connection | None = None
    exchange: Exchange | None = None
    pool: str = ""


@dataclass(eq=False, slots=True)
class Connection:
    number: int
    address: str
    begin: float
    end: float = 0.0
    port: int = 0
    closing: Fault | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended for its client: answered at ``at``, or lost at ``at``."""

    at: float
    is_lost: bool
    exchange: Exchange


class Machine:
    """All requests and errors of one server."""

    def __init__(self, parameters: Parameters, plan: Plan, random: Random) -> None:
        self.parameters = parameters
        self.plan = plan
        self.random = random
        self.exchanges: list[Exchange] = []
        self.faults: list[Fault] = []

    def ask(
        self,
        lane: Lane,
        now: float,
        target: Target,
        patience: float,
        *,
        query: str = "",
        method: str = "GET",
        agent: str = "",
        repeats: Exchange | None = None,
    ) -> Outcome:
        """A request that is sent whole; its client waits ``patience`` seconds."""
        exchange = self.begun(lane, now, target.path, query, method, agent, repeats)
        pool = self.plan.pools[target.pool]
        state, slowness = pool.state(now)
        refused = self._refused(exchange, state, target.pool)
        if refused:
            return refused
        service = target.median * exp(self.random.gauss(0, target.sigma)) * slowness
        done = inf if state == "hung" else now + service
        death = pool.death_after(now)
        closed = now + self.random.uniform(0.1, 6) if self.random.random() < target.closes_itself else inf
        left = min(
            [now + patience, *(at for at in self.plan.departures if at > now and lane.address.startswith("198."))]
        )
        first = min(done, death, closed, left)
        if first == left:
            return self._left(exchange, left, done, death, target.pool)
        exchange.free = first
        if first == done:
            status = 500 if state == "failing" and self.random.random() < 0.7 else self._status()
            exchange.ended = (done, status, 0, 0)
            return Outcome(done, status == 500 and state == "failing", exchange)
        exchange.closes = True
        if first == death:
            self._fault(exchange, death, "Connection_Abandoned_By_ReqQueue", "worker-crash", "worker", pool=target.pool)
        else:
            reason = "Request_Cancelled" if self.random.random() < 0.15 else "Connection_Dropped"
            self._fault(exchange, closed, reason, "application-closed", "worker", pool=target.pool)
        exchange.lost = first
        return Outcome(first, is_lost=True, exchange=exchange)

    def upload(
        self, lane: Lane, now: float, target: Target, agent: str, *, query: str = "", repeats: Exchange | None = None
    ) -> Outcome:
        """A request with a body, which may stop arriving: the network lost the client, and nobody is told."""
        parameters, random = self.parameters, self.random
        if random.random() >= parameters.stall_share:
            return self.ask(
                lane, now, target, random.uniform(40, 200), query=query, method="POST", agent=agent, repeats=repeats
            )
        exchange = self.begun(lane, now, target.path, query, "POST", agent, repeats)
        refused = self._refused(exchange, self.plan.pools[target.pool].state(now)[0], target.pool)
        if refused:
            return refused
        stalled = now + random.choice((random.uniform(0, 0.3), random.uniform(0, 8)))
        row = self.swept(stalled + parameters.body)
        self._fault(
            exchange, row, "Timer_EntityBody", "body-wait", "http.sys", began=stalled, pool=target.pool,
            is_bare=random.random() < 0.05,
        )  # fmt: skip
        if random.random() < parameters.body_timer_is_logged:
            ended = random.choice(((500, 0, 1236), (400, 0, 995), (500, 0, 64), (200, 0, 64)))
            exchange.ended = (row + random.uniform(0, 3), *ended)
        exchange.closes, exchange.free = True, row
        exchange.lost = row
        if random.random() < parameters.gives_up_stalled_body:
            exchange.lost = stalled + random.uniform(15, 0.9 * parameters.body)
        return Outcome(exchange.lost, is_lost=True, exchange=exchange)

    def slow_download(
        self, lane: Lane, now: float, target: Target, agent: str, query: str, *, repeats: Exchange | None = None
    ) -> Outcome:
        """A response that its client takes too slowly: HTTP.sys ends it, and the IIS log has the broken write."""
        random = self.random
        exchange = self.begun(lane, now, target.path, query, "GET", agent, repeats)
        refused = self._refused(exchange, self.plan.pools[target.pool].state(now)[0], target.pool)
        if refused:
            return refused
        began = now + random.uniform(0.1, 2)
        if lane.is_multiplexed:
            cut = began + random.uniform(*self.parameters.slow_response)
            self._fault(exchange, cut, "SlowResponsiveClient", "slow-client", "unknown", began=began, is_bare=True)
            exchange.ended = (cut + random.uniform(0, 0.5), 500, 19, 64)
        else:
            cut = self.swept(began + random.uniform(20, 300))
            self._fault(
                exchange, cut, "Timer_MinBytesPerSecond", "slow-reader", "http.sys", began=began, pool=target.pool,
                is_bare=random.random() < 0.4,
            )  # fmt: skip
            if random.random() < 0.85:
                exchange.ended = (cut + random.uniform(0, 1.5), 200, 0, random.choice((64, 64, 1236)))
            exchange.closes = True
        exchange.free = exchange.lost = cut
        return Outcome(cut, is_lost=True, exchange=exchange)

    def half_a_request(self, lane: Lane, now: float, agent: str) -> None:
        """A connection on which no complete request arrives."""
        exchange = self.begun(lane, now, "", "", "", agent, None)
        exchange.has_no_request = exchange.closes = True
        row = self.swept(now + self.parameters.header)
        self._fault(exchange, row, "Timer_HeaderWait", "header-wait", "http.sys", is_bare=True)
        exchange.free = row

    def reject(self, lane: Lane, now: float, path: str, agent: str) -> None:
        """What HTTP.sys cannot parse."""
        exchange = self.begun(lane, now, path, "", self.random.choice(("GET", "POST", "PUT")), agent, None)
        reason, status = self.random.choice((("BadRequest", 400), ("URL", 400), ("Verb", 400), ("Hostname", 400)))
        self._fault(exchange, now, reason, "rejected", "http.sys", status=status, is_bare=self.random.random() < 0.3)
        exchange.closes, exchange.free, exchange.lost = True, now, now

    def begun(
        self, lane: Lane, now: float, path: str, query: str, method: str, agent: str, repeats: Exchange | None
    ) -> Exchange:
        exchange = Exchange(
            len(self.exchanges) + 1, lane, method, path, query, agent, now, free=now, repeats=repeats
        )  # fmt: skip
        self.exchanges.append(exchange)
        lane.exchanges.append(exchange)
        return exchange

    def _refused(self, exchange: Exchange, state: str, pool: str) -> Outcome | None:
        """``Outcome`` of a request that no worker gets."""
        now = exchange.start
        if state == "stopped":
            self._fault(exchange, now, "Disabled", "stopped", "administrator", status=503, pool=pool)
        elif state == "offline":
            self._fault(exchange, now, "AppOffline", "pool-offline", "http.sys", status=503, pool=pool)
        elif state == "full" and self.random.random() < 0.6:
            self._fault(exchange, now, "QueueFull", "queue-full", "http.sys", status=503, pool=pool)
        else:
            return None
        exchange.closes, exchange.free, exchange.lost = True, now, now
        return Outcome(now, is_lost=True, exchange=exchange)

    def _left(self, exchange: Exchange, left: float, done: float, death: float, pool: str) -> Outcome:
        """The client leaves before the response: DOMAIN.md 4.2."""
        parameters, random = self.parameters, self.random
        exchange.left = exchange.lost = exchange.free = left
        exchange.closes = not exchange.lane.is_multiplexed
        outcome = Outcome(left, is_lost=True, exchange=exchange)
        if any(abs(at - left) < 0.01 for at in self.plan.departures) and random.random() < 0.3:
            self._fault(exchange, left, "Connection_Dropped_List_Full", "client-gone-list-full", "client", pool=pool)
            return outcome
        if left - exchange.start < 2 and random.random() < 0.3:
            self._fault(exchange, left, "Client_Reset", "client-gone-in-queue", "client", pool=pool)
            return outcome
        dropped = self.swept(left + parameters.zombie)
        if done < min(dropped, death):
            says = 64 if random.random() < 0.9 else 995
            exchange.ended = (done, self._status(), 0, says if random.random() < parameters.left_says_64 else 0)
            exchange.cause = "client-left-in-time"
        elif death < dropped:
            self._fault(exchange, death, "Connection_Abandoned_By_ReqQueue", "worker-crash", "worker", pool=pool)
        else:
            self._fault(exchange, dropped, "Connection_Dropped", "client-gone", "client", began=left, pool=pool)
            if done < death and random.random() < parameters.dropped_is_logged:
                exchange.ended = (done, 500, 19, 64)
        return outcome

    def _fault(
        self, exchange: Exchange, at: float, reason: str, cause: str, ended_by: str, *, began: float | None = None,
        status: int = 0, is_bare: bool = False, pool: str = "",
    ) -> None:  # fmt: skip
        begin = exchange.start if began is None else began
        fault = Fault(at, reason, cause, ended_by, begin, status, is_bare, exchange=exchange, pool=pool)
        exchange.error, exchange.cause = fault, cause
        self.faults.append(fault)

    def _status(self) -> int:
        return self.random.choices((200, 304, 302, 404, 500), (88, 6, 3, 2.5, 0.5))[0]

    def swept(self, due: float) -> float:
        """The first sweep of the timers at or after a moment; a sweep takes a moment itself."""
        return due + (self.parameters.phase - due) % SWEEP + self.random.uniform(0, 0.05)
