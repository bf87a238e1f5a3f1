"""Keys come first: what works in the background gives way to the thread that reads them and paints."""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path

import pytest

from tests.terminal import PATIENCE, Terminal, environment
from tests.written_logs import httperr_lines, iis_lines, write
from tui.terminal import priorities


def test_the_collector_is_off_until_what_stays_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priorities, "STARTED", 0.01)
    set_aside: list[bool] = []
    is_on, enable = threading.Event(), gc.enable

    def enabled() -> None:
        enable()
        is_on.set()

    monkeypatch.setattr(gc, "freeze", lambda: set_aside.append(gc.isenabled()))
    monkeypatch.setattr(gc, "enable", enabled)
    before = sys.getswitchinterval()
    with priorities.keys_first():
        assert sys.getswitchinterval() < before
        assert is_on.wait(PATIENCE)
        assert gc.isenabled()
        assert set_aside == [False]
    assert gc.isenabled()
    assert sys.getswitchinterval() == before


def test_the_collector_is_on_again_after_a_short_visit() -> None:
    with priorities.keys_first():
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a thread a priority of its own")
@pytest.mark.parametrize("more", [0, 15])
def test_threads_of_the_engine_give_way_to_the_main_thread(tmp_path: Path, more: int) -> None:
    """Also where the program itself gives way to others."""
    write(tmp_path / "logs" / "u_ex260615.log", iis_lines(100))
    write(tmp_path / "logs" / "httperr1.log", httperr_lines(100))
    own = min(19, os.getpriority(os.PRIO_PROCESS, 0) + more)
    program = ("-c", f"import os, runpy; os.nice({more}); runpy.run_module('tui', run_name='__main__')")
    with Terminal(["--no-cache", tmp_path / "logs"], env=environment(tmp_path), program=program) as terminal:
        terminal.wait("Connection_Dropped")
        found = [(name, os.getpriority(os.PRIO_PROCESS, number)) for number, name in terminal.threads().items()]
    given = min(19, own + priorities.NICENESS)
    assert {priority for name, priority in found if name.startswith("polars")} == {given}
    assert {priority for name, priority in found if not name.startswith("polars")} == {own, given}
