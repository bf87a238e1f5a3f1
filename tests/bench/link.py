"""The line between the explorer and its user, in a real pseudo-terminal: bytes, frames and times of keys; the start.

Times are from the key to the first frame that has come back. Bytes and frames are all that a key leads to until nothing
more comes. For keys the worst of many is held to the bar, and the median is told beside it.
"""

from __future__ import annotations

import re
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.generate import write_httperr, write_iis
from tests.bench.table import Measure
from tests.terminal import CURSOR, PAGE, Terminal, environment

SIZES = ((80, 24), (120, 36))
CURSOR_SHOWN, PAGE_SHOWN, FIRST_PAINT = 50.0, 100.0, 1.0
"""Milliseconds from a key to its paint, and seconds from the start to the first."""
QUIET = 0.2
"""Seconds without a byte after which a key has had all its effects."""
KEYS = 20
STARTS = 5
_FOUND = re.compile(r"\d incidents?[ :]|No incident")
_ROW = re.compile(r"\d\d:\d\d:\d\d +(?:\d{3}|◆)")


@dataclass
class Keys:
    """What a kind of key cost: bytes, frames and milliseconds, key by key."""

    bytes: list[int] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)

    def measures(self, what: str, most: int, shown: float, *, has_frames: bool = True) -> Iterator[Measure]:
        if not self.bytes:
            return
        detail = f"median {statistics.median(self.bytes):.0f}, {len(self.bytes)} keys"
        yield Measure(f"{what}, bytes", max(self.bytes), "B", most, detail)
        if has_frames:
            yield Measure(f"{what}, frames", max(self.frames), "", 1, f"median {statistics.median(self.frames):.0f}")
        yield Measure(
            f"{what}, painted", max(self.shown), "ms", shown, f"median {statistics.median(self.shown):.0f} ms"
        )


