"""The modules that make a verdict of an error are those that ARCHITECTURE.md lists, in the order in which it lists them."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from parsing.correlation import correlate
from tests.parsing.correlation.other_server import Habits, OtherServer

ROOT = Path(__file__).resolve().parents[3]
HERE = "parsing.correlation."
TITLE = "## An error becomes a verdict\n"


def called(folder: Path) -> list[str]:
    """Modules of correlation, and packages below it, in order of their first call."""
    snapshot = OtherServer(1, Habits(users=120)).snapshot(folder)
    names: dict[str, None] = {}

    def seen(frame: FrameType, event: str, _: object) -> None:
        name = str(frame.f_globals.get("__name__"))
        if event == "call" and name.startswith(HERE):
            names.setdefault(name.removeprefix(HERE))
        elif event == "call" and name.startswith("parsing."):
            names.setdefault(name.split(".")[1])

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        assert list(correlate(snapshot))
    finally:
        sys.setprofile(before)
    return list(names)


def test_the_path_is_the_one_that_is_written_down() -> None:
    """In a process of its own, as other tests have filled caches already."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    section = text.partition(TITLE)[2].partition("\n## ")[0]
    steps = section[section.index("\n1. ") :]
    listed = list(dict.fromkeys(re.findall(r"`([a-z_.]+)`", steps)))
    command = [sys.executable, "-m", "tests.parsing.correlation.test_path_of_an_error"]
    traced = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert traced.stdout.split() == listed
    assert len(listed) <= 26


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print("\n".join(called(Path(made))))
