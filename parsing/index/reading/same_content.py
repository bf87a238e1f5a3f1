"""The same content under two names is counted once: sources that begin alike are compared byte by byte.

So is one whose bytes are the beginning of another's of the same name: a bundle is packed while the log grows. Of two with
the same bytes, a plain file counts rather than a packed one, then the one with the shorter name: whichever came first, the
outcome is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import Enum

from parsing.errors import CancelledError, DamagedSourceError, SourceError
from parsing.index.reading.byte_stage import Task, is_same, marks_after
from parsing.index.reading.plan import Key, Plan
from parsing.index.store.records import Marks, SourceRecord
from parsing.sources.discovery import SourceFile
from parsing.sources.names import NaturalKey, natural_key
from parsing.sources.stream import Stream, open_source

_CHUNK = 1 << 20
_HEAD = 4096
"""Bytes at the start of a source that are kept, so that not each pair of many similar ones is opened."""

_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")


def undecided_tasks(plan: Plan, records: Mapping[int, SourceRecord], files: Mapping[Key, SourceFile]) -> list[Task]:
    """What waits for a comparison after a reading, and sources whose lines are no longer counted in another one."""
    waiting = {task.record.id for task in plan.openings.waiting}
    left = [one for one in records.values() if one.same_as and one.same_as not in records and one.id not in waiting]
    found = ((record, files.get((record.path, record.member))) for record in left)
    return plan.openings.waiting + [Task(record, file) for record, file in found if file is not None]


def compared(
    tasks: Sequence[Task],
    records: Mapping[int, SourceRecord],
    files: Mapping[Key, SourceFile],
    numbers: Callable[[int], Sequence[int]],
    cancelled: Callable[[], bool],
) -> Plan:
    """What comes of tasks that begin like other sources: records that count nothing, and tasks to be read all the same.

    Raises ``CancelledError`` once ``cancelled()`` is true.
    """
    comparing = _Comparing(records, numbers, cancelled)
    for record in records.values():
        file = files.get((record.path, record.member))
        if file is not None and record.offset and not record.same_as:
            comparing.counted[record.opening][record.id] = Task(record, file)
    for task in sorted(tasks, key=lambda task: _rank(task.record)):
        comparing.decide(task)
    return comparing.plan


class _Relation(Enum):
    SAME = "the same bytes"
    BEGINNING = "all bytes are the beginning of the other's"
    LONGER = "all bytes of the other are the beginning"
    DIFFERENT = "neither"


_WORDED = {
    _Relation.SAME: "has the same lines as",
    _Relation.BEGINNING: "is the beginning of",
    _Relation.LONGER: "begins with all lines of",
}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a source compares with another: ``marks`` and ``length`` of what both have in common.

    ``error`` says why the one that ends there is damaged behind it.
    """

    relation: _Relation
    marks: Marks | None = None
    length: int = 0
    ends_with_line: bool = False
    error: str = ""


@dataclass(slots=True)
class _Comparing:
    """Decides task by task. ``counted`` are the sources that count their lines, or will, by opening and id."""

    records: Mapping[int, SourceRecord]
    numbers: Callable[[int], Sequence[int]]
    cancelled: Callable[[], bool]
    plan: Plan = field(default_factory=Plan)
    counted: defaultdict[str, dict[int, Task]] = field(default_factory=lambda: defaultdict(dict))
    _heads: dict[SourceFile, bytes] = field(default_factory=dict)

    def decide(self, task: Task) -> None:
        """Count a source in another one that has its bytes, or have it read, in place of those whose bytes it has."""
        alike = self.counted[task.record.opening]
        alike.pop(task.record.id, None)
        replaced: list[tuple[Task, _Outcome]] = []
        notes: list[str] = []
        for other in sorted(alike.values(), key=lambda other: _rank(other.record)):
            outcome = self._outcome(task, other)
            if outcome.relation is _Relation.DIFFERENT:
                continue
            is_first = outcome.relation is _Relation.SAME and _rank(task.record) < _rank(other.record)
            if _are_two_logs(task.record, other.record, outcome.relation):
                notes.append(f"{_WORDED[outcome.relation]} {other.record.name}; both are counted")
            elif is_first and _reads_alike(task, other, outcome):
                self._swap(task, other, outcome)
                return
            elif is_first or outcome.relation is _Relation.LONGER:
                replaced.append((other, outcome))
            else:
                self._put(_counted_in(other.record.id, self._unread(task.record), other.record, outcome))
                return
        self._have_read(task, replaced, notes)

    def _outcome(self, task: Task, other: Task) -> _Outcome:
        try:
            if task.record.same_as == other.record.id:
                with closing(open_source(task.file)) as one, closing(open_source(other.file)) as two:
                    if is_same(one, task.record):
                        two.skip_to(task.record.offset)
                        return _compare(one, two, self.cancelled, task.record.marks)
            head, other_head = self._head(task.file), self._head(other.file)
            if not (head.startswith(other_head) or other_head.startswith(head)):
                return _Outcome(_Relation.DIFFERENT)
            with closing(open_source(task.file)) as one, closing(open_source(other.file)) as two:
                return _compare(one, two, self.cancelled)
        except (SourceError, OSError):
            return _Outcome(_Relation.DIFFERENT)

    def _head(self, file: SourceFile) -> bytes:
        if file not in self._heads:
            with closing(open_source(file)) as stream:
                self._heads[file] = stream.read(_HEAD).rstrip(b"\0")
        return self._heads[file]

    def _swap(self, task: Task, other: Task, outcome: _Outcome) -> None:
        """Give what was read of the other to this one, and count the other in it."""
        read = replace(_named_like(other.record, task.record), disk=task.record.size)
        self.counted[read.opening][read.id] = Task(read, task.file)
        self._put(read)
        self._put(_counted_in(read.id, _named_like(self._unread(task.record), other.record), read, outcome))

    def _have_read(self, task: Task, replaced: Sequence[tuple[Task, _Outcome]], notes: Sequence[str]) -> None:
        record = replace(self._unread(task.record), opening=task.record.opening, notes=tuple(notes))
        task = Task(record, task.file, is_compared=True)
        self.plan.tasks.append(task)
        self._put(record)
        self.counted[record.opening][record.id] = task
        for other, outcome in replaced:
            self._put(_counted_in(record.id, self._unread(other.record), other.record, outcome))
            for known in self.records.values():
                if known.same_as == other.record.id:
                    self._put(replace(known, same_as=record.id))

    def _unread(self, record: SourceRecord) -> SourceRecord:
        """The record of a source as if it was never read; under another id where there may be rows of it."""
        number = record.id
        self.counted[record.opening].pop(number, None)
        self.plan.tasks = [task for task in self.plan.tasks if task.record.id != number]
        if record.offset and not record.same_as:
            self.plan.gone.append(number)
            number = self.numbers(1)[0]
        unread = SourceRecord(number, record.name, record.path, record.member, record.server)
        return replace(unread, size=record.size, stamp=record.stamp)

    def _put(self, record: SourceRecord) -> None:
        self.plan.new = [one for one in self.plan.new if one.id != record.id and one.id not in self.plan.gone]
        self.plan.new.append(record)