def measures(folder: Path, lines: int, *, is_long: bool = False) -> Iterator[Measure]:  # noqa: ARG001
    """Both logs are read for the first time in view of the user, then opened again."""
    home = folder / "link"
    write_iis(home / "logs" / "u_ex260615.log", lines)
    write_httperr(home / "logs" / "httperr1.log", max(100, lines // 100))
    for columns, rows in SIZES:
        shutil.rmtree(home / "index", ignore_errors=True)
        yield from _reading(home, columns, rows)
    for columns, rows in SIZES:
        with _start(home, columns, rows) as terminal:
            _wait_whole(terminal)
            yield from _views(terminal, f"{columns}x{rows}")
    yield from _starts(home)
    shutil.rmtree(home)


def _start(home: Path, columns: int, rows: int) -> Terminal:
    arguments = ["--index-dir", str(home / "index"), str(home / "logs")]
    return Terminal(arguments, columns=columns, lines=rows, env=environment(home), is_synchronized=True)


def _wait_whole(terminal: Terminal) -> None:
    terminal.wait("Entries")
    terminal.wait(lambda text: "reading" not in text and "so far" not in text, patience=600)
    terminal.settle(1.0)


def _position(terminal: Terminal) -> str:
    """The line that says where the cursor is."""
    return next((line for line in terminal.screen.display if line.startswith(" 1 Incidents")), "")


def _press(terminal: Terminal, key: str, into: Keys, *, quiet: float = QUIET, moves: bool = False) -> None:
    """Press a key and add what it cost, if it painted anything; one that moves has when another position is shown."""
    before, begin, position = len(terminal.output), time.perf_counter(), _position(terminal)
    terminal.press(key)
    while not terminal.frames(before) or (moves and _position(terminal) == position):
        terminal.pump(0.002)
        if time.perf_counter() - begin > 1:  # as at the first and last row
            return
    into.shown.append((time.perf_counter() - begin) * 1000)
    terminal.settle(quiet)
    frames = terminal.frames(before)
    into.frames.append(len(frames))
    into.bytes.append(sum(map(len, frames)))


def _reading(home: Path, columns: int, rows: int) -> Iterator[Measure]:
    """Keys among the entries while the logs are read; bytes and frames of the progress are not told from theirs."""
    what = f"{columns}x{rows} while reading"
    cursor, page = Keys(), Keys()
    with _start(home, columns, rows) as terminal:
        terminal.wait("2 Entries")
        terminal.press("2")
        terminal.wait(lambda text: bool(_ROW.search(text)))
        terminal.press("g")
        terminal.settle(0.05)
        while "reading" in terminal.screen.display[0] and len(page.shown) < KEYS:
            for key in "jjk":
                _press(terminal, key, cursor, quiet=0.05, moves=True)
            _press(terminal, "pagedown" if len(page.shown) % 4 < 2 else "pageup", page, quiet=0.05, moves=True)
        _wait_whole(terminal)
    yield from cursor.measures(f"{what}: cursor", CURSOR, CURSOR_SHOWN, has_frames=False)
    yield from page.measures(f"{what}: page", PAGE, PAGE_SHOWN, has_frames=False)


def _views(terminal: Terminal, size: str) -> Iterator[Measure]:
    for view, keys, back in (
        ("incidents", ("1", "g"), ()),
        ("entries", ("2", "g"), ()),
        ("entries with detail", ("2", "g", "pagedown", "enter"), ("escape",)),
        ("reasons", ("3", "g"), ()),
        ("values of path", ("3", "c", "path", "enter", "g"), ("c", "reason", "enter", "2")),
        ("timeline", ("/", "reason:*", "enter", "g", "r", "g"), ("2", "backspace", "2")),
        ("timeline with detail", ("g", "r", "g", "enter"), ("escape", "2")),
        ("sources", ("5", "g"), ("2",)),
    ):
        _visit(terminal, keys)
        terminal.wait(lambda text: "being correlated" not in text and "so far" not in text)
        terminal.settle(1.0)
        cursor, page = Keys(), Keys()
        for key in "jjkjjkkjkk" + "j" * KEYS:  # within the window and, where there are so many rows, over its edge
            _press(terminal, key, cursor, moves=True)
        for key in ("pagedown", "ctrl+d", "pagedown", "pageup", "ctrl+u") * (KEYS // 10):
            _press(terminal, key, page, moves=True)
        yield from cursor.measures(f"{size} {view}: cursor", CURSOR, CURSOR_SHOWN)
        yield from page.measures(f"{size} {view}: page", PAGE, PAGE_SHOWN)
        yield Measure(f"{size} {view}: idle for 3 s", terminal.settle(3.0), "B", 0)
        _visit(terminal, back)
    changes = Keys()
    for key in ("2", "3", "2", "5", "2", "enter", "escape", "?", "escape", ":", "escape"):
        _press(terminal, key, changes)
    yield Measure(
        f"{size} changing views, dialogs: bytes",
        max(changes.bytes),
        "B",
        PAGE,
        f"median {statistics.median(changes.bytes):.0f}, painted in {statistics.median(changes.shown):.0f} ms,"
        f" at most {max(changes.shown):.0f} ms, in at most {max(changes.frames)} frames",
    )


def _visit(terminal: Terminal, keys: tuple[str, ...]) -> None:
    for key in keys:
        terminal.press(key)
        terminal.settle(0.6)


def _starts(home: Path) -> Iterator[Measure]:
    """From the start of the process to the first paint, and to the incidents, of a set that is known."""
    painted, filled = [], []
    for _ in range(STARTS):
        begin = time.perf_counter()
        with _start(home, 80, 24) as terminal:
            while not terminal.frames():
                terminal.pump(0.002)
            painted.append(time.perf_counter() - begin)
            terminal.wait(lambda text: bool(_FOUND.search(text)))
            filled.append(time.perf_counter() - begin)
    detail = f"median {statistics.median(painted):.2f} s of {STARTS}; worst {max(painted):.2f} s"
    yield Measure("start to first paint", statistics.median(painted), "s", FIRST_PAINT, detail)
    detail = f"median {statistics.median(filled):.2f} s of {STARTS}; worst {max(filled):.2f} s"
    yield Measure("start to the incidents of a known set", statistics.median(filled), "s", 1.5, detail)
