"""Writes Httperr.log as a server of the chosen version would: layout, directives, roll-over at 1 MiB."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from parsing.httpsys.profile import ServerProfile
from parsing.httpsys.writers.recording import ErrorRow
from parsing.httpsys.writers.wire import SITE, LogClock, error_uri, server_address

FOLDER = "HTTPERR"
ROLL_OVER = 1_048_576
_LAYOUT_TAILS = {12: (b"", b""), 13: (b"", b""), 14: (b" -", b""), 16: (b" - -", b" TCP"), 18: (b" - -", b" TCP - -")}
"""By the number of columns: the empty stream ids, and what follows the queue."""


class ErrorLog:
    """Httperr.log of one server. Writing sets ``error_place`` of every exchange that it logs."""

    def __init__(self, profile: ServerProfile) -> None:
        self._profile = profile
        release = profile.release
        self._columns = len(release.error_fields.split())
        self._streams, self._tail = _LAYOUT_TAILS[self._columns]
        self._clock = LogClock()

    def write(self, folder: Path, rows: Iterable[ErrorRow]) -> tuple[list[Path], list[tuple[str, int]]]:
        """Returns the files, and for each row its source and line; ``rows`` are in time order."""
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        paths: list[Path] = []
        places: list[tuple[str, int]] = []
        lines: list[bytes] = []
        size, source = 0, ""
        for row in rows:
            line = self.line(row)
            if not paths or size + len(line) > ROLL_OVER:
                self._flush(paths, lines)
                paths.append(folder / FOLDER / f"httperr{len(paths) + 1}.log")
                source = f"{FOLDER}/{paths[-1].name}"
                lines = self._directives(row.time)
                size = sum(map(len, lines))
            lines.append(line)
            size += len(line)
            place = source, len(lines)
            places.append(place)
            if row.exchange is not None:
                row.exchange.error_place = place
        self._flush(paths, lines)
        return paths, places

    def line(self, row: ErrorRow) -> bytes:
        """One row with its line end."""
        connection, exchange = row.connection, row.exchange
        address = connection.client.person.address
        zone = address.zone if self._profile.has_zone_in_errors else ""
        client = f"{address.text}{zone} {connection.port}"
        head = f"{self._clock.second(row.time)} {client} {server_address(address)} {connection.s_port}"
        if exchange is None or row.is_bare:
            request, streams, site, queue = b"- - -", self._streams, "-", "-"
        else:
            uri = error_uri(exchange, self._profile.has_raw_uris)
            request = f"{exchange.version or '-'} {exchange.method or '-'} ".encode() + uri
            streams = self._streams
            if exchange.stream and streams:
                streams = f" {exchange.stream}{' 0' if self._columns > 14 else ''}".encode()
            site, queue = self._routed(row)
        end = f" {row.status or '-'} {site} {row.reason}"
        if self._columns > 12:
            end = f"{end} {queue}"
        return b"%b %b%b%b%b\r\n" % (head.encode(), request, streams, end.encode(), self._tail)

    def _routed(self, row: ErrorRow) -> tuple[str, str]:
        endpoint = row.exchange.endpoint if row.exchange is not None else None
        if endpoint is None:
            return "-", "-"
        return str(SITE), "-" if row.cause == "connection-limit" else endpoint.pool

    def _directives(self, time: int) -> list[bytes]:
        release = self._profile.release
        if not release.error_software:
            return []
        blank = " " if release.error_software.endswith("1.0") else ""
        return [
            f"#Software: {release.error_software}\r\n".encode(),
            b"#Version: 1.0\r\n",
            f"#Date: {self._clock.second(time)}\r\n".encode(),
            f"#Fields: {release.error_fields}{blank}\r\n".encode(),
        ]

    @staticmethod
    def _flush(paths: list[Path], lines: list[bytes]) -> None:
        if paths:
            paths[-1].write_bytes(b"".join(lines))
