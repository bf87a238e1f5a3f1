"""The manifest: the SQLite file that says which files of the index count. What it does not name does not exist."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from parsing.errors import IndexStoreError
from parsing.index.store.records import (
    EPOCH,
    Change,
    Counts,
    DictionaryPart,
    Marks,
    Milestone,
    SourceRecord,
    StoredFile,
)

SCHEMA_VERSION = 3
"""Raised whenever older files cannot be read as they are: the index then rebuilds itself."""

BUSY_SECONDS = 30.0
_FILE_NAME = re.compile(r"(rows|rejects|words)-[0-9]{1,18}\.parquet")

_TABLES = """
create table about (key text primary key, value text not null) without rowid;
create table sources (id integer primary key, record text not null);
create table files (id integer primary key, record text not null);
create table parts (id integer primary key, record text not null);
create table text_fields (name text primary key) without rowid;
create table milestones (source integer, line integer, offset integer, primary key (source, line)) without rowid;
"""

MILESTONES_APART = 2**20
"""Bytes of a source without another milestone: a log that is followed for days grows by a few lines at a time."""

_PUT_MILESTONE = """
insert or replace into milestones select ?1, ?2, ?3 where ?3 - ?4 >= coalesce(
    (select offset from milestones where source = ?1 and line < ?2 order by line desc limit 1), -?4)
