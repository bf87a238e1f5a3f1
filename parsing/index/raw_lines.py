"""The exact bytes of one line, read from its source again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from contextlib import closing

from parsing.errors import SourceError
from parsing.index.manifest import Manifest
from parsing.index.pieces import is_head
from parsing.index.plan import Key
from parsing.index.records import SourceRecord
from parsing.sources.discovery import SourceFile
from parsing.sources.stream import Stream, open_source

_CHUNK = 2**20
LONGEST = 2**24
"""Bytes of a line after which it is cut; no server writes such lines."""


def raw_line(record: SourceRecord | None, files: Mapping[Key, SourceFile], manifest: Manifest, line: int) -> bytes:
    """The bytes of a line (numbered from 1) without its line end; the file must still begin as it did."""
    file = None if record is None else files.get((record.path, record.member))
    if record is None or file is None:
        raise SourceError("the source has left the log set", where=record.name if record else "")
    if not 1 <= line <= record.counts.lines + record.tail.lines:
        raise SourceError(f"there is no line {line}", where=record.name)
    milestones = manifest.milestones(record.id)
    position = bisect_right(milestones, (line, 2**63)) - 1
    first, offset = milestones[position] if position >= 0 else (1, 0)
    try:
        with closing(open_source(file)) as stream:
            if record.marks is not None and not is_head(stream, record.marks):
                raise SourceError("the file is no longer the one that was read", where=record.name)
            if stream.position <= offset:
                stream.skip_to(offset)
                return _line_after(stream, line - first)
        with closing(open_source(file)) as stream:
            stream.skip_to(offset)
            return _line_after(stream, line - first)
    except OSError as error:
        raise SourceError(error.strerror or str(error), where=record.name) from error


def _line_after(stream: Stream, skipped: int) -> bytes:
    """The line that follows so many others."""
    chunk = stream.read(_CHUNK)
    while chunk and (ends := chunk.count(b"\n")) < skipped:
        skipped -= ends
        chunk = stream.read(_CHUNK)
    start = 0
    for _ in range(skipped):
        start = chunk.find(b"\n", start) + 1
    return _to_line_end(stream, chunk[start:])


def _to_line_end(stream: Stream, begun: bytes) -> bytes:
    parts = [begun]
    size = len(begun)
    while b"\n" not in parts[-1] and size < LONGEST:
        more = stream.read(_CHUNK)
        if not more:
            break
        parts.append(more)
        size += len(more)
    return b"".join(parts).partition(b"\n")[0].removesuffix(b"\r")
