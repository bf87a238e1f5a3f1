"""Responses on their way to the client: complete, cut off by the client, or read too slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsing.httpsys.server.connections import SENDING, Exchange

if TYPE_CHECKING:
    from parsing.httpsys.server.driver import Driver

ERROR_NETNAME_DELETED = 64
ERROR_SEM_TIMEOUT = 121
ERROR_OPERATION_ABORTED = 995
ERROR_CONNECTION_INVALID = 1229
ERROR_CONNECTION_ABORTED = 1236

SHORT_SEND = 250
"""Milliseconds; a shorter sending is one step of the model."""

_GONE = (
    *[ERROR_NETNAME_DELETED] * 6,
    *[ERROR_OPERATION_ABORTED] * 2,
    ERROR_CONNECTION_INVALID,
    ERROR_CONNECTION_ABORTED,
)
"""How IIS words that the client has left, as often as it does."""


class Responses:
    """The sending side of a server."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._schedule = driver.schedule
        self._chance = driver.chance
        self._profile = driver.profile

    def respond(self, exchange: Exchange) -> None:
        """The application has its response ready, unless it closes the connection instead."""
        endpoint, client, chance = exchange.endpoint, exchange.client, self._chance
        assert endpoint is not None
        now = self._schedule.now
        if endpoint.closes_early and chance.unit() < endpoint.closes_early:
            reason = "Connection_Dropped" if chance.unit() < 0.8 else "Request_Cancelled"
            self._driver.end_with_error(exchange, reason, "application-closed")
            return
        self.set_status(exchange)
        size = endpoint.size.draw(chance)
        sending = client.rtt + size * 1000 // client.link
        if sending <= SHORT_SEND:
            self._driver.complete(exchange, now + sending, "answered")
            return
        exchange.state = SENDING
        if client.stalls_reading():
            self._send_to_a_stalled_reader(exchange, size)
            return
        if client.leaves_while_reading():
            how = self._vanish if client.vanishes else self._driver.leave
            self._schedule.at(now + chance.below(sending), how, exchange)
        self._schedule.at(now + sending, self._sent, exchange)

    def break_off(self, exchange: Exchange) -> None:
        """The client has left while the response was being sent, or before a worker finished in time."""
        if exchange.state == SENDING or self._chance.unit() < 0.9:
            exchange.win32 = self._chance.one_of(_GONE)

    def set_status(self, exchange: Exchange) -> None:
        endpoint = exchange.endpoint
        assert endpoint is not None
        if exchange.status:
            return
        exchange.status = endpoint.status
        draw = self._chance.unit()
        if endpoint.is_cached and draw < exchange.client.has_cached:
            exchange.status = 304
        elif endpoint.appends_errors and draw < 0.02:
            exchange.status = 500
            exchange.appended = f"|{17 + int(draw * 5000)}|80040e31|Query_timeout_expired"
        elif draw < 0.0015:
            exchange.status = 500

    def cut(self, exchange: Exchange, reason: str, cause: str) -> None:
        """A timer ends a request that a worker has: Httperr.log gets it, the IIS log sometimes too (DOMAIN.md 4.1)."""
        driver, now = self._driver, self._schedule.now
        driver.free(exchange)
        if self._chance.unit() < self._profile.timed_out_entry:
            self.set_status(exchange)
            exchange.win32 = self._chance.one_of(
                (ERROR_NETNAME_DELETED, ERROR_OPERATION_ABORTED, ERROR_CONNECTION_ABORTED)
            )
            driver.log(exchange, now + self._chance.below(40), "cut-by-timer")
        driver.end_with_error(exchange, reason, cause, exchange.waits_since, is_bare=self._profile.has_bare_timers)

    def _send_to_a_stalled_reader(self, exchange: Exchange, size: int) -> None:
        now = self._schedule.now
        exchange.waits_since = now
        if exchange.connection.is_http2:
            self._schedule.at(now + self._chance.between(20_000, 60_000), self._give_up_on_slow_stream, exchange)
            return
        budget = size * 1000 // self._profile.min_bytes_per_second
        self._driver.sweep.watch(now + budget, self._look, exchange)
        if self._chance.unit() < 0.4:
            self._driver.expect_patience(exchange, None)

    def _look(self, exchange: Exchange) -> None:
        if exchange.state == SENDING:
            self.cut(exchange, "Timer_MinBytesPerSecond", "slow-reader")

    def _give_up_on_slow_stream(self, exchange: Exchange) -> None:
        """HTTP/2: one row on each side in the same second, that of Httperr.log with addresses only (DOMAIN.md 2.4)."""
        if exchange.state != SENDING:
            return
        exchange.status, exchange.substatus, exchange.win32 = 500, 19, ERROR_NETNAME_DELETED
        self._driver.log(exchange, self._schedule.now, "cut-by-timer")
        self._driver.end_with_error(exchange, "SlowResponsiveClient", "slow-reader", exchange.waits_since, is_bare=True)

    def _vanish(self, exchange: Exchange) -> None:
        """The client is gone without a word; the server notices when its packets stay unacknowledged."""
        if exchange.state == SENDING:
            exchange.client_left = self._schedule.now
            self._schedule.at(self._schedule.now + self._chance.between(18_000, 25_000), self._notice, exchange)

    def _notice(self, exchange: Exchange) -> None:
        if exchange.state == SENDING:
            exchange.win32 = ERROR_SEM_TIMEOUT
            self._driver.log(exchange, self._schedule.now, "client-left-sending")
            self._driver.lose(exchange)

    def _sent(self, exchange: Exchange) -> None:
        if exchange.state == SENDING and not exchange.client_left:
            self._driver.complete(exchange, self._schedule.now, "answered")
