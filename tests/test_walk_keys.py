"""Random keys over all views: nothing is raised, nothing freezes, and ``q`` ends it; the whole is in ``tests/attack``."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tests.attack import walk_keys
from tests.attack.walk_keys import walk
from tui.dialogs import Blank, Modal, Picker, Prompt, Reader
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
    async def freeze() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(3):
                await asyncio.Event().wait()

    monkeypatch.setattr(walk_keys, "PATIENCE", 1.0)
    monkeypatch.setattr(MainScreen, "on_key", lambda self, _: self.call_next(freeze))
    assert walk(1, 150, is_hostile=False).found


def test_a_walk_finds_what_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object, __: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(walk_keys, "PATIENCE", 1.0)
    monkeypatch.setattr(MainScreen, "on_key", fail)
    assert "ZeroDivisionError" in walk(1, 150, is_hostile=False).found[0]


@pytest.mark.parametrize(
    "dialog",
    [
        Prompt(UNICODE, "a line", [Blank("a line")]),
        Picker(UNICODE, "a list", [], []),
        Reader(UNICODE, "a text", [], ACTIONS),
    ],
    ids=lambda dialog: type(dialog).__name__,
)
def test_a_dialog_that_closes_before_it_is_composed_is_no_fault(dialog: Modal[object]) -> None:
    """Textual mounts it all the same, without anything in it."""
    dialog.on_mount()
    assert not dialog.children
