"""An index that is damaged, foreign, old, forbidden or shared is never a reason to lose or double a line."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from parsing.errors import IndexStoreError
from parsing.index.folders import MANIFEST, cached_sets, clear
from parsing.index.log_set import LogSet
from parsing.index.snapshot import Progress, Snapshot
from parsing.index.store import manifest
from parsing.index.store.locks import WriterLock, writer_lock
from parsing.index.store.manifest import mark_of
from parsing.index.store.records import Change
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
    write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD, iis_lines(40), "junk\r\n")
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(40))
    return tmp_path / "logs"


@pytest.fixture
def open_set(tmp_path: Path, logs: Path) -> Callable[[], LogSet]:
    return lambda: LogSet.open([str(logs)], index_dir=tmp_path / "index")


@pytest.fixture
def folder(tmp_path: Path, open_set: Callable[[], LogSet]) -> Path:
    """The folder of an index that was made and closed."""
    with open_set() as log_set:
        log_set.read()
    (folder,) = (tmp_path / "index").iterdir()
    return folder


def expected(logs: Path) -> list[tuple[str, int, str, str]]:
    return sorted(row for path in logs.iterdir() for row in rows_written(path, path.name))


def one(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def edit(folder: Path, statement: str, *values: object) -> None:
    database = sqlite3.connect(folder / MANIFEST)
    with database:
        database.execute(statement, values)
    database.close()


def garble_record(folder: Path, table: str, **changes: object) -> None:
    """Change a record as a foreign hand would that knows of marks."""
    database = sqlite3.connect(folder / MANIFEST)
    with database:
        number, text, old = database.execute(f"select id, record, mark from {table}").fetchone()
        record = json.dumps({**json.loads(text), **changes})
        mark = mark_of(number, record)
        database.execute(f"update {table} set record = ?, mark = ? where id = ?", (record, mark, number))
        total = json.dumps(
            int(database.execute("select value from about where key = 'sum'").fetchone()[0]) + mark - old
        )
        database.execute("update about set value = ?, mark = ? where key = 'sum'", (total, mark_of("sum", total)))
    database.close()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "manifest is no database": lambda folder: (folder / MANIFEST).write_bytes(b"not a database at all" * 100),
    "manifest is empty": lambda folder: (folder / MANIFEST).write_bytes(b""),
    "manifest is cut short": lambda folder: (folder / MANIFEST).write_bytes((folder / MANIFEST).read_bytes()[:5000]),
    "manifest is gone": lambda folder: (folder / MANIFEST).unlink(),
    "another schema": lambda folder: edit(folder, "update about set value = '999' where key = 'schema'"),
    "a table is missing": lambda folder: edit(folder, "drop table parts"),
    "a record is no JSON": lambda folder: edit(folder, "update sources set record = '{'"),
    "a record is deep JSON": lambda folder: edit(folder, "update sources set record = ?", "[" * 100_000),
    "a record is of another kind": lambda folder: edit(folder, "update files set record = '[1]'"),
    "a count is text": lambda folder: garble_record(folder, "sources", offset="many"),
    "a count is negative": lambda folder: garble_record(folder, "files", rows=-1),
    "a time is beyond the calendar": lambda folder: garble_record(folder, "files", first=10**30),
    "a file name leads elsewhere": lambda folder: garble_record(folder, "files", name="../../../etc/passwd"),
    "a segment is gone": lambda folder: one(folder, "rows-*").unlink(),
    "a segment is cut short": lambda folder: one(folder, "rows-*").write_bytes(b"PAR1"),
    "a dictionary is gone": lambda folder: one(folder, "words-*").unlink(),
    "a dictionary is cut short": lambda folder: one(folder, "words-*").write_bytes(b"PAR1"),
    "a row of the manifest is gone": lambda folder: edit(folder, "delete from parts"),
    "a revision is text": lambda folder: edit(folder, "update about set value = '\"x\"' where key = 'revision'"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_rebuilds_itself(folder: Path, logs: Path, open_set: Callable[[], LogSet], damage: str) -> None:
    DAMAGE[damage](folder)
    with open_set() as log_set:
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == expected(logs)
        assert [text for frame in log_set.rejects() for text in frame["text"]] == ["junk"]
        append(logs / "u_ex1.log", iis_lines(3, first=40))
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == expected(logs)


def test_a_dictionary_that_is_damaged_inside_is_an_error_in_words(folder: Path, open_set: Callable[[], LogSet]) -> None:
    path = one(folder, "words-*")
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    path.write_bytes(content)
    with open_set() as log_set:
        snapshot = log_set.snapshot()
        with pytest.raises(IndexStoreError, match="damaged"):
            [snapshot.dictionary(name) for name in snapshot.field_names]


def test_a_dictionary_that_is_damaged_inside_is_read_anew_with_the_next_rows(
    folder: Path, logs: Path, open_set: Callable[[], LogSet]
) -> None:
    path = one(folder, "words-*")
    frame = pl.read_parquet(path)
    size = path.stat().st_size
    frame.with_columns(pl.lit("x").alias("c-ip")).write_parquet(path)
    path.write_bytes(path.read_bytes().ljust(size, b"\0"))
    garble_record(folder, "parts", bytes=path.stat().st_size)
    append(logs / "u_ex1.log", iis_lines(3, first=40))
    with open_set() as log_set:
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == expected(logs)


LookAgain = Callable[[LogSet], object]


@pytest.mark.parametrize("look", [LogSet.read, LogSet.poll])
def test_an_index_that_is_damaged_while_it_is_open_is_built_anew(
    folder: Path, logs: Path, open_set: Callable[[], LogSet], look: LookAgain
) -> None:
    with open_set() as log_set:
        log_set.read()
        garble_record(folder, "files", rows="many")
        edit(folder, "update about set value = value + 1 where key = 'revision'")
        look(log_set)
        assert rows_indexed(log_set.snapshot()) == expected(logs)


@pytest.mark.parametrize("look", [LogSet.read, LogSet.poll])
def test_a_look_that_fails_keeps_no_other_from_writing(
    folder: Path, logs: Path, open_set: Callable[[], LogSet], monkeypatch: pytest.MonkeyPatch, look: LookAgain
) -> None:
    with open_set() as log_set:
        log_set.read()
        append(logs / "u_ex1.log", iis_lines(3, first=40))
        answers = iter([False] if look is LogSet.poll else [])

        def refresh(_: object) -> bool:
            for answer in answers:
                return answer
            raise IndexStoreError("disk I/O error")

        monkeypatch.setattr("parsing.index.store.store.Store.refresh", refresh)
        with pytest.raises(IndexStoreError, match="disk I/O"):
            look(log_set)
        other = writer_lock(folder)
        assert other.acquire()
        other.release()


def test_an_index_folder_that_cannot_be_used_is_an_error_in_words(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "taken", "a file")
    with pytest.raises(IndexStoreError, match="cannot make the index folder") as caught:
        LogSet.open([str(logs)], index_dir=tmp_path / "taken")
    assert "--no-cache" in caught.value.hint

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", forbidden)
    with pytest.raises(IndexStoreError, match="Permission denied"):
        LogSet.open([str(logs)], index_dir=tmp_path / "index")


def test_a_manifest_that_may_not_be_written_is_an_error_in_words(
    logs: Path, open_set: Callable[[], LogSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = expected(logs)
    with open_set() as log_set:
        log_set.read()
        append(logs / "u_ex1.log", iis_lines(3, first=40))

        def read_only(*_: object) -> None:
            raise sqlite3.OperationalError("attempt to write a readonly database")

        monkeypatch.setattr(manifest, "_text", read_only)
        with pytest.raises(IndexStoreError, match="readonly") as caught:
            log_set.read()
        assert "--index-dir" in caught.value.hint
        assert rows_indexed(log_set.snapshot()) == rows, "what was committed can be asked"


def test_a_full_disk_is_an_error_in_words_and_reading_goes_on_later(
    logs: Path, open_set: Callable[[], LogSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with open_set() as log_set:
        with monkeypatch.context() as patched:
            patched.setattr(pl.DataFrame, "write_parquet", full)
            with pytest.raises(IndexStoreError, match="No space left"):
                log_set.read()
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == expected(logs)


def test_a_failed_commit_leaves_no_codes_without_values(
    logs: Path, open_set: Callable[[], LogSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_set() as log_set:
        commits = []

        def failing(self: manifest.Manifest, change: Change) -> None:
            commits.append(change)
            if len(commits) == 2:
                raise IndexStoreError("busy")
            original(self, change)

        original = manifest.Manifest.commit
        monkeypatch.setattr(manifest.Manifest, "commit", failing)
        with pytest.raises(IndexStoreError, match="busy"):
            log_set.read()
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == expected(logs)


READ = """
import sys
from pathlib import Path
from parsing.index.reading import byte_stage, commit_stage
from parsing.index.store.manifest import mark_of
from parsing.index.store.locks import WriterLock, writer_lock
from parsing.formats.log_locale import LogLocale
from parsing.index.log_set import LogSet
byte_stage.BLOCK, byte_stage.FIRST_BLOCK, commit_stage.SECONDS_BETWEEN_COMMITS = 2000, 1000, 0.0
def look(progress):
    print(progress.done, progress.total, progress.is_whole, flush=True)
    if sys.argv[3] == "wait":
        sys.stdin.readline()
