"""First stage of reading: bytes of sources, piece by piece, from where the last reading stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from parsing.errors import DamagedSourceError, SourceError
from parsing.index.store.records import Marks, SourceRecord
from parsing.sources.discovery import SourceFile
from parsing.sources.stream import Stream, blocks, open_source

if TYPE_CHECKING:
    from parsing.formats.detect import Detection

BLOCK = 16 * 2**20
"""Bytes that are parsed at once: enough to keep the parser busy, and a size that the allocator gives again."""

FIRST_BLOCK = 2 * 2**20
"""The first bytes of a reading come alone, so that there is something to show at once."""

SMALL_SHARE = 4
"""A source of up to this part of a block may be parsed with others."""

_FIRST_LOOK = 4096

MARKED = 4096
"""Bytes at the beginning and at the end of what was read that tell whether a file is still the same."""


@dataclass(frozen=True, slots=True)
class Task:
    """A source to be read from where its record stands, or from its beginning if what is stored of it ``is_stale``.

    ``is_compared``: it has been compared with those that begin like it, and is to be read all the same.
    """

    record: SourceRecord
    file: SourceFile
    is_stale: bool = False
    is_compared: bool = False


@dataclass(slots=True)
class Openings:
    """How the sources begin that are read; one that begins like another waits until both can be compared.

    ``seen`` has the ids of the sources by the digest of their lines up to the first entry.
    """

    seen: dict[str, set[int]] = field(default_factory=dict)
    waiting: list[Task] = field(default_factory=list)

    def add(self, record: SourceRecord) -> None:
        """Know how a source begins that has been read."""
        if record.opening and not record.same_as:
            self.seen.setdefault(record.opening, set()).add(record.id)

    def must_wait(self, task: Task, opening: str) -> bool:
        """Whether a source that begins so is not to be read now."""
        if not opening:
            return False
        alike = self.seen.setdefault(opening, set())
        if not task.is_compared and alike - {task.record.id}:
            self.waiting.append(replace(task, record=replace(task.record, opening=opening)))
            return True
        alike.add(task.record.id)
        return False


def opening_of(data: bytes) -> str:
    """The digest of the first lines up to the first entry; empty where there is none."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        line = data[start:end].strip(b"\0 \t\r\n")
        if line and not line.startswith(b"#"):
            return digest(data[:end].rstrip(b"\0\r\n"))
        start = end
    return ""


@dataclass(frozen=True, slots=True)
class SourcePiece:
    """Some bytes of a source, in order; all but the last end with a line.

    ``is_whole``: it is all of the source. ``is_replaced``: the file is not the one that was read before, so this is its
    beginning. ``disk`` is how many bytes on disk have been read so far. ``can_grow``: bytes may be added to it.
    ``parser`` is the state that its parser begins with.
    ``opening`` is the digest of its first lines. ``why`` says why it is no log, ``error`` why it cannot be read, or not
    further; it ``is_final`` where reading again would give the same.
    """

    task: Task
    data: bytes = b""
    is_last: bool = False
    is_whole: bool = False
    is_replaced: bool = False
    can_grow: bool = False
    disk: int = 0
    format: str = ""
    parser: Mapping[str, Any] | None = None
    opening: str = ""
    why: str = ""
    error: str = ""
    is_final: bool = False


def bundles(tasks: Iterable[Task], given_up: Set[int], openings: Openings) -> Iterator[tuple[int, list[SourcePiece]]]:
    """The pieces of sources as they are parsed: those of a small whole source with its neighbours', others alone.

    The number that comes with a bundle goes up from one to the next, unless both are of the same source.
    Sources that were ``given_up`` meanwhile are not read to their end; those that must wait by their ``openings``, not at all.
    """
    number = size = 0
    small: list[SourcePiece] = []
    room = FIRST_BLOCK
    for place, task in enumerate(tasks):
        for piece in pieces(task, openings, is_first=place == 0):
            if is_small(piece):
                small.append(piece)
                size += len(piece.data)
            if small and (size >= room or not is_small(piece)):
                yield number, small
                number, size, small, room = number + 1, 0, [], BLOCK
            if not is_small(piece):
                yield number, [piece]
            if task.record.id in given_up:
                break
        number += not small
    if small:
        yield number, small


def is_small(piece: SourcePiece) -> bool:
    """Whether a piece is all of a small log, of which nothing was read before and every line has its end."""
    is_new = piece.is_whole and not piece.is_replaced and not piece.task.record.offset
    is_log = bool(piece.format) and not piece.why
    return is_new and is_log and len(piece.data) <= BLOCK // SMALL_SHARE and piece.data.endswith(b"\n")


def pieces(task: Task, openings: Openings, *, is_first: bool = False) -> Iterator[SourcePiece]:
    """The unread bytes of a source; what goes wrong with the file comes as the last piece.

    ``is_first``: nothing was read before it, so a short piece comes first.
    """
    last = SourcePiece(task, is_last=True)
    first_size = FIRST_BLOCK if is_first else BLOCK
    try:
        for last in _unread(task, openings, first_size):
            yield last
    except SourceError as error:
        is_final = isinstance(error, DamagedSourceError)
        yield replace(last, data=b"", is_last=True, error=error.reason, is_final=is_final)
    except OSError as error:
        yield replace(last, data=b"", is_last=True, error=error.strerror or str(error))
    except Exception as error:  # noqa: BLE001 one file among many must not stop the others
        yield replace(last, data=b"", is_last=True, error=f"cannot be read: {type(error).__name__}: {error}")


