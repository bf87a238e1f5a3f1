"""Streams cut into blocks of whole lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parsing.errors import DamagedSourceError, SourceError
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
    failure: SourceError | None = None
    is_last = False
    while not is_last:
        data, is_last, failure = _filled(stream, rest, wanted)
        cut = len(data) if is_last else data.rfind(b"\n") + 1
        whole, rest = (data, b"") if cut == len(data) else (data[:cut], data[cut:])
        if whole or is_last:
            yield Block(whole, offset, is_last)
        offset += cut
        if failure is not None:
            raise failure
        if len(rest) > LONGEST_LINE:
            raise DamagedSourceError(f"has a line longer than {LONGEST_LINE >> 20} MiB, so it is no log")
        wanted = max(size, 2 * len(rest))


def _filled(stream: Stream, start: bytes, size: int) -> tuple[bytes, bool, SourceError | None]:
    """About ``size`` bytes, ``start`` among them; whether the stream ends after them; what went wrong after them."""
    parts = [start] if start else []
    missing = size - len(start)
    try:
        while missing > 0:
            data = stream.read(missing) if parts else stream.read_lines(missing)
            if not data:
                return _joined(parts), True, None
            parts.append(data)
            # Much less than was asked for is rather the end: one more look, and a small source is one block.
            is_enough = data.endswith(b"\n") and 2 * len(data) >= missing
            missing = 0 if is_enough else missing - len(data)
    except SourceError as error:
        return _joined(parts), False, error
    return _joined(parts), False, None


def _joined(parts: list[bytes]) -> bytes:
    return parts[0] if len(parts) == 1 else b"".join(parts)
