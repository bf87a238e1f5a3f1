"""Streams cut into blocks of whole lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parsing.errors import SourceError
from parsing.sources.stream import Stream

BLOCK = 16 << 20

LONGEST_LINE = 64 << 20
"""A source with a longer line is no log, and is read no further; lines far shorter are rejects already."""


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes that end with a line unless ``is_last``; ``offset`` is their place among the decompressed bytes."""

    data: bytes
    offset: int
    is_last: bool


def blocks(stream: Stream, size: int = BLOCK, first_size: int = BLOCK) -> Iterator[Block]:
    """The bytes of a stream from where it stands, about ``size`` at a time; the last block may be empty.

    Where the stream is damaged, the whole lines before the damage come first, then SourceError.
    """
    rest = b""
    offset = stream.position
    wanted = first_size
    while True:
        data, failure = _filled(stream, rest, wanted)
        is_last = failure is None and len(data) < wanted
        cut = len(data) if is_last else data.rfind(b"\n") + 1
        if cut or is_last:
            whole, rest = (data, b"") if cut == len(data) else (data[:cut], data[cut:])
            yield Block(whole, offset, is_last)
            offset += cut
            wanted = size
        else:
            rest, wanted = data, wanted * 2
        if failure is not None:
            raise failure
        if is_last:
            return
        if len(rest) > LONGEST_LINE:
            raise SourceError(f"has a line longer than {LONGEST_LINE >> 20} MiB, so it is no log")
        wanted = max(wanted, 2 * len(rest))


def _filled(stream: Stream, start: bytes, size: int) -> tuple[bytes, SourceError | None]:
    """Bytes read after ``start`` up to ``size`` in all, fewer at the end or before a failure."""
    parts = [start] if start else []
    missing = size - len(start)
    try:
        while missing > 0 and (data := stream.read(missing)):
            parts.append(data)
            missing -= len(data)
    except SourceError as error:
        return b"".join(parts), error
    return parts[0] if len(parts) == 1 else b"".join(parts), None
