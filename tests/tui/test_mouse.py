"""What the mouse does, where the terminal has one; the keys go on to work."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from tests.tui.driving import PATIENCE, Driver, explorer, until_nothing_is_ready


async def click(driver: Driver, text: str, times: int = 1) -> None:
    """Click on a text of the screen."""
    await driver.wait(text)
    row, line = next((row, line) for row, line in enumerate(driver.text.splitlines()) if text in line)
    with patch.object(driver.app, "CLICK_CHAIN_TIME_THRESHOLD", PATIENCE):
        await driver.pilot.click(offset=(line.index(text) + 1, row), times=times)
        await until_nothing_is_ready()
    await driver.settle()


async def test_a_click_on_a_tab_shows_its_view(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        for name, view in (("3 Reasons", "reasons"), ("5 Sources", "sources"), ("Entries", "entries")):
            await click(driver, name)
            assert driver.screen.question.view == view
        await click(driver, "4 Timeline")
        await driver.wait("in flight")
        await driver.pilot.click("#tabs", offset=(13, 0))
        await driver.settle()
        assert driver.screen.question.view == "timeline", "between two tabs there is nothing"


async def test_a_click_on_a_key_of_the_footer_does_what_the_key_does(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("j")
        await click(driver, "? help")
        assert "Esc closes" in driver.text
        await driver.press("escape")
        await click(driver, "/ filter")
        await driver.wait(lambda: driver.screen.typing.is_typing)
        await driver.write("status:4")
        await driver.wait(lambda: driver.screen.suggestions.is_open)
        await click(driver, "3 Reasons")
        assert not driver.screen.typing.is_typing
        assert not driver.screen.suggestions.is_open
        assert "not applied" in driver.text, "what was typed is still there"


async def test_the_mouse_leaves_the_line_that_is_typed(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("status:4")
        await driver.wait(lambda: driver.screen.suggestions.is_open)
        await click(driver, "10:39:00")
        assert not driver.screen.suggestions.is_open
        assert driver.screen.entries.table.has_focus


async def test_a_row_is_chosen_by_a_click_and_opened_by_two(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await click(driver, "10:39:00")
        assert f"{driver.entry.time:%H:%M}" == "10:39"
        assert not driver.screen.entries.is_open
        await click(driver, "10:38:00", times=2)
        await driver.wait(lambda: driver.screen.entries.is_open and "Agent/2" in driver.screen.entries.side.text)
        assert f"{driver.entry.time:%H:%M}" == "10:38"


async def test_a_click_in_a_list_to_choose_from_leaves_the_keys_to_it(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("p")
        await driver.wait("Presets")
        await click(driver, "slow application")
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.question.preset == "slow application"
        await driver.press("p")
        await click(driver, "client drops", times=2)
        assert driver.screen.question.preset == "client drops"


async def test_what_depends_on_the_row_follows_once_a_step(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "enter")
        await driver.settle()
        follow, rows = driver.screen.entries.follow, []

        def noted() -> None:
            rows.append(driver.screen.entries.table.row)
            follow()

        monkeypatch.setattr(driver.screen.entries, "follow", noted)
        await driver.press("j", "j", "pagedown")
        await driver.pilot.click("#entries-table", offset=(5, 2))
        await driver.settle()
        assert len(rows) == len(set(rows)) == 4
