"""Presses random keys over all views: ``python -m tests.attack.walk_keys [--seeds N] [--keys N] [--hostile N] [--first SEED]``.

Each seed is a walk of so many keys, in sessions that begin anew and go on with what the earlier ones remembered; the last
``--hostile`` of them walk over logs whose every text is hostile. Keys come one by one and in bursts, so that dialogs open and
close while others do, and sometimes everything that was asked is waited for.

A walk finds: an exception, wherever it is raised; a screen or a widget with the focus whose messages nobody handles any
more; a key that is not handled although nothing else goes on; and a ``q`` that does not end the explorer. The same seed
presses the same keys. The end is status 1 where anything was found.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import traceback
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot

from tests.tui.driving import small_logs
from tests.tui.hostile_logs import hostile_logs
from tui import app as application
from tui.app import Explorer
from tui.dialogs import Modal, Prompt
from tui.keymap import ACTIONS
from tui.model.options import Options
from tui.screens.main.reading import FOLLOWING
from tui.themes import THEMES

SESSION = 500
"""Keys between a start and a ``q``."""

SIZES = ((80, 24), (120, 36), (40, 10), (200, 60))

PATIENCE = 120.0
"""Seconds after which what is still not handled never will be, however busy the machine is."""

LEAVING = ("q", "ctrl+c")
COMMANDS = sorted({key for action in ACTIONS if action.id != "quit" for key in action.keys} - {"escape", "enter"})
TYPED = (*"aeirst0159:*-.=>", "space", "left_parenthesis", "quotation_mark", "backslash", "é", "界")
RARE = (
    "f5",
    "delete",
    "insert",
    "shift+tab",
    "ctrl+k",
    "ctrl+w",
    "ctrl+a",
    "ctrl+x",
    "alt+x",
    "ctrl+left",
    "shift+down",
)
IN_PATHS = frozenset({"slash", "full_stop", "backslash", "tilde"})
"""Keys that must not be typed where a file is named: a walk writes below its own folder only."""


@dataclass
class Findings:
    """What a walk found, and how many keys it pressed."""

    keys: int = 0
    sessions: int = 0
    found: list[str] = field(default_factory=list)


class Watched(Explorer):
    """An explorer that knows of keys that it gave up."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.given_up = 0

    async def _handled(self) -> None:
        try:
            await super()._handled()
        except asyncio.CancelledError:
            self.given_up += self.is_running and not self._exit
            raise