def _unread(task: Task, openings: Openings, first_size: int) -> Iterator[SourcePiece]:
    if _has_entries(task.record) and not task.is_stale:
        with closing(open_source(task.file)) as stream:
            if is_same(stream, task.record) and not _is_in_other_order(task):
                yield from _from_here(task, stream, SourcePiece(task, format=task.record.format), openings, first_size)
                return
    if task.record.same_as:
        with closing(open_source(task.file)) as stream:
            if is_same(stream, task.record) and openings.must_wait(task, task.record.opening):
                return
    with closing(open_source(task.file)) as stream:
        piece = SourcePiece(task, is_replaced=bool(task.record.offset))
        yield from _from_here(task, stream, piece, openings, first_size)


def _has_entries(record: SourceRecord) -> bool:
    """Before its first entry a source may yet turn out to be another log than its directives promise."""
    return record.offset > 0 and record.counts.rows + record.counts.rejected > 0


def _from_here(
    task: Task, stream: Stream, piece: SourcePiece, openings: Openings, first_size: int
) -> Iterator[SourcePiece]:
    is_done = False
    for block in blocks(stream, size=BLOCK, first_size=first_size):
        if piece.format in ("", "unknown") and block.data:
            detection = detected(block.data, task.file.name)
            why = "" if detection.is_log else detection.why or "no log"
            opening = "" if why else opening_of(block.data)
            if openings.must_wait(task, opening):
                return
            state = _first_state(task, detection.format)
            piece = replace(piece, format=detection.format, why=why, parser=state, opening=opening)
        is_done = block.is_last or bool(piece.why)
        data = b"" if piece.why else block.data
        yield replace(
            piece,
            data=data,
            is_last=is_done,
            is_whole=is_done and not block.offset,
            can_grow=_can_grow(task, stream),
            disk=stream.disk_position,
        )
        if is_done:
            return
        piece = replace(piece, is_replaced=False)
    if not is_done:
        yield replace(piece, is_last=True, disk=stream.disk_position)


def _first_state(task: Task, format_: str) -> Mapping[str, Any] | None:
    """What the parser of a source has to know before the first line: for native logs, the order of all their dates."""
    return None if format_ != "iis-native" else _order_of_dates(task, {}, 0)


def _order_of_dates(task: Task, known: Mapping[str, Any], offset: int) -> Mapping[str, Any]:
    """The order of day and month in a native log, by its dates from an offset on until one is certain."""
    from parsing.formats.native_and_ncsa import DayOrder

    order = DayOrder(task.file.name, known)
    with closing(open_source(task.file)) as stream:
        stream.skip_to(offset)
        for block in blocks(stream, size=BLOCK):
            order.learn(block.data)
            if order.is_certain:
                break
    return order.state


def _is_in_other_order(task: Task) -> bool:
    """Whether new dates of a native log contradict the order of day and month in which earlier ones were read."""
    record = task.record
    known = record.parser or {}
    if record.format != "iis-native" or known.get("is certain"):
        return False
    return bool(_order_of_dates(task, known, record.offset)["day first"] != known.get("day first"))


def detected(data: bytes, name: str) -> Detection:
    """The format of a source; a glance is enough for most, and thousands of small files are detected one by one."""
    from parsing.formats.detect import HEAD, detect

    first = detect(data[:_FIRST_LOOK], name)
    return first if first.format != "unknown" else detect(data[:HEAD], name)


def _can_grow(task: Task, stream: Stream) -> bool:
    """Whether the source is a plain file: only there is a byte read a byte on disk."""
    is_plain = stream.position == stream.disk_position
    return is_plain and not task.file.member and not task.file.is_temporary


def is_head(stream: Stream, marks: Marks) -> bool:
    """Whether a stream still begins as it did; it then stands behind its marked head."""
    return digest(_exactly(stream, marks.head_length)) == marks.head


def is_same(stream: Stream, record: SourceRecord) -> bool:
    """Whether a stream begins with what was read for the record; it then stands where reading stopped."""
    marks = record.marks
    if marks is None:
        return False
    head = _exactly(stream, marks.head_length)
    if digest(head) != marks.head:
        return False
    last_start = record.offset - marks.last_length
    if last_start >= len(head):
        stream.skip_to(last_start)
        last = _exactly(stream, marks.last_length)
    else:
        last = (head + _exactly(stream, record.offset - len(head)))[last_start:]
    return len(last) == marks.last_length and digest(last) == marks.last


def marks_after(marks: Marks | None, taken: bytes | memoryview) -> Marks:
    """The marks of a source once ``taken`` bytes more of it were read."""
    last = taken[-MARKED:]
    if marks is None:
        head = taken[:MARKED]
        return Marks(digest(head), len(head), digest(last), len(last))
    return replace(marks, last=digest(last), last_length=len(last))


def digest(data: bytes | memoryview) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _exactly(stream: Stream, size: int) -> bytes:
    """The next ``size`` bytes, fewer only at the end."""
    parts = []
    while size > 0:
        part = stream.read(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
