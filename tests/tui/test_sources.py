"""The view of the files, and what is said where an action has no meaning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tui.driving import Driver, explorer
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write


def names(driver: Driver) -> list[str]:
    return [source.name.rpartition("/")[2] for source in driver.screen.sources.records]


async def test_files_are_sorted_by_any_column_and_the_rows_are_not(tmp_path: Path) -> None:
    for number, rows in enumerate((20, 5, 300)):
        write(tmp_path / "logs" / f"u_ex26061{number}.log", IIS_HEAD, iis_lines(rows))
    write(tmp_path / "logs" / "notes.txt", "no log\n")
    async with explorer(tmp_path / "logs", tmp_path) as driver:
        await driver.press("5")
        await driver.wait("notes.txt")
        by_name = names(driver)
        await driver.press("l", "l", "l", "s")
        await driver.wait("sorted by rows, smallest first")
        assert names(driver) == ["notes.txt", "u_ex260611.log", "u_ex260610.log", "u_ex260612.log"]
        await driver.press("s")
        await driver.wait("sorted by rows, largest first")
        assert names(driver) == ["u_ex260612.log", "u_ex260610.log", "u_ex260611.log", "notes.txt"]
        assert "rows ▼" in driver.text
        await driver.press("l", "l", "S")
        await driver.wait("sorted by last, largest first")
        assert names(driver)[0] == "u_ex260612.log"
        assert names(driver)[-1] == "notes.txt", "a file without times comes last either way"
        await driver.press("s")
        await driver.wait("sorted by name")
        assert names(driver) == by_name
        assert driver.screen.question.sort == ""


async def test_the_end_of_a_long_name_is_shown(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "a-folder-with-a-rather-long-name-of-its-own"
    write(folder / "u_ex260610.log", IIS_HEAD, iis_lines(3))
    write(folder / "httperr1.log", HTTPERR_HEAD, httperr_lines(3))
    async with explorer(tmp_path / "logs", tmp_path) as driver:
        await driver.press("5")
        listed = [line[:32] for line in (await driver.wait("httperr1.log")).splitlines()]
        assert any("/u_ex260610.log" in line and "…" in line for line in listed)
        assert any("/httperr1.log" in line and "…" in line for line in listed)


async def test_where_an_action_has_a_meaning_is_said(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3", "i")
        await driver.wait("which log: only in Entries, Timeline")
        await driver.press("w")
        await driver.wait("choose a span first: v marks one, z zooms in")
        await driver.press("2", "l", "s")
        await driver.wait("sorted by status / reason, smallest first")


@pytest.mark.parametrize("fields", [("path",), ("agent", "path"), ("X-A-Rather-Long-Name-Of-A-Field", "agent")])
async def test_the_tabs_are_never_cut(logs: Path, tmp_path: Path, fields: tuple[str, ...]) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        driver.screen.change(replace(driver.screen.question, by=fields))
        await driver.settle()
        assert "   3 By " in driver.text
        assert "   4 Timeline   5 Sources" in driver.text
        await driver.press("2")
        await driver.settle()
        assert "   4 Timeline   5 Sources" in driver.text
        assert next(line for line in driver.text.splitlines() if "5 Sources" in line).endswith("53")
