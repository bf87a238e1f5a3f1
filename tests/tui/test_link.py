"""What the explorer asks of the line between it and its user: bytes, frames, and an orderly end.

``python -m tests.bench.link`` prints figures, times too.
"""

from __future__ import annotations

import bz2
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from tests.terminal import CURSOR, PAGE, PATIENCE, ROOT, Terminal, environment

pytestmark = pytest.mark.slow

ROWS = 2_000

SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if not child:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
while os.WIFSTOPPED(status := os.waitpid(child, os.WUNTRACED)[1]):
    os.tcsetpgrp(0, os.getpgrp())
    input("the shell is back")
    os.tcsetpgrp(0, child)
    os.kill(child, signal.SIGCONT)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A shell with job control, as far as one program needs it."""


def start(home: Path, *arguments: str, is_synchronized: bool = True, **extra: str) -> Terminal:
    """The explorer on the logs of a home, on a terminal of 80 by 24."""
    words = ["--index-dir", str(home / "index"), *arguments, str(home / "logs")]
    return Terminal(words, env=environment(home) | extra, is_synchronized=is_synchronized)


def show_entries(running: Terminal) -> None:
    running.wait("2 Entries")
    running.press("2")


def wait_whole(running: Terminal, rows: int = ROWS) -> None:
    """Wait until all is read and its incidents are known, and show the entries."""
    running.wait(lambda text: f" {rows:,}\n" in text and "reading" not in text and "so far" not in text)
    running.wait(lambda text: "looking for" not in text)
    show_entries(running)
    running.settle()


def count(home: Path) -> str:
    """What another run finds in the index, and that every line of the logs is accounted for."""
    words = [sys.executable, "-m", "tui", "index", "--index-dir", str(home / "index"), "--format", "csv"]
    done = subprocess.run(
        [*words, str(home / "logs")],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=120,
        env=os.environ | environment(home),
    )
    head, *lines = done.stdout.splitlines()
    names = head.split(",")
    rows = 0
    for line in lines:
        source = dict(zip(names, line.split(","), strict=False))
        parts = [int(source[name]) for name in ("rows", "directives", "blank", "rejected")]
        assert int(source["lines"]) == sum(parts)
        rows += parts[0]
    return f"{rows:,}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both logs with 2,000 rows together."""
    folder = tmp_path_factory.mktemp("link")
    write(folder / "logs" / "u_ex260615.log", IIS_HEAD, iis_lines(ROWS - 200))
    write(folder / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(200))
    return folder


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows with reasons that are told in many words and in few."""
    folder = tmp_path_factory.mktemp("varied")
    reasons = ("Connection_Dropped", "Timer_MinBytesPerSecond", "URL", "AppOffline")
    errors = [
        line.replace("Connection_Dropped", reasons[number % 4 if number % 9 else 0])
        for number, line in enumerate(httperr_lines(200).splitlines(keepends=True))
    ]
    write(folder / "logs" / "u_ex260615.log", IIS_HEAD, iis_lines(ROWS - 200))
    write(folder / "logs" / "httperr1.log", HTTPERR_HEAD, *errors)
    return folder


def slow_logs(folder: Path, times: int) -> Path:
    """A log that takes seconds to read: small on disk, as its compressed entries are written so many times."""
    head = IIS_HEAD + iis_lines(1_000)
    again = bz2.compress(iis_lines(20_000, first=1_000).encode())
    write(folder / "logs" / "u_ex260615.log.bz2", bz2.compress(head.encode()), again * times)
    return folder


@pytest.fixture
def running(home: Path) -> Iterator[Terminal]:
    with start(home) as terminal:
        wait_whole(terminal)
        yield terminal


def painted(terminal: Terminal, key: str, quiet: float = 0.3) -> list[bytes]:
    """Press a key: all its frames."""
    before, begin = len(terminal.output), time.monotonic()
    terminal.press(key)
    while not terminal.frames(before):
        assert time.monotonic() - begin < PATIENCE, f"{key} painted nothing"
        terminal.pump()
    terminal.settle(quiet)
    return terminal.frames(before)


def test_a_key_is_one_frame_of_few_bytes(running: Terminal) -> None:
    running.press("g")
    running.settle()
    for key in ("j", "down", "k", "l", "right", "h"):
        frames = painted(running, key)
        assert len(frames) == 1, key
        assert len(frames[0]) <= CURSOR, key
    top = running.screen.display[8]
    for step in range(20):
        frames = painted(running, "j", quiet=0.1)
        assert len(frames) == 1, step
        assert len(frames[0]) <= CURSOR, step
    assert running.screen.display[8] != top, "the cursor has left the window"
    for key in ("pagedown", "space", "ctrl+d", "pageup", "ctrl+u", "G", "g"):
        frames = painted(running, key)
        # Rows that a busy machine has not read yet come in a frame of their own; the bench counts frames.
        assert sum(map(len, frames)) <= PAGE, key


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        (("pagedown", "j", "enter"), "when the response was complete"),
        (("/", "reason:*", "enter", "g", "r"), "HTTPERR: ended by"),
        (("3",), "each sweep is one event"),
        (("3", "c", "path", "enter"), "p95 taken"),
        (("5",), "w3c"),
    ],
    ids=["entries with their detail", "timeline", "reasons", "values of a field", "files and how they were read"],
)
def test_a_key_is_one_frame_of_few_bytes_in_every_view(varied: Path, view: tuple[str, ...], shown: str) -> None:
    """All that stands beside a row comes with it, once it is known; so the rows are visited twice."""
    with start(varied) as running:
        wait_whole(running)
        running.press("g")
        for key in view:
            running.press(key)
            running.settle(0.3)
        running.wait(shown)
        for key in "gjjkk":
            running.press(key)
            running.settle(0.3)
            running.wait(lambda text: "being correlated" not in text)
        for key in "jkjjkjkk" if view != ("5",) else "jkjk":
            frames = painted(running, key, quiet=0.2)
            assert sum(map(len, frames)) <= CURSOR, key
        for key in ("pagedown", "pageup", "ctrl+d", "ctrl+u"):
            before = len(running.output)
            running.press(key)
            running.settle(0.3)
            assert sum(map(len, running.frames(before))) <= PAGE, key


def test_keys_are_painted_while_a_log_does_not_answer(tmp_path: Path) -> None:
    """As on a share that is away: no key waits for what is read, however long that takes, and `q` ends it."""
    (tmp_path / "logs").mkdir()
    os.mkfifo(tmp_path / "held.log")
    with start(tmp_path, str(tmp_path / "held.log")) as terminal:
        show_entries(terminal)
        terminal.wait("Reading. The first rows appear")
        for key, shown in (
            ("?", "Undo the last change"),
            ("escape", "Reading. The first rows"),
            ("5", "There is no file here"),
        ):
            terminal.press(key)
            terminal.wait(shown)
        assert "opening" in terminal.text, "nothing has been read"
        terminal.press("q")
        assert terminal.wait_end() == 0


def test_keys_that_arrive_together_do_what_they_do_one_by_one(running: Terminal) -> None:
    running.press("/reason:*\r3")
    running.wait(" 200 100.0 %")
    running.press("\x1b")
    running.settle()
    running.press("p1\r")
    running.wait("preset client drops")
    running.press("g")
    running.settle()
    running.press("fe/77\r")
    running.wait(".log:82 · 78")


def test_a_held_key_writes_no_more_than_its_frames(running: Terminal) -> None:
    running.press("g")
    running.settle()
    before = len(running.output)
    running.press("j" * 15)
    running.wait("· 16\n")
    running.settle()
    frames = running.frames(before)
    assert len(frames) <= 15
    assert sum(len(frame) for frame in frames) <= 15 * CURSOR


def test_keys_that_have_queued_are_painted_together(running: Terminal) -> None:
    running.press("g")
    running.settle()
    before = len(running.output)
    running.press("j" * 200)
    running.wait("· 201\n")
    running.settle()
    assert len(running.frames(before)) <= 20, "not one a key, also where a busy machine takes seconds"


def test_nothing_is_written_while_nothing_happens(running: Terminal) -> None:
    for key in ("2", "3", "4", "5"):
        running.press(key)
        begin = time.monotonic()
        while running.pump(2.0):
            assert time.monotonic() - begin < PATIENCE, f"it never falls silent after {key}"


def test_the_cursor_is_cheap_while_a_set_is_read(tmp_path: Path) -> None:
    with start(slow_logs(tmp_path, 250)) as terminal:
        show_entries(terminal)
        terminal.wait("reading")
        terminal.wait("so far")
        sizes = []
        terminal.press("g")
        terminal.settle(0.2)
        for key in "jkjkjkjkjk":
            terminal.settle(0.05)
            frames = painted(terminal, key, quiet=0.05)
            sizes.append(len(frames[0]))
        assert "reading" in terminal.text, "the set was read too soon to measure anything"
        assert statistics.median(sizes) <= CURSOR / 2
        assert max(sizes) <= PAGE


def test_a_storm_of_sizes_ends_in_a_right_screen(running: Terminal) -> None:
    for number in range(40):
        running.resize(60 + number * 7 % 100, 12 + number * 5 % 40)
        running.pump(0.01)
    running.resize(80, 24)
    running.wait(lambda text: text.startswith(" 2 sources ") and " 1 Incidents " in text)
    running.settle(1.0)
    shown = running.text
    running.press("ctrl+l")
    running.settle()
    assert shown.splitlines()[:-1] == running.text.splitlines()[:-1], "what is there is what is painted anew"
    lines = shown.splitlines()
    assert "2 sources · 1,800 requests · 200 errors" in lines[0]
    assert lines[5].startswith(" 1 Incidents ")
    assert lines[-1].startswith(" / filter") or lines[-1].startswith(" ?")
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_it_in_order(home: Path, number: int) -> None:
    with start(home) as terminal:
        wait_whole(terminal)
        terminal.signal(number)
        assert terminal.wait_end() == 128 + number
        for restored in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l"):
            assert restored in terminal.output
    assert count(home) == f"{ROWS:,}"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_while_reading_leaves_the_index_whole(tmp_path: Path, number: int) -> None:
    with start(slow_logs(tmp_path, 50)) as terminal:
        terminal.wait("so far")
        terminal.signal(number)
        assert terminal.wait_end() == 128 + number
        assert b"\x1b[?1049l" in terminal.output
    assert count(tmp_path) == "1,001,000"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a signal be handed to one thread")
def test_a_signal_wakes_it_whichever_thread_gets_it(home: Path) -> None:
    with start(home) as terminal:
        wait_whole(terminal)
        other = next(number for number in terminal.threads() if number != terminal.pid)
        terminal.signal_thread(other, signal.SIGTERM)
        assert terminal.wait_end() == 128 + signal.SIGTERM


def test_a_lost_terminal_ends_it_in_order(home: Path) -> None:
    with start(home) as terminal:
        wait_whole(terminal)
        terminal.press("3", "2")
        terminal.hang_up()
        end = time.monotonic() + PATIENCE
        while terminal.is_alive():
            assert time.monotonic() < end, "it lives on without a terminal"
    assert count(home) == f"{ROWS:,}"


def test_a_terminal_that_has_stopped_reading_holds_up_no_end(home: Path) -> None:
    with start(home) as terminal:
        wait_whole(terminal)
        for _ in range(300):
            terminal.press("ctrl+l")
        unread, since = 0, time.monotonic()
        while not unread or time.monotonic() - since < 1:
            if terminal.unread() != unread:
                unread, since = terminal.unread(), time.monotonic()
        terminal.signal(signal.SIGTERM)
        while terminal.is_alive():
            assert time.monotonic() - since < PATIENCE, "it waits for its terminal"
        assert terminal.wait_end() == 128 + signal.SIGTERM
        assert b"\x1b[?1049l" in terminal.output
        assert b"\x1b[?25h" in terminal.output
    assert count(home) == f"{ROWS:,}"


def test_suspending_gives_the_terminal_back_and_returns(home: Path) -> None:
    words: list[str | Path] = ["--index-dir", home / "index", home / "logs"]
    with Terminal(words, env=environment(home), program=("-c", SHELL, "-m", "tui")) as terminal:
        wait_whole(terminal)
        before = len(terminal.output)
        terminal.press("ctrl+z")
        terminal.wait("the shell is back")
        assert b"\x1b[?1049l" in terminal.output[before:]
        assert b"\x1b[?25h" in terminal.output[before:]
        terminal.press("enter")
        terminal.wait("2 sources · 1,800 requests · 200 errors")
        terminal.press("g", "j")
        terminal.wait(".log:5 · 2")
        terminal.press("q")
        assert terminal.wait_end() == 0


def test_ascii_writes_no_other_byte(home: Path) -> None:
    with start(home, "--ascii") as terminal:
        wait_whole(terminal)
        for key in ("g", "enter", "escape", "3", "4", "5", "2", "v", "escape", "?", "escape", "p", "escape", ":"):
            terminal.press(key)
            terminal.settle(0.2)
        terminal.press("escape", "/", "status:")
        terminal.settle()
    assert terminal.output.isascii(), {byte for byte in terminal.output if byte > 0x7F}


@pytest.mark.parametrize("kind", ["xterm", "linux"])
def test_sixteen_colours_are_enough(home: Path, kind: str) -> None:
    with start(home, TERM=kind, COLORTERM="") as terminal:
        wait_whole(terminal)
        for key in ("g", "j", "3", "4", "5", "2", "enter"):
            terminal.press(key)
            terminal.settle(0.2)
        assert "Connection_Dropped" in terminal.text
    assert b"38;2;" not in terminal.output
    assert b"48;2;" not in terminal.output
    assert b"38;5;" not in terminal.output


def test_the_footer_uses_the_width_there_is(running: Terminal) -> None:
    running.press("j")
    narrow = running.wait(lambda text: text.splitlines()[-1].startswith(" / filter")).splitlines()[-1]
    running.resize(140, 24)
    running.wait(lambda text: len(text.splitlines()[-1]) > 80)
    running.resize(80, 24)
    running.wait(lambda text: text.splitlines()[-1] == narrow)
