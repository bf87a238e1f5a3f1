"""The parser against a plain line-by-line reading, for any order of peculiar lines and any cut into blocks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.formats import lines, w3c
from parsing.formats.parser import Parser
from parsing.formats.rows import ParsedBlock, PieceRows
from tests.parsing.formats.plain_reader import V1, plain_reading, reading_of

DATED = "date time s-ip cs-method cs-uri-stem s-port cs-username sc-status sc-win32-status time-taken".split()
TIMED = "time c-ip cs-method cs-uri-stem sc-status".split()
CUSTOM = "date time cs-uri-stem X-Forwarded-For".split()

words = st.sampled_from(["-", "/a", "/b[c]", "GET", 'x"y', "ä", "...", "a'b", "#x", "::1%0", "HTTP/2", "&"])
integers = st.sampled_from(["0", "200", "443", "2147942464", "70000", "-", "12x", "+5", "9" * 19, "9" * 25, "007"])
days = st.sampled_from(["2026-06-15", "2026-06-16", "2024-02-29", "-", "2026-13-01", "x"])
clocks = st.sampled_from(["00:00:00", "00:00:07", "11:59:59", "12:00:00", "23:59:59", "-", "25:00:00", "1:2"])


@st.composite
def entries(draw: st.DrawFn, columns: Sequence[str]) -> bytes:
    kinds = {"date": days, "time": clocks}
    is_number = {"s-port", "sc-status", "sc-win32-status", "time-taken"}
    tokens = [draw(kinds.get(name, integers if name in is_number else words)) for name in columns]
    return " ".join(tokens).encode()


@st.composite
def proper_entries(draw: st.DrawFn) -> bytes:
    clock = f"{draw(st.integers(0, 23)):02}:{draw(st.integers(0, 59)):02}:05"
    path = draw(st.sampled_from(["/", "/a", "/ü", "/x'y\"z"]))
    return f"2026-06-15 {clock} 10.0.0.5 GET {path} 443 - 200 0 {draw(st.integers(0, 10**6))}".encode()


headers = st.sampled_from(
    [
        b"#Fields: " + " ".join(DATED).encode(),
        b"#Fields: " + " ".join(TIMED).encode() + b" ",
        b"#Fields: " + " ".join(CUSTOM).encode(),
        b"#Fields: cs-method cs-uri-stem",
        b"#Fields:",
        b"#Date: 2026-06-15 23:59:58",
        b"#Date: 2026-06-17 00:00:00",
        b"#Date: 2026-06-20",
        b"#Software: Microsoft Internet Information Services 10.0",
        b"#Version: 1.0",
        b"# nothing",
    ]
)
httperr = st.just(b"2026-06-15 10:00:00 10.0.0.9 5000 10.0.0.5 80 HTTP/1.1 GET / 503 1 AppOffline Pool")
odd = st.sampled_from(
    [b"", b" ", b"  \t", b"garbage", b"\xef\xbb\xbf#Version: 1.0", b"a b c d e f g h i j k l m n", b"\r"]
)
entry = st.one_of(entries(DATED), entries(TIMED), entries(CUSTOM), proper_entries(), httperr)
marred = st.builds(
    lambda line, how: how(line),
    entry,
    st.sampled_from(
        [
            lambda line: line + b" ",
            lambda line: line.replace(b" ", b"  ", 1),
            lambda line: line.replace(b" ", b"  ", 3),
            lambda line: b"\0\0" + line + b"\0\0\0",
            lambda line: line.replace(b"/", b"/\xe4\x81"),
            lambda line: line.replace(b"/", b"/\0x"),
            lambda line: line + b" more",
            lambda line: line.rsplit(b" ", 1)[0],
            lambda line: b" " + line,
            lambda line: b"\xef\xbb\xbf" + line,
            lambda line: line + b"\r",
        ]
    ),
)
line = st.builds(
    lambda content, end: content + end,
    st.one_of(headers, entry, entry, proper_entries(), marred, odd),
    st.sampled_from([b"\n", b"\r\n"]),
)
logs = st.lists(line, max_size=25).map(b"".join)
cuts = st.lists(st.integers(0, 4000), max_size=6)


def parsed(data: bytes, at: Sequence[int] = ()) -> list[ParsedBlock]:
    """A file parsed in blocks cut near some places, by parsers that each know only the state of the one before."""
    bounds = sorted({data.rfind(b"\n", 0, place) + 1 for place in at} | {0, len(data)})
    blocks: list[ParsedBlock] = []
    state: dict[str, object] = {}
    number = 1
    for start, end in pairwise(bounds):
        parser = Parser("iis-w3c", "some.log", state)
        blocks.append(parser.parse(data[start:end], number, is_last=False))
        assert blocks[-1].consumed == end - start
        number += blocks[-1].lines
        state = json.loads(json.dumps(parser.state))
    return blocks


def totals(blocks: list[ParsedBlock]) -> tuple[int, ...]:
    return tuple(
        sum(getattr(block, name) for block in blocks)
        for name in ("lines", "rows", "directives", "blank", "rejected", "damaged")
    )


@settings(max_examples=300)
@given(logs, cuts)
def test_agrees_with_a_plain_reading_however_it_is_cut(data: bytes, at: list[int]) -> None:
    expected = plain_reading(data)
    blocks = parsed(data, at)
    found = reading_of(blocks)
    assert found.rows == expected.rows
    assert sorted(found.rejected) == expected.rejected
    assert totals(blocks) == (
        data.count(b"\n"),
        len(expected.rows),
        len(expected.directives),
        len(expected.blank),
        len(expected.rejected),
        len(expected.damaged),
    )


@settings(max_examples=100)
@given(logs, st.integers(0, 10**9))
def test_the_fast_path_equals_the_careful_one(data: bytes, seed: int) -> None:
    fast = parsed(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(w3c, "fast_columns", lambda *_: None)
        patch.setattr(lines.pieces, "__defaults__", (200 + seed % 200, 0))
        careful = parsed(data)
    assert reading_of(fast).rows == reading_of(careful).rows
    assert totals(fast) == totals(careful)
    assert [block.rejects.rows() for block in fast] == [block.rejects.rows() for block in careful]
    # A log without a head shows in small pieces how wide its rows are: the same rows may have one more empty column.
    kinds = [
        {name: kind for block in blocks for section in block.sections for name, kind in section.frame.schema.items()}
        for blocks in (fast, careful)
    ]
    assert all(kinds[0][name] == kinds[1][name] for name in kinds[0].keys() & kinds[1].keys())


@settings(max_examples=50)
@given(st.lists(proper_entries(), min_size=1, max_size=30))
def test_proper_entries_take_the_fast_path(rows: list[bytes]) -> None:
    data = b"#Fields: " + " ".join(DATED).encode() + b"\r\n" + b"\r\n".join(rows) + b"\r\n"

    def forbidden(*_: object) -> PieceRows:
        raise AssertionError("took the careful path")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(w3c.W3c, "_careful", forbidden)
        (block,) = parsed(data)
    assert block.rows == len(rows)


anything = st.one_of(st.binary(max_size=60), line, st.sampled_from([b"\n", b"\0", b"\r", b"\xef\xbb\xbf", b'"']))


@settings(max_examples=150)
@given(st.sampled_from(["iis-w3c", "httperr", "iis-native", "ncsa", "unknown"]), st.lists(anything, max_size=8))
def test_any_bytes_balance(format_: str, parts: list[bytes]) -> None:
    data = b"".join(parts)
    whole = Parser(format_, "x.log").parse(data, 1, is_last=False)
    assert whole.lines == whole.rows + whole.directives + whole.blank + whole.rejected == data.count(b"\n")
    assert whole.consumed == data.rfind(b"\n") + 1 or (whole.lines == 0 and data.startswith(b"\xef\xbb\xbf"))
    last = Parser(format_, "x.log").parse(data, 1, is_last=True)
    assert last.lines == last.rows + last.directives + last.blank + last.rejected
    has_tail = last.lines > whole.lines
    assert last.lines - whole.lines == has_tail
    assert last.consumed == (len(data) if has_tail else whole.consumed)


def test_the_longest_line_is_a_limit_on_both_paths() -> None:
    row = b"2026-06-15 10:00:00 10.0.0.5 GET /%b 443 - 200 0 5\n"
    head = b"#Fields: " + " ".join(DATED).encode() + b"\n"
    data = head + row % b"a" + row % (b"b" * lines.PIECE) + row % b"c"
    block = Parser("iis-w3c", "x.log").parse(data, 1, is_last=False)
    assert (block.rows, block.rejected) == (2, 1)
    assert block.rejects["line"].to_list() == [3]
    assert "longer than 8 MiB" in block.rejects["why"][0]
    assert len(block.rejects["text"][0]) == 1 << 16
    assert block.rejects.schema == {"line": pl.Int64, "why": pl.String, "text": pl.String}


def test_the_plain_reading_knows_layouts_without_fields() -> None:
    assert len(V1) == 13
