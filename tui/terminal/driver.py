"""All that relies on how Textual writes to a terminal, which it does not document: checked with Textual 8.2.

A frame is expected to be one piece of text, or to be between the marks of synchronized output, and to begin by placing
the cursor; all else that is written are sequences that ``_IS_HARMLESS`` matches. ``TEXTUAL`` is the version for which
that holds; ``differential_driver`` gives the plain driver for any other, which costs bytes and nothing else.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.driver import Driver

    from tui.terminal.painted import Painted

TEXTUAL = 8
"""The major version of Textual whose frames are parsed here."""

_BEGINS_FRAME = re.compile(r"\x1b\[\d+;\d+H")
_IS_HARMLESS = re.compile(r"\x07|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[(?:[<>=?][\d;]*|[\d;]*)\$?[hlpu]")
"""Sequences that change no cell, but for those of ``_OTHER_SCREEN``."""
_OTHER_SCREEN, _ENTERED, _LEFT = "\x1b[?1049", "\x1b[?1049h", "\x1b[?1049l"
"""Going to the other screen or coming back from it."""
_FRAME_BEGINS, _FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"


def differential_driver(base: type[Driver], painted: Painted) -> type[Driver]:
    """A driver like ``base`` that writes of each frame only what ``painted`` does not show yet."""
    if int(version("textual").partition(".")[0]) != TEXTUAL:
        return base

    class DifferentialDriver(base):  # type: ignore[misc, valid-type]
        """Frames may come in pieces; one ends at the mark of its end, or at a flush."""

        _pieces: list[str] | None = None
        _is_marked = False
        _has_screen = False
        _modes: list[Any] | None = None

        def start_application_mode(self) -> None:
            """Take the terminal. After SIGSTOP and SIGCONT it is ours already, and only has to be painted again.

            Textual would start a second thread that reads keys, and the first one would never end.
            """
            if not self._has_screen:
                super().start_application_mode()
                self._modes = _terminal_modes()
                return
            _set_terminal_modes(self._modes)
            self.send_message(self.SignalResume())

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
                self._has_screen = _ENTERED in data or (self._has_screen and _LEFT not in data)
                if _OTHER_SCREEN in data or not all(_IS_HARMLESS.fullmatch(part) for part in _sequences(data)):
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

    return DifferentialDriver


def _sequences(data: str) -> list[str]:
    """What is written between frames, sequence by sequence."""
    return [part for part in re.split(r"(?=\x1b[\[\]])", data) if part]


if sys.platform == "win32":

    def _terminal_modes() -> list[Any] | None:
        return None

    def _set_terminal_modes(modes: list[Any] | None) -> None:
        """Nothing stops a process there as SIGSTOP does."""
else:
    import termios

    def _terminal_modes() -> list[Any] | None:
        try:
            return termios.tcgetattr(sys.__stdin__) if sys.__stdin__ is not None else None
        except termios.error:
            return None

    def _set_terminal_modes(modes: list[Any] | None) -> None:
        """The shell that ran meanwhile may have set its own."""
        if modes is not None and sys.__stdin__ is not None:
            termios.tcsetattr(sys.__stdin__, termios.TCSANOW, modes)
