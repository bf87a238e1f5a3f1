"""What is damaged in an index is never shown, and made again from the logs: the damaged part of it alone."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parsing.index import LogSet
from parsing.index.folders import MANIFEST
from parsing.index.reading import repair
from parsing.index.reading.byte_stage import Openings, SourcePiece, Task, pieces
from parsing.index.store import segments
from parsing.index.store.store import COPY
from parsing.sources.stream import open_source
from tests.attack.mutate_index import HOWS, KINDS, attack
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


@pytest.mark.slow
def test_a_damaged_index_is_never_wrong_in_silence_and_heals() -> None:
    outcome = attack(len(KINDS) * len(HOWS), seed=7)
    assert not outcome.faults
    assert {kind for kind, _, end in outcome.ends if end == "said, and healed"} >= {
        *("rows", "rejects", "damage", "words", "evidence")
    }


DAMAGED_LINE = "2026-06-15 11:00:00 10.0.0.1 GET /a - 443 - 192.0.2.1 A - 200 0 0 many\r\n"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Logs of which each has entries of its own, rejects, a damaged value, and a last line without line end."""
    for number in range(4):
        lines = iis_lines(50, first=100 * number, path=f"/{number}"), f"junk {number}\r\n", DAMAGED_LINE
        write(tmp_path / "logs" / f"u_ex{number}.log", IIS_HEAD, *lines, iis_lines(1, path="/last").rstrip())
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(40), "trash\r\n")
    return tmp_path / "logs"


Open = Callable[[], LogSet]


@pytest.fixture
def open_set(tmp_path: Path, logs: Path) -> Open:
    return lambda: LogSet.open([str(logs)], index_dir=tmp_path / "index")


@pytest.fixture
def folder(tmp_path: Path, logs: Path, open_set: Open) -> Path:
    """The folder of an index with files of their own for each log: they were read one after the other."""
    waiting = shutil.move(logs, tmp_path / "waiting")
    logs.mkdir()
    for path in sorted(Path(waiting).iterdir()):
        path.rename(logs / path.name)
        with open_set() as log_set:
            log_set.read()
    (folder,) = (tmp_path / "index").iterdir()
    return folder


def assert_right(log_set: LogSet, logs: Path) -> None:
    snapshot = log_set.snapshot()
    assert rows_indexed(snapshot) == sorted(row for path in logs.iterdir() for row in rows_written(path, path.name))
    junk = [
        line for path in logs.iterdir() for line in path.read_text().splitlines() if line.startswith(("junk", "trash"))
    ]
    assert sorted(text for frame in log_set.rejects() for text in frame["text"]) == sorted(junk)
    assert [text for frame in log_set.damage() for text in frame["text"]] == ["many"] * 4
    assert snapshot.progress.is_whole


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.parquet")}


@pytest.mark.parametrize("kind", ["rows", "rejects", "damage", "words"])
def test_only_what_is_lost_is_written_again(
    folder: Path, logs: Path, open_set: Open, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = sorted(folder.glob(f"{kind}-*"), key=lambda path: path.stat().st_size)[0]
    lost.unlink()
    before = stamps(folder)
    read: list[str] = []

    def noted(task: Task, openings: Openings) -> Iterator[SourcePiece]:
        read.append(task.record.name)
        return pieces(task, openings)

    monkeypatch.setattr(repair, "pieces", noted)
    with open_set() as log_set:
        assert not log_set.snapshot().progress.is_whole, "what is not there is not passed over in silence"
        log_set.read()
        assert_right(log_set, logs)
    assert len(set(read)) <= 2, "only logs that the lost file has lines of"
    after = stamps(folder)
    assert before.items() <= after.items(), "what is whole stays as it is"
    assert len(after.keys() - before.keys()) <= 2


def test_all_files_can_be_lost_at_once(folder: Path, logs: Path, open_set: Open) -> None:
    for path in folder.glob("*.parquet"):
        path.unlink()
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)
        append(logs / "u_ex1.log", "\r\n", iis_lines(3, first=900))
        log_set.read()
        assert_right(log_set, logs)


@pytest.mark.parametrize("kind", ["rows", "words"])
def test_a_log_that_has_grown_meanwhile_is_repaired_and_read_on(
    folder: Path, logs: Path, open_set: Open, kind: str
) -> None:
    for path in folder.glob(f"{kind}-*"):
        path.unlink()
    append(logs / "u_ex1.log", "\r\n", iis_lines(30, first=150, path="/1"))
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)


@pytest.mark.parametrize("kind", ["rows", "rejects", "words"])
def test_of_logs_that_are_others_by_now_nothing_old_is_left(
    folder: Path, logs: Path, open_set: Open, kind: str
) -> None:
    for path in folder.glob(f"{kind}-*"):
        path.unlink()
    write(logs / "u_ex1.log", IIS_HEAD, iis_lines(30, path="/other"), "junk 9\r\n", DAMAGED_LINE)
    (logs / "httperr1.log").unlink()
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)


def test_what_cannot_be_read_again_is_said(
    folder: Path, logs: Path, open_set: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in folder.glob("rows-*"):
        path.unlink()

    def refuse(file: object) -> object:
        if getattr(file, "name", "") == "u_ex1.log":
            raise OSError(5, "Input/output error")
        return open_source(file)  # type: ignore[arg-type]

    for module in ("repair", "byte_stage"):
        monkeypatch.setattr(f"parsing.index.reading.{module}.open_source", refuse)
    with open_set() as log_set:
        log_set.read()
        assert [(problem.name, problem.reason) for problem in log_set.problems] == [("u_ex1.log", "Input/output error")]
        assert {row[0] for row in rows_indexed(log_set.snapshot())} == {path.name for path in logs.iterdir()} - {
            "u_ex1.log"
        }
    monkeypatch.undo()
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)


