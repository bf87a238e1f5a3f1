"""The explorer on small logs, driven by keys, and what its screen shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from textual.pilot import Pilot

from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write
from tui.app import Explorer
from tui.model.entry import Entry
from tui.model.options import Options
from tui.screens.main.screen import MainScreen

PATIENCE = 60.0
"""Seconds until a condition that does not come true is a failure."""

HOSTILE_URI = "/a[b]c[/red]"
HOSTILE_AGENT = "evil\x1b[31m\x1b]52;c;aGk=\x07\x9b2J‮"


def small_logs(folder: Path) -> Path:
    """A folder with 40 requests and 12 errors of one morning: five are Connection_Dropped on ``/reports``."""
    requests = [
        f"2026-06-15 10:{number:02}:00 10.0.0.1 GET /p/{number % 4} q={number} 443 - 192.0.2.{number % 5} "
        f"Agent/{number % 3} - {500 if number % 10 == 9 else 200} 0 {64 if number % 10 == 9 else 0} {number * 25}\r\n"
        for number in range(40)
    ]
    hostile = f"2026-06-15 10:40:30 10.0.0.1 GET {HOSTILE_URI} - 443 - 192.0.2.9 {HOSTILE_AGENT} - 404 0 2 5\r\n"
    write(folder / "W3SVC1" / "u_ex260615.log", IIS_HEAD, *requests, hostile)
    reasons = ["Connection_Dropped"] * 5 + ["Timer_ConnectionIdle"] * 4 + ["QueueFull"] * 2 + ["Never_Seen"]
    errors = [
        f"2026-06-15 10:{number * 3:02}:30 192.0.2.{number} {50000 + number} 10.0.0.1 443 HTTP/1.1 GET "
        f"/{'reports' if reason == 'Connection_Dropped' else 'other'}/{number} - 1 {reason} Pool{number % 2}\r\n"
        for number, reason in enumerate(reasons)
    ]
    write(folder / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, *errors)
    return folder


class Driver:
    """Presses keys and waits for what the screen comes to show."""

    def __init__(self, app: Explorer, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> MainScreen:
        found = self.app.screen_stack[0]
        assert isinstance(found, MainScreen)
        return found

    @property
    def entry(self) -> Entry:
        """The row under the cursor."""
        entry = self.screen.entries.entry()
        assert entry is not None
        return entry

    @property
    def text(self) -> str:
        """What the screen shows, a line each."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def press(self, *keys: str) -> None:
        """Press keys. Textual takes a process that gets no turn on a busy machine for one that rests."""
        await self.pilot.press(*keys)
        await until_nothing_is_ready()

    async def write(self, text: str) -> None:
        """Type a text, each character when what the one before has set going has run."""
        with patch("textual.app.wait_for_idle", until_nothing_is_ready):
            await self.pilot.press(*("space" if char == " " else char for char in text))
        await self.pilot.pause()

    async def wait(self, condition: str | Callable[[], bool]) -> str:
        """Wait until the screen shows a text, or a condition holds; what it shows then."""
        end = time.monotonic() + PATIENCE
        while not (condition in self.text if isinstance(condition, str) else condition()):
            assert time.monotonic() < end, f"never came to be: {condition!r}\n{self.text}"
            await asyncio.sleep(0.01)
            await self.pilot.pause()
        return self.text

    async def settle(self) -> str:
        """Wait until everything that was asked is answered."""
        await self.wait(lambda: not any(worker.is_running for worker in self.app.workers))
        await until_nothing_is_ready()
        await self.pilot.pause()
        return self.text

    async def filter(self, text: str) -> str:
        """Type a filter and apply it."""
        await self.press("slash", "ctrl+k", "ctrl+u")
        await self.write(text)
        await self.press("enter")
        return await self.settle()


async def until_nothing_is_ready(_: float = 0) -> None:
    """What Textual waits for after each key in place of 40 ms without work: that no callback and no task can go on."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    while ready:
        await asyncio.sleep(0)


@contextmanager
def _on_any_machine() -> Iterator[None]:
    """At its low priority the engine would hardly run on a busy machine, and what is slow would not be read ahead."""
    with (
        patch("tui.terminal.priorities.NICENESS", 0),
        patch("tui.views.breakdown.view.SLOW_CORRELATION", PATIENCE),
    ):
        yield


@asynccontextmanager
async def explorer(
    logs: Path,
    home: Path,
    *,
    size: tuple[int, int] = (80, 24),
    options: Options | None = None,
    index: Path | None = None,
    view: str = "entries",
) -> AsyncIterator[Driver]:
    """The explorer on logs that have been read, with settings and state of its own, and unless given an index.

    Where it begins with the incidents, another view is turned to, unless that is empty.
    """
    given = options or Options()
    app = Explorer(
        replace(
            given,
            paths=(str(logs),),
            index_dir=index or home / "index",
            settings=home / "settings",
            state=home / "state",
        )
    )
    with _on_any_machine():
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.wait(lambda: driver.screen.entries.total is not None and driver.screen.entries.is_whole)
            await driver.settle()
            if view and driver.screen.question.view == "incidents":
                driver.screen.look_at(view)
                await driver.settle()
            yield driver
