"""Log sets: the sources that are open together, and their index."""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from parsing.errors import CancelledError, IndexStoreError
from parsing.formats.log_locale import LogLocale
from parsing.index.folders import absolute, set_folder, zone_name
from parsing.index.raw_lines import RawLines, file_of
from parsing.index.reading.evidence_stage import update_evidence
from parsing.index.reading.plan import Key, Plan, key_of, make_plan
from parsing.index.reading.same_content import compared, undecided_tasks
from parsing.index.snapshot import Progress, Snapshot, Source, unread_source
from parsing.index.store import segments
from parsing.index.store.dictionaries import Encoder
from parsing.index.store.records import FileKind
from parsing.index.store.store import Store
from parsing.index.store.stored_files import DamagedError
from parsing.index.watch import Seen, Watch
from parsing.sources.discovery import Discovery, Problem, SourceFile, discover, is_pipe

_FOLLOW_SECONDS = 0.1

_ATTEMPTS = 4
"""How often a reading begins that finds the index damaged; the last time with an empty one."""


class LogSet:
    """A log set and its index on disk. Snapshots may be taken from any thread, also while another thread reads."""

    def __init__(self, paths: Sequence[str], store: Store, locale: LogLocale, exclude: Sequence[str] = ()) -> None:
        self.problems: tuple[Problem, ...] = ()
        """Inputs that the last reading could not read."""
        self._paths = tuple(paths)
        self._exclude = tuple(exclude)
        self._store = store
        self._locale = locale
        self._reading = threading.Lock()
        self._encoder: Encoder | None = None
        self._found: Discovery | None = None
        self._files: dict[Key, SourceFile] = {}
        self._watch = Watch(paths)
        self._raw_lines = RawLines()
        self._woken = threading.Event()

    @classmethod
    def open(
        cls,
        paths: Sequence[str],
        *,
        index_dir: Path | None = None,
        cache: bool = True,
        tz: tzinfo = UTC,
        exclude: Sequence[str] = (),
        encoding: str = "",
    ) -> LogSet:
        """Open the index of these files, folders, globs or archives, without sources that globs ``exclude``; reads no log yet.

        ``tz`` is the zone of logs in local time, ``encoding`` the code page of lines that are not UTF-8 (else cp1252).

        Without ``cache``, and for standard input and pipes, the index is temporary and goes when the log set is closed. Raises
        ``IndexStoreError`` when the index folder cannot be used.
        """
        locale = LogLocale(tz, encoding)
        is_temporary = not cache or any(map(is_pipe, paths))
        folder = _temporary_folder() if is_temporary else set_folder(paths, locale, index_dir, exclude)
        arguments = [absolute(path) for path in paths]
        return cls(paths, Store(folder, arguments, zone_name(tz), is_temporary=is_temporary), locale, exclude)

    def read(
        self,
        *,
        on_progress: Callable[[Progress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read all that is new and commit it block by block; returns when it is done or ``cancelled()``.

        While another process reads the same log set, this one follows its commits and takes over if it ends.
        """
        with self._reading:
            if self._store.is_read_only:
                self._check_complete(cancelled)
            elif self._become_writer(on_progress, cancelled):
                self._read_as_writer(on_progress, cancelled)

    def _check_complete(self, cancelled: Callable[[], bool]) -> None:
        """Raise ``IndexStoreError`` where something would have to be written into a folder that cannot be."""
        with suppress(CancelledError):
            if self._plan(None, cancelled).is_of_logs or not self._store.state.is_whole or self._store.missing:
                raise IndexStoreError(
                    f"cannot write to the index folder, and {_why(self._store)}",
                    where=str(self._store.folder),
                    hint="use --index-dir for another folder, or --no-cache",
                )

    def _read_as_writer(
        self,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        known: Discovery | None = None,
        *,
        is_polled: bool = False,
    ) -> None:
        """Read, and give the writer's lock up, which the caller has taken; what is damaged in the index is made again."""
        try:
            for attempt in range(_ATTEMPTS):
                try:
                    self._refresh()
                    self._read(on_progress, cancelled, known, is_polled=is_polled)
                    break
                except DamagedError as damage:
                    self._recover(damage, attempt)
            if not is_polled:
                self._store.keep_copy()
            self._store.discard_replaced()
        finally:
            self._store.writing.release()

    def _recover(self, damage: DamagedError, attempt: int) -> None:
        """Prepare another attempt: first to make what is missing again, then with a new index, which is tried once."""
        self._encoder = None
        if attempt == _ATTEMPTS - 1:
            raise damage
        is_last = attempt == _ATTEMPTS - 2
        if is_last or damage.where == str(self._store.manifest.path) or not self._store.find_missing():
            self._store.rebuild(damage, is_thorough=is_last)

    def _become_writer(self, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> bool:
        while not self._store.writing.acquire():
            if cancelled():
                return False
            if self._store.refresh():
                on_progress(self.snapshot().progress)
            self._woken.wait(_FOLLOW_SECONDS)
        return True

    def _refresh(self) -> None:
        """Take over what other processes committed; their words are not known to our encoder."""
        if self._store.refresh():
            self._encoder = None

    def _read(
        self,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        known: Discovery | None,
        *,
        is_polled: bool,
    ) -> None:
        is_whole = False
        try:
            if self._store.missing:
                self._repair(on_progress, cancelled)
                known = None
            plan = self._plan(known, cancelled, is_polled=is_polled)
            if is_polled and not plan.is_of_logs:
                # Files that are no logs may be written all the time: their new sizes alone are no reason to answer again.
                plan.still_not_logs.clear()
            if self._is_read(plan) or self._ingest(plan, on_progress, cancelled):
                is_whole = update_evidence(self._store, self._files, cancelled)
        except CancelledError:
            return
        finally:
            if not is_whole:
                self._watch.forget()
        broken = [record for record in self._store.state.sources.values() if record.status in ("failed", "partial")]
        self.problems += tuple(Problem(record.name, record.error) for record in broken if record.error)

    def _is_read(self, plan: Plan) -> bool:
        """Whether there is nothing to read and nothing to commit."""
        if not self._store.state.is_whole or plan.is_of_logs or plan.still_not_logs:
            return False
        return not undecided_tasks(plan, self._store.state.sources, self._files)

    def _ingest(self, plan: Plan, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> bool:
        """Read what the plan says, then what of it only seemed to be counted already; false when it was cancelled."""
        # Loaded where there is something to read only: it takes a third of the time of a count.
        from parsing.index.reading.commit_stage import Ingest

        if self._encoder is None:
            self._encoder = Encoder(self._store.dictionaries, self._store.state.text_fields)
        store, encoder = self._store, self._encoder
        with self._encoder_kept():
            is_whole = Ingest(store, encoder, self._locale, on_progress, cancelled).run(plan)
            while is_whole and (undecided := undecided_tasks(plan, store.state.sources, self._files)):
                plan = compared(undecided, store.state.sources, self._files, store.source_numbers, cancelled)
                is_whole = Ingest(store, encoder, self._locale, on_progress, cancelled).run(plan)
        return is_whole

    def _repair(self, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> None:
        """Make the files of the index that are missing again; their logs are found where they are now."""
        from parsing.index.reading.repair import Repair

        found = discover(self._paths, cancelled, exclude=self._exclude)
        files = {key_of(file): file for file in found.files}
        Repair(self._store, self._locale, files, on_progress, cancelled).run()
        self._encoder = None

    @contextmanager
    def _encoder_kept(self) -> Iterator[None]:
        """After a failed commit the encoder knows values that were never stored."""
        try:
            yield
        except BaseException:
            self._encoder = None
            raise

    def poll(self, *, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Take over what has changed since the last look, in the logs or by another process; whether anything had.

        For live follow: cheap while nothing changes, so that it may be called every half second. Does not wait for
        another process that reads, nor for a reading in another thread.
        """
        if not self._reading.acquire(blocking=False):
            return False
        try:
            # Held, it would keep its files on disk.
            before = weakref.ref(self.snapshot())
            seen = self._watch.seen()
            try:
                self._refresh()
            except DamagedError:
                seen = Seen.FOLDERS
            seen = Seen.FOLDERS if self._store.missing else seen
            if seen is not Seen.NOTHING and not self._store.is_read_only and self._store.writing.acquire():
                known = self._found if seen is Seen.FILES else None
                self._read_as_writer(lambda _: None, cancelled, known, is_polled=True)
            return self.snapshot() is not before()
        finally:
            self._reading.release()

    def _plan(self, known: Discovery | None, cancelled: Callable[[], bool], *, is_polled: bool = False) -> Plan:
        found = discover(self._paths, cancelled, exclude=self._exclude) if known is None else known
        if known is None:
            self._found = found
            self._files = {key_of(file): file for file in found.files}
            if is_polled:
                self._watch.remember(found.files)
        else:
            self._watch.remember_changed()
        self.problems = tuple(found.problems)
        records = self._store.state.sources.values()
        stamps = self._watch.stamps if is_polled else None
        return make_plan(found.files, records, self._store.source_numbers, stamps, cancelled)

    def snapshot(self) -> Snapshot:
        """The newest committed state; the same object until something changes."""
        return self._store.snapshot()

    def listed(self, snapshot: Snapshot) -> tuple[Source, ...]:
        """The sources of a snapshot, and as ``failed`` ones what could not even be looked into, with ids below zero."""
        known = {source.name for source in snapshot.sources}
        unread = [problem for problem in self.problems if problem.name not in known]
        failed = (unread_source(-number, one.name, one.reason) for number, one in enumerate(unread, 1))
        return (*snapshot.sources, *failed)

    def raw_line(self, number: int, line: int) -> bytes:
        """The exact bytes of a line of the source of this number (not: id) without its line end.

        Raises ``SourceError`` when the file is not what it was.
        """
        record = self._store.state.sources.get(number)
        if not self._files:
            self._files = {key_of(file): file for file in discover(self._paths, exclude=self._exclude).files}
        return self._raw_lines.line(record, file_of(record, self._files), self._store.manifest, line)

    def rejects(self) -> Iterator[pl.DataFrame]:
        """Lines that could not become rows: ``source``, ``line``, ``why``, ``text``; by source, as names sort, and line."""
        return self._lines("rejects")

    def damage(self) -> Iterator[pl.DataFrame]:
        """Values that do not fit their field and became null, as ``text``; the field is the ``why``. Otherwise as rejects."""
        return self._lines("damage")

    def _lines(self, kind: FileKind) -> Iterator[pl.DataFrame]:
        held = self._store.rejects(kind)
        yield from segments.rejects_in_order(held.files, held.names, self._store.folder)

    def size(self) -> int:
        """Bytes of the index on disk."""
        return self._store.size()

    def close(self) -> None:
        """Give the index up; a temporary one is deleted."""
        self._woken.set()
        with self._reading:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _why(store: Store) -> str:
    """Why a folder would have to be written that cannot be."""
    if store.missing:
        return f"a file of the index is damaged ({min(store.missing)})"
    return "there is something new to read"


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="dropline-"))
    except OSError as error:
        raise IndexStoreError(f"cannot make a temporary folder: {error.strerror}", hint="set TMPDIR") from error
