"""Reading into an index: everything once, exactly, and only what is new the next time."""

from __future__ import annotations

import gzip
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from parsing.index.log_set import LogSet
from parsing.index.reading import byte_stage
from parsing.index.snapshot import Source
from parsing.index.store import segments
from parsing.report.building import build_report
from tests.parsing.index.conftest import Open
from tests.written_logs import (
    HTTPERR_HEAD,
    IIS_HEAD,
    append,
    httperr_lines,
    iis_lines,
    rows_indexed,
    rows_written,
    write,
)


def by_name(log_set: LogSet) -> dict[str, Source]:
    return {source.name: source for source in log_set.snapshot().sources}


def balanced(source: Source) -> bool:
    return source.lines == source.rows + source.directives + source.blank + source.rejected


def test_rows_are_those_of_an_independent_reading(logs: Path, opened: Open) -> None:
    first = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(500))
    second = write(logs / "httperr1.log", HTTPERR_HEAD, httperr_lines(300))
    log_set = opened()
    assert rows_indexed(log_set.snapshot()) == sorted(
        rows_written(first, "u_ex1.log") + rows_written(second, "httperr1.log")
    )
    assert log_set.snapshot().progress.is_whole
    assert {source.status for source in log_set.snapshot().sources} == {"ok"}


def test_small_blocks_give_the_same_rows(logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_stage, "BLOCK", 1000)
    monkeypatch.setattr(byte_stage, "FIRST_BLOCK", 100)
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(200), "\r\n", "junk\r\n", IIS_HEAD, iis_lines(50, first=300))
    log_set = opened()
    assert rows_indexed(log_set.snapshot()) == rows_written(path, "u_ex1.log")
    source = by_name(log_set)["u_ex1.log"]
    assert balanced(source)
    assert (source.lines, source.rows, source.directives, source.blank, source.rejected) == (260, 250, 8, 1, 1)


def test_segments_are_in_order_of_time_source_and_line(logs: Path, opened: Open) -> None:
    for number in range(3):
        write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(40, first=20), httperr_lines(40))
    snapshot = opened().snapshot()
    for segment in snapshot.segments:
        frame = segment.scan().collect()
        assert frame.equals(frame.sort("time", "source", "line"))
        assert (segment.first, segment.last) == (frame["time"].min(), frame["time"].max())
        assert segment.rows == frame.height


def test_a_known_set_is_not_read_again(logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    write(logs / "u_ex1.log", IIS_HEAD, iis_lines(50))
    first = opened()
    rows = rows_indexed(first.snapshot())
    first.close()

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("parsing.index.reading.byte_stage.open_source", refuse)
    second = opened()
    assert rows_indexed(second.snapshot()) == rows
    assert second.snapshot().progress.is_whole


def test_the_snapshot_is_the_same_until_something_changes(logs: Path, opened: Open) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(50))
    log_set = opened()
    before = log_set.snapshot()
    log_set.read()
    assert log_set.snapshot() is before
    append(path, iis_lines(1, first=50))
    log_set.read()
    assert log_set.snapshot() is not before


def test_growth_is_read_from_where_reading_stopped(logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(50))
    log_set = opened()
    number = by_name(log_set)["u_ex1.log"].number
    append(path, iis_lines(20, first=50))
    sizes: list[int] = []
    original = byte_stage.pieces

    def counted(
        task: byte_stage.Task, openings: byte_stage.Openings, *, is_first: bool
    ) -> Iterator[byte_stage.SourcePiece]:
        for piece in original(task, openings, is_first=is_first):
            sizes.append(len(piece.data))
            yield piece

    monkeypatch.setattr("parsing.index.reading.byte_stage.pieces", counted)
    log_set.read()
    assert sum(sizes) == len(iis_lines(20, first=50))
    assert rows_indexed(log_set.snapshot()) == rows_written(path, "u_ex1.log")
    assert by_name(log_set)["u_ex1.log"].number == number


@pytest.mark.parametrize("reopen", [False, True])
def test_a_last_line_without_end_counts_and_is_taken_anew(logs: Path, opened: Open, reopen: bool) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(9), iis_lines(1, first=9).removesuffix("9\r\n"))
    other = write(logs / "u_ex2.log", IIS_HEAD, iis_lines(3).removesuffix("\r\n"))
    append(path, "9")
    log_set = opened()
    assert by_name(log_set)["u_ex1.log"].rows == 10
    if reopen:
        log_set.close()
    append(path, "8\r\n", iis_lines(2, first=10))
    if reopen:
        log_set = opened()
    else:
        log_set.read()
    snapshot = log_set.snapshot()
    assert rows_indexed(snapshot) == sorted(rows_written(path, "u_ex1.log") + rows_written(other, "u_ex2.log"))
    taken = pl.concat(segment.scan() for segment in snapshot.segments).filter(pl.col("line") == 14)
    number = by_name(log_set)["u_ex1.log"].number
    assert taken.filter(pl.col("source") == number).collect()["time-taken"].to_list() == [98]
    assert all(balanced(source) for source in snapshot.sources)