def _rank(record: SourceRecord) -> tuple[bool, int, NaturalKey]:
    """What decides which of two sources of the same content counts: the lesser one."""
    is_packed = bool(record.member) or record.name.lower().endswith(_PACKED)
    return is_packed, len(record.name), natural_key(record.name)


def _are_two_logs(one: SourceRecord, other: SourceRecord, relation: _Relation) -> bool:
    """Whether sources count apart although one has the lines of the other: logs of two servers, or of two names and lengths."""
    is_of_two_servers = bool(one.server and other.server) and one.server != other.server
    return is_of_two_servers or (relation is not _Relation.SAME and _unpacked(one) != _unpacked(other))


def _reads_alike(task: Task, other: Task, outcome: _Outcome) -> bool:
    """Whether the other was read to the rows that this one would be read to, and reading can go on in this one."""
    read = other.record
    is_ended = outcome.ends_with_line and not read.tail.lines and not read.unfinished and not read.error
    is_read = bool(read.offset) and not other.is_compared
    return is_read and is_ended and read.server == task.record.server and _unpacked(read) == _unpacked(task.record)


def _unpacked(record: SourceRecord) -> str:
    """The last part of a name, without the ending of a compressed file: a log without dates takes its day from it."""
    name = record.name.rpartition("/")[2].lower()
    return next((name.removesuffix(ending) for ending in _PACKED if name.endswith(ending)), name)


def _named_like(record: SourceRecord, other: SourceRecord) -> SourceRecord:
    """A record in the name and place of another one."""
    where = replace(record, name=other.name, path=other.path, member=other.member)
    return replace(where, size=other.size, stamp=other.stamp)


def _counted_in(number: int, unread: SourceRecord, like: SourceRecord, outcome: _Outcome) -> SourceRecord:
    """The record of a source whose lines are all counted in the one of an id; both have the format of a third."""
    return replace(
        unread,
        format=like.format,
        status="partial" if outcome.error else "ok",
        error=outcome.error,
        marks=outcome.marks,
        offset=outcome.length,
        disk=unread.size,
        opening=like.opening,
        same_as=number,
    )


def _compare(one: Stream, other: Stream, cancelled: Callable[[], bool], marks: Marks | None = None) -> _Outcome:
    """How two streams compare from where they stand. NULs at the end of a log are padding, and no content."""
    length = one.position
    ends_with_line = True
    while True:
        if cancelled():
            raise CancelledError
        data, error = _chunk(one)
        other_data, other_error = _chunk(other)
        if data != other_data or len(data) < _CHUNK:
            break
        marks, length, ends_with_line = marks_after(marks, data), length + len(data), data.endswith(b"\n")
    content, other_content = data.rstrip(b"\0"), other_data.rstrip(b"\0")
    has_ended = other_content.startswith(content) and _is_over(one, data, content)
    other_has_ended = content.startswith(other_content) and _is_over(other, other_data, other_content)
    if common := min(content, other_content, key=len):
        marks, length, ends_with_line = marks_after(marks, common), length + len(common), common.endswith(b"\n")
    if has_ended and other_has_ended and not error and not other_error:
        return _Outcome(_Relation.SAME, marks, length, ends_with_line)
    if has_ended and (error or not other_has_ended):
        return _Outcome(_Relation.BEGINNING, marks, length, ends_with_line, error)
    relation = _Relation.LONGER if other_has_ended else _Relation.DIFFERENT
    return _Outcome(relation, marks, length, ends_with_line, other_error)


def _chunk(stream: Stream) -> tuple[bytes, str]:
    """The next bytes, fewer only at the end, and why it is the end where the source is damaged there."""
    parts = []
    missing = _CHUNK
    try:
        while missing and (part := stream.read(missing)):
            parts.append(part)
            missing -= len(part)
    except DamagedSourceError as error:
        return b"".join(parts), error.reason
    return b"".join(parts), ""


def _is_over(stream: Stream, chunk: bytes, content: bytes) -> bool:
    """Whether nothing but padding follows the content of a chunk that was just read."""
    if len(chunk) < _CHUNK:
        return True
    if len(content) == len(chunk):
        return False
    while rest := stream.read(_CHUNK):
        if rest.strip(b"\0"):
            return False
    return True
