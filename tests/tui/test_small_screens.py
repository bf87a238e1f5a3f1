"""What is readable at 80 by 24, at fewer columns and lines, and after the size has changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tui.driving import Driver, explorer
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, iis_lines, write
from tui.widgets.histogram import LEFT

both_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 36)])


def footer(driver: Driver) -> str:
    return driver.text.splitlines()[-1]


@both_sizes
async def test_the_detail_begins_with_what_decides(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "enter")
        await driver.settle()
        labels = [fact.label for fact in driver.screen.entries.side.facts]
        assert labels.index("s-queuename") < labels.index("c-ip") < labels.index("source")
        texts = ["".join(text for text, _ in fact.parts) for fact in driver.screen.entries.side.facts]
        raw = next(number for number, text in enumerate(texts) if text.startswith("2026-06-15 10:27:30 192.0.2.9"))
        assert raw > labels.index("setting")
        assert re.search(r"s-queuename +Pool1", driver.text), "on the first page"


@both_sizes
async def test_the_pool_is_a_column_of_entries(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("reason:QueueFull or status:404")
        assert "taken/pool" in driver.text
        assert re.search(r"QueueFull +Pool1 192", driver.text)
        assert re.search(r"404.2 +5 ms 192", driver.text)
        await driver.press("g", "l", "l", "plus")
        await driver.settle()
        assert driver.screen.question.text.endswith("queue=Pool1")
        await driver.press("escape", "b")
        await driver.settle()
        assert driver.screen.question.by == ("queue",)


async def test_a_sort_by_the_time_taken_is_shown_in_its_column(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("p", *"slow application", "enter")
        await driver.settle()
        await driver.press("2", "backspace")
        await driver.settle()
        await driver.press("g", "l", "l", "S")
        assert re.search(r"taken.* ▼", await driver.settle())
        assert driver.entry.value("time-taken") == 975
        await driver.press("j", "j")
        await driver.settle()
        assert driver.screen.entries.table.row == 2


@both_sizes
async def test_the_footer_shows_what_can_be_done_now(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.press("g")
        for key in ("t time", "v brush", "w changed"):
            assert key in footer(driver)
        await driver.press("l")
        assert "+ only this" in footer(driver)
        assert "undo" not in footer(driver), "there is nothing to undo"
        await driver.press("slash")
        await driver.settle()
        for key in ("Tab", "Enter", "↑", "^U"):
            assert f" {key} " in footer(driver)
        await driver.press("escape", "enter", "tab")
        await driver.settle()
        assert "Esc back" in footer(driver)
        assert "x explain" in footer(driver)


@both_sizes
async def test_x_explains_the_row_whatever_the_column(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        for text, meaning in (("reason:QueueFull", "queue"), ("status:404", "404")):
            await driver.filter(text)
            await driver.press("g", *"hhhhhh")
            for _ in driver.screen.entries.table.columns:
                await driver.press("x")
                assert meaning in await driver.wait("What it means")
                await driver.press("escape", "l")


@both_sizes
async def test_help_names_what_has_no_key(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.press("question_mark", "G")
        shown = await driver.wait(": theme")
        assert not re.search(r"│ : +[A-Z]", shown)
        await driver.press("g")
        assert "list of commands" in driver.text


@both_sizes
async def test_the_brush_goes_by_bars_and_by_rows(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.press("g", "v", "right", "enter")
        await driver.settle()
        bars = driver.screen.histogram.bars
        assert bars is not None
        span = driver.screen.question.span
        assert span is not None
        await driver.press("u")
        await driver.settle()
        await driver.press("g", "v", "down", "down")
        assert "↑ ↓ row" in driver.text
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.entries.total == 3, "from the row on which it began to the one two rows on"


def logs_of_a_day(folder: Path) -> Path:
    """Rows over 90 minutes, which bars of whole minutes do not fill evenly."""
    write(folder / "u_ex260615.log", IIS_HEAD, iis_lines(100))
    errors = [
        f"2026-06-15 {10 + n // 40}:{n % 40:02}:00 192.0.2.7 50000 10.0.0.1 443 HTTP/1.1 GET /x - 1 {reason} Pool0\r\n"
        for n, reason in enumerate(["QueueFull", "Connection_Dropped", "Connection_Abandoned_By_ReqQueue"] * 26)
    ]
    write(folder / "httperr1.log", HTTPERR_HEAD, *errors)
    return folder


@both_sizes
async def test_the_histogram_uses_the_width(tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs_of_a_day(tmp_path / "logs"), tmp_path, size=size) as driver:
        histogram = driver.screen.histogram
        assert histogram.bars is not None
        assert histogram.bars.count < histogram.room, "there are fewer bars than cells"
        line = next(line for line in driver.text.splitlines() if line.lstrip().startswith("HTTPERR "))
        drawn = line[LEFT : LEFT + histogram.room]
        last = histogram.bars.bucket(driver.entry.time)
        assert driver.screen.entries.table.row == driver.screen.entries.table.source.total - 1
        assert drawn[-1] != " ", "the last bar ends where the room ends"
        await driver.press("g", "v", *["right"] * histogram.bars.count, "enter")
        await driver.settle()
        assert driver.screen.entries.total == 178, f"all bars were brushed, to the last, {last}"


async def test_every_colour_of_a_lane_is_in_the_legend(tmp_path: Path) -> None:
    async with explorer(logs_of_a_day(tmp_path / "logs"), tmp_path, size=(120, 36)) as driver:
        bars = driver.screen.histogram.bars
        assert bars is not None
        _, errors = bars.lanes
        assert {tone for tone, counts in errors.layers if any(counts)} == {"httperr", "plain", "error"}
        assert "█other █client █worker" in driver.text
        tones = [tone for lane in bars.lanes for tone, _ in lane.layers]
        assert tones.count("warn") == 1, "yellow is 4xx alone"


async def test_the_tabs_of_60_columns_name_the_open_view(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(60, 24)) as driver:
        for key, name in (("1", "Incidents"), ("2", "Entries"), ("3", "Reasons"), ("4", "Timeline"), ("5", "Sources")):
            await driver.press(key)
            await driver.settle()
            assert f"{key} {name} " in driver.text.splitlines()[4] + " "
    async with explorer(logs, tmp_path, size=(40, 10)) as driver:
        await driver.press("5")
        await driver.settle()
        assert driver.text.splitlines()[4].startswith(" 1   2   3   4   5 Sources")


async def test_reasons_shows_rows_at_40_by_10(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(40, 10)) as driver:
        await driver.press("3")
        shown = await driver.wait("Connection_Dropped")
        assert "Timer_ConnectionIdle" in shown
        await driver.press("tab")
        await driver.settle()
        assert "Timer_ConnectionIdle" not in driver.text, "what is known has the room while it is read"
        await driver.press("escape")
        await driver.wait("Timer_ConnectionIdle")


@pytest.mark.parametrize("view", ["1", "2", "3", "4", "question_mark"])
async def test_text_that_was_wrapped_narrowly_is_wrapped_again(logs: Path, tmp_path: Path, view: str) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.filter("reason:Connection_Dropped")
        await driver.press("g", "enter", view)
        await driver.settle()
        wide = driver.text
        await driver.pilot.resize_terminal(60, 24)
        await driver.settle()
        assert driver.text != wide
        await driver.pilot.resize_terminal(120, 36)
        await driver.wait(lambda: driver.text.splitlines()[5:-1] == wide.splitlines()[5:-1])


async def test_the_path_has_the_free_width_next_to_the_detail(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.filter("log:iis")
        await driver.press("enter")
        await driver.settle()
        table = driver.screen.entries.table
        widths = dict(zip((column.key for column in table.columns), table._sizes, strict=True))
        assert widths["outcome"] <= len("  500.19·64")
        assert widths["uri"] >= 25
        await driver.filter("reason:*")
        widths = dict(zip((column.key for column in table.columns), table._sizes, strict=True))
        assert widths["outcome"] == len("◆ Timer_ConnectionIdle")
        assert widths["uri"] >= 16


@both_sizes
async def test_no_text_begins_in_the_first_column(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        await driver.filter("reason:Connection_Dropped")
        await driver.press("g", "r")
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        shown = await driver.wait("in flight")
        assert all(line[:1] in ("", " ", "─") for line in shown.splitlines())
