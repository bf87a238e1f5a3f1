"""What has to be read: the sources that are there now against those that the manifest remembers."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from parsing.errors import CancelledError, SourceError
from parsing.index.reading.byte_stage import Openings, Task, detected, digest
from parsing.index.store.records import SourceRecord
from parsing.sources.discovery import SourceFile
from parsing.sources.nested import innermost
from parsing.sources.stream import open_source

Stamp = tuple[int, ...]

Key = tuple[str, str]
"""What a source is recognised by: its path and the member of the archive."""


@dataclass(slots=True)
class Plan:
    """``tasks`` in the order of reading; ``new`` and ``gone`` sources; ``renamed`` records need no reading.

    Nor do those that are ``still_not_logs``: they were no logs, have another size by now, and are no logs yet. ``openings`` are
    those of the sources that stay.
    """

    tasks: list[Task] = field(default_factory=list)
    new: list[SourceRecord] = field(default_factory=list)
    renamed: list[SourceRecord] = field(default_factory=list)
    still_not_logs: list[SourceRecord] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    openings: Openings = field(default_factory=Openings)

    @property
    def is_of_logs(self) -> bool:
        """Whether anything has changed but the sizes of what are no logs."""
        return bool(self.tasks or self.new or self.renamed or self.gone)


@dataclass(frozen=True, slots=True)
class _FoundFile:
    """A source as it is now."""

    file: SourceFile
    key: Key
    stamp: Stamp


def key_of(file: SourceFile) -> Key:
    """Links are not followed; where the system ignores case in names, so does the key."""
    return as_text(os.path.normcase(os.path.abspath(file.path))), file.member  # noqa: PTH100


def as_text(name: str) -> str:
    """A name of a file as text that can be stored: bytes of it that are not UTF-8 are written ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def shown_name(file: SourceFile) -> str:
    """The name of a source as text: bytes of a file name that are not UTF-8 are written ``\\xff``."""
    return os.fsencode(file.name).decode("utf-8", "backslashreplace")


