"""Dialogs: each choice is a field of its own, and Enter takes what is under the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import explorer

both_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 36)])


@both_sizes
async def test_pseudonyms_of_an_export_are_a_field_of_their_own(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.chdir(tmp_path)
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("client:192.0.2.3")
        await driver.press("e")
        shown = await driver.wait("[ ] pseudonyms")
        assert "--redact" not in shown
        await driver.write("plain.csv")
        await driver.press("enter")
        await driver.wait("to plain.csv")
        await driver.press("e")
        await driver.write("hidden.csv")
        await driver.press("tab", "space")
        await driver.wait("[x] pseudonyms")
        await driver.press("enter")
        await driver.wait("to hidden.csv")
        await driver.press("e")
        await driver.write("odd.csv --redact")
        await driver.press("enter")
        await driver.wait("the name has to end in one of")
    assert "192.0.2.3" in Path("plain.csv").read_text()
    assert "192.0.2.3" not in Path("hidden.csv").read_text()


@both_sizes
async def test_pseudonyms_of_a_report_are_a_field_of_their_own(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.chdir(tmp_path)
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("client:192.0.2.3")
        await driver.press("colon", *"report", "enter", "down", "space", "up", *"told.md", "enter")
        await driver.wait("wrote the report to told.md")
    assert "192.0.2.3" not in Path("told.md").read_text()


@both_sizes
async def test_enter_takes_the_completion_under_the_cursor(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.press("slash")
        await driver.write("reas")
        await driver.wait(lambda: [found.text for found in driver.screen.suggestions.suggestions][:1] == ["reason:"])
        await driver.press("down", "enter")
        assert driver.screen.bar.edit.value == "reason:"
        assert driver.screen.is_typing
        await driver.write("Never")
        await driver.wait(lambda: "Never_Seen" in [found.text for found in driver.screen.suggestions.suggestions])
        await driver.press("down", "enter")
        assert driver.screen.bar.edit.value == "reason:Never_Seen"
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.entries.total == 1


@both_sizes
async def test_enter_takes_the_first_completion_of_what_is_no_filter_yet(
    logs: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.press("slash")
        await driver.write("status:")
        await driver.wait(lambda: driver.screen.suggestions.is_open)
        first = driver.screen.suggestions.suggestions[0].text
        await driver.press("enter")
        assert driver.screen.bar.edit.value == f"status:{first.removeprefix('status:')}"
