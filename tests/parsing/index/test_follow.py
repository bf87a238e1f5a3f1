"""Live follow: each look finds what has changed, and reads only that."""

from __future__ import annotations

import gc
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import ref

import pytest

from parsing.correlation import correlate
from parsing.index import Snapshot, watch
from parsing.index.log_set import LogSet
from parsing.index.reading import byte_stage, plan
from parsing.index.reading.plan import Stamp, stamp_of
from parsing.index.store.locks import Users
from parsing.questions import Breakdown, Page, answer
from parsing.sources.discovery import SourceFile, discover
from parsing.sources.stream import Stream, open_source
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


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    write(tmp_path / "logs" / "W3SVC1" / "u_ex1.log", IIS_HEAD, iis_lines(20))
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(20))
    return tmp_path / "logs"


@pytest.fixture
def followed(tmp_path: Path, logs: Path) -> Iterator[LogSet]:
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        assert not log_set.poll()
        yield log_set


def expected(logs: Path) -> list[tuple[str, int, str, str]]:
    found = []
    for path in logs.rglob("*.log"):
        found += rows_written(path, path.relative_to(logs).as_posix())
    return sorted(found)


def test_nothing_new_costs_no_reading(followed: LogSet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("looked for files")

    monkeypatch.setattr("parsing.index.log_set.discover", refuse)
    before = followed.snapshot()
    assert not followed.poll()
    assert followed.snapshot() is before


def test_growth_is_seen_at_the_next_look_and_nothing_else_is_read(
    followed: LogSet, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    original = open_source

    def noted(file: SourceFile) -> Stream:
        opened.append(file.name)
        return original(file)

    monkeypatch.setattr(byte_stage, "open_source", noted)
    append(logs / "httperr1.log", httperr_lines(1, first=20))
    assert followed.poll()
    assert rows_indexed(followed.snapshot()) == expected(logs)
    assert opened == ["httperr1.log"]
    assert not followed.poll()


def test_files_that_were_replaced_do_not_pile_up(followed: LogSet, logs: Path, tmp_path: Path) -> None:
    def grow(first: int, count: int) -> None:
        for number in range(first, first + count):
            append(logs / "httperr1.log", httperr_lines(1, first=number, path=f"/{number}"))
            assert followed.poll()

    grow(20, 3)
    old = followed.snapshot()
    rows = rows_indexed(old)
    grow(23, 40)
    assert len(list(tmp_path.glob("index/*/rows-*"))) < len(followed.snapshot().segments) + 12
    assert len(list(tmp_path.glob("index/*/words-*"))) < 20
    assert rows_indexed(old) == rows, "a snapshot keeps its files"
    shown = {segment.path for segment in old.segments}
    del old
    grow(63, 1)
    replaced = shown - {segment.path for segment in followed.snapshot().segments}
    assert replaced
    assert not any(path.exists() for path in replaced)
    assert rows_indexed(followed.snapshot()) == expected(logs)


def test_no_snapshot_stays_alive_but_the_newest_and_what_is_held(followed: LogSet, logs: Path, tmp_path: Path) -> None:
    """Also where each is asked questions, whose results are remembered."""
    taken: list[ref[Snapshot]] = []

    def grow(count: int) -> None:
        for number in range(count):
            append(logs / "httperr1.log", httperr_lines(1, first=20 + len(taken) + number))
            assert followed.poll()
            snapshot = followed.snapshot()
            answer(snapshot, Page(sort="c-ip"))
            answer(snapshot, Breakdown(by=("path",)))
            list(correlate(snapshot))
            taken.append(ref(snapshot))

    grow(3)
    held = followed.snapshot()
    grow(40)
    gc.collect()
    alive = [snapshot for each in taken if (snapshot := each()) is not None]
    assert [id(each) for each in alive] == [id(held), id(followed.snapshot())]
    named = {segment.path.name for snapshot in alive for segment in snapshot.segments}
    on_disk = {path.name for path in tmp_path.glob("index/*/rows-*")}
    assert named == on_disk, "and no file of rows but theirs"


def test_files_of_rejects_do_not_pile_up_but_stay_while_they_are_read(
    followed: LogSet, logs: Path, tmp_path: Path
) -> None:
    def grow(count: int) -> None:
        for _ in range(count):
            append(logs / "httperr1.log", "junk\r\n")
            assert followed.poll()

    grow(3)
    write(logs / "httperr2.log", HTTPERR_HEAD, httperr_lines(1), "trash\r\n")
    assert followed.poll()
    reading = followed.rejects()
    first = next(reading)
    grow(30)
    assert [text for frame in (first, *reading) for text in frame["text"]] == ["junk"] * 3 + ["trash"]
    grow(1)
    assert len(list(tmp_path.glob("index/*/rejects-*"))) < 16
    assert sum(frame.height for frame in followed.rejects()) == 35


def test_files_that_another_process_may_read_are_kept(followed: LogSet, logs: Path, tmp_path: Path) -> None:
    with other_user(tmp_path):
        for number in range(10):
            append(logs / "httperr1.log", httperr_lines(1, first=20 + number))
            assert followed.poll()
        assert len(list(tmp_path.glob("index/*/rows-*"))) >= 12


@contextmanager
def other_user(folder: Path) -> Iterator[None]:
    """Another process that has the index open."""
    users = Users(*folder.glob("index/*"))
    users.join()
    yield
    users.close()


def test_a_file_that_is_no_log_may_grow_unread(followed: LogSet, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = write(logs / "trace.bin", b"\x01\x02\x03\x04" * 10_000)
    assert followed.poll()
    before = followed.snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(byte_stage, "open_source", None)
        append(trace, "\x05" * 1_000)
        assert not followed.poll()
    assert followed.snapshot() is before
    trace.write_text(IIS_HEAD + iis_lines(3), newline="")
    assert followed.poll()
    assert {source.name: source.rows for source in followed.snapshot().sources}["trace.bin"] == 3


def test_the_size_of_what_is_no_log_comes_with_the_next_rows_or_reading(followed: LogSet, logs: Path) -> None:
    def size() -> int:
        return {source.name: source.bytes for source in followed.snapshot().sources}["trace.bin"]

    trace = write(logs / "trace.bin", b"\x01\x02\x03\x04" * 10_000)
    assert followed.poll()
    append(trace, "\x05" * 1_000)
    assert not followed.poll()
    append(logs / "httperr1.log", httperr_lines(1, first=20))
    assert followed.poll()
    assert size() == 41_000
    append(trace, "\x05" * 1_000)
    followed.read()
    assert size() == 42_000
    before = followed.snapshot()
    followed.read()
    assert followed.snapshot() is before


def test_what_was_too_short_to_be_told_becomes_a_log(followed: LogSet, logs: Path) -> None:
    path = write(logs / "httperr2.log", "2026-06")
    assert followed.poll()
    append(path, httperr_lines(1, first=20).removeprefix("2026-06"), httperr_lines(5, first=21))
    assert followed.poll()
    assert {source.name: source.rows for source in followed.snapshot().sources}["httperr2.log"] == 6


def test_a_half_written_line_waits_for_its_end(followed: LogSet, logs: Path) -> None:
    line = iis_lines(1, first=20)
    append(logs / "W3SVC1" / "u_ex1.log", line[:40])
    followed.poll()
    assert len(rows_indexed(followed.snapshot())) == 40
    append(logs / "W3SVC1" / "u_ex1.log", line[40:])
    assert followed.poll()
    assert rows_indexed(followed.snapshot()) == expected(logs)


def test_a_new_file_is_seen(followed: LogSet, logs: Path) -> None:
    write(logs / "httperr2.log", HTTPERR_HEAD, httperr_lines(3, first=20))
    assert followed.poll()
    write(logs / "W3SVC1" / "u_ex2.log", IIS_HEAD, iis_lines(3, first=20))
    assert followed.poll()
    assert rows_indexed(followed.snapshot()) == expected(logs)


def test_a_file_in_a_new_folder_is_found_in_the_end(
    followed: LogSet, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(logs / "W3SVC1" / "old" / "deep" / "u_ex0.log", IIS_HEAD, iis_lines(3))
    monkeypatch.setattr(watch, "SECONDS_BETWEEN_DISCOVERIES", 0.0)
    assert followed.poll()
    assert rows_indexed(followed.snapshot()) == expected(logs)


def test_truncation_and_replacement_are_seen(followed: LogSet, logs: Path) -> None:
    write(logs / "httperr1.log", HTTPERR_HEAD, httperr_lines(2, path="/new"))
    assert followed.poll()
    assert rows_indexed(followed.snapshot()) == expected(logs)
    write(logs / "httperr1.log", HTTPERR_HEAD, httperr_lines(80, path="/newer"))
    assert followed.poll()
    assert rows_indexed(followed.snapshot()) == expected(logs)


def test_rotation_and_compression_keep_the_rows(followed: LogSet, logs: Path) -> None:
    log = logs / "W3SVC1" / "u_ex1.log"
    numbers = {source.name: source.number for source in followed.snapshot().sources}
    segments = followed.snapshot().segments
    write(logs / "W3SVC1" / "u_ex1.log.gz", gzip.compress(log.read_bytes()))
    log.unlink()
    write(log, IIS_HEAD, iis_lines(2, first=50))
    assert followed.poll()
    snapshot = followed.snapshot()
    assert {row[0] for row in rows_indexed(snapshot)} == {"W3SVC1/u_ex1.log", "W3SVC1/u_ex1.log.gz", "httperr1.log"}
    assert len(rows_indexed(snapshot)) == 42
    by_name = {source.name: source.number for source in snapshot.sources}
    assert by_name["W3SVC1/u_ex1.log.gz"] == numbers["W3SVC1/u_ex1.log"], "its rows were not read again"
    assert set(segments) <= set(snapshot.segments)


def test_a_copy_compressed_before_the_original_goes_is_counted_once_in_the_end(followed: LogSet, logs: Path) -> None:
    log = logs / "W3SVC1" / "u_ex1.log"
    write(logs / "W3SVC1" / "u_ex1.log.gz", gzip.compress(log.read_bytes()))
    followed.poll()
    log.unlink()
    assert followed.poll()
    assert len(rows_indexed(followed.snapshot())) == 40


def test_a_file_that_vanishes_leaves(followed: LogSet, logs: Path) -> None:
    (logs / "httperr1.log").unlink()
    assert followed.poll()
    assert rows_indexed(followed.snapshot()) == expected(logs)


def test_of_many_files_all_are_looked_at_by_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOKED_AT", 3)
    for number in range(10):
        write(tmp_path / "logs" / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(2, path=f"/{number}"))
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        append(tmp_path / "logs" / "httperr4.log", httperr_lines(1, first=2))
        looks = 1
        while not log_set.poll():
            looks += 1
        assert looks <= 3
        assert rows_indexed(log_set.snapshot()) == expected(tmp_path / "logs")


def test_one_file_that_grows_costs_no_look_at_all_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOKED_AT", 3)
    logs = tmp_path / "logs"
    for number in range(40):
        write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(2, path=f"/{number}"))
    looks: list[Path] = []

    def counted(path: Path) -> Stamp:
        looks.append(path)
        return stamp_of(path)

    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        append(logs / "httperr39.log", httperr_lines(1, first=2))
        while not log_set.poll():
            pass
        for module in (watch, plan):
            monkeypatch.setattr(module, "stamp_of", counted)
        for number in range(3, 8):
            append(logs / "httperr39.log", httperr_lines(1, first=number))
            assert log_set.poll(), "what grew last is looked at each time"
        assert len(looks) < 5 * 12
        append(logs / "httperr20.log", httperr_lines(1, first=2))
        append(logs / "httperr39.log", httperr_lines(1, first=8))
        for _ in range(40):
            log_set.poll()
        assert rows_indexed(log_set.snapshot()) == expected(logs), "the others are looked at by turns"


def test_new_files_are_looked_for_also_while_others_grow(tmp_path: Path) -> None:
    path = write(tmp_path / "httperr1.log", HTTPERR_HEAD)
    seconds = [0.0]
    watched = watch.Watch([str(tmp_path)], lambda: seconds[0])
    watched.remember(discover([str(tmp_path)]).files)
    seen = []
    for _ in range(12):
        append(path, httperr_lines(1))
        seconds[0] += 1
        seen.append(watched.seen())
        watched.remember_changed()
    assert seen == [watch.Seen.FILES] * 9 + [watch.Seen.FOLDERS] * 3