def test_a_line_that_cannot_be_complete_waits(logs: Path, opened: Open) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(5), "2026-06-15 10:00:05 10.0.0.1 GE")
    log_set = opened()
    source = by_name(log_set)["u_ex1.log"]
    assert (source.rows, source.unfinished, source.rejected) == (5, 31, 0)
    append(path, "T /late - 443 - 192.0.2.1 A - 200 0 0 5\r\n")
    log_set.read()
    source = by_name(log_set)["u_ex1.log"]
    assert (source.rows, source.unfinished, source.rejected) == (6, 0, 0)
    assert rows_indexed(log_set.snapshot()) == rows_written(path, "u_ex1.log")


def test_a_replaced_file_is_read_anew(logs: Path, opened: Open) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(50))
    kept = write(logs / "u_ex2.log", IIS_HEAD, iis_lines(10))
    log_set = opened()
    write(path, IIS_HEAD, iis_lines(80, path="/other"))
    log_set.read()
    assert rows_indexed(log_set.snapshot()) == sorted(rows_written(path, "u_ex1.log") + rows_written(kept, "u_ex2.log"))


def test_a_truncated_file_is_read_anew(logs: Path, opened: Open) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(50))
    log_set = opened()
    write(path, IIS_HEAD, iis_lines(3))
    log_set.read()
    assert rows_indexed(log_set.snapshot()) == rows_written(path, "u_ex1.log")
    write(path)
    log_set.read()
    assert rows_indexed(log_set.snapshot()) == []
    assert by_name(log_set)["u_ex1.log"].lines == 0


def test_a_vanished_file_leaves_the_set(logs: Path, opened: Open) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(50), "junk\r\n")
    kept = write(logs / "u_ex2.log", IIS_HEAD, iis_lines(10), "trash\r\n")
    log_set = opened()
    path.unlink()
    log_set.read()
    assert list(by_name(log_set)) == ["u_ex2.log"]
    assert rows_indexed(log_set.snapshot()) == rows_written(kept, "u_ex2.log")
    assert [text for frame in log_set.rejects() for text in frame["text"]] == ["trash"]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_renamed_or_compressed_file_stays_the_same_source(logs: Path, opened: Open, compressed: bool) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(50))
    log_set = opened()
    number = by_name(log_set)["u_ex1.log"].number
    segment = log_set.snapshot().segments[0].path
    name = "u_ex1.log.gz" if compressed else "old.log"
    data = path.read_bytes()
    path.unlink()
    write(logs / name, gzip.compress(data) if compressed else data)
    log_set.read()
    assert {name: number} == {source.name: source.number for source in log_set.snapshot().sources}
    assert by_name(log_set)[name].rows == 50
    assert log_set.snapshot().segments[0].path == segment, "nothing was read twice"


def test_an_archive_that_holds_more_than_was_read_is_read_on(logs: Path, opened: Open) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(50))
    log_set = opened()
    append(path, iis_lines(5, first=50))
    expected = rows_written(path, "u_ex1.log.gz")
    write(logs / "u_ex1.log.gz", gzip.compress(path.read_bytes()))
    path.unlink()
    log_set.read()
    assert rows_indexed(log_set.snapshot()) == expected


def test_sources_come_in_numeric_order_of_their_names(logs: Path, opened: Open) -> None:
    for number in (10, 9, 1, 100):
        write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(1))
    log_set = opened()
    write(logs / "httperr2.log", HTTPERR_HEAD, httperr_lines(1))
    log_set.read()
    assert list(by_name(log_set)) == [f"httperr{number}.log" for number in (1, 2, 9, 10, 100)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_name_that_is_no_text_is_shown(logs: Path, opened: Open) -> None:
    name = os.fsdecode(b"u_ex\xff.log")
    write(logs / name, IIS_HEAD, iis_lines(2), "junk\r\n")
    log_set = opened()
    assert list(by_name(log_set)) == ["u_ex\\xff.log"]
    assert pl.concat(log_set.rejects())["source"].to_list() == ["u_ex\\xff.log"]
    log_set.read()
    assert len(rows_indexed(log_set.snapshot())) == 2


def test_many_small_files_share_segments(logs: Path, opened: Open) -> None:
    expected = []
    for number in range(300):
        path = write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(5, first=number))
        expected += rows_written(path, path.name)
    log_set = opened()
    assert rows_indexed(log_set.snapshot()) == sorted(expected)
    assert len(log_set.snapshot().segments) < 10


def test_fields_that_hardly_repeat_stay_text(logs: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parsing.index.store.dictionaries.BYTES_JUDGED", 15_000)
    monkeypatch.setattr("parsing.index.store.dictionaries.SMALL", 0)
    monkeypatch.setattr("parsing.index.reading.commit_stage.ROWS_ENCODED", 100)
    monkeypatch.setattr(byte_stage, "FIRST_BLOCK", 20_000)
    monkeypatch.setattr(byte_stage, "BLOCK", 20_000)
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(2_000))
    log_set = opened()
    snapshot = log_set.snapshot()
    assert {"cs-uri-stem" in segment.coded for segment in snapshot.segments} == {True, False}
    assert all("c-ip" in segment.coded for segment in snapshot.segments)
    assert rows_indexed(snapshot) == rows_written(path, "u_ex1.log")
    log_set.close()
    append(path, iis_lines(10, first=2_000))
    assert rows_indexed(opened().snapshot()) == rows_written(path, "u_ex1.log")


