"""Presets in the explorer, driven by keys."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tui.driving import explorer
from tui.model.options import Options


async def test_a_preset_is_saved_and_recalled_by_name(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.press("P")
        await driver.write("mine")
        await driver.press("enter", *"my note", "enter")
        await driver.wait("saved mine")
        await driver.press("backspace")
        await driver.settle()
        await driver.press("p", *"mine", "enter")
        await driver.settle()
        assert driver.screen.question.text == "status:500"
        assert driver.screen.question.preset == "mine"
        assert driver.screen.entries.total == 4
        assert (tmp_path / "settings" / "presets.toml").exists()


async def test_a_preset_is_recalled_by_number(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("p", "1", "enter")
        await driver.settle()
        assert driver.screen.question.preset == "client drops"
        assert driver.screen.entries.total == 9


async def test_the_program_is_started_with_a_filter_and_a_preset(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(where="status:500")) as driver:
        assert driver.screen.entries.total == 4
        assert driver.screen.bar.edit.value == "status:500"
    async with explorer(logs, tmp_path, options=Options(preset="client drops")) as driver:
        assert driver.screen.entries.total == 9


async def test_the_name_of_a_preset_is_whole_in_the_filter_bar_also_in_wide_characters(
    logs: Path, tmp_path: Path
) -> None:
    presets = tmp_path / "settings" / "presets.toml"
    presets.parent.mkdir()
    presets.write_text('[[preset]]\nname = "応答の遅いもの"\nwhere = "taken>5s"\n', encoding="utf-8")
    async with explorer(logs, tmp_path, options=Options(preset="応答の遅いもの")) as driver:
        await driver.wait("preset 応答の遅いもの")


async def test_a_preset_of_the_command_line_stands_beside_its_filter(logs: Path, tmp_path: Path) -> None:
    async with explorer(
        logs, tmp_path, options=Options(preset="slow application", where="time:10:00..10:01")
    ) as driver:
        assert driver.screen.question.view == "reasons"
        assert driver.screen.entries.total == 1
        assert "Connection_Dropped" in driver.screen.bar.edit.value
        assert "time:10:00..10:01" in driver.screen.bar.edit.value


async def test_a_preset_takes_fields_of_the_row_that_no_column_shows(logs: Path, tmp_path: Path) -> None:
    presets = tmp_path / "settings" / "presets.toml"
    presets.parent.mkdir()
    presets.write_text('[[preset]]\nname = "same pool"\nwhere = "queue=${queue} port:${c-port}"\nview = "entries"\n')
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "p", *"same pool", "enter")
        await driver.settle()
        assert driver.screen.question.text == "queue=Pool1 port:50009"
        assert driver.screen.entries.total == 1


async def test_a_preset_about_a_path_begins_the_timeline_of_that_path(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "p", *"same path", "enter")
        await driver.settle()
        assert driver.screen.question.text == "path=/other/9"
        assert driver.screen.question.view == "timeline"
        assert "/other/9" in driver.text


async def test_a_preset_about_a_row_says_that_there_is_none(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:None_Such")
        await driver.press("p", *"same client", "enter")
        assert "about the row under the cursor" in await driver.wait("under the cursor, and there is none")
        assert driver.screen.question.text == "reason:None_Such"


async def test_a_preset_of_counted_values_counts_the_same_fields_again(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "l", "b")
        await driver.settle()
        await driver.press("P", *"by client", "enter", "enter")
        await driver.wait("saved by client")
        await driver.press("u", "3")
        await driver.settle()
        assert driver.screen.question.by == ("reason",)
        await driver.press("p", *"by client", "enter")
        await driver.settle()
        assert driver.screen.question.by == ("client",)
        await driver.press("p", *"queue full", "enter")
        await driver.settle()
        assert driver.screen.question.by == ("reason",)


async def test_a_preset_of_counted_values_brings_their_order_back(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("Never_Seen")
        await driver.press("s")
        await driver.settle()
        await driver.press("P", *"by name", "enter", "enter")
        await driver.wait("saved by name")
        await driver.press("p", *"queue full", "enter")
        await driver.settle()
        assert next(record.values[0] for record in driver.screen.reasons.records) == "Connection_Dropped"
        assert driver.screen.question.order == "-count"
        await driver.press("p", *"by name", "enter")
        await driver.settle()
        names = [record.values[0] for record in driver.screen.reasons.records]
        assert names == sorted(names)
        assert driver.screen.question.order == "value"


async def test_fields_of_a_preset_are_those_of_the_columns_by_whatever_name(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("p", *"slow application", "enter")
        await driver.settle()
        await driver.press("2")
        assert re.search(r"taken +▼", await driver.settle())
        await driver.press("p", *"TLS on", "enter")
        await driver.settle()
        assert "client" in [column.key for column in driver.screen.entries.table.columns]
        await driver.press("c", *"client")
        shown = await driver.wait("address of the client")
        assert "c-ip" not in shown


async def test_presets_are_renamed_and_deleted(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.press("P", *"mine", "enter", *"a note", "enter")
        await driver.wait("saved mine")
        await driver.press("p", *"mine", "right", "ctrl+u", *"yours", "enter")
        shown = await driver.wait("yours")
        assert "mine" not in shown
        await driver.press(*"yours")
        assert "a note" in await driver.settle()
        await driver.press("delete")
        await driver.wait("Nothing matches.")
        await driver.press("escape", "p", "delete")
        assert "comes with the program" in await driver.wait("comes with the program")


async def test_a_name_that_cannot_be_given_is_said_and_leaves_one_list(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("p", *"queue full", "right")
        told = await driver.wait("comes with the program")
        assert "New name" not in told, "before a name is typed"
        await driver.press("escape", "escape")
        await driver.press("P", *"mine", "enter", "enter")
        await driver.wait("saved mine")
        await driver.press("p", *"mine", "right", "ctrl+u", *"queue full", "enter")
        await driver.wait("there is a preset queue full already")
        while len(driver.app.screen_stack) > 2:
            await driver.press("escape")
        assert "mine" in await driver.wait("Presets")
        await driver.press("escape")
        assert driver.app.screen is driver.screen


async def test_a_broken_file_of_presets_is_one_message_and_stays(logs: Path, tmp_path: Path) -> None:
    broken = tmp_path / "settings" / "presets.toml"
    broken.parent.mkdir()
    broken.write_text("[[preset]\nname = ")
    async with explorer(logs, tmp_path) as driver:
        await driver.press("p")
        told = await driver.wait("Cannot read the presets")
        assert "correct the file, or move it away" in told
        await driver.press("escape", "P", *"mine", "enter", "enter")
        await driver.wait("Cannot save the preset")
    assert broken.read_text() == "[[preset]\nname = "
