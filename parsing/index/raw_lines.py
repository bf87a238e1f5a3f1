"""The exact bytes of one line, read from its source again."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing

from parsing.errors import SourceError
from parsing.index.reading.byte_stage import is_head
from parsing.index.reading.plan import Key
from parsing.index.store.manifest import Manifest
from parsing.index.store.records import SourceRecord
from parsing.sources.discovery import SourceFile
from parsing.sources.stream import Stream, open_source

LONGEST = 2**24
"""Bytes of a line after which it is cut; no server writes such lines."""

KEPT = 2**26
"""The most bytes of a compressed source that are kept: its next line asked for is likely to be near."""

_CHUNK = 2**20

_Stretch = tuple[int, int, int]
"""Source, number of the line that begins a stretch of it, and the offset of that line."""


class RawLines:
    """Finds raw lines, reading from the nearest milestone. Safe to use from any thread.

    In a compressed source that takes unpacking all that comes before, so the stretch last unpacked is kept.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[SourceRecord, _Stretch, bytes] | None = None

    def line(self, record: SourceRecord | None, file: SourceFile | None, manifest: Manifest, line: int) -> bytes:
        """The bytes of a line (numbered from 1) without its line end; the file must still begin as it did."""
        if record is None or file is None:
            raise SourceError("the source has left the log set", where=record.name if record else "")
        if not 1 <= line <= record.counts.lines + record.tail.lines:
            raise SourceError(f"there is no line {line}", where=record.name)
        last, following = manifest.milestones_around(record.id, line)
        first, offset = last or (1, 0)
        end = following[1] if following is not None else offset + KEPT
        stretch = (record.id, first, offset)
        with self._lock:
            kept = self._kept
        if kept is not None and kept[0] is record and kept[1] == stretch:
            rest = _after(kept[2], line - first) if kept[2].count(b"\n") > line - first else b""
            if rest:
                return _cut(rest)
        try:
            return self._read(record, file, stretch, end - offset, line)
        except OSError as error:
            raise SourceError(error.strerror or str(error), where=record.name) from error

    def _read(self, record: SourceRecord, file: SourceFile, stretch: _Stretch, size: int, line: int) -> bytes:
        _, first, offset = stretch
        skipped = line - first
        with closing(_opened(record, file, offset)) as stream:
            begun = stream.read(min(size, _CHUNK))
            is_plain = stream.position == stream.disk_position
            if is_plain or size > KEPT:
                return _line_after(stream, begun, skipped)
            data = begun + _filled(stream, size - len(begun))
            if data.count(b"\n") < skipped:
                return _line_after(stream, data, skipped)
            with self._lock:
                self._kept = record, stretch, data
            return _to_line_end(stream, _after(data, skipped))


def file_of(record: SourceRecord | None, files: Mapping[Key, SourceFile]) -> SourceFile | None:
    return None if record is None else files.get((record.path, record.member))


def _opened(record: SourceRecord, file: SourceFile, offset: int) -> Stream:
    """The stream of a source at an offset; raises ``SourceError`` when it does not begin as it did."""
    stream = open_source(file)
    try:
        if record.marks is not None and not is_head(stream, record.marks):
            raise SourceError("the file is no longer the one that was read", where=record.name)
        if stream.position > offset:
            stream.close()
            stream = open_source(file)
        stream.skip_to(offset)
    except BaseException:
        stream.close()
        raise
    return stream


def _filled(stream: Stream, size: int) -> bytes:
    parts = []
    while size > 0 and (part := stream.read(min(size, _CHUNK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _line_after(stream: Stream, chunk: bytes, skipped: int) -> bytes:
    """The line behind ``skipped`` others, counted from the start of the chunk that was just read."""
    while chunk and (ends := chunk.count(b"\n")) < skipped:
        skipped -= ends
        chunk = stream.read(_CHUNK)
    return _to_line_end(stream, _after(chunk, skipped))


def _after(data: bytes, skipped: int) -> bytes:
    """What follows ``skipped`` lines, up to the longest line."""
    start = 0
    while skipped > 0 and (ends := data.count(b"\n", start, start + _CHUNK)) < skipped:
        skipped -= ends
        start += _CHUNK
    for _ in range(skipped):
        start = data.find(b"\n", start) + 1
    return data[start : start + LONGEST]


def _to_line_end(stream: Stream, begun: bytes) -> bytes:
    parts = [begun]
    size = len(begun)
    while b"\n" not in parts[-1] and size < LONGEST and (more := stream.read(_CHUNK)):
        parts.append(more)
        size += len(more)
    return _cut(b"".join(parts))


def _cut(data: bytes) -> bytes:
    return data.partition(b"\n")[0].removesuffix(b"\r")
