"""Writes the W3C log of the site as IIS of the chosen version would: default fields, one file per UTC day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from parsing.httpsys.profile import ServerProfile
from parsing.httpsys.server.connections import Exchange
from parsing.httpsys.writers.wire import SITE, LogClock, cooked_path, server_address

FOLDER = f"W3SVC{SITE}"
WITHHELD_ABOVE = 4_096
"""A longer value is written as ``...`` (KB2809913)."""
IDLE_CLOSE = 900_000
"""Milliseconds without a request after which the file is closed; new directives precede the next row."""


class IisLog:
    """The IIS log of one site. Writing sets ``iis_place`` of every exchange."""

    def __init__(self, profile: ServerProfile, client_port: bool) -> None:
        release = profile.release
        if client_port and not release.has_custom_fields:
            raise ValueError(f"IIS {release.iis} has no custom fields, so it cannot log the client's port")
        self._profile = profile
        self._clock = LogClock()
        self._has_port = client_port
        self._has_site = "s-sitename" in release.iis_fields
        self._has_referer = "cs(Referer)" in release.iis_fields
        self._has_taken = "time-taken" in release.iis_fields
        self._agents: dict[str, str] = {}

    def write(self, folder: Path, requests: Sequence[Exchange]) -> list[Path]:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        paths: list[Path] = []
        lines: list[str] = []
        day, last, source = -1, 0, ""
        for exchange in sorted(requests, key=_written):
            end = exchange.end
            if end // 86_400_000 != day and (day < 0 or end // 86_400_000 > day):
                self._flush(paths, lines)
                day = end // 86_400_000
                paths.append(folder / FOLDER / self._name(end))
                source = f"{FOLDER}/{paths[-1].name}"
                lines = self._directives(end)
            elif end - last > IDLE_CLOSE:
                lines += self._directives(end)
            last = end
            lines.append(self.line(exchange))
            exchange.iis_place = source, len(lines)
        self._flush(paths, lines)
        return paths

    def line(self, exchange: Exchange) -> str:
        """One row with its line end."""
        client, endpoint = exchange.client, exchange.endpoint
        address = client.person.address
        query = exchange.query + exchange.appended
        if len(query) > WITHHELD_ABOVE:
            query = "..."
        is_signed_in = endpoint is not None and endpoint.needs_sign_in and exchange.status != 401
        zone = "" if self._profile.has_zone_in_errors else address.zone
        site = f"{FOLDER} " if self._has_site else ""
        referer = self._referer(exchange) if self._has_referer else ""
        taken = f" {exchange.end - exchange.start}" if self._has_taken else ""
        port = f" {exchange.connection.port}" if self._has_port else ""
        user = client.user if is_signed_in and client.user else "-"
        return (
            f"{self._clock.second(exchange.end)} {site}{server_address(address)} {exchange.method} "
            f"{cooked_path(exchange)} {query or '-'} {exchange.connection.s_port} {user} {address.text}{zone} "
            f"{self._agent(client.person.agent)}{referer} "
            f"{exchange.status} {exchange.substatus} {exchange.win32}{taken}{port}\r\n"
        )

    def _agent(self, agent: str) -> str:
        text = self._agents.get(agent)
        if text is None:
            text = self._agents[agent] = agent.replace(" ", "+")
        return text

    @staticmethod
    def _referer(exchange: Exchange) -> str:
        endpoint = exchange.endpoint
        return " https://shop.example.com/" if endpoint is not None and endpoint.is_cached else " -"

    def _name(self, time: int) -> str:
        custom = "_x" if self._has_port else ""
        return f"{self._profile.release.iis_prefix}{self._clock.second(time)[2:10].replace('-', '')}{custom}.log"

    def _directives(self, time: int) -> list[str]:
        release = self._profile.release
        fields = release.iis_fields + (" REMOTE_PORT" if self._has_port else "")
        blank = " " if release.iis == "6.0" else ""
        return [
            f"#Software: Microsoft Internet Information Services {release.iis}\r\n",
            "#Version: 1.0\r\n",
            f"#Date: {self._clock.second(time)}\r\n",
            f"#Fields: {fields}{blank}\r\n",
        ]

    @staticmethod
    def _flush(paths: list[Path], lines: list[str]) -> None:
        if paths:
            paths[-1].write_bytes("".join(lines).encode())


def _written(exchange: Exchange) -> int:
    """When the row is written: a few rows come up to a second late and stand behind younger ones (KB900700)."""
    number = exchange.id * 2_654_435_761 & 0xFFFFFFFF
    return exchange.end + (number % 900 if number >> 16 & 31 == 0 else 0)
