"""A reading that is killed at any stage loses no log line, and the next one goes on from the last commit."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from parsing.index.log_set import LogSet
from parsing.index.reading import byte_stage
from parsing.index.snapshot import Progress
from parsing.index.store import segments
from parsing.index.store.records import StoredFile
from parsing.index.store.segments import join
from tests.killed_reading import killed_reading
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
    write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD, iis_lines(150), "junk\r\n", iis_lines(150, first=150))
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(60), "trash\r\n")
    return tmp_path / "logs"


def expected(logs: Path) -> list[tuple[str, int, str, str]]:
    return sorted(row for path in logs.iterdir() for row in rows_written(path, path.name))


def assert_complete(log_set: LogSet, logs: Path) -> None:
    log_set.read()
    snapshot = log_set.snapshot()
    assert rows_indexed(snapshot) == expected(logs)
    assert sorted(text for frame in log_set.rejects() for text in frame["text"]) == ["junk", "trash"]
    assert snapshot.progress.is_whole
    for source in snapshot.sources:
        assert source.lines == source.rows + source.directives + source.blank + source.rejected
        assert source.rejected == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "count"),
    [
        ("registering", 1),
        ("parsing", 4),
        ("encoding", 5),
        ("writing", 1),
        ("writing", 6),
        ("renaming", 5),
        ("storing words", 3),
        ("committing", 2),
        ("committing", 4),
        ("in the transaction", 14),
        ("showing", 3),
        ("joining", 1),
        ("committing the joined", 1),
    ],
)
def test_a_killed_reading_goes_on(tmp_path: Path, logs: Path, stage: str, count: int) -> None:
    command = killed_reading(stage, count, logs, tmp_path / "index", 4000)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode not in (0, 1), f"it was not killed: {ended.stderr}"
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        partial = rows_indexed(log_set.snapshot())
        assert set(partial) <= set(expected(logs))
        assert len(partial) == len(set(partial))
        assert_complete(log_set, logs)
        append(logs / "u_ex1.log", iis_lines(5, first=300))
        assert_complete(log_set, logs)


def test_a_cancelled_reading_keeps_what_it_read_and_goes_on(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(byte_stage, "BLOCK", 4000)
    monkeypatch.setattr(byte_stage, "FIRST_BLOCK", 1000)
    monkeypatch.setattr("parsing.index.reading.commit_stage.SECONDS_BETWEEN_COMMITS", 0.0)
    seen: list[Progress] = []
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read(on_progress=seen.append, cancelled=lambda: len(seen) >= 4)
        snapshot = log_set.snapshot()
        assert not snapshot.progress.is_whole
        assert 0 < snapshot.progress.done < snapshot.progress.total
        assert 0 < len(rows_indexed(snapshot)) < len(expected(logs))
    read_before = snapshot.progress.done
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        assert not log_set.snapshot().progress.is_whole
        seen.clear()
        log_set.read(on_progress=seen.append)
        assert min(progress.done for progress in seen) >= read_before, "nothing is read twice"
        assert_complete(log_set, logs)


def test_a_reading_that_is_cancelled_before_it_begins_is_made_up_for(tmp_path: Path, logs: Path) -> None:
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read(cancelled=lambda: True)
        assert log_set.snapshot().sources == (), "not even looked for"
        assert log_set.poll()
        assert rows_indexed(log_set.snapshot()) == expected(logs)
        append(logs / "u_ex1.log", iis_lines(5, first=300))
        log_set.poll(cancelled=lambda: True)
        assert log_set.poll(), "what was seen and not read is seen again"
        assert rows_indexed(log_set.snapshot()) == expected(logs)


def test_joining_stops_between_two_files(tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[StoredFile] = []

    def counted(*arguments: Any) -> StoredFile:
        joined.append(join(*arguments))
        return joined[-1]

    monkeypatch.setattr(segments, "join", counted)
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        monkeypatch.setattr(segments, "JOINED", 999)
        for number in range(4):
            append(logs / "u_ex1.log", iis_lines(5, first=300 + 5 * number))
            append(logs / "httperr1.log", httperr_lines(5, first=300 + 5 * number))
            log_set.read()
        before = len(log_set.snapshot().segments)
        assert before >= 8
        monkeypatch.setattr(segments, "JOINED", 3)
        append(logs / "u_ex1.log", iis_lines(5, first=400))
        log_set.read(cancelled=lambda: len(joined) >= 1)
        assert len(joined) == 1
        assert rows_indexed(log_set.snapshot()) == expected(logs)
        append(logs / "u_ex1.log", iis_lines(5, first=500))
        log_set.read()
        assert len(joined) >= 2
        assert len(log_set.snapshot().segments) < before
        assert rows_indexed(log_set.snapshot()) == expected(logs)


def test_progress_grows_to_the_size_of_the_logs(tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_stage, "BLOCK", 4000)
    monkeypatch.setattr("parsing.index.reading.commit_stage.SECONDS_BETWEEN_COMMITS", 0.0)
    seen: list[Progress] = []
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read(on_progress=seen.append)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    size = sum(path.stat().st_size for path in logs.iterdir())
    assert seen[-1] == Progress(size, size, is_whole=True)
    assert {progress.total for progress in seen} == {size}
