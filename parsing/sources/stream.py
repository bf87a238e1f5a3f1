"""Sources as streams of decompressed bytes, and cut into blocks of whole lines."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from parsing.errors import DamagedSourceError, SourceError
from parsing.sources.compression import MAGIC_LENGTH, Inflating, Transcoding, decompressor_for, utf16_encoding
from parsing.sources.discovery import SourceFile, reason
from parsing.sources.nested import open_member

_SKIP = 1 << 20
_LOOK_BACK = 1 << 14

_FAULTS = (OSError, EOFError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, OverflowError)


class _Source(Protocol):
    @property
    def disk_position(self) -> int: ...

    def read(self, size: int, /) -> bytes: ...


class _Closes(Protocol):
    def close(self) -> None: ...


class _File:
    """A file that is not compressed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self.disk_position = 0

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes. Not many more than the file had are asked for: memory is taken for all of them."""
        data = self._file.read(min(size, max(self._size - self.disk_position, _SKIP)))
        self.disk_position += len(data)
        return data

    def seek(self, offset: int) -> bytes:
        """Goes to an offset; gives no bytes."""
        self.disk_position = self._file.seek(offset)
        return b""

    def read_lines(self, size: int) -> bytes:
        """About ``size`` bytes that end with a line end if one is near, to be used without a copy."""
        start = self.disk_position
        if _LOOK_BACK < size < self._size - start:
            self._file.seek(start + size - _LOOK_BACK)
            near = self._file.read(_LOOK_BACK)
            self._file.seek(start)
            cut = near.rfind(b"\n") + 1
            if cut and len(near) == _LOOK_BACK:
                size -= _LOOK_BACK - cut
        return self.read(size)


class Stream:
    """Decompressed bytes of a source, read in order.

    ``position`` counts decompressed bytes given out, ``disk_position`` bytes on disk taken in, for progress.
    """

    def __init__(self, name: str, source: _Source, closing: _Closes) -> None:
        self._name = name
        self._source = source
        self._closing = closing
        self.position = 0

    @property
    def disk_position(self) -> int:
        return self._source.disk_position

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; none only at the end.

        Raises SourceError where a source is damaged or cannot be read, once everything before that was given.
        """
        return self._given(self._source.read, size)

    def read_lines(self, size: int) -> bytes:
        """Like ``read``, but of a plain file rather less than ``size`` bytes if they then end with a line end."""
        return self._given(self._source.read_lines if isinstance(self._source, _File) else self._source.read, size)

    def _given(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            data = read(size)
        except SourceError as error:
            raise type(error)(error.reason, where=self._name) from error
        except _FAULTS as error:
            raise SourceError(reason(error), where=self._name) from error
        self.position += len(data)
        return data

    def skip_to(self, offset: int) -> None:
        """Goes to an offset among the decompressed bytes; forward only, unless the source is a plain file."""
        if isinstance(self._source, _File):
            self._given(self._source.seek, offset)
            self.position = offset
            return
        if offset < self.position:
            raise ValueError("a compressed source is read forward only")
        while self.position < offset and self.read(min(_SKIP, offset - self.position)):
            pass

    def close(self) -> None:
        self._closing.close()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_source(file: SourceFile) -> Stream:
    """Opens a source; its compression is recognised by its first bytes, also inside an archive.

    Raises SourceError, with the source's name, where it has vanished, is forbidden or damaged.
    """
    try:
        return _opened_member(file) if file.member else _opened_file(file)
    except SourceError as error:
        raise type(error)(error.reason, where=file.name) from error
    except _FAULTS as error:
        raise SourceError(reason(error), where=file.name) from error


def _opened_file(file: SourceFile) -> Stream:
    opened = file.path.open("rb", buffering=0)
    try:
        start = opened.read(MAGIC_LENGTH)
        opened.seek(0)
    except OSError:
        opened.close()
        raise
    plain = _File(opened)
    return Stream(file.name, _unpacked(plain, start), opened)


def _unpacked(source: _Source, start: bytes) -> _Source:
    """The text of a source whose bytes start so: unpacked, and in UTF-8 where it is in UTF-16."""
    make, encoding = decompressor_for(start), utf16_encoding(start)
    if make is not None:
        return Inflating(source, make)
    return source if encoding is None else Transcoding(source, encoding)


def _opened_member(file: SourceFile) -> Stream:
    member = open_member(file.path, file.member)
    try:
        start = member.read(MAGIC_LENGTH)
    finally:
        member.close()
    member = open_member(file.path, file.member)
    return Stream(file.name, _unpacked(member, start), member)


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
