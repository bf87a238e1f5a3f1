"""Copied text rebuilds the view also where a terminal would not pass it on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parsing.filters import only
from parsing.safe_text import is_safe
from tests.tui.driving import HOSTILE_AGENT, HOSTILE_URI, explorer
from tests.tui.test_handing_over import command, ran
from tests.written_logs import IIS_HEAD, iis_lines, write
from tui.jobs.clipboard import command_line
from tui.model.options import Options
from tui.model.question import ScreenQuestion

pytestmark = pytest.mark.slow


async def test_a_hostile_value_is_copied_so_that_it_finds_its_row_again(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        driver.screen.bar.edit.insert(str(only("agent", HOSTILE_AGENT)))
        await driver.press("enter")
        await driver.settle()
        await driver.wait(lambda: driver.screen.entries.total == 1)
        await driver.press("ctrl+y")
        assert "pictures" not in await driver.wait("sent the filter to the terminal")
        text = driver.app.clipboard
        await command(driver, "copy command")
        copied = driver.app.clipboard
        await driver.press("backspace", "slash")
        driver.screen.bar.edit.insert(text)
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.entries.total == 1
        assert driver.entry.value("uri") == HOSTILE_URI
    assert is_safe(text)
    assert is_safe(copied)
    assert [row["uri"] for row in ran(copied, tmp_path / "out.ndjson")] == [HOSTILE_URI]


async def test_what_has_become_pictures_is_said(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:404")
        await driver.press("c")
        await driver.write("agent")
        await driver.press("enter", "escape")
        await driver.settle()
        await driver.press(*["l"] * 6, "y")
        await driver.wait("sent the value with pictures of control characters to the terminal")
        assert "evil␛[31m" in driver.app.clipboard


@pytest.mark.parametrize(("port", "is_named"), [("s-port", True), ("S-Port", True), ("my-socket", False)])
async def test_the_command_of_a_timeline_names_only_a_port_field_that_is_there(
    logs: Path, tmp_path: Path, port: str, *, is_named: bool
) -> None:
    async with explorer(logs, tmp_path, options=Options(port_field=port)) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "r")
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        await driver.settle()
        await command(driver, "copy command")
        copied = driver.app.clipboard
    assert ("--port-field" in copied) == is_named
    assert ran(copied, tmp_path / "out.ndjson")


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="quotes for a POSIX shell")
@pytest.mark.parametrize("name", ["plain", "with blank", "it's", "e\x1b[31m'\\x", "\u202eback", "caf\xe9 \x9b"])
def test_a_shell_reads_the_names_of_files_back(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    write(folder / "u_ex260615.log", IIS_HEAD, iis_lines(3))
    text = command_line(Options(paths=(str(folder),)), ScreenQuestion(), None)
    assert is_safe(text)
    words = subprocess.run(["bash", "-c", f"printf '%s\\0' {text}"], capture_output=True, check=True).stdout.split(
        b"\0"
    )
    assert str(folder).encode() in words