"""


class DamagedError(IndexStoreError):
    """The manifest or a file it names is not what this version wrote; the index has to be built anew."""


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

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with _worded(path):
            self._database = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
            )

    def create(self, arguments: Iterable[str], zone: str) -> None:
        """Make an empty manifest unless there is one of this version."""
        with self._transaction() as database:
            if database.execute("select count(*) from sqlite_master").fetchone()[0]:
                return
            for statement in _TABLES.split(";"):
                database.execute(statement)
            about = {"schema": SCHEMA_VERSION, "arguments": list(arguments), "zone": zone}
            about |= {"revision": 0, "next file": 1, "next source": 1, "done": 0, "total": 0, "whole": False}
            rows = [(key, json.dumps(value)) for key, value in about.items()]
            database.executemany("insert into about values (?, ?)", rows)

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
                text_fields={str(name) for (name,) in database.execute("select name from text_fields")},
                next_file=_whole_number(self._about("next file")),
                next_source=_whole_number(self._about("next source")),
                done=_whole_number(self._about("done")),
                total=_whole_number(self._about("total")),
                is_whole=self._about("whole") is True,
            )
            for number, text in database.execute("select id, record from sources"):
                state.sources[number] = _source(json.loads(text))
            for number, text in database.execute("select id, record from files order by id"):
                state.files[number] = _stored_file(json.loads(text))
            for number, text in database.execute("select id, record from parts order by id"):
                state.parts[number] = _part(json.loads(text))
            return state

    def commit(self, change: Change) -> None:
        """Make a change durable, all of it or nothing."""
        with self._transaction() as database:
            put = "insert or replace into {} values (?, ?)"
            for table, records in (("sources", change.sources), ("files", change.files), ("parts", change.parts)):
                database.executemany(put.format(table), [(record.id, _text(record)) for record in records])
            for table, gone in (
                ("sources", change.gone_sources),
                ("files", [file.id for file in change.gone_files]),
                ("parts", [part.id for part in change.gone_parts]),
            ):
                database.executemany(f"delete from {table} where id = ?", [(number,) for number in gone])
            database.executemany("delete from milestones where source = ?", [(id_,) for id_ in change.gone_sources])
            database.executemany(_PUT_MILESTONE, [(*milestone, MILESTONES_APART) for milestone in change.milestones])
            database.executemany("insert or ignore into text_fields values (?)", [(n,) for n in change.text_fields])
            about = {"done": change.done, "total": change.total, "whole": change.is_whole}
            about |= {"next file": change.next_file, "next source": change.next_source}
            database.executemany(
                "update about set value = ? where key = ?", [(json.dumps(value), key) for key, value in about.items()]
            )
            database.execute("update about set value = value + 1 where key = 'revision'")

    def milestones_around(self, source: int, line: int) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """The last milestone up to a line and the first behind it: a line and the offset at which it begins."""
        query = "select line, offset from milestones where source = ? and line "
        with self._lock, _worded(self.path):
            last = self._database.execute(query + "<= ? order by line desc limit 1", (source, line)).fetchone()
            following = self._database.execute(query + "> ? order by line limit 1", (source, line)).fetchone()
            return last, following

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _about(self, key: str) -> Any:
        row = self._database.execute("select value from about where key = ?", (key,)).fetchone()
        if row is None:
            raise ValueError(f"{key} is missing")
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


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "no such column" in str(error):
            raise DamagedError(f"not an index: {error}", where=str(path)) from error
        hint = "use --index-dir for another folder, or --no-cache"
        raise IndexStoreError(f"cannot use the index: {error}", where=str(path), hint=hint) from error
    except sqlite3.Error as error:
        raise DamagedError(f"the index is damaged: {error}", where=str(path)) from error


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise DamagedError("the index is damaged, or of another version", where=str(path)) from error


def _text(record: SourceRecord | StoredFile | DictionaryPart) -> str:
    return json.dumps(_plain(record), default=_plain, separators=(",", ":"))


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value):
        # Not asdict: it copies every value of thousands of sources.
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    raise TypeError(type(value))


def _source(record: dict[str, Any]) -> SourceRecord:
    record["counts"] = _counts(record["counts"])
    record["tail"] = _counts(record["tail"])
    record["marks"] = None if record["marks"] is None else _marks(record["marks"])
    for key in ("layouts", "tail_layouts"):
        record[key] = tuple(tuple(str(name) for name in layout) for layout in record[key])
    record["stamp"] = tuple(_whole_number(part) for part in record["stamp"])
    if record["status"] not in ("ok", "partial", "not-a-log", "failed"):
        raise ValueError("status")
    source = SourceRecord(**record)
    for number in (source.id, source.size, source.offset, source.disk, source.unfinished):
        _whole_number(number)
    for text in (source.name, source.path, source.member, source.server, source.format, source.error):
        _string(text)
    dict(source.parser or {})
    return source


def _marks(record: dict[str, Any]) -> Marks:
    return Marks(
        _string(record["head"]),
        _whole_number(record["head_length"]),
        _string(record["last"]),
        _whole_number(record["last_length"]),
    )


def _counts(record: dict[str, Any]) -> Counts:
    first, last = (None if record[key] is None else _moment(record[key]) for key in ("first", "last"))
    names = ("lines", "rows", "directives", "blank", "rejected", "damaged")
    lines, rows, directives, blank, rejected, damaged = (_whole_number(record[name]) for name in names)
    return Counts(lines, rows, directives, blank, rejected, damaged, first, last)


def _stored_file(record: dict[str, Any]) -> StoredFile:
    record["sources"] = frozenset(_whole_number(source) for source in record["sources"])
    record["fields"] = tuple(_string(name) for name in record["fields"])
    record["coded"] = frozenset(_string(name) for name in record["coded"])
    record["first"], record["last"] = _moment(record["first"]), _moment(record["last"])
    file = StoredFile(**record)
    if file.kind not in ("rows", "rejects") or file.log not in ("iis", "httperr"):
        raise ValueError("kind of file")
    for number in (file.id, file.rows, file.bytes):
        _whole_number(number)
    _checked_name(file.name)
    return file


def _part(record: dict[str, Any]) -> DictionaryPart:
    record["spans"] = {
        _string(name): (_whole_number(start), _whole_number(count)) for name, (start, count) in record["spans"].items()
    }
    part = DictionaryPart(**record)
    _whole_number(part.id), _whole_number(part.bytes)
    _checked_name(part.name)
    return part


def _checked_name(name: Any) -> None:
    """Only names of the index's own files: a foreign manifest must not make us read or delete anything else."""
    if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
        raise ValueError("name of a file")


def _moment(value: Any) -> datetime:
    return EPOCH + timedelta(milliseconds=_signed_number(value))


def _signed_number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError("not a number")
    return value


def _whole_number(value: Any) -> int:
    if _signed_number(value) < 0:
        raise ValueError("negative")
    return int(value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


__all__ = ["SCHEMA_VERSION", "DamagedError", "Manifest", "Milestone", "State"]
