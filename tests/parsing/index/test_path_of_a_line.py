"""A log line is traced to its stored row: the modules on its way are those that ARCHITECTURE.md lists, in that order."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from parsing.formats import detect, native_and_ncsa  # noqa: F401 loaded late, and a module that loads calls functions
from parsing.index import LogSet
from parsing.index.reading import commit_stage  # noqa: F401
from tests.written_logs import IIS_HEAD, iis_lines, write

ARCHITECTURE = Path(__file__).parents[3] / "ARCHITECTURE.md"


def listed() -> list[str]:
    section = ARCHITECTURE.read_text("utf-8").partition("## A line becomes a stored row")[2].partition("\n## ")[0]
    return re.findall(r"^\d+\. `([\w.]+)`", section, re.MULTILINE)


def called_while_reading(log: Path, index: Path) -> list[str]:
    """Modules of the engine in the order in which a function of theirs was called first; generated code is none."""
    found: dict[str, None] = {}

    def note(frame: FrameType, event: str, _argument: object) -> None:
        name, code = str(frame.f_globals.get("__name__", "")), frame.f_code
        is_written = code.co_filename != "<string>" and code.co_name != "<lambda>"
        if event == "call" and name.startswith("parsing.") and is_written:
            found.setdefault(name.removeprefix("parsing."))

    with LogSet.open([str(log)], index_dir=index) as log_set:
        threading.setprofile(note)
        sys.setprofile(note)
        try:
            log_set.read()
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
        assert [segment.rows for segment in log_set.snapshot().segments] == [1]
    return list(found)


def test_a_line_takes_the_way_that_is_written_down(tmp_path: Path) -> None:
    """In a process of its own, as other tests have filled caches already."""
    log = write(tmp_path / "u_ex260615.log", IIS_HEAD, iis_lines(1))
    traced = subprocess.run(
        [sys.executable, "-m", "tests.parsing.index.test_path_of_a_line", log, tmp_path / "index"],
        cwd=ARCHITECTURE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert traced.stdout.split() == listed()


if __name__ == "__main__":
    print("\n".join(called_while_reading(Path(sys.argv[1]), Path(sys.argv[2]))))
