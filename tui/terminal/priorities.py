"""Background threads run at a lower priority than the main thread, which reads the keys and paints."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Iterator

NICENESS = 10
"""How much nicer than the main thread the threads are that ask and read.

Threads that they start inherit it, those of Polars included.
"""

_NICEST = 19

SWITCH = 0.001
"""Seconds for which another thread may hold the interpreter while the main thread waits for it; usually 0.005."""

STARTED = 1.5
"""Seconds after the start by which what stays in memory for good has come."""


def lower_own_priority() -> None:
    """Let the main thread, and the other programs of this machine, run before the calling thread.

    Only Linux gives a thread a priority of its own; elsewhere nothing is done. There the number of the process is that
    of its main thread. Calling it again changes nothing: threads of a pool are used again.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            first = os.getpriority(os.PRIO_PROCESS, os.getpid())
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(_NICEST, first + NICENESS))


@contextlib.contextmanager
def keys_first() -> Iterator[None]:
    """Keep short what makes the main thread wait for the interpreter.

    A full garbage collection stops all threads. With the hundred thousand objects of what was imported that takes
    some 60 ms each time: they are set aside, and the collector is off until then.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    gc.disable()
    started = threading.Timer(STARTED, _set_aside)
    started.daemon = True
    started.start()
    try:
        yield
    finally:
        started.cancel()
        gc.enable()
        sys.setswitchinterval(before)


def _set_aside() -> None:
    gc.freeze()
    gc.enable()
