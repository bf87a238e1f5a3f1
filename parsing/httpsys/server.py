"""HTTP.sys and IIS: from the first byte of a request to its row in one log, or the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from parsing.httpsys.applications import POOLS
from parsing.httpsys.connections import DONE, DROPPED, IN_QUEUE, IN_WORKER, SENDING, ZOMBIE, Connection, Exchange
from parsing.httpsys.pools import Pool
from parsing.httpsys.recording import ErrorRow, Recording
from parsing.httpsys.schedule import Schedule, Sweep
from parsing.httpsys.zombies import ZombieList

if TYPE_CHECKING:
    from parsing.httpsys.chance import Chance
    from parsing.httpsys.clients import Client
    from parsing.httpsys.profile import ServerProfile

ERROR_NETNAME_DELETED = 64
ERROR_OPERATION_ABORTED = 995
ERROR_CONNECTION_INVALID = 1229
ERROR_CONNECTION_ABORTED = 1236
ERROR_ACCESS_DENIED = 5
ERROR_SEM_TIMEOUT = 121
SEC_E_LOGON_DENIED_CONTINUE = 2148074254
_GONE = (64, 64, 64, 64, 64, 64, 995, 995, 1229, 1236)
"""How IIS words that the client has left, as often as it does."""

SHORT_SEND = 250
"""Milliseconds; a shorter sending is one step of the model."""
CACHE_TIME = 120_000


class Server:
    """The connections, pools, timers and zombie list of one server, and what they log."""

    def __init__(self, schedule: Schedule, profile: ServerProfile, chance: Chance, recording: Recording) -> None:
        self.schedule = schedule
        self.profile = profile
        self.chance = chance
        self.recording = recording
        self.sweep = Sweep(schedule, profile.sweep_period, profile.sweep_phase)
        threads = profile.workers or max(60, int(profile.rate * 1.6))
        limit = profile.queue_limit or max(12, int(profile.rate * 1.5))
        self.pools = {name: Pool(self, name, max(4, int(threads * part)), limit) for name, part in POOLS.items()}
        self.connections: dict[int, Connection] = {}
        self._zombies = ZombieList(schedule, profile, recording, self._zombie_limit(threads))
        self.connection_limit = profile.connection_limit or max(
            100, int(min(profile.rate * 28, profile.rate * 15 + 60))
        )
        self._cached_until: dict[str, int] = {}
        self._connections_seen = 0

    def _zombie_limit(self, threads: int) -> int:
        if not self.profile.release.has_zombie_limit:
            return sys.maxsize
        return self.profile.zombie_limit or threads * 7 // 10

    # Connections

    def connect(self, client: Client, s_port: int, is_http2: bool) -> Connection:
        self._connections_seen += 1
        connection = Connection(self._connections_seen, client, self.schedule.now, s_port, is_http2)
        self.connections[connection.id] = connection
        return connection

    def watch(self, connection: Connection) -> None:
        """Starts the clock of a silent connection: no headers yet, or nothing since the last response."""
        if not connection.is_watched:
            connection.is_watched = True
            self.sweep.watch(connection.since + self._allowed_silence(connection), self._look_idle, connection)

    def close(self, connection: Connection) -> None:
        if connection.is_open:
            connection.is_open = False
            connection.client.person.address.close_port(connection.port)
            del self.connections[connection.id]

    def cut_all(self) -> None:
        """Every connection breaks at once; the requests on them lose their clients."""
        for connection in list(self.connections.values()):
            for exchange in list(connection.active):
                self.leave(exchange)
            self.close(connection)

    def _allowed_silence(self, connection: Connection) -> int:
        return self.profile.connection_timeout if connection.served else self.profile.header_timeout

    def _look_idle(self, connection: Connection) -> None:
        connection.is_watched = False
        if not connection.is_open or connection.active:
            return
        if connection.since + self._allowed_silence(connection) > self.schedule.now:
            self.watch(connection)
            return
        reason, cause = ("Timer_ConnectionIdle", "idle") if connection.served else ("Timer_HeaderWait", "header-wait")
        self.recording.errors.append(ErrorRow(self.schedule.now, connection, None, reason, cause, connection.since))
        self.close(connection)

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
            self._complete(exchange, exchange.start + exchange.client.rtt, "kernel-cache")
        elif connection.served == 1 and len(self.connections) > self.connection_limit:
            self.refuse(exchange, "ConnLimit", "connection-limit")
        elif endpoint.needs_sign_in and connection.sign_in < 2:
            self._challenge(exchange)
        else:
            self.pools[endpoint.pool].take(exchange)

    def reject(self, exchange: Exchange, reason: str, status: int, cause: str = "rejected") -> None:
        """HTTP.sys itself refuses a request that it cannot parse or route."""
        exchange.connection.served += 1
        self._end_with_error(exchange, reason, cause, exchange.start, status)

    def refuse(self, exchange: Exchange, reason: str, cause: str) -> None:
        """503: the request was understood, but there is no room for it."""
        self._end_with_error(exchange, reason, cause, exchange.start, 503)

    def time_out_in_queue(self, exchange: Exchange) -> None:
        self._end_with_error(exchange, self.profile.release.queue_timer, "queue-wait", exchange.start)

    def abandon(self, exchange: Exchange, cause: str) -> None:
        """The worker process ended with this request in it."""
        self._end_with_error(exchange, self.profile.release.abandoned, cause, exchange.start)

    def _challenge(self, exchange: Exchange) -> None:
        connection = exchange.connection
        connection.sign_in += 1
        exchange.status = 401
        exchange.substatus, exchange.win32 = (
            (2, ERROR_ACCESS_DENIED) if connection.sign_in == 1 else (1, SEC_E_LOGON_DENIED_CONTINUE)
        )
        self._complete(exchange, exchange.start + self.chance.below(3) + exchange.client.rtt, "answered")

    # Requests in a worker

    def work(self, exchange: Exchange, pool: Pool) -> None:
        """A thread of the pool has taken the request."""
        endpoint = exchange.endpoint
        assert endpoint is not None
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

    def expect_patience(self, exchange: Exchange, until: int | None) -> None:
        """Has the client leave if the response takes longer (``until``; None: nobody knows) than it will wait."""
        if until is not None and until - exchange.start <= exchange.client.calm:
            return
        if exchange.leave_at == 0:
            exchange.leave_at = exchange.start + exchange.client.patience()
        elif exchange.leaves:
            return
        if until is None or exchange.leave_at < until:
            exchange.leaves = True
            self.schedule.at(exchange.leave_at, self.leave, exchange)

    def leave(self, exchange: Exchange) -> None:
        """The client closes the connection, or its stream, before the response is complete."""
        state = exchange.state
        if state >= ZOMBIE:
            return
        now = self.schedule.now
        exchange.client_left = now
        if state == IN_QUEUE:
            assert exchange.endpoint is not None
            self.pools[exchange.endpoint.pool].forget_waiting()
            self._end_with_error(exchange, "Client_Reset", "client-gone-in-queue", exchange.start)
            return
        self._part(exchange)
        if state == IN_WORKER:
            self._zombies.park(exchange)
        else:
            exchange.win32 = self.chance.one_of(_GONE)
            self._log(exchange, now, "client-left-sending")
        self._lose(exchange)

    def _finished(self, exchange: Exchange) -> None:
        endpoint = exchange.endpoint
        assert endpoint is not None
        if not self.pools[endpoint.pool].finished(exchange):
            return
        now = self.schedule.now
        if exchange.state == ZOMBIE:
            self._zombies.release()
            self._set_status(exchange)
            if self.chance.unit() < 0.9:
                exchange.win32 = self.chance.one_of(_GONE)
            self._log(exchange, now, "client-left-in-time")
        elif exchange.state == DROPPED:
            if endpoint.is_compressed and self.chance.unit() < self.profile.double_entry:
                exchange.status, exchange.substatus, exchange.win32 = 500, 19, ERROR_NETNAME_DELETED
                self._log(exchange, now, "late-compression")
        elif exchange.state == IN_WORKER:
            self._respond(exchange)

    # Responses on their way out

    def _respond(self, exchange: Exchange) -> None:
        endpoint, client = exchange.endpoint, exchange.client
        assert endpoint is not None
        now = self.schedule.now
        if endpoint.closes_early and self.chance.unit() < endpoint.closes_early:
            reason = "Connection_Dropped" if self.chance.unit() < 0.8 else "Request_Cancelled"
            self._end_with_error(exchange, reason, "application-closed", exchange.start)
            return
        self._set_status(exchange)
        size = endpoint.size.draw(self.chance)
        sending = client.rtt + size * 1000 // client.link
        if sending <= SHORT_SEND:
            self._complete(exchange, now + sending, "answered")
            return
        exchange.state = SENDING
        if client.stalls_reading():
            self._send_to_a_stalled_reader(exchange, size)
            return
        if client.leaves_while_reading():
            how = self._vanish if client.vanishes else self.leave
            self.schedule.at(now + self.chance.below(sending), how, exchange)
        self.schedule.at(now + sending, self._sent, exchange)

    def _send_to_a_stalled_reader(self, exchange: Exchange, size: int) -> None:
        now = self.schedule.now
        exchange.waits_since = now
        if exchange.connection.is_http2:
            self.schedule.at(now + self.chance.between(20_000, 60_000), self._give_up_on_slow_stream, exchange)
            return
        budget = size * 1000 // self.profile.min_bytes_per_second
        self.sweep.watch(now + budget, self._look_sending, exchange)
        if self.chance.unit() < 0.4:
            self.expect_patience(exchange, None)

    def _vanish(self, exchange: Exchange) -> None:
        """The client is gone without a word; the server notices when its packets stay unacknowledged."""
        if exchange.state == SENDING:
            exchange.client_left = self.schedule.now
            self.schedule.at(self.schedule.now + self.chance.between(18_000, 25_000), self._notice, exchange)

    def _notice(self, exchange: Exchange) -> None:
        if exchange.state == SENDING:
            exchange.win32 = ERROR_SEM_TIMEOUT
            self._log(exchange, self.schedule.now, "client-left-sending")
            self._part(exchange)
            self._lose(exchange)

    def _sent(self, exchange: Exchange) -> None:
        if exchange.state == SENDING and not exchange.client_left:
            self._complete(exchange, self.schedule.now, "answered")

    def _set_status(self, exchange: Exchange) -> None:
        endpoint = exchange.endpoint
        assert endpoint is not None
        if exchange.status:
            return
        exchange.status = endpoint.status
        draw = self.chance.unit()
        if endpoint.is_cached and draw < exchange.client.has_cached:
            exchange.status = 304
        elif endpoint.appends_errors and draw < 0.02:
            exchange.status = 500
            exchange.appended = f"|{17 + int(draw * 5000)}|80040e31|Query_timeout_expired"
        elif draw < 0.0015:
            exchange.status = 500

    def _complete(self, exchange: Exchange, end: int, cause: str) -> None:
        """The response has reached the client."""
        connection = exchange.connection
        connection.active.remove(exchange)
        connection.since = end
        if cause == "kernel-cache":
            self._set_status(exchange)
        elif exchange.endpoint is not None and exchange.endpoint.is_cached:
            self._cached_until[exchange.path] = end + CACHE_TIME
        self._log(exchange, end, cause)
        if not connection.is_watched and not connection.active:
            self.watch(connection)
        exchange.client.answered(exchange, end)

    # Timers of a request

    def _look_body(self, exchange: Exchange) -> None:
        if exchange.state == IN_WORKER:
            self._cut(exchange, "Timer_EntityBody", "body-wait")

    def _look_sending(self, exchange: Exchange) -> None:
        if exchange.state == SENDING:
            self._cut(exchange, "Timer_MinBytesPerSecond", "slow-reader")

    def _give_up_on_slow_stream(self, exchange: Exchange) -> None:
        if exchange.state != SENDING:
            return
        now = self.schedule.now
        exchange.status, exchange.substatus, exchange.win32 = 500, 19, ERROR_NETNAME_DELETED
        self._log(exchange, now, "cut-by-timer")
        row = ErrorRow(
            now, exchange.connection, exchange, "SlowResponsiveClient", "slow-reader", exchange.waits_since, 0, True
        )
        self.recording.errors.append(row)
        self._part(exchange)
        self._lose(exchange)

    def _cut(self, exchange: Exchange, reason: str, cause: str) -> None:
        """A timer ends a request that a worker has: Httperr.log gets it, the IIS log sometimes too (domain 4.1)."""
        now = self.schedule.now
        endpoint = exchange.endpoint
        assert endpoint is not None
        self.pools[endpoint.pool].finished(exchange)
        if self.chance.unit() < self.profile.timed_out_entry:
            self._set_status(exchange)
            exchange.win32 = self.chance.one_of((64, 995, 1236))
            self._log(exchange, now + self.chance.below(40), "cut-by-timer")
        row = ErrorRow(
            now, exchange.connection, exchange, reason, cause, exchange.waits_since, 0, self.profile.has_bare_timers
        )
        self.recording.errors.append(row)
        exchange.state = DONE
        self._part(exchange)
        self._lose(exchange)

    # The end

    def _log(self, exchange: Exchange, end: int, cause: str) -> None:
        exchange.state = DONE
        exchange.end = end
        exchange.cause = cause
        self.recording.requests.append(exchange)

    def _end_with_error(self, exchange: Exchange, reason: str, cause: str, began: int, status: int = 0) -> None:
        exchange.state = DONE
        exchange.cause = cause
        self.recording.errors.append(
            ErrorRow(self.schedule.now, exchange.connection, exchange, reason, cause, began, status)
        )
        self._part(exchange)
        self._lose(exchange)

    def _part(self, exchange: Exchange) -> None:
        """An exchange that did not end well takes its connection with it; of HTTP/2 only its stream."""
        connection = exchange.connection
        if exchange in connection.active:
            connection.active.remove(exchange)
        if not connection.is_http2:
            self.close(connection)
        elif connection.is_open and not connection.active:
            connection.since = self.schedule.now
            self.watch(connection)

    def _lose(self, exchange: Exchange) -> None:
        exchange.lost_at = self.schedule.now
        exchange.client.lose(exchange)
