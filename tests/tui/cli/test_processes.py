"""The program as a process: pipes, terminals and signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = [sys.executable, "-m", "tui"]

needs_posix = pytest.mark.skipif(os.name == "nt", reason="signals and pseudo-terminals as POSIX has them")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """More rows than a pipe holds."""
    write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD, iis_lines(5_000))
    return tmp_path / "logs"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with folders of its own for everything that is kept."""
    folders = dict.fromkeys(
        ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "WIN_PD_OVERRIDE_LOCAL_APPDATA"),
        str(tmp_path / "home"),
    )
    (tmp_path / "scratch").mkdir()
    scratch = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path / "scratch"))
    return os.environ | folders | scratch | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}


def start(words: list[str], home: dict[str, str], **streams: int) -> subprocess.Popen[bytes]:
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.Popen([*PROGRAM, *words], env=home, **pipes)  # type: ignore[call-overload,no-any-return]


def test_without_a_terminal_the_report_is_printed(many: Path, home: dict[str, str]) -> None:
    out, err = start([str(many)], home).communicate(timeout=60)
    assert b"5,000 requests" in out
    assert max(len(line) for line in out.decode().splitlines()) <= 80
    assert err == b""


def test_standard_input_is_a_source(home: dict[str, str]) -> None:
    process = start(["count", "-"], home, stdin=subprocess.PIPE)
    out, _ = process.communicate((HTTPERR_HEAD + httperr_lines(42)).encode(), timeout=60)
    assert (process.returncode, out) == (0, b"42\n")


@needs_posix
def test_closed_standard_streams_are_no_fault(many: Path, home: dict[str, str]) -> None:
    for words in ('count "$0" >&-', 'count "$0" <&- 2>&-', "count - <&-"):
        command = f'"{sys.executable}" -m tui {words}'
        done = subprocess.run(["sh", "-c", command, str(many)], env=home, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_in_one_line(many: Path, home: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start(["count", str(many)], home, stdout=full.fileno())
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith(b"dropline: standard output: cannot write")
    assert err.count(b"\n") == 1
    named = start(["query", str(many), "--format", "csv", "--out", "/dev/full"], home)
    _, err = named.communicate(timeout=60)
    assert (named.returncode, err) == (1, b"dropline: /dev/full: cannot write: No space left on device\n")


@needs_posix
@pytest.mark.parametrize("words", ["query --out rows.csv", "query --out rows.parquet", "index --index-dir other"])
def test_a_disk_that_becomes_full_is_said_in_one_line_and_leaves_no_half_file(
    many: Path, home: dict[str, str], tmp_path: Path, words: str
) -> None:
    start(["count", str(many)], home).communicate(timeout=60)
    limited = ["sh", "-c", 'ulimit -f 40; exec "$@"', "sh", *PROGRAM, *words.split(), str(many)]
    done = subprocess.run(limited, env=home, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert re.match(rb"dropline: .*: cannot (write|use)[^\n]*\n$", done.stderr)
    assert list(tmp_path.glob("*rows*")) == []


@needs_posix
def test_a_current_folder_that_was_deleted_is_no_fault(many: Path, home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "deleted").mkdir()
    for words, status in ((["count", "."], 3), (["count", str(many)], 0), (["presets", "list"], 0)):
        command = f'cd "{tmp_path}/deleted" && rmdir ../deleted; exec "$@"'
        done = subprocess.run(["sh", "-c", command, "sh", *PROGRAM, *words], env=home, capture_output=True, check=False)
        (tmp_path / "deleted").mkdir(exist_ok=True)
        assert (done.returncode, b"Traceback" in done.stderr) == (status, False), words


def test_a_reader_that_leaves_is_no_fault(many: Path, home: dict[str, str]) -> None:
    process = start(["query", str(many), "--format", "csv"], home)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"log,source")
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


@needs_posix
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_in_order(many: Path, home: dict[str, str], sent: signal.Signals, status: int) -> None:
    process = start(["query", str(many), "--format", "csv", "--no-cache"], home)
    assert process.stdout is not None
    assert process.stdout.readline()
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (status, b"")
    assert list(Path(home["TMPDIR"]).iterdir()) == []


def on_terminal(words: list[str], home: dict[str, str]) -> tuple[int, str]:
    """What a process writes when standard output and standard error are a terminal."""
    import pty

    leader, follower = pty.openpty()
    process = start(words, home, stdout=follower, stderr=follower)
    os.close(follower)
    written = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # Linux says so when the last process has closed the terminal
            break
        if not piece:
            break
        written += piece
    os.close(leader)
    return process.wait(timeout=60), written.decode()


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = "/\x1b]52;c;AAAA\x07/\u202e\x9b" + "y" * 300
    row = f"2026-06-15 10:00:00 10.0.0.1 GET {path} - 443 - 192.0.2.1 x\x1b[31m - 200 0 0 1\r\n"
    return write(tmp_path / "u_ex1.log", IIS_HEAD, row)


@needs_posix
@pytest.mark.parametrize("form", ["table", "csv", "ndjson"])
def test_nothing_hostile_reaches_a_terminal(hostile: Path, home: dict[str, str], form: str) -> None:
    status, written = on_terminal(["query", str(hostile), "--columns", "uri,agent", "--format", form], home)
    assert status == 0
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(written)
    assert "x" in written


@needs_posix
def test_a_table_fits_the_terminal_and_shows_where_it_was_cut(hostile: Path, home: dict[str, str]) -> None:
    # Without --quiet a slow machine shows its progress, which goes to the same terminal.
    _, written = on_terminal(["query", str(hostile), "--columns", "uri", "--quiet"], home)
    lines = written.splitlines()
    assert len(lines) == 2
    assert max(len(line) for line in lines) <= 80
    assert "…" in lines[1]


@needs_posix
def test_parquet_is_refused_on_a_terminal_before_anything_is_read(home: dict[str, str]) -> None:
    status, written = on_terminal(["query", "missing.log", "--format", "parquet"], home)
    assert status == 2
    assert "parquet is not for a terminal" in written
    assert "missing.log" not in written
