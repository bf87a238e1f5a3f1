"""A read error that happened once is not kept; an archive that is cut short is not read again and again."""

from __future__ import annotations

import errno
import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from parsing.index import LogSet
from parsing.sources import archive, stream
from tests.written_logs import HTTPERR_HEAD, httperr_lines, rows_indexed, write

ROWS = 20_000
CONTENT = (HTTPERR_HEAD + httperr_lines(ROWS)).encode()


def plain(folder: Path) -> None:
    write(folder / "httperr1.log", CONTENT)


def gzipped(folder: Path) -> None:
    write(folder / "httperr1.log.gz", gzip.compress(CONTENT))


def zipped(folder: Path) -> None:
    folder.mkdir()
    with zipfile.ZipFile(folder / "logs.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("httperr1.log", CONTENT)


def zipped_gzip(folder: Path) -> None:
    folder.mkdir()
    with zipfile.ZipFile(folder / "logs.zip", "w") as made:
        made.writestr("httperr1.log.gz", gzip.compress(CONTENT))


def break_reading(patch: pytest.MonkeyPatch, after: int) -> None:
    """From now on reading fails once so many bytes of a file have been read."""
    for owner, name in ((stream, "_File"), (archive, "_Part")):
        whole = getattr(owner, name).read
        given: dict[int, int] = {}

        def read(
            self: object, size: int, whole: Callable[[object, int], bytes] = whole, given: dict[int, int] = given
        ) -> bytes:
            if given.get(id(self), 0) >= after:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            data = whole(self, min(size, after))
            given[id(self)] = given.get(id(self), 0) + len(data)
            return data

        patch.setattr(getattr(owner, name), "read", read)


@pytest.mark.parametrize("made", [plain, gzipped, zipped, zipped_gzip])
def test_what_could_not_be_read_once_is_read_by_the_next(
    tmp_path: Path, made: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "logs")
    for after in (30_000, 60_000):
        with (
            monkeypatch.context() as patch,
            LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set,
        ):
            break_reading(patch, after)
            log_set.read()
            assert len(log_set.problems) == 1
            assert "input/output error" in log_set.problems[0].reason.lower()
            assert 0 < len(rows_indexed(log_set.snapshot())) < ROWS, "what comes before it counts"
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        assert not log_set.problems
        assert len(set(rows_indexed(log_set.snapshot()))) == ROWS


def test_an_archive_that_is_cut_short_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "logs" / "httperr1.log.gz", gzip.compress(CONTENT)[:30_000])
    for turn in range(2):
        with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
            log_set.read()
            assert ["middle of its compressed data" in problem.reason for problem in log_set.problems] == [True]
            assert 0 < len(rows_indexed(log_set.snapshot())) < ROWS
        if turn == 0:
            monkeypatch.setattr("parsing.index.reading.byte_stage.open_source", lambda _: pytest.fail("read again"))
