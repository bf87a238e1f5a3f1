"""Keys come first: what works in the background gives way to the thread that reads them and paints."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.tui.driving import PATIENCE
from tests.written_logs import httperr_lines, iis_lines, write
from tui.terminal import priorities


def test_what_was_imported_costs_no_key_a_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full collection stops all threads for as long as it takes to look at every object that it knows."""
    monkeypatch.setattr(priorities, "STARTED", 0.01)
    before = sys.getswitchinterval()
    many = len(gc.get_objects())
    with priorities.keys_first():
        assert not gc.isenabled(), "none comes while the program starts"
        assert sys.getswitchinterval() < before
        end = time.monotonic() + PATIENCE
        while not gc.isenabled():
            assert time.monotonic() < end, "garbage is never collected again"
        assert len(gc.get_objects()) < many / 10, "a collection looks at little"
    gc.unfreeze()
    assert gc.isenabled()
    assert sys.getswitchinterval() == before


def test_the_collector_is_on_again_after_a_short_visit() -> None:
    with priorities.keys_first():
        assert not gc.isenabled()
    assert gc.isenabled()


if sys.platform == "linux":  # only there a thread has a priority of its own
    from tests.terminal import Terminal, environment

    @pytest.mark.parametrize(
        ("own", "given"), [(0, priorities.NICENESS), (3, 3 + priorities.NICENESS), (15, 19), (19, 19)]
    )
    def test_a_thread_is_no_nicer_than_the_system_allows(monkeypatch: pytest.MonkeyPatch, own: int, given: int) -> None:
        set_to: list[tuple[int, int, int]] = []
        monkeypatch.setattr(os, "getpriority", lambda *_: own)
        monkeypatch.setattr(os, "setpriority", lambda *of: set_to.append(of))
        priorities.lower_own_priority()
        assert set_to == [(os.PRIO_PROCESS, threading.get_native_id(), given)]

    @pytest.mark.slow
    @pytest.mark.parametrize("more", [0, 1])
    def test_threads_of_the_engine_give_way_to_the_main_thread(tmp_path: Path, more: int) -> None:
        """Also where the program itself gives way to others."""
        write(tmp_path / "logs" / "u_ex260615.log", iis_lines(100))
        write(tmp_path / "logs" / "httperr1.log", httperr_lines(100))
        own = min(19, os.getpriority(os.PRIO_PROCESS, 0) + more)
        program = ("-c", f"import os, runpy; os.nice({more}); runpy.run_module('tui', run_name='__main__')")
        with Terminal(["--no-cache", tmp_path / "logs"], env=environment(tmp_path), program=program) as terminal:
            terminal.wait("2 Entries")
            terminal.press("2")
            terminal.wait("Connection_Dropped")
            found = [(name, os.getpriority(os.PRIO_PROCESS, number)) for number, name in terminal.threads().items()]
        given = min(19, own + priorities.NICENESS)
        assert {priority for name, priority in found if name.startswith("polars")} == {given}
        assert {priority for name, priority in found if not name.startswith("polars")} == {own, given}
