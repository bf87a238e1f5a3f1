"""However a log grows, what is read bit by bit equals what is read at once."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsing.index.log_set import LogSet
from parsing.index.reading import byte_stage
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, rows_indexed, write

LINES = st.sampled_from(
    [
        IIS_HEAD,
        iis_lines(1),
        iis_lines(3, first=5),
        iis_lines(1).replace("\r\n", "\n"),
        "\r\n",
        "junk\r\n",
        "#Fields: date time cs-method cs-uri-stem sc-status\r\n",
        "2026-06-15 10:00:00 GET /short 200\r\n",
        HTTPERR_HEAD,
        httperr_lines(2),
        "#Remark: nothing\r\n",
    ]
)


def outcome(log_set: LogSet) -> Any:
    """All that a source shows, and its rows and rejects."""
    (source,) = log_set.snapshot().sources
    assert source.lines == source.rows + source.directives + source.blank + source.rejected
    counts = (source.lines, source.rows, source.directives, source.blank, source.rejected, source.damaged)
    rejects = sorted(row for frame in log_set.rejects() for row in frame.rows())
    return counts, source.first, source.last, source.unfinished, rows_indexed(log_set.snapshot()), rejects


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    lines=st.lists(LINES, max_size=8), cuts=st.lists(st.integers(0, 2_000), max_size=4), block=st.integers(50, 3_000)
)
def test_growth_by_any_steps_equals_one_reading(lines: list[str], cuts: list[int], block: int) -> None:
    content = (IIS_HEAD + "".join(lines)).encode()
    with tempfile.TemporaryDirectory() as folder:
        whole = write(Path(folder) / "whole" / "u_ex1.log", content)
        growing = write(Path(folder) / "growing" / "u_ex1.log")
        with LogSet.open([str(whole)], index_dir=Path(folder) / "index") as log_set:
            log_set.read()
            expected = outcome(log_set)
        usual = byte_stage.BLOCK, byte_stage.FIRST_BLOCK
        byte_stage.BLOCK = byte_stage.FIRST_BLOCK = block
        try:
            with LogSet.open([str(growing)], index_dir=Path(folder) / "index") as log_set:
                for cut in [*sorted(cuts), len(content)]:
                    write(growing, content[:cut])
                    log_set.read()
                assert outcome(log_set) == expected
        finally:
            byte_stage.BLOCK, byte_stage.FIRST_BLOCK = usual
