"""The manifest: the SQLite file that says which files of the index count. What it does not name does not exist."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import xxhash

from parsing.errors import IndexStoreError
from parsing.index.store.records import Change, DictionaryPart, Milestone, SourceRecord, StoredFile
from parsing.index.store.stored_files import DamagedError

AnswerT = TypeVar("AnswerT")
RecordT = TypeVar("RecordT", SourceRecord, StoredFile, DictionaryPart)

SCHEMA_VERSION = 5
"""Raised whenever older files cannot be read as they are: the index then rebuilds itself."""

BUSY_SECONDS = 30.0
_TABLES = """
create table about (key text primary key, value text not null, mark integer not null) without rowid;
create table sources (id integer primary key, record text not null, mark integer not null);
create table files (id integer primary key, record text not null, mark integer not null);
create table parts (id integer primary key, record text not null, mark integer not null);
create table text_fields (name text primary key, mark integer not null) without rowid;
create table milestones (
    source integer, line integer, offset integer, mark integer not null, primary key (source, line)
) without rowid;
"""
"""A ``mark`` is the digest of its row. The sum of all but those of milestones is in ``about``: no row is lost or comes back."""

_SUM = " + ".join(
    f"(select coalesce(sum(mark), 0) from {table})" for table in ("sources", "files", "parts", "text_fields")
)

MILESTONES_APART = 2**20
"""Bytes of a source without another milestone: a log that is followed for days grows by a few lines at a time."""

_PUT_MILESTONE = """
insert or replace into milestones select ?1, ?2, ?3, ?5 where ?3 - ?4 >= coalesce(
    (select offset from milestones where source = ?1 and line < ?2 order by line desc limit 1), -?4)
