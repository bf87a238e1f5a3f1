"""No key is lost: before the rows are here, after a mistake, and on the way back up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import Driver, explorer
from tests.tui.gate import Gate
from tests.written_logs import HTTPERR_HEAD, write
from tui.app import Explorer
from tui.jobs import engine
from tui.model.options import Options
from tui.model.question import ScreenQuestion
from tui.widgets.facts import Facts

SIZES = [(80, 24), (120, 36)]
both_sizes = pytest.mark.parametrize("size", SIZES)


def opening(logs: Path, home: Path) -> Explorer:
    """The explorer, of which nothing is read yet."""
    return Explorer(
        Options(paths=(str(logs),), index_dir=home / "index", settings=home / "settings", state=home / "state")
    )


async def whole(driver: Driver) -> None:
    await driver.wait(lambda: driver.screen.entries.total == 53 and not driver.screen.state.is_reading)
    await driver.settle()


@both_sizes
async def test_keys_before_the_first_rows_are_done_when_these_come(
    logs: Path, tmp_path: Path, gate: Gate, size: tuple[int, int]
) -> None:
    gate.before(engine, "find")
    app = opening(logs, tmp_path)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.wait(lambda: gate.is_reached)
        await driver.press("2", "g", "j", "j", "m")
        await driver.wait("waits for the first rows")
        gate.open()
        await whole(driver)
        assert driver.screen.entries.table.row == 2, "the jump to the end has not undone it"
        assert set(driver.screen.state.marks) == {driver.entry.key}
        assert "waits for" not in driver.text


@both_sizes
async def test_a_step_up_from_the_only_row_is_kept(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    """Going to the top where one is already means to stay there, whatever is still read."""
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("status:404")
        assert driver.screen.entries.total == 1
        await driver.press("g")
        await driver.press("backspace")
        await driver.settle()
        assert driver.entry.value("status") == 404


@both_sizes
async def test_the_next_incident_right_after_opening(
    logs: Path, tmp_path: Path, gate: Gate, size: tuple[int, int]
) -> None:
    errors = [
        f"2026-06-15 10:12:{number:02} 192.0.2.7 50000 10.0.0.1 443 HTTP/1.1 GET /reports - 1 QueueFull Pool0\r\n"
        for number in range(40)
    ]
    write(logs / "HTTPERR" / "httperr2.log", HTTPERR_HEAD, *errors)
    gate.before(engine, "bars")
    app = opening(logs, tmp_path)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.press("2", "right_square_bracket")
        await driver.wait("waits for the first rows")
        gate.open()
        await driver.wait(lambda: "got no answer" in driver.screen.speaking.said)
        await driver.settle()
        one = driver.screen.incidents.found[0]
        assert one.begin <= driver.entry.time <= one.until
        assert driver.entry.value("reason") in one.reasons
        assert driver.screen.entries.table.row > 0


@both_sizes
async def test_esc_brings_the_filter_back_after_the_neighbours(
    logs: Path, tmp_path: Path, gate: Gate, size: tuple[int, int]
) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "enter")
        await driver.settle()
        left = driver.entry.key
        await driver.press("full_stop")
        await driver.settle()
        assert driver.screen.question.text == ""
        assert driver.entry.key == left
        await driver.press("escape")
        await driver.settle()
        assert driver.screen.question.text == "reason:QueueFull", "also with the detail open all the while"
        assert driver.screen.entries.is_open
        assert driver.entry.key == left
        gate.before(engine, "find")
        await driver.press("full_stop")
        await driver.wait(lambda: gate.is_reached)
        await driver.press("escape")
        assert driver.screen.question.text == "reason:QueueFull", "also before the neighbours have come"
        gate.open()


@both_sizes
async def test_esc_after_narrowing_goes_one_level_up(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        asked: list[ScreenQuestion] = [driver.screen.question]
        await driver.press("g", "l", "plus")
        await driver.settle()
        asked.append(driver.screen.question)
        await driver.press("l", "l", "plus")
        await driver.settle()
        assert len({question.text for question in (*asked, driver.screen.question)}) == 3
        await driver.press("l", "s")
        await driver.settle()
        await driver.press("3", "escape")
        await driver.settle()
        assert driver.screen.question.view == "entries", "first back to the view in which it was narrowed"
        for question in reversed(asked):
            await driver.press("escape")
            await driver.settle()
            assert driver.screen.question.text == question.text
        await driver.press("question_mark")
        facts = driver.app.screen.query_one(Facts)
        assert "one level up, to what was there before narrowing" in facts.text


@both_sizes
async def test_a_mistaken_filter_does_not_stay_after_esc_and_is_not_lost(
    logs: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("status:500")
        await driver.press("slash", "ctrl+u")
        await driver.write("nosuch=field")
        await driver.wait("mistake")
        while driver.screen.is_typing:
            await driver.press("escape")
        await driver.wait("that filter was not applied")
        assert driver.screen.bar.edit.value == "status:500"
        await driver.press("slash")
        await driver.write(" taken>1ms")
        assert driver.screen.bar.edit.value == "status:500 taken>1ms"
        await driver.press("ctrl+u", "up")
        assert driver.screen.bar.edit.value == "nosuch=field"


@both_sizes
async def test_esc_in_the_second_box_keeps_the_preset_that_was_typed(
    logs: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("status:500")
        await driver.press("P", *"mine", "enter", *"a note", "escape")
        assert not (tmp_path / "settings" / "presets.toml").exists()
        await driver.press("P")
        shown = await driver.wait("Save as preset")
        assert "mine" in shown
        assert "a note" in shown
        await driver.press("enter", "enter")
        await driver.wait("saved mine")
        assert "a note" in (tmp_path / "settings" / "presets.toml").read_text()
