"""A commit that fails leaves the manifest as it was, usable, and says why."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from parsing.errors import IndexStoreError
from parsing.index.store import manifest
from parsing.index.store.manifest import Manifest
from parsing.index.store.records import Change, SourceRecord


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manifest]:
    monkeypatch.setattr(manifest, "BUSY_SECONDS", 0.0)
    made = Manifest(tmp_path / "manifest.sqlite")
    made.create(["logs"], "UTC")
    yield made
    made.close()


def change(name: str) -> Change:
    return Change(sources=[SourceRecord(1, name, f"/logs/{name}")])


def names(made: Manifest) -> list[str]:
    return [record.name for record in made.load().sources.values()]


def test_a_commit_that_a_reader_keeps_waiting_locks_nobody_out(made: Manifest) -> None:
    with closing(sqlite3.connect(made.path, isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select * from about").fetchall()
        with pytest.raises(IndexStoreError, match="locked"):
            made.commit(change("a.log"))
    assert names(made) == []
    made.commit(change("b.log"))
    assert names(made) == ["b.log"]


class Full(sqlite3.Connection):
    """Takes a transaction back by itself, as SQLite does where it cannot write on."""

    is_full = False

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        if not self.is_full:
            return super().executemany(sql, parameters)
        self.execute("rollback")
        raise sqlite3.OperationalError("database or disk is full")


def test_a_commit_to_a_full_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, factory=Full, **named))
    with closing(Manifest(tmp_path / "manifest.sqlite")) as made:
        made.create(["logs"], "UTC")
        monkeypatch.setattr(Full, "is_full", True)
        with pytest.raises(IndexStoreError, match="disk is full"):
            made.commit(change("a.log"))
        monkeypatch.setattr(Full, "is_full", False)
        made.commit(change("b.log"))
        assert names(made) == ["b.log"]


def test_milestones_are_far_apart_however_often_a_log_grows(made: Manifest) -> None:
    for number in range(35):
        made.commit(Change(milestones=[(1, 10 * number + 1, 100_000 * number), (2, number + 1, number)]))
    assert made.milestones_around(1, 1) == ((1, 0), (111, 1_100_000))
    assert made.milestones_around(1, 220) == ((111, 1_100_000), (221, 2_200_000))
    assert made.milestones_around(1, 10**9) == ((331, 3_300_000), None)
    assert made.milestones_around(2, 35) == ((1, 0), None)
    assert made.milestones_around(3, 1) == (None, None)
