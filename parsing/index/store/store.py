"""A log set on disk: its folder, manifest, files and dictionaries, and the snapshots taken of them."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from parsing.errors import IndexStoreError
from parsing.index.folders import MANIFEST, folder_size
from parsing.index.memory import Memory
from parsing.index.snapshot import EvidencePart, Progress, Segment, Snapshot, Source
from parsing.index.store import segments
from parsing.index.store.dictionaries import Dictionaries
from parsing.index.store.locks import Users, writer_lock
from parsing.index.store.manifest import Manifest, State, can_be_loaded, revision_in
from parsing.index.store.records import Change, DictionaryPart, FileKind, SourceRecord, StoredFile
from parsing.index.store.stored_files import DamagedError, check_file
from parsing.sources.names import NaturalKey, natural_key

COPY = "manifest-copy.sqlite"
"""The manifest as it was when the log set was last read or closed; it takes its place if it is damaged.

Files that it names and that have been replaced since are then missing, and are made again from the logs.
"""

_KINDS = "rows|rejects|damage|words|evidence"
_OURS = re.compile(rf"({_KINDS})-[0-9]+\.parquet|\.({_KINDS})-[0-9]+\.parquet\.[0-9a-f]{{8}}\.part")


class _Shown(NamedTuple):
    """A source as a snapshot shows it. ``other`` counts its lines, if it does not itself."""

    record: SourceRecord
    other: SourceRecord | None
    source: Source
    key: NaturalKey


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Rejects:
    """Files of rejects, and the names of all sources by id. The files stay for as long as this is held."""

    files: tuple[StoredFile, ...]
    names: Mapping[int, str]


class Store:
    """The committed state of one log set. Any thread may take snapshots; one thread at a time commits."""

    def __init__(self, folder: Path, arguments: Iterable[str], zone: str, *, is_temporary: bool = False) -> None:
        self.folder = folder
        self.writing = writer_lock(folder)
        self._arguments = tuple(arguments)
        self._zone = zone
        self._is_temporary = is_temporary
        self._lock = threading.Lock()
        self._segments: dict[int, Segment] = {}
        self._sources: dict[int, _Shown] = {}
        self._source_ids: pl.Series | None = None
        self._snapshot: Snapshot | None = None
        self._in_use: list[weakref.ref[Snapshot]] = []
        self._read: list[weakref.ref[Rejects]] = []
        self._replaced: set[str] = set()
        self.missing: frozenset[str] = frozenset()
        """Names of files that count and are lost, which the next reading makes again; snapshots leave them out."""
        _make_folder(folder)
        self.is_read_only = not os.access(folder, os.W_OK) and (folder / MANIFEST).is_file()
        """Whether the folder cannot be written; what it holds can be asked all the same."""
        self._users = Users(folder)
        self._users.join()
        self.dictionaries = Dictionaries(folder)
        self._memory = Memory()
        self.manifest, self.state = self._open()
        self.dictionaries.show(self.state.parts.values())
        if not self.is_read_only:
            self._clean()

    def _open(self) -> tuple[Manifest, State]:
        try:
            return self._load()
        except DamagedError as damage:
            self._remove_damaged(damage)
        return self._load()

    def _load(self) -> tuple[Manifest, State]:
        path = self.folder / MANIFEST
        if not self.is_read_only and (self.folder / COPY).is_file() and (not path.is_file() or not path.stat().st_size):
            raise DamagedError("the index is damaged: its manifest is gone", where=str(path))
        manifest = Manifest(path, is_read_only=self.is_read_only)
        try:
            if not self.is_read_only:
                manifest.create(self._arguments, self._zone)
            state = manifest.load()
            self.missing = segments.missing([*state.files.values(), *state.parts.values()], self.folder)
        except IndexStoreError:
            manifest.close()
            raise
        return manifest, state

    def _remove_damaged(self, damage: DamagedError, *, is_thorough: bool = False) -> None:
        """Put the copy of the manifest in its place; without one, or if ``is_thorough``, make room for a new index."""
        in_use = IndexStoreError(damage.reason, where=damage.where, hint="another process has it open; quit that first")
        if not self.writing.acquire():
            raise in_use
        try:
            alone = self._users.is_alone()
            self._users.join()
            if not alone:
                raise in_use
            has_copy = not is_thorough and can_be_loaded(self.folder / COPY)
            for entry in self.folder.iterdir():
                is_file_of_rows = _OURS.fullmatch(entry.name) is not None
                if entry.name.startswith(MANIFEST) or (not has_copy and (is_file_of_rows or entry.name == COPY)):
                    entry.unlink(missing_ok=True)
            if has_copy:
                shutil.copyfile(self.folder / COPY, self.folder / MANIFEST)
        except OSError as error:
            raise IndexStoreError(f"cannot rebuild the index: {error.strerror}", where=str(self.folder)) from error
        finally:
            self.writing.release()

    def find_missing(self) -> bool:
        """Look for files that are lost by now; whether there are any."""
        missing = segments.missing(self._all_files(), self.folder)
        with self._lock:
            self.missing = missing
            self._snapshot = None
        return bool(missing)

    def check_files(self) -> None:
        """Check the content of all files, so that all that is damaged is known to be missing, not only what was read."""
        for file in self._all_files():
            if file.name not in self.missing:
                with contextlib.suppress(DamagedError):
                    check_file(self.folder / file.name, file.digest)
        self.find_missing()

    def rebuild(self, damage: DamagedError, *, is_thorough: bool) -> None:
        """Begin again with the copy of the manifest; if ``is_thorough``, with an empty index.

        The caller holds the writer's lock; snapshots taken before are void.
        """
        self.manifest.close()
        self.writing.release()
        self._remove_damaged(damage, is_thorough=is_thorough)
        if not self.writing.acquire():
            raise IndexStoreError("the index is in use", where=str(self.folder))
        with self._lock:
            self.manifest, self.state = self._load()
            self.dictionaries = Dictionaries(self.folder)
            self.dictionaries.show(self.state.parts.values())
            self._memory.clear()
            self._memory = Memory()
            self._segments.clear()
            self._sources.clear()
            self._replaced.clear()
            self._snapshot = None

    def _all_files(self) -> list[StoredFile | DictionaryPart]:
        return [*self.state.files.values(), *self.state.parts.values()]

    def keep_copy(self) -> None:
        """Keep a copy of the manifest if it has changed since the last one. For the writer alone."""
        copy = self.folder / COPY
        if self._is_temporary or self.missing or revision_in(copy) == self.state.revision:
            return
        with contextlib.suppress(IndexStoreError, OSError):
            self.manifest.copy_to(copy)

    def file_numbers(self, count: int) -> Sequence[int]:
        """Numbers for new files, for the writer alone: none that any committed file ever had."""
        with self._lock:
            first = self.state.next_file
            self.state.next_file += count
            return range(first, first + count)

    def source_numbers(self, count: int) -> Sequence[int]:
        """Numbers for new sources, for the writer alone."""
        with self._lock:
            first = self.state.next_source
            self.state.next_source += count
            return range(first, first + count)

    def commit(self, change: Change) -> None:
        """Make a change durable and visible."""
        change.next_file, change.next_source = self.state.next_file, self.state.next_source
        self.manifest.commit(change)
        with self._lock:
            self.state.apply(change)
            self.dictionaries.show(self.state.parts.values())
            self._snapshot = None
            self._replaced.update(file.name for file in change.gone_files)
            self._replaced.update(part.name for part in change.gone_parts)
            if self.missing:
                self.missing &= {file.name for file in self._all_files()}

    def discard_replaced(self) -> None:
        """Delete files that our commits have replaced and that no reader needs, so that they do not pile up while logs grow.

        For the writer alone.
        """
        with self._lock:
            snapshots = [snapshot for known in self._in_use if (snapshot := known()) is not None]
            read = [rejects for known in self._read if (rejects := known()) is not None]
        named = {segment.path.name for snapshot in snapshots for segment in snapshot.segments}
        named |= {part.path.name for snapshot in snapshots for part in snapshot.evidence}
        named |= {file.name for rejects in read for file in rejects.files}
        unused = self._replaced - named
        if not unused:
            return
        if self._users.is_alone():
            for name in unused:
                with contextlib.suppress(OSError):
                    (self.folder / name).unlink(missing_ok=True)
                    self._replaced.discard(name)
        self._users.join()

    def refresh(self) -> bool:
        """Take over what other processes committed; whether there was anything."""
        if self.manifest.revision() == self.state.revision:
            return False
        state = self.manifest.load()
        with self._lock:
            self.state = state
            if self.missing:
                self.missing = segments.missing(self._all_files(), self.folder)
            self.dictionaries.show(state.parts.values())
            self._snapshot = None
        return True

    def snapshot(self) -> Snapshot:
        """The newest committed state; the same object until it changes."""
        with self._lock:
            if self._snapshot is None:
                state = self.state
                self._show_sources(state)
                rows = [file for file in state.files.values() if file.kind == "rows" and not self._is_lost(file)]
                rows.sort(key=lambda file: (file.first, file.id))
                self._segments = {file.id: self._segment(file) for file in rows}
                self._snapshot = Snapshot(
                    tuple(self._segments.values()),
                    tuple(shown.source for shown in self._sources.values()),
                    Progress(state.done, state.total, is_whole=state.is_whole and not self.missing),
                    self.dictionaries.load,
                    self._memory,
                    tuple(self._evidence(state)),
                )
                self._in_use = [known for known in self._in_use if known() is not None]
                self._in_use.append(weakref.ref(self._snapshot))
            return self._snapshot

    def rejects(self, kind: FileKind = "rejects") -> Rejects:
        """The files of rejects, or of damage, in the newest committed state, to be held for as long as they are read."""
        with self._lock:
            files = tuple(
                file for file in self.state.files.values() if file.kind == kind and file.name not in self.missing
            )
            found = Rejects(files, {record.id: record.name for record in self.state.sources.values()})
            self._read = [known for known in self._read if known() is not None]
            self._read.append(weakref.ref(found))
            return found

    def _is_lost(self, file: StoredFile) -> bool:
        """Whether a file of rows is missing, or a part of the dictionaries that its codes may need."""
        lost = [part for part in self.state.parts.values() if part.name in self.missing] if self.missing else []
        return file.name in self.missing or any(file.coded & part.spans.keys() for part in lost)

    def _segment(self, file: StoredFile) -> Segment:
        return self._segments.get(file.id) or segments.segment(file, self.folder, self._source_ids)

    def _evidence(self, state: State) -> Iterator[EvidencePart]:
        for _, file in sorted(state.files.items()):
            if file.kind == "evidence" and file.name not in self.missing:
                source = self._sources[min(file.sources)].source.id
                yield EvidencePart(self.folder / file.name, source, file.rows, file.digest)

    def _show_sources(self, state: State) -> None:
        """Give the sources ids in the order of their names. What is remembered goes where known ones get other ids."""
        keys = {number: self._name_key(record) for number, record in state.sources.items()}
        ordered = sorted(state.sources, key=lambda number: (keys[number], number))
        ids = {number: place for place, number in enumerate(ordered, 1)}
        before = {number: shown.source.id for number, shown in self._sources.items()}
        self._sources = {number: self._shown(state, number, keys[number], ids[number]) for number in ordered}
        by_number = [ids.get(number) for number in range(max(ids, default=0) + 1)]
        is_same = all(number == place for number, place in ids.items())
        self._source_ids = None if is_same else pl.Series("source", by_number, dtype=pl.UInt32)
        if any(place != ids.get(number, place) for number, place in before.items()):
            self._memory = Memory()
            known = self._segments.items()
            self._segments = {number: replace(segment, source_ids=self._source_ids) for number, segment in known}

    def _name_key(self, record: SourceRecord) -> NaturalKey:
        known = self._sources.get(record.id)
        return known.key if known is not None and known.record is record else natural_key(record.name)

    def _shown(self, state: State, number: int, key: NaturalKey, place: int) -> _Shown:
        record = state.sources[number]
        other = state.sources.get(record.same_as)
        known = self._sources.get(number)
        if known and known.record is record and known.other is other and known.source.id == place:
            return known
        return _Shown(record, other, record.public(place, other.name if other else ""), key)

    def size(self) -> int:
        """Bytes of the index on disk."""
        return folder_size(self.folder)

    def close(self) -> None:
        """Give up the locks; the last to close deletes what commits have replaced."""
        if self._is_temporary:
            self._end()
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        if not self.is_read_only:
            with contextlib.suppress(IndexStoreError):
                self._clean()
        self._end()

    def _end(self) -> None:
        self._snapshot = None
        self._memory.clear()
        self.manifest.close()
        self._users.close()

    def _clean(self) -> None:
        """Delete files that no commit names, if this process is alone with the index."""
        if not self.writing.acquire():
            return
        try:
            self.refresh()
            self.keep_copy()
            if self._users.is_alone():
                named = {file.name for file in self.state.files.values()}
                named |= {part.name for part in self.state.parts.values()}
                for entry in self.folder.iterdir():
                    if _OURS.fullmatch(entry.name) and entry.name not in named:
                        with contextlib.suppress(OSError):
                            entry.unlink()
            self._users.join()
        finally:
            self.writing.release()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "use --index-dir for another folder, or --no-cache"
        raise IndexStoreError(
            f"cannot make the index folder: {error.strerror}", where=str(folder), hint=hint
        ) from error