with LogSet.open([sys.argv[1]], index_dir=Path(sys.argv[2])) as log_set:
    log_set.read(on_progress=look)
    print("rows", sum(segment.rows for segment in log_set.snapshot().segments), flush=True)
"""


def reading(logs: Path, index: Path, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", READ, str(logs), str(index), how]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_second_process_follows_and_takes_over_when_the_first_is_killed(
    tmp_path: Path, logs: Path, open_set: Callable[[], LogSet]
) -> None:
    first = reading(logs, tmp_path / "index", "wait")
    try:
        line_of(first)
        with open_set() as log_set:
            seen: list[Snapshot] = []
            has_begun = threading.Event()

            def look(_: Progress) -> None:
                seen.append(log_set.snapshot())
                has_begun.set()

            reader = threading.Thread(target=lambda: log_set.read(on_progress=look))
            reader.start()
            go_on(first)
            line_of(first)
            assert has_begun.wait(60)
            assert not seen[0].progress.is_whole
            partial = rows_indexed(seen[0])
            assert 0 <= len(partial) < len(expected(logs))
            first.kill()
            reader.join(60)
            assert not reader.is_alive()
            assert set(partial) <= set(rows_indexed(log_set.snapshot()))
            assert rows_indexed(log_set.snapshot()) == expected(logs)
            assert log_set.snapshot().progress.is_whole
    finally:
        first.kill()
        first.communicate()


def test_two_processes_at_once_read_every_line_once(tmp_path: Path, logs: Path, open_set: Callable[[], LogSet]) -> None:
    both = [reading(logs, tmp_path / "index", "go") for _ in range(2)]
    ends = [process.communicate(timeout=120)[0].splitlines()[-1] for process in both]
    assert ends == [f"rows {len(expected(logs))}"] * 2
    with open_set() as log_set:
        assert rows_indexed(log_set.snapshot()) == expected(logs)


def test_a_set_in_use_elsewhere_is_neither_cleaned_nor_cleared(
    tmp_path: Path, logs: Path, open_set: Callable[[], LogSet]
) -> None:
    with open_set() as other:
        other.read()
        old = other.snapshot()
        with open_set() as log_set:
            (logs / "u_ex1.log").unlink()
            log_set.read()
            assert rows_indexed(log_set.snapshot()) == expected(logs)
        assert len(rows_indexed(old)) == 80, "its segments are still there"
        (cached,) = cached_sets(tmp_path / "index")
        with pytest.raises(IndexStoreError, match="in use"):
            clear(cached)
        assert other.poll(), "it takes over what was committed elsewhere"
        assert rows_indexed(other.snapshot()) == expected(logs)
    clear(cached)
    assert cached_sets(tmp_path / "index") == []


def test_a_whole_index_that_cannot_be_written_is_still_asked(
    folder: Path, logs: Path, open_set: Callable[[], LogSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: WriterLock) -> bool:
        raise IndexStoreError("cannot write to the index folder: read-only file system")

    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder or mode != os.W_OK)
    monkeypatch.setattr(WriterLock, "acquire", refused)
    with open_set() as log_set:
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == expected(logs)
        assert not log_set.poll()
        append(logs / "u_ex1.log", iis_lines(3, first=40))
        with pytest.raises(IndexStoreError, match="something new") as caught:
            log_set.read()
        assert "--index-dir" in caught.value.hint
