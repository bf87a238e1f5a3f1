"""What a question is asked of: an unchanging view of the committed segments of a log set."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from parsing.formats.evidence.evidence_files import EvidenceFormat
from parsing.formats.rows import Log as Log
from parsing.index.memory import Memory
from parsing.index.store.stored_files import check_file
from parsing.knowledge.fields import Kind, wire_field

META_SCHEMA: dict[str, pl.DataType] = {
    "time": pl.Datetime("ms"),
    "source": pl.UInt32(),
    "line": pl.Int64(),
}
"""Columns that every segment has before its fields: UTC without zone, source id, line number from 1."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One immutable Parquet file: rows of one log and one layout, sorted by time, source and line.

    ``fields`` are the wire names its rows have, in wire order: a field outside it was never logged by these rows,
    a null inside it was logged as ``-``. The column of a text field is ``UInt32`` codes into the log set's
    dictionary of that field where the field is in ``coded``, else ``String``. Numbers have the type of the field table.
    ``first`` and ``last`` are the least and greatest time, ``digest`` is that of the file's content.
    ``source_ids`` are the ids that sources have in the snapshot, at the places of the numbers that the file has for them;
    ``None`` where they are the same.
    """

    path: Path
    log: Log
    fields: tuple[str, ...]
    coded: frozenset[str]
    rows: int
    first: datetime
    last: datetime
    digest: str = ""
    source_ids: pl.Series | None = field(default=None, compare=False, repr=False)
    _checked: list[bool] = field(default_factory=list, compare=False, repr=False)

    def checked_path(self) -> Path:
        """The path of the file, which is checked the first time; raises ``DamagedError`` if it is not as it was written."""
        if not self._checked:
            if self.digest:
                check_file(self.path, self.digest)
            self._checked.append(True)
        return self.path

    def scan(self) -> pl.LazyFrame:
        """Its rows with the ids that sources have in the snapshot; raises ``DamagedError`` as ``checked_path`` does."""
        rows = pl.scan_parquet(self.checked_path())
        ids = self.source_ids
        if ids is None:
            return rows
        # Said to go value by value, it lets Polars read only the rows and columns that are asked for.
        return rows.with_columns(pl.col("source").map_batches(ids.gather, return_dtype=pl.UInt32, is_elementwise=True))

    def is_text(self, name: str) -> bool:
        return wire_field(name).kind in (Kind.TEXT, Kind.ADDRESS)

    def copied(self, name: str) -> pl.Expr:
        """The column of a field, for few rows of many: text without codes is copied, else they keep all texts in memory."""
        is_plain = self.is_text(name) and name not in self.coded
        return pl.concat_str(pl.col(name)).alias(name) if is_plain else pl.col(name)


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """One immutable Parquet file with evidence of one source, in its order; the columns are those of ``EVIDENCE_SCHEMA``."""

    path: Path
    source: int
    rows: int
    digest: str

    def read(self) -> pl.DataFrame:
        """Its rows; raises ``DamagedError`` if the file is not as it was written."""
        check_file(self.path, self.digest)
        return pl.read_parquet(self.path).with_columns(pl.lit(self.source, pl.UInt32).alias("source"))


@dataclass(frozen=True, slots=True)
class SourceEvidence:
    """What a source that is no log holds of evidence. ``first`` and ``last`` are the times of its earliest and latest record.

    ``stamp`` is that of the source as it was read; ``error`` says why some of it, or all, could not be read, which may be that it
    ``lacks_library``; ``left_out`` counts events that are never kept.
    """

    format: EvidenceFormat
    stamp: tuple[int, ...]
    rows: int = 0
    first: datetime | None = None
    last: datetime | None = None
    error: str = ""
    left_out: int = 0
    lacks_library: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One log file or archive member, and what has been read of it.

    ``id`` is that of its rows in one snapshot: its place among the sources in the order of their names, so that what is in
    the order of ids does not depend on when a source was first read. ``number`` is its own for as long as it is in the index.
    """

    id: int
    name: str
    format: str
    bytes: int
    lines: int
    rows: int
    directives: int
    blank: int
    rejected: int
    damaged: int
    first: datetime | None
    last: datetime | None
    layouts: tuple[tuple[str, ...], ...]
    status: Literal["ok", "partial", "not-a-log", "failed"]
    error: str = ""
    unfinished: int = 0
    notes: tuple[str, ...] = ()
    """Sentences on what was guessed about it."""
    server: str = ""
    """The folder of the server that wrote it; empty where none is known. Rows have the field ``server-name``."""
    evidence: SourceEvidence | None = None
    """What it holds of evidence, where it is no log."""
    number: int = -1


def unread_source(number: int, name: str, reason: str) -> Source:
    """A source of which nothing is known but why it could not be opened."""
    counts = (0, 0, 0, 0, 0, 0, 0)
    return Source(number, name, "unknown", *counts, None, None, (), "failed", reason, number=number)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come, in bytes on disk; ``is_whole`` when nothing is left to read."""

    done: int
    total: int
    is_whole: bool


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Snapshot:
    """The committed state of a log set at one moment. Safe to use from any thread while reading goes on."""

    segments: tuple[Segment, ...]
    sources: tuple[Source, ...]
    progress: Progress
    load_dictionary: Callable[[str], pl.Series] = field(compare=False, repr=False)
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)
    """What all snapshots of the log set share."""
    evidence: tuple[EvidencePart, ...] = ()
    """Windows events and whatever else lies next to the logs."""
    _known: dict[Hashable, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """A result that is of this snapshot alone, computed once and gone with it; it must not hold the snapshot."""
        if key not in self._known:
            self._known.setdefault(key, compute())
        return self._known[key]

    def dictionary(self, name: str) -> pl.Series:
        """The values of a text field in order of their codes (a ``String`` series, cached, only ever longer)."""
        return self.load_dictionary(name)

    @property
    def logs(self) -> tuple[Source, ...]:
        """The sources but those that were set aside, as they are no logs of this family."""
        return tuple(source for source in self.sources if source.status != "not-a-log")

    @property
    def newest(self) -> datetime | None:
        result: datetime | None = self.once("newest", lambda: max((one.last for one in self.segments), default=None))
        return result

    @property
    def oldest(self) -> datetime | None:
        result: datetime | None = self.once("oldest", lambda: min((one.first for one in self.segments), default=None))
        return result

    @property
    def source_names(self) -> tuple[str | None, ...]:
        """The names of the sources at the places of their ids. They change when files are renamed; segments do not."""

        def by_id() -> tuple[str | None, ...]:
            names = {source.id: source.name for source in self.sources}
            return tuple(names.get(number) for number in range(max(names, default=-1) + 1))

        result: tuple[str | None, ...] = self.once("names of sources", by_id)
        return result

    @property
    def field_names(self) -> tuple[str, ...]:
        """Every wire name that any segment has: those of the layout with the earliest row first.

        Layouts that begin at the same time are in order of their names, so that the order does not depend on which
        segments there are: the same logs have one order, whether they were read at once, in steps, or joined since.
        """

        known: tuple[str, ...] = self.once("names of fields", self.fields_of)
        return known

    def fields_of(self, log: Log | None = None) -> tuple[str, ...]:
        """The same of one log, where one is named."""
        begun: dict[tuple[Log, tuple[str, ...]], datetime] = {}
        for segment in self.segments:
            if log in (None, segment.log):
                layout = segment.log, segment.fields
                begun[layout] = min(begun.get(layout, segment.first), segment.first)
        layouts = sorted(begun, key=lambda layout: (begun[layout], layout))
        return tuple(dict.fromkeys(name for _, fields in layouts for name in fields))
