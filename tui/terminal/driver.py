"""The driver of a terminal that shows already most of what is to be painted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver

    from tui.terminal.painted import Painted

_BEGINS_FRAME = re.compile(r"\x1b\[\d+;\d+H")
_IS_HARMLESS = re.compile(r"\x07|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[(?:[<>=?][\d;]*|[\d;]*)\$?[hlpu]")
"""Sequences that change no cell, but for those of ``_CLEARS``."""
_CLEARS = "\x1b[?1049"
"""Going to the other screen or coming back from it."""
_FRAME_BEGINS, _FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"


def thrifty(base: type[Driver], painted: Painted) -> type[Driver]:
    """A driver like ``base`` that writes of each frame only what ``painted`` does not show yet."""

    class Thrifty(base):  # type: ignore[misc, valid-type]
        """Frames may come in pieces; one ends where the terminal is told so, or at a flush."""

        _pieces: list[str] | None = None
        _is_marked = False

        def write(self, data: str) -> None:
            if data == _FRAME_BEGINS:
                self._pieces, self._is_marked = [], True
            elif data == _FRAME_ENDS:
                self._end_frame()
            elif self._pieces is not None:
                self._pieces.append(data)
            elif _BEGINS_FRAME.match(data):
                self._pieces = [data]
            else:
                if _CLEARS in data or not all(_IS_HARMLESS.fullmatch(part) for part in _sequences(data)):
                    painted.forget()
                super().write(data)

        def flush(self) -> None:
            if self._pieces is not None and not self._is_marked:
                self._end_frame()
            super().flush()

        def _end_frame(self) -> None:
            change = painted.change("".join(self._pieces)) if self._pieces else ""
            if change:
                super().write(f"{_FRAME_BEGINS}{change}{_FRAME_ENDS}" if self._is_marked else change)
            self._pieces, self._is_marked = None, False

    return Thrifty


def _sequences(data: str) -> list[str]:
    """What is written beside frames, sequence by sequence."""
    return [part for part in re.split(r"(?=\x1b[\[\]])", data) if part]
