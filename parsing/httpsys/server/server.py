"""HTTP.sys and IIS: from the first byte of a request to its row in one log, or the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from parsing.httpsys.server.applications import POOLS
from parsing.httpsys.server.connection_table import ConnectionTable
from parsing.httpsys.server.connections import DONE, DROPPED, IN_QUEUE, IN_WORKER, ZOMBIE, Exchange
from parsing.httpsys.server.pools import Pool
from parsing.httpsys.server.responses import ERROR_NETNAME_DELETED, Responses
from parsing.httpsys.server.schedule import Schedule, Sweep
from parsing.httpsys.server.zombies import ZombieList
from parsing.httpsys.writers.recording import ErrorRow, Recording, ServerEvent, ServerEventKind

if TYPE_CHECKING:
    from parsing.httpsys.chance import Chance
    from parsing.httpsys.profile import ServerProfile

ERROR_ACCESS_DENIED = 5
SEC_E_LOGON_DENIED = 2148074254
"""0x8009030E: what IIS logs for a leg of a sign-in."""

CACHE_TIME = 120_000
"""Milliseconds for which a static response stays in the kernel cache."""


class Server:
    """The connections, pools, timers and zombie list of one server, and what they log."""

    def __init__(self, schedule: Schedule, profile: ServerProfile, chance: Chance, recording: Recording) -> None:
        self.schedule = schedule
        self.profile = profile
        self.chance = chance
        self.recording = recording
        self.sweep = Sweep(schedule, profile.sweep_period, profile.sweep_phase)
        self.connections = ConnectionTable(schedule, self.sweep, profile, recording)
        threads = profile.workers or max(60, int(profile.rate * 1.6))
        limit = profile.queue_limit or max(12, int(profile.rate * 1.5))
        self.pools = {
            name: Pool(self, name, max(4, int(threads * part)), limit, number)
            for number, (name, part) in enumerate(POOLS.items())
        }
        has_limit = profile.release.has_zombie_limit
        self._zombies = ZombieList(
            schedule, profile, recording, (profile.zombie_limit or threads * 7 // 10) if has_limit else sys.maxsize
        )
        self._responses = Responses(self)
        self._cached_until: dict[str, int] = {}

    def report(self, kind: ServerEventKind, pool: str, pid: int) -> None:
        """What Windows will say of a pool in its event logs."""
        self.recording.events.append(ServerEvent(self.schedule.now, kind, pool, pid))

    # Requests on their way in

    def receive(self, exchange: Exchange) -> None:
        """The first byte of a well-formed request is here."""
        connection = exchange.connection
        connection.active.append(exchange)
        connection.served += 1
        if connection.is_http2:
            exchange.stream = connection.stream
            connection.stream += 2
        endpoint = exchange.endpoint
        assert endpoint is not None
        if endpoint.is_cached and self._cached_until.get(exchange.path, 0) > exchange.start:
            self._responses.set_status(exchange)
            self.complete(exchange, exchange.start + exchange.client.rtt, "kernel-cache")
        elif connection.served == 1 and len(self.connections) > self.connections.limit:
            self.refuse(exchange, "ConnLimit", "connection-limit")
        elif endpoint.needs_sign_in and connection.sign_in < exchange.client.legs:
            self._challenge(exchange)
        else:
            self.pools[endpoint.pool].take(exchange)

    def reject(self, exchange: Exchange, reason: str, status: int, cause: str) -> None:
        """HTTP.sys itself refuses a request that it cannot parse or route."""
        exchange.connection.served += 1
        self.end_with_error(exchange, reason, cause, status=status)

    def refuse(self, exchange: Exchange, reason: str, cause: str) -> None:
        """503: the request was understood, but there is no room for it."""
        self.end_with_error(exchange, reason, cause, status=503)

    def cut_all(self) -> None:
        """Every connection breaks at once; the requests on them lose their clients."""
        for connection in self.connections.all_open():
            for exchange in list(connection.active):
                self.leave(exchange)
            self.connections.close(connection)

    def _challenge(self, exchange: Exchange) -> None:
        exchange.connection.sign_in += 1
        is_first = exchange.connection.sign_in == 1
        exchange.client.challenged()
        exchange.status = 401
        exchange.substatus, exchange.win32 = (2, ERROR_ACCESS_DENIED) if is_first else (1, SEC_E_LOGON_DENIED)
        self.complete(exchange, exchange.start + self.chance.below(3) + exchange.client.rtt, "answered")

    # Requests in a worker

    def work(self, exchange: Exchange) -> None:
        """A thread of the request's pool has taken it."""
        endpoint = exchange.endpoint
        assert endpoint is not None
        pool = self.pools[endpoint.pool]
        now = self.schedule.now
        service = int(endpoint.service.draw(self.chance) * self.profile.pace)
        if pool.worker.cold_until > now:
            service = service * 4 + 300
        if pool.trouble is not None:
            service = pool.trouble.delay(exchange, service)
        if endpoint.body is not None:
            sending = endpoint.body.draw(self.chance) * 1000 // exchange.client.link
            stall = exchange.client.stall_after()
            if stall >= 0:
                exchange.waits_since = now + min(stall, sending)
                self.sweep.watch(exchange.waits_since + self.profile.body_timeout, self._look_body, exchange)
                return
            service += sending
        self.schedule.at(now + service, self._finished, exchange)
        self.expect_patience(exchange, now + service)

    def free(self, exchange: Exchange) -> bool:
        """The thread that had the request is free again; False if its process has died meanwhile."""
        assert exchange.endpoint is not None
        return self.pools[exchange.endpoint.pool].finished(exchange)

    def expect_patience(self, exchange: Exchange, until: int | None) -> None:
        """Has the client leave if the response takes longer (``until``; None: nobody knows) than it will wait."""
        client = exchange.client
        if exchange.leaves or (until is not None and until - exchange.start <= client.calm):
            return
        if exchange.leave_at == 0:
            exchange.leave_at = exchange.start + client.patience()
        if until is None or exchange.leave_at < until:
            exchange.leaves = True
            self.schedule.at(max(exchange.leave_at, self.schedule.now), self.leave, exchange)

    def leave(self, exchange: Exchange) -> None:
        """The client closes the connection, or its stream, before the response is complete."""
        state = exchange.state
        if state >= ZOMBIE or exchange.client_left:
            return
        now = exchange.client_left = self.schedule.now
        if state == IN_QUEUE:
            assert exchange.endpoint is not None
            self.pools[exchange.endpoint.pool].forget_waiting()
            self.end_with_error(exchange, "Client_Reset", "client-gone-in-queue")
            return
        if state == IN_WORKER:
            self._zombies.park(exchange)
        else:
            self._responses.break_off(exchange)
            self.log(exchange, now, "client-left-sending")
        self.lose(exchange)

    def _finished(self, exchange: Exchange) -> None:
        endpoint = exchange.endpoint
        assert endpoint is not None
        if not self.free(exchange):
            return
        now = self.schedule.now
        if exchange.state == ZOMBIE:
            self._zombies.release()
            self._responses.set_status(exchange)
            self._responses.break_off(exchange)
            self.log(exchange, now, "client-left-in-time")
        elif exchange.state == IN_WORKER:
            self._responses.respond(exchange)
        elif exchange.state == DROPPED and endpoint.is_compressed and self.chance.unit() < self.profile.double_entry:
            exchange.status, exchange.substatus, exchange.win32 = 500, 19, ERROR_NETNAME_DELETED
            self.log(exchange, now, "late-compression")

    def _look_body(self, exchange: Exchange) -> None:
        if exchange.state == IN_WORKER:
            self._responses.cut(exchange, "Timer_EntityBody", "body-wait")

    # The end of an exchange

    def complete(self, exchange: Exchange, end: int, cause: str) -> None:
        """The response has reached the client."""
        connection, endpoint = exchange.connection, exchange.endpoint
        connection.active.remove(exchange)
        connection.since = end
        if endpoint is not None and endpoint.is_cached and cause == "answered":
            self._cached_until[exchange.path] = end + CACHE_TIME
        self.log(exchange, end, cause)
        if not connection.is_watched and not connection.active:
            self.connections.watch(connection)
        exchange.client.answered(exchange, end)

    def log(self, exchange: Exchange, end: int, cause: str) -> None:
        """The IIS log gets its row."""
        exchange.state = DONE
        exchange.end = end
        exchange.cause = cause
        self.recording.requests.append(exchange)

    def end_with_error(
        self,
        exchange: Exchange,
        reason: str,
        cause: str,
        began: int = 0,
        status: int = 0,
        is_bare: bool = False,
    ) -> None:
        """Httperr.log gets its row, and the client loses its request. Without ``began`` it is the request's start."""
        now = self.schedule.now
        exchange.state = DONE
        row = ErrorRow(now, exchange.connection, exchange, reason, cause, began or exchange.start, status, is_bare)
        self.recording.errors.append(row)
        self.lose(exchange)

    def lose(self, exchange: Exchange) -> None:
        """The client is without its response; what it does about it is a later event."""
        connection = exchange.connection
        if exchange in connection.active:
            connection.active.remove(exchange)
        self.connections.part(connection)
        exchange.lost_at = self.schedule.now
        exchange.client.lose(exchange)
