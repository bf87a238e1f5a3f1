"""Progress on standard error while a command works, when that is a terminal."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from types import TracebackType

from parsing.wording import duration, size

_FIRST_AFTER = 0.3
_EVERY = 0.2


class Meter:
    """A line that says how far something is, at what rate, and how long it will take; it goes away at the end."""

    def __init__(self, verb: str, *, is_shown: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._verb = verb
        self._is_shown = is_shown
        self._clock = clock
        self._start = clock()
        self._next = self._start + _FIRST_AFTER
        self._base: int | None = None
        self._shown = 0

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._write(f"\r{' ' * self._shown}\r")

    def bytes(self, done: int, total: int) -> None:
        """``done`` bytes of a total are done."""
        self._show(done, total, size)

    def rows(self, done: int, total: int = 0) -> None:
        """``done`` rows are done; a total of 0 means that it is not known."""
        self._show(done, total, lambda number: f"{number:,.0f} rows")

    def fields(self, done: int) -> None:
        """``done`` fields are done."""
        self._show(done, 0, lambda number: f"{number:,.0f} fields")

    def values(self, done: int) -> None:
        """``done`` values are done."""
        self._show(done, 0, lambda number: f"{number:,.0f} values")

    def _show(self, done: int, total: int, wording: Callable[[float], str]) -> None:
        if not self._is_shown:
            return
        if self._base is None:
            self._base = done  # what was read by an earlier run says nothing about the rate of this one
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _EVERY
        line = f"{self._verb} {_progress(done, total, (done - self._base) / max(now - self._start, 1e-6), wording)}"
        line = line[: max(shutil.get_terminal_size().columns - 1, 1)]
        self._write(f"\r{line.ljust(self._shown)}")
        self._shown = len(line)

    @staticmethod
    def _write(text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def _progress(done: int, total: int, rate: float, wording: Callable[[float], str]) -> str:
    parts = [f"{wording(done)} of {wording(total)} ({100 * done / total:.0f} %)" if total else wording(done)]
    if rate > 0:
        parts.append(f"{wording(rate)}/s")
        if total > done:
            parts.append(f"{duration(1000 * (total - done) / rate)} left")
    return ", ".join(parts)


@contextlib.contextmanager
def meter(verb: str, *, is_quiet: bool) -> Iterator[Meter]:
    """A meter that is shown if standard error is a terminal and the user did not ask for quiet."""
    with Meter(verb, is_shown=not is_quiet and sys.stderr.isatty()) as shown:
        yield shown
