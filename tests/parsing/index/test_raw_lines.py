"""The exact bytes of a line, from a plain file or a compressed one, and never those of another file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from parsing.errors import SourceError
from parsing.index.reading import byte_stage
from tests.parsing.index.conftest import Open
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_raw_lines_are_exact_behind_a_line_that_had_no_end_at_first(logs: Path, opened: Open, end: str) -> None:
    whole = f"{IIS_HEAD}{iis_lines(20)}".replace("\r\n", end).encode()
    lines = whole.split(end.encode())
    path = write(logs / "u_ex1.log.gz", gzip.compress(whole[: whole.index(lines[12]) - len(end)]))
    log_set = opened()
    path.write_bytes(gzip.compress(whole))
    log_set.read()
    (source,) = log_set.snapshot().sources
    assert [log_set.raw_line(source.number, number + 1) for number in range(source.lines)] == lines[:-1]


def test_raw_lines_are_exact(logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_stage, "BLOCK", 1000)
    monkeypatch.setattr("parsing.index.store.manifest.MILESTONES_APART", 0)
    content = (IIS_HEAD + iis_lines(60)).encode() + b"\xc3\x28 junk \xff\n\r\n" + iis_lines(3, first=60).encode()
    other = content.replace(b"/p/0 ", b"/q/0 ")
    write(logs / "a.log", content)
    write(logs / "b.log.gz", gzip.compress(other))
    log_set = opened()
    for source, text in zip(log_set.snapshot().sources, (content, other), strict=True):
        lines = [line.removesuffix(b"\r") for line in text.split(b"\n")]
        for number in (1, 5, 40, 64, 65, 66, 69):
            assert log_set.raw_line(source.number, number) == lines[number - 1]


def test_neighbours_in_a_compressed_source_are_unpacked_once(
    logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(byte_stage, "BLOCK", 4000)
    monkeypatch.setattr("parsing.index.store.manifest.MILESTONES_APART", 0)
    content = IIS_HEAD + iis_lines(200)
    write(logs / "a.log.gz", gzip.compress(content.encode()))
    log_set = opened()
    (source,) = log_set.snapshot().sources
    lines = content.encode().split(b"\r\n")
    assert log_set.raw_line(source.number, 100) == lines[99]
    monkeypatch.setattr("parsing.index.raw_lines.open_source", None)
    assert [log_set.raw_line(source.number, number) for number in (99, 101)] == [lines[98], lines[100]]


def test_a_line_of_another_file_is_not_shown(logs: Path, opened: Open) -> None:
    path = write(logs / "a.log", IIS_HEAD, iis_lines(5))
    log_set = opened()
    (source,) = log_set.snapshot().sources
    with pytest.raises(SourceError, match="no line 10"):
        log_set.raw_line(source.number, 10)
    write(path, HTTPERR_HEAD, httperr_lines(50))
    with pytest.raises(SourceError, match="no longer"):
        log_set.raw_line(source.number, 5)
    path.unlink()
    with pytest.raises(SourceError, match="no such file"):
        log_set.raw_line(source.number, 5)
    with pytest.raises(SourceError, match="left"):
        log_set.raw_line(source.number + 99, 5)
