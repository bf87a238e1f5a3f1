"""Compressed files read as streams: gzip, bzip2, xz and zstandard, recognised by their first bytes."""

from __future__ import annotations

import bz2
import codecs
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from parsing.errors import DamagedSourceError, SourceError

_CHUNK = 1 << 16
_CRUMB = 256


class Reads(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int, /) -> bytes: ...


class Decompressor(Protocol):
    """One compressed member of a file; several may follow one another."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Deflated:
    """zlib, with what it left of its input: gzip, whose sums it checks, or with ``wbits=-15`` bare deflated bytes."""

    def __init__(self, wbits: int = 31) -> None:
        self._inflating = zlib.decompressobj(wbits=wbits)

    @property
    def eof(self) -> bool:
        return self._inflating.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflating.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inflating.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """What can be inflated; where bytes are damaged, what comes before them, and an error on the next call."""
        before = self._inflating.copy()
        rest = self._inflating.unconsumed_tail + data
        try:
            return self._inflating.decompress(rest, max_length)
        except zlib.error:
            good = _before_damage(before, rest)
            if not good:
                raise
            return good


def _before_damage(inflating: zlib._Decompress, data: bytes) -> bytes:
    """Inflates in crumbs up to the one that is damaged."""
    parts = []
    for start in range(0, len(data), _CRUMB):
        try:
            parts.append(inflating.decompress(data[start : start + _CRUMB]))
        except zlib.error:
            break
    return b"".join(parts)


class _Zstandard:
    """Bounds what one call can give by small bites, as the library has no limit of its own."""

    _BITE = 1 << 12

    def __init__(self) -> None:
        self._inflating = zstandard.ZstdDecompressor().decompressobj()
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._inflating.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflating.unused_data + self._waiting

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    def decompress(self, data: bytes, max_length: int) -> bytes:
        rest = self._waiting + data
        parts, size, start = [], 0, 0
        while start < len(rest) and size < max_length and not self._inflating.eof:
            parts.append(self._inflating.decompress(rest[start : start + self._BITE]))
            size += len(parts[-1])
            start += self._BITE
        self._waiting = rest[start:]
        return b"".join(parts)


MAGIC_LENGTH = 6

_MAGIC: tuple[tuple[bytes, Callable[[], Decompressor]], ...] = (
    (b"\x1f\x8b\x08", Deflated),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lzma.LZMADecompressor),
    (b"\x28\xb5\x2f\xfd", _Zstandard),
)


_SKIPPABLE = b"\x2a\x4d\x18"
"""The last three bytes of the mark of a frame of zstandard that holds no data; any of sixteen may come before them."""


def decompressor_for(start: bytes) -> Callable[[], Decompressor] | None:
    """What decompresses a file that starts with these MAGIC_LENGTH bytes; None if it is not compressed."""
    if start[1:4] == _SKIPPABLE and start[0] & 0xF0 == 0x50:
        return _Zstandard
    return next((make for magic, make in _MAGIC if start.startswith(magic)), None)


def utf16_encoding(start: bytes) -> str | None:
    """The encoding of text in UTF-16, as Windows PowerShell writes it, that starts with these MAGIC_LENGTH bytes."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(start) < MAGIC_LENGTH:
        return None
    first, second = start[::2], start[1::2]
    if not any(second) and all(first):
        return "utf-16-le"
    return "utf-16-be" if not any(first) and all(second) else None


class Transcoding:
    """Text in another encoding as a stream of UTF-8."""

    def __init__(self, file: Reads, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._rest = b""
        self._is_over = False
        self.disk_position = 0

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end."""
        while len(self._rest) < size and not self._is_over:
            data = self._file.read(_CHUNK)
            self.disk_position += len(data)
            self._is_over = not data
            self._rest += self._decoder.decode(data, self._is_over).encode("utf-8", "replace")
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


class Inflating:
    """A compressed file as a stream of its content, all its members one after another."""

    def __init__(self, file: Reads, make: Callable[[], Decompressor]) -> None:
        self._file = file
        self._make = make
        self._member = make()
        self._pending = b""
        self._failure: SourceError | None = None
        self.disk_position = 0

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end; raises SourceError once all before the damage was given."""
        parts: list[bytes] = []
        missing = size
        while missing > 0 and self._failure is None:
            try:
                data = self._more(missing)
            except EOFError:
                self._failure = DamagedSourceError("ends in the middle of its compressed data")
            except (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, ValueError) as error:
                self._failure = DamagedSourceError(f"its compressed data is damaged: {error}")
            except SourceError as error:
                self._failure = error
            else:
                if data is None:
                    break
                parts.append(data)
                missing -= len(data)
        whole = b"".join(parts)
        if self._failure is not None and not whole:
            raise self._failure
        return whole

    def _more(self, size: int) -> bytes | None:
        """Some bytes, perhaps none yet; None at the end."""
        if self._member.eof:
            return self._next_member()
        data = b""
        if self._member.needs_input:
            data, self._pending = self._pending or self._taken(), b""
            if not data:
                raise EOFError
        return self._member.decompress(data, size)

    def _next_member(self) -> bytes | None:
        """Goes on to the next member, over padding of NULs."""
        rest = (self._member.unused_data + self._pending).lstrip(b"\0")
        while not rest:
            data = self._taken()
            if not data:
                return None
            rest = data.lstrip(b"\0")
        self._pending, self._member = rest, self._make()
        return b""

    def _taken(self) -> bytes:
        try:
            data = self._file.read(_CHUNK)
        except OSError as error:
            raise SourceError((error.strerror or str(error)).lower()) from error
        self.disk_position += len(data)
        return data