class Walker:
    """One session of one walk."""

    def __init__(self, app: Watched, pilot: Pilot[None], chance: random.Random) -> None:
        self.app = app
        self.pilot = pilot
        self.chance = chance
        self.last: deque[str] = deque(maxlen=40)

    def key(self) -> str:
        """The next key: mostly one of the key table, in dialogs also text, and ``escape`` often enough to come back."""
        kind = self.chance.random()
        is_typing = isinstance(self.app.screen, Prompt)
        if kind < 0.08:
            return "escape"
        if kind < 0.18:
            return "enter"
        if kind < (0.7 if is_typing else 0.28):
            keys: Sequence[str] = TYPED
        else:
            keys = RARE if kind > 0.96 else COMMANDS
        return self.chance.choice([key for key in keys if not (is_typing and key in IN_PATHS)])

    def send(self, key: str) -> None:
        self.last.append(key)
        driver = self.app._driver
        assert driver is not None
        event = Key(key, key if len(key) == 1 else " " if key == "space" else None)
        event.set_sender(self.app)
        driver.send_message(event)

    async def press(self) -> int:
        """Press a key, or some at once; how many."""
        burst = self.chance.choice((1, 1, 1, 2, 3, 8))
        for _ in range(burst):
            self.send(self.key())
            if self.chance.random() < 0.5:
                await asyncio.sleep(0)
        if self.chance.random() < 0.05:
            await self._all_answered()
        if self.chance.random() < 0.7:
            await self._handled()
        return burst

    async def _handled(self) -> None:
        """Until every widget has handled what was posted to it; raises what the explorer raised."""
        await self.pilot._wait_for_screen(PATIENCE)

    async def _all_answered(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.app.is_running and any(
                worker.is_running and worker.group != FOLLOWING for worker in self.app.workers
            ):
                await asyncio.sleep(0.001)

    def problems(self) -> list[str]:
        """What is wrong right now."""
        app = self.app
        found = [
            f"the messages of {screen} are handled no more" for screen in app.screen_stack if not screen.is_running
        ]
        focused = app.screen.focused
        if focused is not None and not focused.is_running:
            found.append(f"the focus is on {focused}, whose messages are handled no more")
        if app.given_up:
            found.append(f"{app.given_up} keys were given up")
        if app._exception is not None:
            found.append(f"{app._exception!r} was raised")
        elif not app.is_running or app._exit:
            found.append("it ended without being asked to")
        return found

    async def leave(self) -> str:
        """Close what is open and press ``q``; what is wrong where that does not end it."""
        for _ in range(20):
            if not isinstance(self.app.screen, Modal) and self.chance.random() < 0.5:
                break
            self.send("escape")
            await self._handled()
        self.send("escape")
        self.send("escape")
        await self._handled()
        self.send("q")
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not self.app._exit:
                    await asyncio.sleep(0.001)
                return ""
        return f"q does not end it: {self.app.screen}, the focus on {self.app.screen.focused}"


async def session(keys: int, logs: Path, home: Path, chance: random.Random) -> tuple[int, list[str]]:
    """Start, press so many keys, and leave; how many were pressed, and what was wrong."""
    raised: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: raised.append(f"{context['message']}: {context.get('exception')!r}"))
    options = Options(
        paths=(str(logs),),
        index_dir=home / "index",
        settings=home / "settings",
        state=home / "state",
        theme=chance.choice(list(THEMES)),
        ascii=chance.random() < 0.2,
    )
    app, pressed, wrong = Watched(options), 0, list[str]()
    walker: Walker | None = None
    try:
        async with app.run_test(size=chance.choice(SIZES)) as pilot:
            walker = Walker(app, pilot, chance)
            while pressed < keys and not wrong:
                pressed += await walker.press()
                wrong += walker.problems()
            if not wrong:
                wrong += filter(None, [await walker.leave()])
    except BaseException:  # noqa: BLE001 - whatever it is
        wrong.append(traceback.format_exc(limit=-6))
    wrong += raised
    if wrong and walker is not None:
        wrong.append(f"after {pressed} keys of the session, the last: {' '.join(walker.last)}")
    return pressed, wrong


def walk(seed: int, keys: int, *, is_hostile: bool) -> Findings:
    """A walk of so many keys, or to its first fault. Writes into a temporary folder, which is the current one meanwhile."""
    findings = Findings()
    threading.excepthook = lambda raised: findings.found.append(f"seed {seed}, in a thread: {raised.exc_value!r}")
    application._HANDLING = PATIENCE
    before = Path.cwd()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        home = Path(made)
        logs = hostile_logs(home / "logs") if is_hostile else small_logs(home / "logs")
        (home / "here").mkdir()
        os.chdir(home / "here")
        try:
            while findings.keys < keys and not findings.found:
                chance = random.Random(f"{seed}/{findings.sessions}")
                pressed, wrong = asyncio.run(session(min(SESSION, keys - findings.keys), logs, home, chance))
                findings.keys += pressed
                if wrong:
                    findings.found.append(f"seed {seed}, session {findings.sessions}: " + "\n".join(wrong))
                findings.sessions += 1
        finally:
            os.chdir(before)
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attack.walk_keys", description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="walks")
    parser.add_argument("--keys", type=int, default=10_000, help="keys of each")
    parser.add_argument("--hostile", type=int, default=3, help="how many of the walks are over hostile logs")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    options = parser.parse_args()
    ends: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        seeds = range(options.first, options.first + options.seeds)
        walks = [
            pool.submit(walk, seed, options.keys, is_hostile=seed >= seeds.stop - options.hostile) for seed in seeds
        ]
        for done in as_completed(walks):
            findings = done.result()
            ends += Counter(walks=1, keys=findings.keys, sessions=findings.sessions, faults=len(findings.found))
            for problem in findings.found:
                print(problem, flush=True)
    print(", ".join(f"{ends[name]:,} {name}" for name in ("walks", "sessions", "keys", "faults")))
    return 1 if ends["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
