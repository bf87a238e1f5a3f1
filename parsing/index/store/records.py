"""What the manifest remembers: sources with their reading position, stored files, dictionary parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from parsing.index.epoch import EPOCH
from parsing.index.snapshot import Log, Source, SourceEvidence

FileName = Annotated[str, Meta(pattern=r"^(rows|rejects|damage|words|evidence)-[0-9]{1,18}\.parquet$")]
"""Only names of the index's own files: a foreign manifest must not make us read or delete anything else."""

Status = Literal["ok", "partial", "not-a-log", "failed"]
Layouts = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a stretch of lines; ``lines = rows + directives + blank + rejected`` holds for each."""

    lines: int = 0
    rows: int = 0
    directives: int = 0
    blank: int = 0
    rejected: int = 0
    damaged: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def __add__(self, other: Counts) -> Counts:
        firsts = [time for time in (self.first, other.first) if time is not None]
        lasts = [time for time in (self.last, other.last) if time is not None]
        return Counts(
            self.lines + other.lines,
            self.rows + other.rows,
            self.directives + other.directives,
            self.blank + other.blank,
            self.rejected + other.rejected,
            self.damaged + other.damaged,
            min(firsts, default=None),
            max(lasts, default=None),
        )


@dataclass(frozen=True, slots=True)
class Marks:
    """Digests of the first bytes of a source and of the last that were taken, and how many bytes each covers."""

    head: str
    head_length: int
    last: str
    last_length: int


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One source, what was read of it, and what the next read needs to go on.

    ``offset`` is the number of bytes taken, after decompression; ``parser`` the state of its parser there. ``tail``
    counts a last line without line end that follows, of ``tail_layouts``: it was parsed as it was and is parsed again
    when the file grows; ``unfinished`` is the bytes of one that was not parsed. ``partial`` is one that is still being
    read, or, with an ``error``, one that cannot be read further.
    ``stamp`` is what the folder says of it (size, time, file number); ``marks`` are digests by which a file is
    recognised as the one that was read; ``disk`` is how much of it was read, in bytes on disk. ``opening`` is the digest of its
    lines up to the first entry. A source whose lines are all in another one as well has the id of that one as
    ``same_as``, and counts nothing; its ``offset`` is how far both were compared.
    """

    id: int
    name: str
    path: str
    member: str = ""
    server: str = ""
    format: str = "unknown"
    status: Status = "partial"
    error: str = ""
    size: int = 0
    stamp: tuple[int, ...] = ()
    marks: Marks | None = None
    offset: int = 0
    disk: int = 0
    parser: Mapping[str, Any] | None = None
    counts: Counts = Counts()
    tail: Counts = Counts()
    unfinished: int = 0
    layouts: Layouts = ()
    tail_layouts: Layouts = ()
    notes: tuple[str, ...] = ()
    evidence: SourceEvidence | None = None
    opening: str = ""
    same_as: int = 0

    def public(self, place: int, counted_in: str = "") -> Source:
        """The record as questions and the command line see it, at its place among others, which is its id there.

        ``counted_in`` is the name of the source ``same_as``.
        """
        all_counts = self.counts + self.tail
        doubled = (f"its lines are in {counted_in} too, and are counted there",) if counted_in else ()
        return Source(
            id=place,
            number=self.id,
            name=self.name,
            format=self.format,
            bytes=self.size,
            lines=all_counts.lines,
            rows=all_counts.rows,
            directives=all_counts.directives,
            blank=all_counts.blank,
            rejected=all_counts.rejected,
            damaged=all_counts.damaged,
            first=all_counts.first,
            last=all_counts.last,
            layouts=tuple(dict.fromkeys([*self.layouts, *self.tail_layouts])),
            status=self.status,
            error=self.error,
            unfinished=self.unfinished,
            server=self.server,
            notes=(*self.notes, *doubled),
            evidence=self.evidence,
        )


FileKind = Literal["rows", "rejects", "damage", "evidence"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A Parquet file of rows, of rejects, of the damage in rows, or of evidence.

    ``sources`` are the ids of the sources it has lines of.

    ``is_tail``: its lines are last lines without line end, which are replaced when their source grows.
    """

    id: int
    kind: FileKind
    name: FileName
    sources: frozenset[int]
    rows: int
    bytes: int
    digest: str
    is_tail: bool = False
    log: Log = "iis"
    fields: tuple[str, ...] = ()
    coded: frozenset[str] = frozenset()
    first: datetime = EPOCH
    last: datetime = EPOCH


@dataclass(frozen=True, slots=True)
class DictionaryPart:
    """A Parquet file with new values of some fields: for each, the code of its first value and how many there are."""

    id: int
    name: FileName
    bytes: int
    digest: str
    spans: Mapping[str, tuple[int, int]]


Milestone = tuple[int, int, int]
"""Source id, number of the line that begins at the offset, offset after decompression."""


@dataclass(slots=True)
class Change:
    """Everything that one commit does, all of it or nothing."""

    sources: list[SourceRecord] = field(default_factory=list)
    gone_sources: list[int] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)
    gone_files: list[StoredFile] = field(default_factory=list)
    parts: list[DictionaryPart] = field(default_factory=list)
    gone_parts: list[DictionaryPart] = field(default_factory=list)
    text_fields: list[str] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    next_file: int = 1
    next_source: int = 1
    done: int = 0
    total: int = 0
    is_whole: bool = False