def stamp_of(path: Path) -> Stamp:
    """Size, time of the last change and number of a file; empty when it cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_size, status.st_mtime_ns, status.st_ino


def make_plan(
    files: Sequence[SourceFile],
    records: Collection[SourceRecord],
    numbers: Callable[[int], Sequence[int]],
    stamps: Mapping[Path, Stamp] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Plan:
    """Compare ``files``, in the order of their names, with the records; new sources take ``numbers`` in that order.

    ``stamps`` are those that are known already. Raises ``CancelledError`` once ``cancelled()`` is true.
    """
    stamps = stamps or {}
    plan = Plan()
    by_key = {(record.path, record.member): record for record in records}
    new: list[_FoundFile] = []
    changed: list[tuple[_FoundFile, SourceRecord]] = []
    sizes = _Sizes()
    keys = [key_of(file) for file in files]
    staying = {by_key[key].id for key in keys if key in by_key}
    for file, key in zip(files, keys, strict=True):
        if cancelled():
            raise CancelledError
        found = _FoundFile(file, key, stamps.get(file.path) or stamp_of(file.path))
        record = by_key.get(key)
        if record is not None and record.same_as and record.same_as not in staying:
            # The one that was counted has gone: this one takes its place, as one that was renamed.
            record = None
        else:
            by_key.pop(key, None)
        if record is None:
            new.append(found)
        elif _is_done(record, found.stamp) and record.server == as_text(file.server):
            if record.name != shown_name(file):
                plan.renamed.append(replace(record, name=shown_name(file)))
        elif _is_still_no_log(record, found):
            now = replace(record, name=shown_name(file), stamp=found.stamp, size=sizes.on_disk(found))
            (plan.still_not_logs if record.name == now.name else plan.renamed).append(now)
        else:
            changed.append((found, record))
    replaced = [record for found, record in changed if _looks_replaced(record, found.stamp)]
    moved = _moved(new, [*by_key.values(), *replaced], cancelled)
    taken = {record.id for record in moved.values()}
    for found, record in changed:
        if record.id in taken:
            new.append(found)
        else:
            plan.tasks.append(_task(record, found, sizes))
    plan.tasks += [_task(moved[found.key], found, sizes) for found in new if found.key in moved]
    fresh = [found for found in new if found.key not in moved]
    for found, number in zip(fresh, numbers(len(fresh)), strict=True):
        task = _task(SourceRecord(number, found.file.name, ""), found, sizes)
        plan.tasks.append(task)
        plan.new.append(task.record)
    plan.gone = [record.id for record in by_key.values() if record.id not in taken]
    for record in records:
        if record.id in staying or record.id in taken:
            plan.openings.add(record)
    plan.tasks = _newest_first(plan.tasks)
    return plan


def _is_done(record: SourceRecord, stamp: Stamp) -> bool:
    if stamp != record.stamp or not stamp:
        return False
    return record.status in ("ok", "not-a-log") or (bool(record.error) and record.offset > 0)


def _is_still_no_log(record: SourceRecord, found: _FoundFile) -> bool:
    """Whether a file that was no log has changed and still is none: files that other programs write to are not read again."""
    if record.status != "not-a-log" or found.stamp[2:] != record.stamp[2:]:
        return False
    from parsing.formats.detect import HEAD

    head = _head(found.file, HEAD)
    return bool(head) and not detected(head, found.file.name).is_log


def _looks_replaced(record: SourceRecord, stamp: Stamp) -> bool:
    """Whether there is another file, or a shorter one, in the place of the one that was read."""
    if not stamp or not record.stamp:
        return False
    return stamp[0] < record.stamp[0] or stamp[2] != record.stamp[2]


def _task(record: SourceRecord, found: _FoundFile, sizes: _Sizes) -> Task:
    path, member = found.key
    size = sizes.on_disk(found)
    server = as_text(found.file.server)
    is_stale = record.server != server
    record = replace(
        record,
        name=shown_name(found.file),
        path=path,
        member=member,
        server=server,
        stamp=found.stamp,
        size=size,
    )
    return Task(replace(record, status="partial"), found.file, is_stale=is_stale)


class _Sizes:
    """Bytes on disk of sources; for members of an archive, what they take in it."""

    def __init__(self) -> None:
        self._packed: dict[Path, dict[str, int]] = {}

    def on_disk(self, found: _FoundFile) -> int:
        if not found.file.member:
            return found.stamp[0] if found.stamp else 0
        try:
            path, member = innermost(found.file.path, found.file.member)
        except (SourceError, OSError):
            return 0
        if path not in self._packed:
            self._packed[path] = _packed_sizes(path)
        return self._packed[path].get(member, 0)


def _packed_sizes(path: Path) -> dict[str, int]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {info.filename: info.compress_size for info in archive.infolist()}
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return {}


def _moved(
    new: Sequence[_FoundFile], gone: Sequence[SourceRecord], cancelled: Callable[[], bool]
) -> Mapping[Key, SourceRecord]:
    """New files that begin like a source that has gone: renamed, or compressed. Reading proves or refutes it."""
    # Those that count their lines last, and so rather than others of the same content.
    gone = sorted(gone, key=lambda record: not record.same_as)
    wanted = {(record.marks.head_length, record.marks.head): record for record in gone if record.marks is not None}
    lengths = sorted({length for length, _ in wanted}, reverse=True)
    moved: dict[Key, SourceRecord] = {}
    for found in new if wanted else ():
        if cancelled():
            raise CancelledError
        head = _head(found.file, lengths[0])
        marks = ((length, digest(head[:length])) for length in lengths if length <= len(head))
        known = next((mark for mark in marks if mark in wanted), None)
        if known is not None:
            moved[found.key] = wanted.pop(known)
        if not wanted:
            break
    return moved


def _head(file: SourceFile, size: int) -> bytes:
    try:
        with closing(open_source(file)) as stream:
            return stream.read(size)
    except (SourceError, OSError):
        return b""


def _newest_first(tasks: Sequence[Task]) -> list[Task]:
    """By day of the last change, the newest first; within a day by name, the last first: httperr10 before httperr9."""
    numbered = list(enumerate(tasks))
    numbered.sort(key=lambda item: (_day(item[1]), item[0]), reverse=True)
    return [task for _, task in numbered]


def _day(task: Task) -> int:
    stamp = task.record.stamp
    return stamp[1] // 86_400_000_000_000 if stamp else 0
