"""Settings, presets, marks and sessions that version 0.1.0 wrote go on working."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tui.driving import explorer
from tui.keymap import BY_ID
from tui.model.options import Options
from tui.session import session_file
from tui.settings import load_settings
from tui.themes import THEMES

pytestmark = pytest.mark.slow

WRITTEN = Path(__file__).parent.parent / "samples" / "version_0_1_0"
"""Written by 0.1.0 on the logs of ``small_logs``, where these were the keys: filter, mark, note, two presets, reasons."""


async def test_the_session_with_its_marks_is_taken_up(logs: Path, tmp_path: Path) -> None:
    session = session_file([str(logs)], tmp_path / "state")
    session.parent.mkdir(parents=True)
    shutil.copy(WRITTEN / "session.json", session)
    async with explorer(logs, tmp_path) as driver:
        assert driver.screen.question.text == "status:5xx or reason:QueueFull"
        assert driver.screen.question.view == "reasons"
        assert (driver.entry.source, driver.entry.line) == ("W3SVC1/u_ex260615.log", 24)
        (mark,) = driver.screen.state.marks.values()
        assert (mark.line, mark.note) == (14, "the first of the morning")
        await driver.press("slash", "up")
        assert driver.screen.bar.edit.value == "status:5xx or reason:QueueFull", "filters are recalled"


async def test_presets_are_recalled_in_their_view(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    shutil.copy(WRITTEN / "presets.toml", tmp_path / "settings")
    async with explorer(logs, tmp_path) as driver:
        for name, view in (("reasons of today", "reasons"), ("failures", "entries")):
            await driver.press("p")
            await driver.write(name)
            await driver.press("enter")
            await driver.settle()
            assert (driver.screen.question.preset, driver.screen.question.view) == (name, view)
            assert driver.screen.question.text == "status:5xx or reason:QueueFull"
            assert driver.screen.entries.total == 6


async def test_settings_and_remapped_keys_hold(logs: Path, tmp_path: Path) -> None:
    settings = load_settings(WRITTEN, themes=THEMES, actions=BY_ID)
    assert (settings.theme, settings.tz, settings.mouse) == ("light", "local", True)
    async with explorer(logs, tmp_path, options=Options(keys=dict(settings.keys), theme=settings.theme)) as driver:
        assert driver.app.theme == "light"
        await driver.press("R")
        assert driver.screen.question.view == "reasons"
        await driver.press("2", "3")
        assert driver.screen.question.view == "reasons", "the key of a setting comes before that of the table"
        await driver.press("f10")
        await driver.wait(lambda: not driver.app.is_running)
