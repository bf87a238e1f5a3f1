"""How values look in the logs: times, addresses, URIs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from parsing.httpsys.clients.addresses import ClientAddress
from parsing.httpsys.server.connections import Exchange

S_IP = "10.20.0.11"
S_IP_6 = "2001:db8:20::11"
SITE = 1
URI_LIMIT = 4_096


class LogClock:
    """Words for moments; one second is worded once."""

    __slots__ = ("_seconds",)

    def __init__(self) -> None:
        self._seconds: dict[int, str] = {}

    def second(self, time: int) -> str:
        """``2026-06-15 10:31:40`` for milliseconds since 1970."""
        second = time // 1000
        text = self._seconds.get(second)
        if text is None:
            text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")
            self._seconds[second] = text
        return text

    def exact(self, time: int) -> str:
        """``2026-06-15T10:31:40.123Z``."""
        return f"{self.second(time).replace(' ', 'T')}.{time % 1000:03d}Z"


def server_address(client: ClientAddress) -> str:
    return S_IP_6 if ":" in client.text else S_IP


def cooked_path(exchange: Exchange) -> str:
    """The path as IIS decodes it, blanks as ``+``."""
    endpoint = exchange.endpoint
    path = endpoint.cooked if endpoint is not None and endpoint.cooked else exchange.path
    return path.replace(" ", "+")


def error_uri(exchange: Exchange, is_raw: bool) -> bytes:
    """The URI for Httperr.log: decoded into the code page if it was parsed, else byte for byte; at most 4,096 bytes."""
    if exchange.endpoint is None:
        data = _joined(exchange.path, exchange.query).encode("latin-1")
    elif is_raw:
        data = _joined(exchange.path, exchange.query).encode()
    else:
        data = _joined(cooked_path(exchange), exchange.query).encode("cp1252", "replace")
    return data[:URI_LIMIT] or b"-"


def _joined(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def write_ndjson(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    """One compact JSON object a line, in ASCII."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