"""


@dataclass(slots=True)
class State:
    """The committed state of a log set, in memory."""

    revision: int = 0
    sources: dict[int, SourceRecord] = field(default_factory=dict)
    files: dict[int, StoredFile] = field(default_factory=dict)
    parts: dict[int, DictionaryPart] = field(default_factory=dict)
    text_fields: set[str] = field(default_factory=set)
    next_file: int = 1
    next_source: int = 1
    done: int = 0
    total: int = 0
    is_whole: bool = False

    def apply(self, change: Change) -> None:
        """What the commit of a change does to the state."""
        self.revision += 1
        self.sources.update({record.id: record for record in change.sources})
        self.files.update({file.id: file for file in change.files})
        self.parts.update({part.id: part for part in change.parts})
        for gone, kept in (
            (change.gone_sources, self.sources),
            ([file.id for file in change.gone_files], self.files),
            ([part.id for part in change.gone_parts], self.parts),
        ):
            for number in gone:
                kept.pop(number, None)
        self.text_fields.update(change.text_fields)
        self.done, self.total, self.is_whole = change.done, change.total, change.is_whole


class Manifest:
    """One connection to the manifest, usable from any thread. Errors of SQLite come out as ``IndexStoreError``."""

    def __init__(self, path: Path, *, is_read_only: bool = False) -> None:
        self.path = path
        self._lock = threading.Lock()
        with _worded(path):
            self._database = sqlite3.connect(
                path.absolute().as_uri() + ("?mode=ro" if is_read_only else ""),
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=64,
            )

    def create(self, arguments: Iterable[str], zone: str) -> None:
        """Make an empty manifest unless there is one of this version."""
        with self._transaction() as database:
            if database.execute("select count(*) from sqlite_master").fetchone()[0]:
                return
            for statement in _TABLES.split(";"):
                database.execute(statement)
            about = {"schema": SCHEMA_VERSION, "arguments": list(arguments), "zone": zone}
            about |= {"revision": 0, "next file": 1, "next source": 1, "done": 0, "total": 0, "whole": False, "sum": 0}
            self._put_about(about)

    def revision(self) -> int:
        """A number that grows with each commit of any process."""
        with self._lock, _worded(self.path), _understood(self.path):
            return _whole_number(self._about("revision"))

    def arguments(self) -> tuple[str, ...]:
        """The paths that the log set was opened with."""
        with self._lock, _worded(self.path), _understood(self.path):
            return tuple(str(argument) for argument in self._about("arguments"))

    def load(self) -> State:
        """The committed state; raises ``DamagedError`` when this version cannot have written it."""
        with self._transaction("begin") as database, _understood(self.path):
            if self._about("schema") != SCHEMA_VERSION:
                raise ValueError("another schema version")
            state = State(
                revision=_whole_number(self._about("revision")),
                next_file=_whole_number(self._about("next file")),
                next_source=_whole_number(self._about("next source")),
                done=_whole_number(self._about("done")),
                total=_whole_number(self._about("total")),
                is_whole=self._about("whole") is True,
            )
            state.sources = self._records("sources", SourceRecord)
            state.files = self._records("files", StoredFile)
            state.parts = self._records("parts", DictionaryPart)
            for name, mark in database.execute("select name, mark from text_fields"):
                _checked(mark, name)
                state.text_fields.add(name)
            if self._about("sum") != database.execute(f"select {_SUM}").fetchone()[0]:
                raise ValueError("rows of the manifest are missing")
            return state

    def _records(self, table: str, kind: type[RecordT]) -> dict[int, RecordT]:
        found = {}
        for number, text, mark in self._database.execute(f"select id, record, mark from {table} order by id"):
            _checked(mark, number, text)
            found[number] = msgspec.json.decode(text, type=kind)
        return found

    def _put_about(self, about: Mapping[str, object]) -> None:
        rows = [(key, text := json.dumps(value), mark_of(key, text)) for key, value in about.items()]
        self._database.executemany("insert or replace into about values (?, ?, ?)", rows)

    def commit(self, change: Change) -> None:
        """Make a change durable, all of it or nothing."""
        with self._transaction() as database:
            put = "insert or replace into {} values (?, ?, ?)"
            for table, records in (("sources", change.sources), ("files", change.files), ("parts", change.parts)):
                texts = [(record.id, _text(record)) for record in records]
                database.executemany(put.format(table), [(*row, mark_of(*row)) for row in texts])
            for table, gone in (
                ("sources", change.gone_sources),
                ("files", [file.id for file in change.gone_files]),
                ("parts", [part.id for part in change.gone_parts]),
            ):
                database.executemany(f"delete from {table} where id = ?", [(number,) for number in gone])
            database.executemany("delete from milestones where source = ?", [(id_,) for id_ in change.gone_sources])
            database.executemany(
                _PUT_MILESTONE, [(*milestone, MILESTONES_APART, mark_of(*milestone)) for milestone in change.milestones]
            )
            named = [(name, mark_of(name)) for name in change.text_fields]
            database.executemany("insert or ignore into text_fields values (?, ?)", named)
            about = {"done": change.done, "total": change.total, "whole": change.is_whole}
            about |= {"next file": change.next_file, "next source": change.next_source}
            about |= {"revision": _whole_number(self._about("revision")) + 1}
            about |= {"sum": database.execute(f"select {_SUM}").fetchone()[0]}
            self._put_about(about)

    def milestones_around(self, source: int, line: int) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """The last milestone up to a line and the first behind it: a line and the offset at which it begins.

        Those that are damaged count as none: the line is then found from the beginning of its source.
        """
        query = "select line, offset, mark from milestones where source = ? and line "
        try:
            with self._lock, _worded(self.path), _understood(self.path):
                last = self._database.execute(query + "<= ? order by line desc limit 1", (source, line)).fetchone()
                following = self._database.execute(query + "> ? order by line limit 1", (source, line)).fetchone()
                for line_, offset, mark in filter(None, (last, following)):
                    _checked(mark, source, line_, offset)
        except DamagedError:
            return None, None
        return last and last[:2], following and following[:2]

    def copy_to(self, path: Path) -> None:
        """Write the committed state to another file, whole or not at all; raises ``IndexStoreError`` where it cannot be."""
        part = path.with_name(f".{path.name}.part")
        try:
            with self._lock, _worded(self.path):
                part.unlink(missing_ok=True)
                self._database.execute("vacuum into ?", (str(part),))
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _about(self, key: str) -> Any:
        row = self._database.execute("select value, mark from about where key = ?", (key,)).fetchone()
        if row is None:
            raise ValueError(f"{key} is missing")
        _checked(row[1], key, row[0])
        return json.loads(row[0])

    @contextmanager
    def _transaction(self, begin: str = "begin immediate") -> Iterator[sqlite3.Connection]:
        with self._lock, _worded(self.path):
            self._database.execute(begin)
            try:
                yield self._database
                self._database.execute("commit")
            except BaseException:
                # SQLite itself takes everything back where the disk is full, and a second time would be another error.
                if self._database.in_transaction:
                    self._database.execute("rollback")
                raise


def can_be_loaded(path: Path) -> bool:
    """Whether a manifest is there and whole."""
    return _of_manifest(path, lambda manifest: bool(manifest.load())) or False


def revision_in(path: Path) -> int | None:
    """The revision of a manifest, ``None`` where it is not there or damaged."""
    return _of_manifest(path, Manifest.revision)


def _of_manifest(path: Path, asked: Callable[[Manifest], AnswerT]) -> AnswerT | None:
    if not path.is_file():
        return None
    manifest = None
    try:
        manifest = Manifest(path, is_read_only=True)
        return asked(manifest)
    except IndexStoreError:
        return None
    finally:
        if manifest is not None:
            manifest.close()


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if not _is_refusal(error, path):
            raise DamagedError(f"the index is damaged: {error}", where=str(path)) from error
        hint = "use --index-dir for another folder, or --no-cache"
        raise IndexStoreError(f"cannot use the index: {error}", where=str(path), hint=hint) from error
    except sqlite3.Error as error:
        raise DamagedError(f"the index is damaged: {error}", where=str(path)) from error


_REFUSALS = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM}
)


def _is_refusal(error: sqlite3.OperationalError, path: Path) -> bool:
    """Whether the system or another process is in the way, as against a file that is not what SQLite wrote.

    Text that is not UTF-8 is an error of Python's own, without a code.
    """
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return "decode" not in str(error)
    if code & 0xFF in _REFUSALS:
        return True
    if code & 0xFF == sqlite3.SQLITE_IOERR:
        return code != sqlite3.SQLITE_IOERR_SHORT_READ
    return code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM) and not os.access(path, os.W_OK)


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    try:
        yield
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        RecursionError,
        msgspec.MsgspecError,
    ) as error:
        raise DamagedError("the index is damaged, or of another version", where=str(path)) from error


def mark_of(*values: object) -> int:
    """A small digest of what a row of the manifest holds; many of them can be added up."""
    return int(xxhash.xxh32_intdigest(repr(values).encode("utf-8", "surrogatepass")))


def _text(record: SourceRecord | StoredFile | DictionaryPart) -> str:
    return msgspec.json.encode(record).decode()


def _whole_number(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise TypeError("not a number")
    return value


def _checked(mark: int, *values: object) -> None:
    if mark != mark_of(*values):
        raise ValueError("a row of the manifest is not as it was written")


__all__ = ["SCHEMA_VERSION", "DamagedError", "Manifest", "Milestone", "State", "can_be_loaded", "revision_in"]
