"""A log set whose index is whole but cannot be written is answered by every command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write

RUN = "import sys; from tui.cli import main; sys.exit(main(sys.argv[1:]))"
COMMANDS = (
    ("count",),
    ("query", "--format", "csv", "--sort", "path"),
    ("incidents", "--format", "ndjson"),
    ("correlate", "--format", "ndjson"),
    ("rejects",),
)


def without_privileges() -> list[str]:
    """What a command of root begins with, so that it is held to the modes of files as others are."""
    if os.geteuid() != 0:
        return []
    tool = shutil.which("setpriv")
    if tool is None:
        pytest.skip("root may write everywhere, and setpriv is not here")
    return [tool, "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Path]:
    """The folder of indexes, which may not be written once it is made."""
    write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD, iis_lines(40), "junk\r\n")
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(40))
    folder = tmp_path / "index"
    subprocess.run([sys.executable, "-c", RUN, "count", tmp_path / "logs", "--index-dir", folder], check=True)
    (made,) = folder.iterdir()
    for path in (*made.iterdir(), made, folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (folder, made):
        path.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="modes of folders are ignored")
def test_commands_answer_from_a_folder_that_cannot_be_written(tmp_path: Path, index: Path) -> None:
    if sys.platform == "win32":
        return
    start = without_privileges()
    for command in COMMANDS:
        words = [sys.executable, "-c", RUN, command[0], tmp_path / "logs", *command[1:]]
        done = [
            subprocess.run([*first, *words, *more], capture_output=True, check=False)
            for first, more in ((start, ["--index-dir", index]), ([], ["--no-cache"]))
        ]
        assert (done[0].returncode, done[0].stdout) == (done[1].returncode, done[1].stdout), done[0].stderr
