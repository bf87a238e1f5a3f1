"""Members of zip archives as streams; they are not unpacked to disk, but for archives inside of archives (``nested``)."""

from __future__ import annotations

import bz2
import lzma
import struct
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from parsing.errors import DamagedSourceError, SourceError
from parsing.sources.compression import Deflated, Inflating, Reads

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LZMA_HEADER = struct.Struct("<2sH")
_BARE = -15
_DEFLATE64 = 9
"""What Windows Explorer compresses members of 2 GB and more with."""


_WAY_OUT = " (it is compressed with Deflate64: unpack it with Windows Explorer or 7-Zip first)"


class Member:
    """Decompressed bytes of one member, checked against the archive's sum once all were given."""

    def __init__(self, path: Path, member: str) -> None:
        status = path.stat()
        info = _listed(path, status.st_size, status.st_mtime_ns).get(member)
        if info is None:
            raise SourceError("is in the archive no more")
        if info.flag_bits & 1:
            raise SourceError("is encrypted")
        self._sum, self._expected = 0, info.CRC
        self._size = info.compress_size
        self._given, self._whole = 0, info.file_size
        self._way_out = _WAY_OUT if info.compress_type == _DEFLATE64 else ""
        self._file = path.open("rb")
        try:
            self._source = _opened(self._file, info)
        except BaseException:
            self._file.close()
            raise

    @property
    def whole(self) -> int:
        """Bytes that it has when it is unpacked, as the archive says."""
        return self._whole

    @property
    def disk_position(self) -> int:
        return min(self._size, self._given * self._size // max(self._whole, 1))

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end."""
        data = self._source.read(size)
        self._sum = zlib.crc32(data, self._sum)
        self._given += len(data)
        if not data and size and (self._sum != self._expected or self._given != self._whole):
            raise DamagedSourceError(f"is damaged: its sum is wrong{self._way_out}")
        return data

    def close(self) -> None:
        self._file.close()


@lru_cache(maxsize=4)
def _listed(path: Path, size: int, changed: int) -> dict[str, zipfile.ZipInfo]:  # noqa: ARG001 - they distinguish versions
    """The members of an archive by name: the directory is read once, not again for each of them."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: info for info in archive.infolist()}


def _opened(file: BinaryIO, info: zipfile.ZipInfo) -> Reads:
    """What is read of a member; zipfile itself would give up a whole chunk where a sum is wrong."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise SourceError("its entry in the archive is damaged")
    _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    file.seek(name_length + extra_length, 1)
    part = _Part(file, info.compress_size)
    match info.compress_type:
        case zipfile.ZIP_STORED:
            return part
        case zipfile.ZIP_DEFLATED:
            return Inflating(part, _bare)
        case zipfile.ZIP_BZIP2:
            return Inflating(part, bz2.BZ2Decompressor)
        case zipfile.ZIP_LZMA:
            return Inflating(_with_lzma_header(part, info), lzma.LZMADecompressor)
        case _ if info.compress_type == _DEFLATE64:
            return Inflating(part, lambda: _Deflated64(info.file_size))
    raise SourceError("is compressed by a method that is not supported")


class _Deflated64:
    """Bounds what one call can give by small bites, as the library has no limit of its own."""

    _BITE = 1 << 12

    def __init__(self, size: int) -> None:
        import inflate64  # few archives need it

        self._inflating = inflate64.Inflater()
        self._missing = size
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._missing <= 0

    @property
    def unused_data(self) -> bytes:
        return b""

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    def decompress(self, data: bytes, max_length: int) -> bytes:  # noqa: ARG002 a bite gives little
        rest = self._waiting + data
        self._waiting = rest[self._BITE :]
        found: bytes = self._inflating.inflate(rest[: self._BITE])[: self._missing]
        self._missing -= len(found)
        return found


def _bare() -> Deflated:
    return Deflated(_BARE)


def _with_lzma_header(part: _Part, info: zipfile.ZipInfo) -> _Part:
    """The bytes of an .lzma file: in a zip archive the header lacks the size, and has a version before it."""
    _, length = _LZMA_HEADER.unpack(part.read(_LZMA_HEADER.size).ljust(_LZMA_HEADER.size, b"\0"))
    has_end_mark = info.flag_bits & 2
    size = b"\xff" * 8 if has_end_mark else info.file_size.to_bytes(8, "little")
    return part.after(part.read(length) + size)


class _Part:
    """Some bytes of a file from where it stands."""

    def __init__(self, file: BinaryIO, length: int, start: bytes = b"") -> None:
        self._file = file
        self._left = length
        self._start = start

    def after(self, start: bytes) -> _Part:
        """What is left to be read, behind other bytes."""
        return _Part(self._file, self._left, start)

    def read(self, size: int) -> bytes:
        if self._start:
            data, self._start = self._start[:size], self._start[size:]
            return data
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data
