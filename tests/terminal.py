"""The whole program in a real pseudo-terminal: keys go in, bytes come out, a screen is made of them. Not on Windows."""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import signal
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pexpect
import pyte

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
"""Seconds until a condition that does not come true is a failure."""

CURSOR, PAGE = 1000, 6000
"""Bytes at 80 by 24 that moving the cursor and turning a page may take."""

_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[\?\d+\$p|\x1b\[[<>=]\d*(?:;\d+)*[a-zA-Z]|\x1b\[\d*(?:;\d+)*[ !\"'#$][a-zA-Z]")
"""Questions and modes that pyte would print: they paint nothing."""

_ASKS_FOR_FRAMES = b"\x1b[?2026$p"
_FRAME = re.compile(rb"\x1b\[\?2026h(.*?)\x1b\[\?2026l", re.DOTALL)

KEYS = {
    "enter": "\r", "escape": "\x1b", "backspace": "\x7f", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "pagedown": "\x1b[6~", "pageup": "\x1b[5~", "space": " ",
}  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    """Settings, caches and state of a user whose home is this folder."""
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
    return {name: str(home / name.lower()) for name in names}


class Terminal:
    """A program on a terminal of ``columns`` by ``lines``. ``output`` is every byte that it wrote.

    A synchronized terminal answers that it paints frame by frame; the program then says where each begins and ends.
    """

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        columns: int = 80,
        lines: int = 24,
        env: Mapping[str, str] | None = None,
        is_synchronized: bool = False,
        program: Sequence[str] = ("-m", "tui"),
    ) -> None:
        self._is_synchronized = is_synchronized
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        environment = {
            name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")
        }
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "ESCDELAY": "25", **(env or {})}
        self._child: Any = pexpect.spawn(
            sys.executable,
            [*program, *(str(argument) for argument in arguments)],
            dimensions=(lines, columns),
            env=environment,
            cwd=str(ROOT),
            timeout=PATIENCE,
        )
        self._child.delaybeforesend = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._child.isalive():
            self._child.kill(signal.SIGKILL)
            self._child.wait()
        self._child.close()

    @property
    def text(self) -> str:
        """What the screen shows, a line each."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, *keys: str) -> None:
        """Press keys: names of ``KEYS``, ``ctrl+x``, or text that is typed."""
        for key in keys:
            if key.startswith("ctrl+"):
                self._child.send(chr(ord(key[-1]) & 0x1F))
            else:
                self._child.send(KEYS.get(key, key))

    def pump(self, seconds: float = 0.05) -> int:
        """Take what the program writes within some time; how many bytes came."""
        try:
            data: bytes = self._child.read_nonblocking(1 << 16, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return 0
        self.output += data
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
        if self._is_synchronized and _ASKS_FOR_FRAMES in data:
            self._child.send("\x1b[?2026;2$y")
        return len(data)

    def frames(self, since: int = 0) -> list[bytes]:
        """What a synchronized terminal painted at once, each time, from some byte of the output on."""
        return _FRAME.findall(self.output, since)

    def wait(self, condition: str | Callable[[str], bool], patience: float = PATIENCE) -> str:
        """Wait until the screen shows a text, or meets a condition; what it shows then."""
        holds = (lambda text: condition in text) if isinstance(condition, str) else condition
        end = time.monotonic() + patience
        while not holds(self.text):
            if time.monotonic() > end or not (self.pump() or self._child.isalive()):
                raise AssertionError(f"the screen never showed {condition!r}:\n{self.text}")
        return self.text

    def settle(self, quiet: float = 0.4) -> int:
        """Take what comes until nothing has come for some time; how many bytes that was."""
        total = 0
        while count := self.pump(quiet):
            total += count
        return total

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self._child.setwinsize(lines, columns)

    def wait_end(self) -> int:
        """Wait until the program has ended; its exit status."""
        end = time.monotonic() + PATIENCE
        while self._child.isalive():
            self.pump()
            assert time.monotonic() < end, f"the program did not end:\n{self.text}"
        while self.pump():
            pass
        self._child.close()
        return int(self._child.exitstatus if self._child.exitstatus is not None else 128 + self._child.signalstatus)

    def threads(self) -> dict[int, str]:
        """The program's threads by their numbers, with their names. On Linux alone."""
        found = {}
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                found[int(task.name)] = (task / "comm").read_text().strip()
        return found

    @property
    def pid(self) -> int:
        return int(self._child.pid)

    def signal(self, number: int) -> None:
        self._child.kill(number)

    def signal_thread(self, thread: int, number: int) -> None:
        """Hand a signal to one thread of the program, as the system may do with any signal. On Linux alone."""
        assert ctypes.CDLL(None).tgkill(self.pid, thread, number) == 0

    def hang_up(self) -> None:
        """Take the terminal away, as when a link breaks: the program is told, and can write no more."""
        self._child.ptyproc.fileobj.close()

    def unread(self) -> int:
        """How many bytes the program has written that this terminal has not taken yet."""
        return int.from_bytes(fcntl.ioctl(self._child.child_fd, termios.FIONREAD, bytes(4)), sys.byteorder)

    def is_alive(self) -> bool:
        return bool(self._child.isalive())
