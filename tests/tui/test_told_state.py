"""What decides what is seen and handed over is told: a filter of last time, pseudonyms, a log that is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import explorer
from tui.model.options import Options

both_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 36)])


def title(shown: str) -> str:
    return shown.splitlines()[0]


@both_sizes
async def test_a_filter_of_last_time_is_told_and_one_key_shows_everything(
    logs: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("status:500")
        assert "last time" not in driver.text
        await driver.press("q")
    async with explorer(logs, tmp_path, size=size) as driver:
        assert driver.screen.entries.total == 4
        assert "filter of last time: Backspace shows all" in title(driver.text)
        await driver.press("backspace")
        await driver.settle()
        assert driver.screen.entries.total == 53
        assert "last time" not in title(driver.text)
        await driver.press("u", "q")
    async with explorer(logs, tmp_path, size=size, options=Options(fresh=True)) as driver:
        assert driver.screen.entries.total == 53
        assert "last time" not in driver.text
        await driver.press("slash", "up")
        assert driver.screen.bar.edit.value == "status:500", "what was typed is remembered all the same"


@both_sizes
async def test_pseudonyms_are_shown_while_they_are_on(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size, options=Options(redact=True)) as driver:
        assert "pseudonyms" in title(driver.text)
        await driver.press("colon", *"pseudonyms", "enter")
        await driver.wait("real values again")
        assert "pseudonyms" not in title(driver.text)
        await driver.press("colon", *"pseudonyms", "enter")
        await driver.wait("now hide")
        assert "pseudonyms" in title(driver.text)


@both_sizes
async def test_the_log_that_is_left_out_has_no_histogram(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        levels = set(driver.screen.state.glyphs.levels) - {" "}

        def lane(name: str) -> str:
            line = next(line for line in driver.text.splitlines() if line.lstrip().startswith(f"{name} "))
            return line[9 : 9 + driver.screen.histogram.room]

        assert levels & set(lane("IIS"))
        assert levels & set(lane("HTTPERR"))
        await driver.press("i")
        await driver.settle()
        assert "left out: only log:httperr is shown" in lane("IIS")
        assert not levels & set(lane("IIS"))
        assert levels & set(lane("HTTPERR"))
        await driver.press("i")
        await driver.settle()
        assert levels & set(lane("IIS"))
        assert not levels & set(lane("HTTPERR"))
        await driver.press("i")
        await driver.settle()
        assert levels & set(lane("HTTPERR"))
