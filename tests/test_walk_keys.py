"""Random keys over all views: nothing is raised, nothing freezes, and ``q`` ends it; the whole is in ``tests/attack``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.attack import walk_keys
from tests.attack.walk_keys import Watched, walk
from tests.tui.driving import explorer, small_logs
from tui.dialogs import Blank, Picker, Prompt, Reader
from tui.glyphs import UNICODE
from tui.keymap import ACTIONS
from tui.screens.main.screen import MainScreen

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("is_hostile", [False, True])
def test_a_walk_finds_nothing(is_hostile: bool) -> None:
    findings = walk(1, 100, is_hostile=is_hostile)
    assert not findings.found
    assert findings.keys >= 100


def test_a_walk_finds_keys_that_are_not_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait_until_given_up(self: MainScreen) -> None:
        assert isinstance(self.app, Watched)
        while not self.app.given_up:
            await asyncio.sleep(0)

    monkeypatch.setattr(walk_keys, "PATIENCE", 1.0)
    monkeypatch.setattr(MainScreen, "on_key", lambda self, _: self.call_next(wait_until_given_up, self))
    assert walk(1, 150, is_hostile=False).found


def test_a_walk_finds_what_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object, __: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(walk_keys, "PATIENCE", 1.0)
    monkeypatch.setattr(MainScreen, "on_key", fail)
    assert "ZeroDivisionError" in walk(1, 150, is_hostile=False).found[0]


async def test_a_dialog_that_closes_before_it_is_composed_is_no_fault(tmp_path: Path) -> None:
    async with explorer(small_logs(tmp_path / "logs"), tmp_path) as driver:
        for dialog in (
            Prompt(UNICODE, "a line", [Blank("a line")]),
            Picker(UNICODE, "a list", [], []),
            Reader(UNICODE, "a text", [], ACTIONS),
        ):
            shown = driver.app.push_screen(dialog)
            dialog._closing = True
            await shown
            dialog._closing = False
            driver.app.pop_screen()
        await driver.press("q")
        await driver.wait(lambda: driver.app._exit)
