"""Keys come first: what works in the background gives way to the thread that reads them and paints."""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path

import pytest

from tests.terminal import PATIENCE, Terminal, environment
from tests.written_logs import httperr_lines, iis_lines, write
from tui import giving_way


def test_the_collector_is_off_until_what_stays_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "STARTED", 0.01)
    monkeypatch.setattr(gc, "freeze", lambda: set_aside.append(gc.isenabled()))
    set_aside: list[bool] = []
    before = sys.getswitchinterval()
    with giving_way.keys_first():
        assert sys.getswitchinterval() < before
        end = time.monotonic() + PATIENCE
        while not gc.isenabled() and time.monotonic() < end:
            time.sleep(0.001)
        assert set_aside == [False]
    assert gc.isenabled()
    assert sys.getswitchinterval() == before


def test_the_collector_is_on_again_after_a_short_visit() -> None:
    with giving_way.keys_first():
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a thread a priority of its own")
def test_threads_of_the_engine_give_way_to_the_main_thread(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "u_ex260615.log", iis_lines(100))
    write(tmp_path / "logs" / "httperr1.log", httperr_lines(100))
    with Terminal(["--no-cache", tmp_path / "logs"], env=environment(tmp_path)) as terminal:
        terminal.wait("Connection_Dropped")
        nice = {name: os.getpriority(os.PRIO_PROCESS, number) for number, name in terminal.threads().items()}
    own = os.getpriority(os.PRIO_PROCESS, 0)
    polars = {priority for name, priority in nice.items() if name.startswith("polars")}
    assert polars == {own + giving_way.NICENESS}
