"""Ctrl+C while a command waits for its input."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="consoles of Windows have no signals to send")

WAITING = """
import sys, threading
import polars, parsing.index
import parsing.sources.spool as spool
whole = spool.shutil.copyfileobj
def copy(*given):
    print("waiting", file=sys.stderr, flush=True)
    whole(*given)
spool.shutil.copyfileobj = copy
from tui.cli import main
sys.exit(main(["count", sys.argv[1], "--quiet"]))
"""


@pytest.mark.parametrize("kind", ["-", "pipe"])
def test_the_first_interrupt_ends_a_wait_for_input(tmp_path: Path, kind: str) -> None:
    argument, held = kind, -1
    if kind == "pipe":
        argument = str(tmp_path / "pipe")
        os.mkfifo(argument)
        held = os.open(argument, os.O_RDWR)
    command = [sys.executable, "-c", WAITING, argument]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            assert process.stderr.readline() == b"waiting\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 130
        finally:
            process.kill()
    if held >= 0:
        os.close(held)
