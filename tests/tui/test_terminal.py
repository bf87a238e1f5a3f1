"""The program in a real pseudo-terminal: what it shows, how many bytes that takes, and that no log text gets out."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.driving import HOSTILE_URI, small_logs
from tests.written_logs import IIS_HEAD, write

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from tests.terminal import CURSOR, PAGE, Terminal, environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows enough for many pages, with all the tones there are."""
    folder = tmp_path_factory.mktemp("many")
    small_logs(folder / "logs")
    entries = [
        f"2026-06-15 {9 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02} 10.0.0.1 GET /path/{number} - 443 "
        f"- 192.0.2.{number % 250} Agent - {(200, 404, 500)[number % 3]} 0 {(0, 64)[number % 2]} {number % 9000}\r\n"
        for number in range(4000)
    ]
    write(folder / "logs" / "many.log", IIS_HEAD, *entries)
    return folder


@pytest.fixture
def terminal(many: Path, tmp_path: Path) -> Iterator[Terminal]:
    arguments = ["--index-dir", str(many / "index"), str(many / "logs")]
    with Terminal(arguments, env=environment(tmp_path)) as running:
        _wait_until_read(running)
        yield running


def _wait_until_read(running: Terminal) -> None:
    running.wait("4,053")
    running.press("2")
    running.wait(lambda text: "reading" not in text and "so far" not in text)
    running.settle()


def test_it_filters_breaks_down_by_reason_and_shows_a_raw_line(terminal: Terminal) -> None:
    terminal.press("/", "reason:*", "enter")
    terminal.wait("12 of 4,053")
    terminal.press("3")
    terminal.wait("5  41.7 %")
    terminal.press("enter")
    terminal.wait("5 of 4,053")
    terminal.press("g", "enter")
    terminal.wait("s-queuename")
    terminal.press("tab", "G")
    terminal.wait("2026-06-15 10:00:30 192.0.2.0 50000 10.0.0.1 443 HTTP/1.1 GET /reports/0 - 1")


def test_markup_and_escapes_of_a_log_are_plain_text(terminal: Terminal) -> None:
    terminal.press("/", "status:404 path:/a*", "enter")
    terminal.wait("1 of 4,053")
    assert HOSTILE_URI in terminal.text
    terminal.press("enter")
    terminal.wait("sc-status")
    terminal.press("tab", "G")
    terminal.wait("␛[31m")
    for key in ("b", "3", "enter", "5", "2", "tab", "G", "y", "Y"):
        terminal.press(key)
        terminal.settle()
    for hostile in (b"\x1b[31m\x1b]52;c;aGk=", "‮".encode(), b"\x9b2J", "\x9b2J".encode()):
        assert hostile not in terminal.output


def test_a_terminal_that_is_no_utf_8_is_drawn_without_block_characters(many: Path, tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    arguments = ["--index-dir", str(many / "index"), str(many / "logs"), "--where", "path:/reports/* or uri:/a*"]
    with Terminal(arguments, env=environment(tmp_path) | plain) as running:
        running.wait("! Connection_Dropped")
        running.settle()
        assert b"\\u" not in running.output
        assert b"\\x" not in running.output
        assert running.output.isascii()


def test_a_terminal_that_can_do_nothing_gets_the_report(many: Path, tmp_path: Path) -> None:
    arguments = ["--index-dir", str(many / "index"), str(many / "logs")]
    with Terminal(arguments, env=environment(tmp_path) | {"TERM": "dumb"}) as running:
        assert running.wait_end() == 0
        assert b"the set at a glance" in running.output
        assert b"\x1b" not in running.output


def test_a_key_costs_few_bytes_and_idling_none(terminal: Terminal) -> None:
    terminal.press("g")
    terminal.settle()
    for key in ("j", "j", "k", "l", "l", "h"):
        terminal.press(key)
        assert 0 < terminal.settle() <= CURSOR, key
    for key in ("pagedown", "pagedown", "ctrl+d", "pageup", "G", "g"):
        terminal.press(key)
        assert 0 < terminal.settle() <= PAGE, key
    assert terminal.settle(quiet=2.0) == 0, "nothing is written while nothing happens"


def test_leaving_restores_the_terminal(terminal: Terminal) -> None:
    terminal.press("q")
    assert terminal.wait_end() == 0
    assert b"\x1b[?1049l" in terminal.output
    assert b"\x1b[?25h" in terminal.output


def test_a_program_that_was_stopped_goes_on_and_can_be_left(terminal: Terminal) -> None:
    """A stop that cannot be caught, as of ``kill -STOP``: the screen is painted again, and entered only once."""
    terminal.signal(signal.SIGSTOP)
    terminal.press("g", "enter")
    before = len(terminal.output)
    terminal.signal(signal.SIGCONT)
    terminal.wait("sc-status")
    terminal.settle()
    assert b"3 sources" in terminal.output[before:], "all is painted again: the shell may have written over it"
    terminal.press("q")
    assert terminal.wait_end() == 0
    assert terminal.output.count(b"\x1b[?1049h") == 1
    assert terminal.output.count(b"\x1b[?1049l") == 1


@pytest.mark.parametrize(
    "extra", [{"NO_COLOR": "1"}, {"TERM": "xterm", "COLORTERM": ""}, {"TERM": "linux", "COLORTERM": ""}]
)
def test_poor_terminals_are_served(many: Path, tmp_path: Path, extra: dict[str, str]) -> None:
    arguments = ["--index-dir", str(many / "index"), str(many / "logs")]
    with Terminal(arguments, env=environment(tmp_path) | extra) as running:
        _wait_until_read(running)
        running.press("g", "j", "enter")
        running.wait("sc-status")
        running.press("tab", "G")
        running.wait("GET /path/1 - 443 - 192.0.2.1 Agent - 404 0 64 1")
        if "NO_COLOR" in extra:
            assert b"38;2;" not in running.output
            assert b"38;5;" not in running.output
        running.press("q")
        assert running.wait_end() == 0


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    variables = {**environment(tmp_path), "TMPDIR": str(temporary)}
    with Terminal(["demo", "--requests", "2000"], env=variables) as running:
        running.wait("2 Entries")
        assert list(temporary.glob("dropline-*"))
        running.press("q")
        assert running.wait_end() == 0
    assert list(temporary.iterdir()) == []
