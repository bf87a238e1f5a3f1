"""What is told of a source: its layouts, its status, and what became of its last line."""

from __future__ import annotations

import gzip
import threading
from pathlib import Path

import pytest

from parsing.errors import SourceError
from parsing.index.log_set import LogSet
from parsing.index.reading import byte_stage
from parsing.index.snapshot import Source
from parsing.sources.discovery import SourceFile
from parsing.sources.stream import Stream, open_source
from tests.parsing.index.conftest import Open
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, append, httperr_lines, iis_lines, write


def only(log_set: LogSet) -> Source:
    (source,) = log_set.snapshot().sources
    return source


def test_layouts_are_the_fields_as_they_were_logged(logs: Path, opened: Open) -> None:
    other = IIS_HEAD.replace("date time s-ip", "time date X-Own s-ip")
    row = iis_lines(1).replace("2026-06-15 10:00:00", "10:00:00 2026-06-15 own")
    path = write(logs / "a.log", IIS_HEAD, iis_lines(2), other, row.strip())
    declared = [tuple(head.splitlines()[-1].split()[1:]) for head in (IIS_HEAD, other)]
    assert only(opened()).layouts == tuple(declared)
    append(path, "\r\n", HTTPERR_HEAD)
    assert only(opened()).layouts == tuple(declared)


def test_the_layout_of_a_line_that_has_grown_since_is_forgotten(logs: Path, opened: Open) -> None:
    row = httperr_lines(1).strip()
    path = write(logs / "httperr1.log", row.rpartition(" ")[0])
    assert [len(layout) for layout in only(opened()).layouts] == [12]
    append(path, " DefaultAppPool\r\n")
    assert [len(layout) for layout in only(opened()).layouts] == [13]


def test_a_cut_line_that_nothing_can_follow_is_a_reject(logs: Path, opened: Open) -> None:
    content = (IIS_HEAD + iis_lines(3) + "2026-06-15 10:00:03 10.0.0.1 GE").encode()
    write(logs / "a.log.gz", gzip.compress(content))
    log_set = opened()
    source = only(log_set)
    assert (source.lines, source.rows, source.rejected, source.unfinished) == (content.count(b"\n") + 1, 3, 1, 0)
    assert [frame["text"].to_list() for frame in log_set.rejects()] == [["2026-06-15 10:00:03 10.0.0.1 GE"]]


def test_padding_is_no_unfinished_line(logs: Path, opened: Open) -> None:
    write(logs / "a.log", IIS_HEAD, iis_lines(3), "\0" * 4096)
    assert only(opened()).unfinished == 0


def test_a_log_of_directives_alone_may_yet_be_another(logs: Path, opened: Open) -> None:
    head = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
    path = write(logs / "a.log", head)
    assert only(opened()).status == "ok"
    append(path, "#Fields: date time c-ip cs-method x-session\r\n", "2026-06-15 10:00:00 192.0.2.1 USER 1\r\n")
    source = only(opened())
    assert (source.status, source.rows) == ("not-a-log", 0)


def test_a_file_that_could_not_be_opened_is_tried_again(
    logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(logs / "a.log", IIS_HEAD, iis_lines(2))
    opened()
    append(path, iis_lines(3, first=2))

    def locked(_: object) -> None:
        raise SourceError("permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(byte_stage, "open_source", locked)
        log_set = opened()
        source = only(log_set)
        assert (source.status, source.error, len(log_set.problems)) == ("partial", "permission denied", 1)
    source = only(opened())
    assert (source.status, source.rows) == ("ok", 5)


def test_a_fault_in_reading_one_file_does_not_stop_the_others(
    logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(logs / "a.log", IIS_HEAD, iis_lines(2))
    write(logs / "b.log", IIS_HEAD, iis_lines(3))

    def faulty(file: SourceFile) -> Stream:
        if file.name == "a.log":
            raise ZeroDivisionError("no such luck")
        return open_source(file)

    monkeypatch.setattr(byte_stage, "open_source", faulty)
    log_set = opened()
    a, b = log_set.snapshot().sources
    assert (a.status, a.error) == ("failed", "cannot be read: ZeroDivisionError: no such luck")
    assert (b.status, b.rows) == ("ok", 3)
    assert [problem.name for problem in log_set.problems] == ["a.log"]


def test_a_read_error_that_happened_once_is_read_again(
    logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(logs / "u_ex1.log", IIS_HEAD, iis_lines(2000))
    read = Stream.read

    def fails(self: Stream, size: int) -> bytes:
        if self.position:
            raise SourceError("input/output error")
        return read(self, min(size, 4096))

    monkeypatch.setattr(Stream, "read_lines", fails)
    monkeypatch.setattr(Stream, "read", fails)
    source = only(opened())
    assert (source.status, source.error) == ("partial", "input/output error")
    assert 0 < source.rows < 2000
    monkeypatch.undo()
    assert (only(opened()).status, only(opened()).rows) == ("ok", 2000)


def test_an_archive_that_is_cut_short_is_not_read_again(
    logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress((IIS_HEAD + iis_lines(2000)).encode())
    (logs / "u_ex1.log.gz").write_bytes(packed[: len(packed) // 2])
    assert only(opened()).status == "partial"
    monkeypatch.setattr(byte_stage, "open_source", lambda _: pytest.fail("was read again"))
    assert only(opened()).status == "partial"


def test_an_interrupt_does_not_wait_for_a_share_that_is_dead(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(logs / "u_ex1.log", IIS_HEAD, iis_lines(20))
    waits, comes_back = threading.Event(), threading.Event()
    read = Stream.read_lines

    def hangs(self: Stream, size: int) -> bytes:
        waits.set()
        comes_back.wait(30)
        return read(self, size)

    def interrupt() -> bool:
        if waits.is_set():
            raise KeyboardInterrupt
        return False

    monkeypatch.setattr(Stream, "read_lines", hangs)
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        with pytest.raises(KeyboardInterrupt):
            log_set.read(cancelled=interrupt)
        assert not comes_back.is_set()
        comes_back.set()
