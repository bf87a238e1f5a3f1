"""The list of dead connections whose requests may still be logged (KB937692, DOMAIN.md 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsing.httpsys.server.connections import DROPPED, ZOMBIE, Exchange
from parsing.httpsys.server.schedule import Sweep
from parsing.httpsys.writers.recording import ErrorRow

if TYPE_CHECKING:
    from parsing.httpsys.profile import ServerProfile
    from parsing.httpsys.server.schedule import Schedule
    from parsing.httpsys.writers.recording import Recording


class ZombieList:
    """Requests whose client left while a worker had them. One that outlives the time-out is dropped and logged."""

    def __init__(self, schedule: Schedule, profile: ServerProfile, recording: Recording, limit: int) -> None:
        self._sweep = Sweep(schedule, profile.zombie_sweep, profile.sweep_phase)
        self._schedule = schedule
        self._timeout = profile.zombie_timeout
        self._recording = recording
        self._limit = limit
        self._count = 0

    def park(self, exchange: Exchange) -> None:
        """The client has left now. On a full list the connection is destroyed at once."""
        now = self._schedule.now
        if self._count >= self._limit:
            exchange.state = DROPPED
            self._log(exchange, "Connection_Dropped_List_Full", "client-gone-list-full")
            return
        self._count += 1
        exchange.state = ZOMBIE
        self._sweep.watch(now + self._timeout, self._look, exchange)

    def release(self) -> None:
        """The worker has finished one in time; the IIS log gets it."""
        self._count -= 1

    def _look(self, exchange: Exchange) -> None:
        if exchange.state != ZOMBIE:
            return
        self._count -= 1
        exchange.state = DROPPED
        self._log(exchange, "Connection_Dropped", "client-gone")

    def _log(self, exchange: Exchange, reason: str, cause: str) -> None:
        row = ErrorRow(self._schedule.now, exchange.connection, exchange, reason, cause, exchange.client_left)
        self._recording.errors.append(row)
