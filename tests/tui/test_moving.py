"""Going to rows: by order, time, text and marks, driven by keys."""

from __future__ import annotations

from pathlib import Path

from tests.tui.driving import explorer


async def test_sorting_goes_to_what_comes_first(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "S")
        await driver.settle()
        assert driver.entry.value("time-taken") == 975
        await driver.press("u")
        await driver.settle()
        assert driver.screen.entries.table.row == 52


async def test_sorting_by_a_column_and_back(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "S")
        await driver.settle()
        await driver.press("g")
        assert driver.entry.value("time-taken") == 975
        await driver.press("s")
        await driver.settle()
        assert driver.screen.question.sort == ""


async def test_zooming_in_and_out(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        totals = []
        for key in ("z", "z", "Z", "Z"):
            await driver.press(key)
            await driver.settle()
            totals.append(driver.screen.total or 0)
        assert 53 > totals[0] > totals[1] < totals[2] < totals[3] == 53


async def test_the_brush_makes_a_span_of_the_question(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "v", *["right"] * 9, "enter")
        await driver.settle()
        assert driver.screen.question.span is not None
        assert "time:2026-06-15T10:00" in driver.screen.question.as_text(driver.screen.look.tz)
        assert 0 < (driver.screen.total or 0) < 53


async def test_jumping_to_a_time(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("t")
        await driver.write("10:20")
        await driver.press("enter")
        await driver.wait(lambda: driver.entry.time.minute == 20)
        await driver.press("t")
        await driver.write("25:99")
        await driver.press("enter")
        assert "a time like" in await driver.wait("a time like")


async def test_finding_text_without_filtering(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "f")
        await driver.write("reports/3")
        await driver.press("enter")
        await driver.wait(lambda: "reports/3" in str(driver.entry.value("uri")))
        assert driver.screen.total == 53
        await driver.press("n")
        await driver.wait("no further row")


async def test_marks_are_kept_and_found_again(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "j", "j")
        marked = driver.entry.key
        await driver.press("m", "G", "apostrophe")
        await driver.wait(lambda: driver.entry.key == marked)
        assert "●" in driver.text
