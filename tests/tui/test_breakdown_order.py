"""In what order counted values come, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parsing.questions.values import slowest
from tests.tui.driving import explorer
from tests.written_logs import write
from tui.model.question import TAKEN

pytestmark = pytest.mark.slow


async def test_values_are_sorted_by_how_long_their_requests_took(tmp_path: Path) -> None:
    rows = [("/slow", 9000), ("/quick", 5), ("/quick", 7), ("/quick", 6), ("/slow", 20), ("/none", "-")]
    lines = "".join(f"2026-06-15 10:00:0{n} {path} {taken}\r\n" for n, (path, taken) in enumerate(rows))
    write(tmp_path / "logs" / "u_ex1.log", "#Fields: date time cs-uri-stem time-taken\r\n", lines)
    async with explorer(tmp_path / "logs", tmp_path, size=(80, 24)) as driver:
        await driver.press("3", "c", *"path", "enter")
        await driver.wait(lambda: any(trend.high for trend in driver.screen.reasons.trends.values()))
        assert [record.values[0] for record in driver.screen.reasons.records] == ["/quick", "/slow", "/none"]
        await driver.press("l", "l", "l", "l", "l", "S")
        assert "sorted by p95 of taken, largest first" in await driver.settle()
        await driver.wait(lambda: driver.screen.reasons.records[0].values == ("/slow",))
        assert "p50 p95 taken ±1% ▼" in driver.text
        assert [record.count for record in driver.screen.reasons.records] == [2, 3, 1]
        await driver.press("s")
        assert "sorted by p95 of taken, smallest first" in await driver.settle()
        await driver.wait(lambda: driver.screen.reasons.records[0].values == ("/quick",))
        await driver.press("u", "u")
        await driver.wait(lambda: driver.screen.question.order == "-count")


async def test_values_that_cannot_be_put_in_order_leave_the_rows(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press("3", "c", *"path", "enter", "c", *"client", "right")
        await driver.settle()
        monkeypatch.setattr(slowest, "MOST_PAIRS", 1)
        await driver.press("l", "l", "l", "l", "l", "l", "S")
        await driver.wait("too many different values of path, client")
        await driver.filter("log:iis")
        await driver.wait("too many different values of path, client")
        assert driver.screen.entries.total == 41
        assert "41 of 53" in driver.text
        assert "not counted yet" not in driver.text
        driver.screen.change(replace(driver.screen.question, by=("path", "method")))
        await driver.wait("These values could not be counted. u goes back to the question before.")


async def test_reasons_are_not_sorted_by_who_ended_them(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press("3")
        await driver.wait("Never_Seen")
        await driver.press("l", "l", "l", "l", "s")
        await driver.wait("reasons can be sorted by name, count, first or last")


def test_the_screen_names_the_orders_of_the_engine() -> None:
    assert TAKEN == slowest.TAKEN


async def test_the_order_of_values_is_said(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("Never_Seen")
        await driver.press("s")
        assert "sorted by reason, smallest first" in await driver.settle()
        assert next(record.values[0] for record in driver.screen.reasons.records) == "Connection_Dropped"


async def test_values_are_sorted_by_count_in_the_column_of_their_trend(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("Never_Seen")
        await driver.press("l", "l", "l")
        column = driver.screen.reasons.table.current_column
        assert column is not None
        assert column.title == "over time"
        await driver.press("s")
        assert "sorted by count, smallest first" in await driver.settle()
