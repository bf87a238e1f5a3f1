"""What has to be read: the sources that are there now against those that the manifest remembers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from parsing.errors import SourceError
from parsing.index.pieces import Task, digest
from parsing.index.records import SourceRecord
from parsing.sources.discovery import SourceFile
from parsing.sources.stream import open_source

Key = tuple[str, str]
"""What a source is recognised by: its path and the member of the archive."""


@dataclass(slots=True)
class Plan:
    """``tasks`` in the order of reading; ``changed`` records to be committed before; ``gone`` ids that left the set."""

    tasks: list[Task] = field(default_factory=list)
    changed: list[SourceRecord] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    known: list[SourceRecord] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.tasks or self.changed or self.gone)


def key_of(file: SourceFile) -> Key:
    return os.path.abspath(file.path), file.member  # noqa: PTH100 links stay as they are named


def stamp_of(file: SourceFile) -> tuple[int, ...]:
    """Size, time of the last change and number of a file; empty when it cannot be looked at."""
    try:
        status = file.path.stat()
    except OSError:
        return ()
    return status.st_size, status.st_mtime_ns, status.st_ino


def make_plan(
    files: Sequence[SourceFile], records: Iterable[SourceRecord], numbers: Callable[[int], Sequence[int]]
) -> Plan:
    """Compare ``files``, in the order of their names, with the records; new sources take ``numbers`` in that order."""
    plan = Plan()
    by_key = {(record.path, record.member): record for record in records}
    new: list[tuple[SourceFile, tuple[int, ...]]] = []
    for file in files:
        record = by_key.pop(key_of(file), None)
        stamp = stamp_of(file)
        if record is None:
            new.append((file, stamp))
        elif _is_done(record, stamp):
            plan.known.append(record)
            if record.name != file.name:
                plan.changed.append(replace(record, name=file.name))
        else:
            _go_on(plan, replace(record, name=file.name), file, stamp)
    moved = _moved(new, list(by_key.values()))
    for file, stamp in new:
        known = moved.get(key_of(file))
        if known is not None:
            del by_key[known.path, known.member]
            path, member = key_of(file)
            _go_on(plan, replace(known, name=file.name, path=path, member=member), file, stamp)
    fresh = [(file, stamp) for file, stamp in new if key_of(file) not in moved]
    for (file, stamp), number in zip(fresh, numbers(len(fresh)), strict=True):
        path, member = key_of(file)
        _go_on(plan, SourceRecord(number, file.name, path, member), file, stamp)
    plan.gone = [record.id for record in by_key.values()]
    plan.tasks = _newest_first(plan.tasks)
    return plan


def _is_done(record: SourceRecord, stamp: tuple[int, ...]) -> bool:
    if stamp != record.stamp or not stamp:
        return False
    return record.status in ("ok", "not-a-log") or (record.status == "failed" and record.offset > 0)


def _go_on(plan: Plan, record: SourceRecord, file: SourceFile, stamp: tuple[int, ...]) -> None:
    size = stamp[0] if stamp else 0
    record = replace(record, stamp=stamp, size=_size_on_disk(file, size), status="partial")
    plan.tasks.append(Task(record, file))
    plan.changed.append(record)


def _size_on_disk(file: SourceFile, size: int) -> int:
    return size if not file.member else getattr(file, "size", size)


def _moved(
    new: Sequence[tuple[SourceFile, tuple[int, ...]]], gone: Sequence[SourceRecord]
) -> Mapping[Key, SourceRecord]:
    """New files that begin like a source that has gone: renamed, or compressed. Reading proves or refutes it."""
    wanted = {(record.marks.head_length, record.marks.head): record for record in gone if record.marks is not None}
    found: dict[Key, SourceRecord] = {}
    for file, _ in new if wanted else ():
        head = _head(file, max(length for length, _ in wanted))
        for (length, mark), record in wanted.items():
            if len(head) >= length and digest(head[:length]) == mark:
                found[key_of(file)] = record
                del wanted[length, mark]
                break
        if not wanted:
            break
    return found


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