@pytest.mark.parametrize("kind", ["rows", "words"])
def test_codes_of_many_values_are_the_same_again(folder: Path, logs: Path, open_set: Open, kind: str) -> None:
    for path in logs.glob("u_ex*"):
        append(path, "\r\n")
    with open_set() as log_set:
        log_set.read()
        snapshot = log_set.snapshot()
        before = {
            name: snapshot.dictionary(name).to_list()
            for name in snapshot.field_names
            if snapshot.segments[0].is_text(name)
        }
    for path in folder.glob(f"{kind}-*"):
        path.unlink()
    with open_set() as log_set:
        log_set.read()
        after = log_set.snapshot()
        assert {name: after.dictionary(name).to_list() for name in before} == before


def test_values_of_rows_that_have_left_do_not_hinder(folder: Path, logs: Path, open_set: Open) -> None:
    (logs / "u_ex2.log").unlink()
    with open_set() as log_set:
        log_set.read()
    for path in folder.glob("words-*"):
        path.unlink()
    with open_set() as log_set:
        log_set.read()
        snapshot = log_set.snapshot()
        assert rows_indexed(snapshot) == sorted(row for path in logs.iterdir() for row in rows_written(path, path.name))
    append(logs / "u_ex1.log", "\r\n", iis_lines(30, first=200, path="/2"))
    with open_set() as log_set:
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == sorted(
            row for path in logs.iterdir() for row in rows_written(path, path.name)
        )


def test_what_is_found_damaged_makes_all_that_is_damaged_heal_at_once(folder: Path, logs: Path, open_set: Open) -> None:
    for path in folder.glob("*.parquet"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    sorted(folder.glob("rejects-*"))[0].unlink()
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_damaged_manifest_gives_way_to_its_copy(folder: Path, logs: Path, open_set: Open, is_gone: bool) -> None:
    before = stamps(folder)
    if is_gone:
        (folder / MANIFEST).unlink()
    else:
        data = bytearray((folder / MANIFEST).read_bytes())
        data[5000:9000] = bytes(4000)
        (folder / MANIFEST).write_bytes(data)
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)
    assert stamps(folder) == before, "nothing is read again"


def test_a_copy_of_long_ago_is_read_on_from(folder: Path, logs: Path, open_set: Open) -> None:
    old = (folder / COPY).read_bytes()
    append(logs / "u_ex1.log", "\r\n", iis_lines(30, first=150, path="/1"))
    write(logs / "u_ex2.log", IIS_HEAD, iis_lines(30, path="/other"), "junk 9\r\n", DAMAGED_LINE)
    with open_set() as log_set:
        log_set.read()
    (folder / COPY).write_bytes(old)
    (folder / MANIFEST).write_bytes(b"no database" * 1000)
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)


def test_a_copy_that_cannot_be_made_is_done_without_and_leaves_nothing_behind(
    folder: Path, logs: Path, open_set: Open
) -> None:
    (folder / COPY).unlink()
    (folder / COPY).mkdir()
    append(logs / "u_ex1.log", "\r\n", iis_lines(30, first=150, path="/1"))
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)
    assert not [path.name for path in folder.iterdir() if path.name.endswith(".part")]


def test_a_copy_that_is_damaged_too_is_no_help_but_no_harm(folder: Path, logs: Path, open_set: Open) -> None:
    for name in (MANIFEST, COPY):
        (folder / name).write_bytes(b"no database" * 1000)
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)


def test_a_repair_that_is_broken_off_is_made_by_the_next(
    folder: Path, logs: Path, open_set: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in folder.glob("rows-*"):
        path.unlink()
    with monkeypatch.context() as broken, open_set() as log_set:
        broken.setattr(segments, "write_parquet", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            log_set.read()
    with open_set() as log_set:
        log_set.read(cancelled=lambda: True)
        assert not log_set.snapshot().progress.is_whole
    with open_set() as log_set:
        log_set.read()
        assert_right(log_set, logs)


def test_a_lost_segment_of_a_long_log_is_made_of_its_lines_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several segments hold lines of one log; a line is in one of them again, not in two."""
    monkeypatch.setattr("parsing.index.reading.byte_stage.BLOCK", 20_000)
    monkeypatch.setattr("parsing.index.reading.byte_stage.FIRST_BLOCK", 5000)
    monkeypatch.setattr("parsing.index.reading.commit_stage.SECONDS_BETWEEN_COMMITS", 0.0)
    monkeypatch.setattr("parsing.index.reading.commit_stage.join_small", lambda *_, **__: None)
    log = write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD, iis_lines(3000), "junk\r\n", iis_lines(3000, first=100))
    for turn in range(3):
        with LogSet.open([str(log.parent)], index_dir=tmp_path / "index") as log_set:
            log_set.read()
            assert rows_indexed(log_set.snapshot()) == sorted(rows_written(log, log.name))
            paths = [segment.path for segment in log_set.snapshot().segments]
        assert len(paths) >= 3
        paths[turn % len(paths)].unlink()


def test_a_milestone_that_is_damaged_costs_time_and_no_line(folder: Path, logs: Path, open_set: Open) -> None:
    database = sqlite3.connect(folder / MANIFEST)
    with database:
        database.execute("update milestones set offset = offset + 3")
    database.close()
    with open_set() as log_set:
        log_set.read()
        number = next(one.number for one in log_set.snapshot().sources if one.name == "u_ex1.log")
        lines = (logs / "u_ex1.log").read_bytes().splitlines()
        assert [log_set.raw_line(number, line) for line in (1, 20, len(lines))] == [lines[0], lines[19], lines[-1]]
