"""The connections of the server that are open, and the timers of those that are silent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from parsing.httpsys.server.connections import Connection, Peer
from parsing.httpsys.writers.recording import ErrorRow

if TYPE_CHECKING:
    from parsing.httpsys.profile import ServerProfile
    from parsing.httpsys.server.schedule import Schedule, Sweep
    from parsing.httpsys.writers.recording import Recording


class ConnectionTable:
    """Open connections by number. ``limit`` is the site's limit, which an administrator may set."""

    def __init__(self, schedule: Schedule, sweep: Sweep, profile: ServerProfile, recording: Recording) -> None:
        self.limit = sys.maxsize
        self._schedule = schedule
        self._sweep = sweep
        self._profile = profile
        self._recording = recording
        self._open: dict[int, Connection] = {}
        self._seen = 0

    def __len__(self) -> int:
        return len(self._open)

    def all_open(self) -> list[Connection]:
        return list(self._open.values())

    def open(self, client: Peer, s_port: int, is_http2: bool) -> Connection:
        self._seen += 1
        connection = Connection(self._seen, client, self._schedule.now, s_port, is_http2)
        self._open[connection.id] = connection
        return connection

    def close(self, connection: Connection) -> None:
        if connection.is_open:
            connection.is_open = False
            connection.client.person.address.close_port(connection.port)
            del self._open[connection.id]

    def watch(self, connection: Connection) -> None:
        """Starts the clock of a silent connection: no headers yet, or nothing since the last response."""
        if not connection.is_watched:
            connection.is_watched = True
            self._sweep.watch(connection.since + self._allowed_silence(connection), self._look, connection)

    def part(self, connection: Connection) -> None:
        """An exchange did not end well: it takes its connection with it, or of HTTP/2 only its stream."""
        if not connection.is_http2:
            self.close(connection)
        elif connection.is_open and not connection.active:
            connection.since = self._schedule.now
            self.watch(connection)

    def _allowed_silence(self, connection: Connection) -> int:
        return self._profile.connection_timeout if connection.served else self._profile.header_timeout

    def _look(self, connection: Connection) -> None:
        connection.is_watched = False
        if not connection.is_open or connection.active:
            return
        now = self._schedule.now
        if connection.since + self._allowed_silence(connection) > now:
            self.watch(connection)
            return
        reason, cause = ("Timer_ConnectionIdle", "idle") if connection.served else ("Timer_HeaderWait", "header-wait")
        self._recording.errors.append(ErrorRow(now, connection, None, reason, cause, connection.since))
        self.close(connection)
