"""Where the index of a set of logs lies, and the list of those that there are."""

from __future__ import annotations

import shutil
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from parsing.errors import IndexStoreError
from parsing.formats.log_locale import LogLocale
from parsing.index import folders
from parsing.index.folders import MANIFEST, cached_sets, clear, set_folder
from parsing.index.log_set import LogSet
from tests.parsing.index.conftest import Open
from tests.written_logs import IIS_HEAD, iis_lines, rows_indexed, rows_written, write


@pytest.fixture
def folder(tmp_path: Path, logs: Path, opened: Open) -> Path:
    """The folder of an index that was made and closed."""
    write(logs / "u_ex1.log", IIS_HEAD, iis_lines(40))
    opened().close()
    (folder,) = (tmp_path / "index").iterdir()
    return folder


def test_the_cache_lists_its_sets(tmp_path: Path, folder: Path, logs: Path) -> None:
    (folder.parent / "something else").mkdir()
    (cached,) = cached_sets(tmp_path / "index")
    assert cached.folder == folder
    assert cached.arguments == (folders.absolute(str(logs)),)
    assert cached.bytes == sum(path.stat().st_size for path in folder.iterdir())
    (folder / MANIFEST).write_bytes(b"x")
    (cached,) = cached_sets(tmp_path / "index")
    assert cached.arguments == ()
    assert cached_sets(tmp_path / "nothing here") == []


def test_a_set_that_another_process_clears_meanwhile_is_left_out(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cached,) = cached_sets(tmp_path / "index")

    def vanished(path: Path) -> None:
        shutil.rmtree(path.parent)
        raise IndexStoreError("unable to open database file")

    with monkeypatch.context() as patch:
        patch.setattr(folders, "Manifest", vanished)
        assert cached_sets(tmp_path / "index") == []
    clear(cached)
    assert not folder.exists()


def test_a_set_is_named_by_its_arguments_and_zone(tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = timezone(timedelta(hours=2))
    utc = UTC
    one_way = set_folder([str(logs / "a"), str(logs / "b")], LogLocale(utc), tmp_path)
    assert one_way == set_folder([str(logs / "b"), str(logs / "x" / ".." / "a")], LogLocale(utc), tmp_path)
    assert one_way != set_folder([str(logs / "a")], LogLocale(utc), tmp_path)
    assert one_way != set_folder([str(logs / "a"), str(logs / "b")], LogLocale(zone), tmp_path)
    monkeypatch.chdir(logs)
    assert one_way == set_folder(["a", "b"], LogLocale(utc), tmp_path)


def test_a_relative_argument_finds_the_same_sources_from_elsewhere(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(logs / "u_ex1.log", IIS_HEAD, iis_lines(40))
    monkeypatch.chdir(tmp_path)
    with LogSet.open(["logs"], index_dir=tmp_path / "index") as log_set:
        log_set.read()
    monkeypatch.chdir(logs)
    monkeypatch.setattr("parsing.index.reading.byte_stage.open_source", None)
    with LogSet.open(["../logs"], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == rows_written(path, path.name)