def test_rejects_name_their_source_and_reason(logs: Path, opened: Open) -> None:
    write(logs / "a.log", IIS_HEAD, "junk here\r\n", iis_lines(2), "more junk")
    log_set = opened()
    frames = pl.concat(log_set.rejects())
    assert frames.columns == ["source", "line", "why", "text"]
    assert frames["source"].unique().to_list() == ["a.log"]
    assert frames["line"].to_list()[0] == 5
    assert all(frames["why"])


def test_rejects_are_in_order_whenever_they_were_read(logs: Path, opened: Open) -> None:
    names = ("u_ex2.log", "u_ex10.log", "u_ex11.log")
    paths = [write(logs / name, IIS_HEAD, iis_lines(1, first=number)) for number, name in enumerate(names)]
    log_set = opened()
    for touched in (paths[1:2], paths[::2], paths, paths[:1], [write(logs / "u_ex1.log", IIS_HEAD, "junk\r\n")]):
        for path in touched:
            append(path, "junk\r\n")
        log_set.read()
    found = pl.concat(log_set.rejects()).select("source", "line").rows()
    expected = {"u_ex1.log": 2, "u_ex2.log": 3, "u_ex10.log": 2, "u_ex11.log": 2}
    first = {"u_ex1.log": 5}
    assert found == [(name, first.get(name, 6) + number) for name, count in expected.items() for number in range(count)]
    report = build_report(log_set.snapshot(), rejects=log_set.rejects())
    assert {line.source: line.line for line in report.rejects} == {name: first.get(name, 6) for name in expected}


def test_a_set_without_cache_leaves_nothing_behind(
    logs: Path, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    write(logs / "a.log", IIS_HEAD, iis_lines(2))
    log_set = opened(cache=False)
    assert len(rows_indexed(log_set.snapshot())) == 2
    assert log_set.size() > 0
    log_set.close()
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not (tmp_path / "index").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_what_came_through_a_pipe_is_kept_in_no_cache(logs: Path, opened: Open, tmp_path: Path) -> None:
    write(logs / "a.log", IIS_HEAD, iis_lines(2))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_bytes, args=[(logs / "a.log").read_bytes()], daemon=True).start()
    log_set = opened(pipe)
    assert [(source.name, source.rows) for source in log_set.snapshot().sources] == [("pipe", 2)]
    assert not (tmp_path / "index").exists()


def test_inputs_that_cannot_be_read_are_problems(logs: Path, opened: Open, tmp_path: Path) -> None:
    write(logs / "a.log", IIS_HEAD, iis_lines(2))
    broken = gzip.compress((IIS_HEAD + iis_lines(5_000)).encode())
    write(logs / "b.log.gz", broken[: len(broken) // 2])
    log_set = opened(logs, tmp_path / "missing")
    assert [problem.name for problem in log_set.problems] == [str(tmp_path / "missing"), "b.log.gz"]
    assert by_name(log_set)["b.log.gz"].status == "partial"
    assert by_name(log_set)["b.log.gz"].rows > 0, "what comes before the damage counts"
    rows = rows_indexed(log_set.snapshot())
    log_set.read()
    assert rows_indexed(log_set.snapshot()) == rows
    assert [problem.name for problem in log_set.problems] == [str(tmp_path / "missing"), "b.log.gz"]


def test_a_file_of_another_kind_is_named_and_no_problem(logs: Path, opened: Open) -> None:
    write(logs / "a.log", IIS_HEAD, iis_lines(2))
    write(logs / "picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    log_set = opened()
    source = by_name(log_set)["picture.png"]
    assert (source.status, source.rows, bool(source.error)) == ("not-a-log", 0, True)
    assert log_set.problems == ()


def test_segments_are_joined_when_small_ones_pile_up(logs: Path, opened: Open) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(10))
    log_set = opened()
    for number in range(3 * segments.JOINED):
        append(path, iis_lines(10, first=10 + 10 * number))
        log_set.read()
    assert len(log_set.snapshot().segments) < segments.JOINED + 3
    assert rows_indexed(log_set.snapshot()) == rows_written(path, "u_ex1.log")


def test_snapshots_outlive_the_joining_of_their_segments(logs: Path, opened: Open) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(10))
    log_set = opened()
    old = log_set.snapshot()
    rows = rows_indexed(old)
    for number in range(2 * segments.JOINED):
        append(path, iis_lines(10, first=10 + 10 * number))
        log_set.read()
    assert old.segments[0] not in log_set.snapshot().segments
    assert rows_indexed(old) == rows
    log_set.close()
    stored = {file.name for file in opened().snapshot().segments[0].path.parent.glob("rows-*")}
    assert stored == {segment.path.name for segment in opened().snapshot().segments}, "what was replaced is deleted"
