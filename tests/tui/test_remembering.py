"""What the explorer remembers of a log set."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.tui.driving import explorer
from tests.written_logs import IIS_HEAD, iis_lines, write
from tui.model.options import Options

pytestmark = pytest.mark.slow


async def test_the_session_comes_back(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:200")
        await driver.press("g", "j", "j", "m", "k", "3")
        left = driver.entry.key
        marks = set(driver.screen.state.marks)
        await driver.press("q")
    async with explorer(logs, tmp_path) as driver:
        assert driver.screen.question.text == "status:200"
        assert driver.screen.question.view == "reasons"
        assert set(driver.screen.state.marks) == marks
        await driver.press("2")
        await driver.settle()
        assert driver.entry.key == left
    async with explorer(logs, tmp_path, options=Options(where="status:500")) as driver:
        assert driver.screen.question.text == "status:500", "what the command line asks for comes first"
        assert driver.screen.question.view == "entries"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
async def test_what_comes_through_a_pipe_has_no_session(tmp_path: Path) -> None:
    """The next time another log may come through it, as with ``<(zcat ...)``."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def fill() -> threading.Thread:
        writer = threading.Thread(target=write, args=(pipe, IIS_HEAD, iis_lines(5)), daemon=True)
        writer.start()
        return writer

    writers = [fill()]
    async with explorer(pipe, tmp_path) as driver:
        await driver.filter("status:200")
        await driver.press("q")
    writers.append(fill())
    async with explorer(pipe, tmp_path) as driver:
        assert driver.screen.question.text == ""
        assert driver.screen.entries.total == 5
    for writer in writers:
        writer.join(20)


async def test_the_timeline_comes_back_around_its_row(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "r")
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        await driver.settle()
        assert driver.screen.timeline.scene is not None
        left = driver.screen.timeline.scene.key
        await driver.press("q")
    async with explorer(logs, tmp_path) as driver:
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        assert driver.screen.timeline.scene is not None
        assert driver.screen.timeline.scene.key == left
        assert driver.screen.question.text == "reason:QueueFull"
