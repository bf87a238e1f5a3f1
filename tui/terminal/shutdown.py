"""Exit soon after a signal, even where the terminal no longer takes output."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

GRACE = 5
"""Seconds for an orderly end after SIGTERM or SIGHUP."""

_TRIES = 100
_PUT_RIGHT = (
    b"\x1b[0m\x1b[?2026l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?7h\x1b[<u"
    b"\x1b[?1049l\x1b[?25h"
)
"""Ends all that Textual has begun."""


@contextlib.contextmanager
def exit_within_grace() -> Iterator[None]:
    """Let the signals that end the program do so within ``GRACE`` seconds.

    An orderly end writes to the terminal, and would wait for ever for one that has stopped reading. What it has not
    taken by then is thrown away, its modes are put right, and the process is gone; the index bears that at any moment.
    On Windows there are no such signals, and nothing is done.
    """
    if sys.platform == "win32" or sys.__stdin__ is None:
        yield
    else:
        with _cut_after_grace(sys.__stdin__.fileno()):
            yield


if sys.platform != "win32":
    import termios

    _WAKE = (
        (termios.tcflush, termios.TCOFLUSH),
        (termios.tcflow, termios.TCOOFF),
        (termios.tcflow, termios.TCOON),
    )

    def _modes(terminal: int) -> list[Any] | None:
        try:
            return termios.tcgetattr(terminal)
        except termios.error:
            return None

    def _put_right(terminal: int, modes: list[Any] | None) -> None:
        """Throw away what the terminal has not taken, restore it as far as it lets us, and write to it no more."""
        if modes is None:
            return
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for stream in (1, 2):
                if os.isatty(stream):
                    os.dup2(nowhere, stream)
            os.set_blocking(terminal, False)
            for _ in range(_TRIES):
                # What another thread is just writing fills the terminal again, until it is woken and through.
                for act, what in _WAKE:
                    act(terminal, what)
                with contextlib.suppress(BlockingIOError):
                    if os.write(terminal, _PUT_RIGHT) == len(_PUT_RIGHT):
                        break
                time.sleep(0.01)
            os.set_blocking(terminal, True)

    @contextlib.contextmanager
    def _cut_after_grace(terminal: int) -> Iterator[None]:
        told = 0
        modes = _modes(terminal)

        def cut(_: int, __: FrameType | None) -> None:
            _put_right(terminal, modes)
            os._exit(128 + told)

        def leave(number: int, frame: FrameType | None) -> None:
            nonlocal told
            told = number
            signal.alarm(GRACE)
            handler = before[number]
            if callable(handler):
                handler(number, frame)

        before = {int(number): signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
        handled = [number for number, handler in before.items() if callable(handler)]
        alarm = signal.signal(signal.SIGALRM, cut)
        for number in handled:
            signal.signal(number, leave)
        try:
            yield
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, alarm)
            for number in handled:
                signal.signal(number, before[number])
            if told:
                _put_right(terminal, modes)
