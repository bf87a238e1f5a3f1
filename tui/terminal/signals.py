"""Let every signal wake the event loop, whichever thread the system hands it to."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator

if sys.platform == "win32":

    @contextlib.asynccontextmanager
    async def woken_by_signals() -> AsyncIterator[None]:
        """Nothing is to be done: there asyncio wakes its loop for every signal."""
        yield
else:
    import asyncio

    _BYTES = 4096

    @contextlib.asynccontextmanager
    async def woken_by_signals() -> AsyncIterator[None]:
        """Wake the running loop for signals whose handlers Python runs later, in the main thread.

        The system may hand a signal to any thread that does not block it, and after SIGCONT often does. An idle loop
        would sleep on, and ``fg`` or SIGTERM would have no effect until the next key: asyncio wakes it only for
        handlers of its own.
        """
        loop = asyncio.get_running_loop()
        reading, writing = socket.socketpair()
        with reading, writing:
            for end in (reading, writing):
                end.setblocking(False)

            def drain() -> None:
                with contextlib.suppress(BlockingIOError):
                    reading.recv(_BYTES)

            loop.add_reader(reading, drain)
            before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
            try:
                yield
            finally:
                signal.set_wakeup_fd(before)
                loop.remove_reader(reading)
