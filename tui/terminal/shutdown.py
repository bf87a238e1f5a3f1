"""Exit soon after a signal, even where the terminal no longer takes output."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
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
def exit_within_grace() -> Iterator[Callable[[], object]]:
    """Let the program end within ``GRACE`` seconds of a signal, or of a call of what is yielded.

    An orderly end waits for a log that is just being opened, for ever where a share does not answer, and writes to the
    terminal, which may have stopped reading. What it has not taken by then is discarded, its modes are restored, and
    the process is gone; the index bears that at any moment. On Windows there are no such signals.
    """
    if sys.platform == "win32" or sys.__stdin__ is None:
        yield _exit_after_grace
    else:
        with _cut_after_grace(sys.__stdin__.fileno()) as leave:
            yield leave


def _exit_after_grace() -> None:
    cut = threading.Timer(GRACE, os._exit, (0,))
    cut.daemon = True
    cut.start()


if sys.platform != "win32":
    import termios

    _WAKE = (
        (termios.tcflush, termios.TCOFLUSH),
        (termios.tcflow, termios.TCOOFF),
        (termios.tcflow, termios.TCOON),
    )

    def _textual_writes_to() -> list[int]:
        return [] if sys.__stderr__ is None else [sys.__stderr__.fileno()]

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
            for stream in {1, 2, *_textual_writes_to()}:
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
    def _cut_after_grace(terminal: int) -> Iterator[Callable[[], object]]:
        received = 0
        modes = _modes(terminal)

        def cut(_: int, __: FrameType | None) -> None:
            _put_right(terminal, modes)
            os._exit(128 + received if received else 0)

        def leave(number: int, frame: FrameType | None) -> None:
            nonlocal received
            received = number
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
            yield lambda: signal.alarm(GRACE)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, alarm)
            for number in handled:
                signal.signal(number, before[number])
            if received:
                _put_right(terminal, modes)
