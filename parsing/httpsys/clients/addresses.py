"""Addresses of clients, and the ports that they hand out."""

from __future__ import annotations


class ClientAddress:
    """An address that clients share or own; it hands out ephemeral ports in turn and uses them again."""

    __slots__ = ("_low", "_next", "_open", "_span", "text", "zone")

    def __init__(self, text: str, low: int, span: int, first: int, zone: str = "") -> None:
        self.text = text
        self.zone = zone
        self._low = low
        self._span = span
        self._next = first % span
        self._open: set[int] = set()

    def open_port(self) -> int:
        """The next free port in turn; an address that has run out gets a wider range."""
        if len(self._open) >= self._span:
            self._low, self._span = 1_025, 64_511
        port = self._low + self._next
        while port in self._open:
            self._next = (self._next + 1) % self._span
            port = self._low + self._next
        self._next = (self._next + 1) % self._span
        self._open.add(port)
        return port

    def close_port(self, port: int) -> None:
        self._open.discard(port)
