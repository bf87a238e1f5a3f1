"""Last lines: whole, unfinished, or padding."""

from __future__ import annotations

import pytest

from parsing.formats.parser import Parser
from tests.parsing.formats.small_logs import IIS8, LAYOUTS, ROW8, only, parsed

HEAD = f"#Fields: {IIS8}\n".encode()


def test_a_whole_last_line_without_its_end_is_a_row_if_nothing_follows() -> None:
    data = HEAD + ROW8.encode()
    parser = Parser("iis-w3c", "x.log")
    waiting = parser.parse(data, 1, is_last=False)
    assert (waiting.lines, waiting.consumed) == (1, len(HEAD))
    taken = parser.parse(data[waiting.consumed :], 2, is_last=True)
    assert (taken.rows, taken.consumed) == (1, len(ROW8))
    assert only(taken)["line"] == 2


@pytest.mark.parametrize("tail", [ROW8[:40].encode(), b"\0" * 4096, b" ", b"20"])
def test_an_unfinished_last_line_waits(tail: bytes) -> None:
    block = Parser("iis-w3c", "x.log").parse(HEAD + tail, 1, is_last=True)
    assert (block.lines, block.rows, block.consumed) == (1, 0, len(HEAD))


def test_a_last_line_with_too_many_fields_cannot_become_a_row() -> None:
    data = HEAD + ROW8.encode() + b" 1 2"
    block = Parser("iis-w3c", "x.log").parse(data, 1, is_last=True)
    assert (block.lines, block.rejected, block.consumed) == (2, 1, len(data))


def test_the_line_end_of_a_row_already_taken_is_not_a_line() -> None:
    parser = Parser("iis-w3c", "x.log")
    first = parser.parse(HEAD + ROW8.encode(), 1, is_last=True)
    again = Parser("iis-w3c", "x.log", parser.state)
    more = again.parse(b"\r\n" + ROW8.encode() + b"\r\n", first.lines + 1, is_last=True)
    assert (more.lines, more.rows, more.blank) == (1, 1, 0)


def test_empty_and_header_only() -> None:
    assert Parser("unknown", "x.log").parse(b"", 1, is_last=True).lines == 0
    block = parsed("#Software: Microsoft HTTP API 2.0", f"#Fields: {LAYOUTS[13][0]}")
    assert (block.directives, block.rows, block.first) == (2, 0, None)
