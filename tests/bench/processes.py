"""Whole processes, timed from outside: seconds on the clock, seconds of processor, and the most memory held."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_LOOKS = 0.02
"""Seconds between two looks at the memory of a process."""


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process. ``peak`` is its largest resident size in bytes, ``output`` what it printed."""

    seconds: float
    processor: float
    peak: int
    output: str


def run(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end. Raises ``RuntimeError`` with its last words where it fails. Not on Windows."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    with _watched(process.pid) as seen:
        output = process.stdout.read().decode(errors="replace")
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {output[-2_000:]}")
    scale = 1 if sys.platform == "darwin" else 1024
    peak = max(seen, default=usage.ru_maxrss * scale)
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak, output)


@contextmanager
def _watched(number: int) -> Iterator[list[int]]:
    """The largest resident sizes of a process so far, in bytes, looked at often; none but on Linux.

    There, what the system tells at the end is at least the size of the process that started it.
    """
    status, seen, is_over = Path(f"/proc/{number}/status"), list[int](), threading.Event()

    def look() -> None:
        while True:
            with suppress(OSError):
                seen.extend(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if "VmHWM" in line)
            if is_over.wait(_LOOKS):
                return

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield seen
    finally:
        is_over.set()
        looking.join()


def run_python(code: str, *arguments: str | Path) -> Run:
    """Run Python code in a process of its own; ``sys.argv[1:]`` are the arguments."""
    return run([sys.executable, "-c", code, *arguments])
