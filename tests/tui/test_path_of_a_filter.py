"""A filter is traced from Enter to its rows on the screen: through the modules that ARCHITECTURE.md lists, in that order."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType

from tests.tui.driving import explorer, small_logs

ARCHITECTURE = Path(__file__).parents[2] / "ARCHITECTURE.md"

ELSEWHERE = re.compile(
    r"tui\.(wording|keymap|glyphs|terminal\..*|screens\.main\.(status_lines|footer|reading|speaking|dispatch)"
    r"|views\.(?!entries\.view).*|widgets\.(suggestions|histogram|panes|cells))|parsing\.(wording|safe_text)"
)
"""What else follows a question: the lines, keys that waited, the histogram and the other views; words and colours."""


NOBODY = 0
"""The thread of the way while a job is about to begin, or its answer is on its way to the screen."""


def listed() -> list[str]:
    section = ARCHITECTURE.read_text("utf-8").partition("## A filter becomes rows")[2].partition("\n## ")[0]
    steps = re.findall(r"^\d+\. .*", section, re.MULTILINE)
    return list(dict.fromkeys(name for step in steps for name in re.findall(r"`((?:tui|parsing)\.[\w.]+)`", step)))


class Trace:
    """Modules of the screen, and packages of the engine, by the first call of a function of theirs.

    The way is that of the screen's thread until it has started the job, then that of the job until it hands over its
    first answer, then the screen's again: what each does meanwhile is not waited for.
    """

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self._leads: int | None = None
        """The thread that is on the way."""
        self._elsewhere: FrameType | None = None
        """A call that leads elsewhere: what it calls is none of the way."""

    def begin(self) -> None:
        self._leads = threading.get_ident()

    def end(self) -> None:
        self._leads = None

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        name, code = str(frame.f_globals.get("__name__", "")), frame.f_code
        if event not in ("call", "return") or not name.startswith(("tui.", "parsing.")) or self._leads is None:
            return
        if name == "tui.jobs.job" and (event, code.co_name) in (("call", "run"), ("call", "deliver")):
            self._leads = threading.get_ident()
        if threading.get_ident() != self._leads:
            return
        if self._elsewhere is not None:
            if event == "return" and self._elsewhere is frame:
                self._elsewhere = None
        elif name == "tui.jobs.job" and (event, code.co_name) in (("return", "start"), ("return", "post")):
            self._leads = NOBODY
        elif event == "call" and ELSEWHERE.fullmatch(name):
            self._elsewhere = frame
        elif event == "call" and code.co_filename != "<string>" and code.co_name != "<lambda>":
            self.names.setdefault(".".join(name.split(".")[:2]) if name.startswith("parsing.") else name)


async def called_from_enter_to_rows(folder: Path) -> list[str]:
    trace = Trace()
    threading.setprofile(trace.note)
    sys.setprofile(trace.note)
    async with explorer(small_logs(folder / "logs"), folder / "home") as it:
        await it.press("slash")
        await it.write("reason:QueueFull")
        await it.settle()
        trace.begin()
        await it.press("enter")
        await it.settle()
        trace.end()
        assert it.text.count("◆ QueueFull") == 2
    return list(trace.names)


def test_a_filter_takes_the_way_that_is_written_down() -> None:
    """In a process of its own, as other tests have filled caches already."""
    traced = subprocess.run(
        [sys.executable, "-m", "tests.tui.test_path_of_a_filter"],
        cwd=ARCHITECTURE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert traced.stdout.split() == listed()
    assert len(listed()) <= 22


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print("\n".join(asyncio.run(called_from_enter_to_rows(Path(made)))))
