"""A panic of Polars in the explorer: one line on the screen, which it does not paint over, and the explorer goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.written_logs import HTTPERR_HEAD, httperr_lines, write

if sys.platform == "win32":
    pytest.skip("a pseudo-terminal is needed", allow_module_level=True)

from tests.terminal import Terminal, environment

PANICS = """
import os, sys
import polars as pl
from parsing.questions import Breakdown
from tui.cli import main

def panic(*_):
    os.write(2, b"\\nthread 'async-executor-0' panicked at crates/polars-parquet: index out of bounds\\n" * 20)
    raise pl.exceptions.PanicException("index out of bounds")

Breakdown.partial = panic
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_panic_is_one_line_and_the_screen_stays(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(30))
    arguments: list[str | Path] = [tmp_path / "logs", "--index-dir", tmp_path / "index"]
    with Terminal(arguments, env=environment(tmp_path), program=("-c", PANICS)) as terminal:
        terminal.wait("30 errors")
        terminal.press("3")
        terminal.wait("Polars failed: index out of bounds")
        assert b"panicked at" not in terminal.output
        terminal.press("escape", "2")
        terminal.wait("30 errors")
        terminal.press("q")
        assert terminal.wait_end() == 0
