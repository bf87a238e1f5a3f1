"""Standard input and pipes kept as temporary files, so that a row leads back to its raw line."""

from __future__ import annotations

import atexit
import shutil
import signal
import sys
import tempfile
import threading
from functools import cache
from itertools import count
from pathlib import Path
from typing import BinaryIO


@cache
def temporary_folder() -> Path:
    """A folder that goes when the program ends."""
    folder = Path(tempfile.mkdtemp(prefix="dropline-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def spooled_standard_input() -> Path:
    """Standard input as a file, which goes when the program ends; read once, to its end."""
    return _spooled(sys.stdin.buffer, "standard-input")


@cache
def spooled_pipe(path: Path) -> Path:
    """A named pipe (``<(command)`` in a shell) as a file, in the same way."""
    _let_interrupts_through()
    with path.open("rb") as pipe:
        return _spooled(pipe, f"pipe-{next(_numbers)}-{path.name}")


_numbers = count(1)
"""Pipes of different folders may have the same name."""


def _spooled(stream: BinaryIO, name: str) -> Path:
    _let_interrupts_through()
    target = temporary_folder() / name
    with target.open("wb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)
    return target


def _let_interrupts_through() -> None:
    """Polars' handler of SIGINT lets the system go on waiting: with this, Ctrl+C ends a wait for input at once."""
    if hasattr(signal, "siginterrupt") and threading.current_thread() is threading.main_thread():
        signal.siginterrupt(signal.SIGINT, True)
