"""Members of zip archives as streams. Nothing is ever unpacked to disk."""

from __future__ import annotations

import struct
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from parsing.errors import SourceError
from parsing.sources.compression import Deflated, Inflating, Reads

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_BARE = -15


class Member:
    """Decompressed bytes of one member, checked against the archive's sum once all were given."""

    def __init__(self, path: Path, member: str) -> None:
        status = path.stat()
        info = _listed(path, status.st_size, status.st_mtime_ns).get(member)
        if info is None:
            raise SourceError("is in the archive no more")
        if info.flag_bits & 1:
            raise SourceError("is encrypted")
        self._file = path.open("rb")
        self._archive: zipfile.ZipFile | None = None
        self._sum, self._expected = 0, info.CRC
        self._size = info.compress_size
        self._given, self._whole = 0, info.file_size
        self._source = self._opened(info, path)

    def _opened(self, info: zipfile.ZipInfo, path: Path) -> Reads:
        """zipfile gives up a whole chunk where a sum is wrong, so the two usual methods are read here."""
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._archive = zipfile.ZipFile(path)
            return self._archive.open(info)
        self._file.seek(info.header_offset)
        header = self._file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            raise SourceError("its entry in the archive is damaged")
        _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        self._file.seek(name_length + extra_length, 1)
        part = _Part(self._file, info.compress_size)
        return part if info.compress_type == zipfile.ZIP_STORED else Inflating(part, _bare)

    @property
    def disk_position(self) -> int:
        return min(self._size, self._given * self._size // max(self._whole, 1))

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end."""
        data = self._source.read(size)
        self._sum = zlib.crc32(data, self._sum)
        self._given += len(data)
        if not data and size and (self._sum != self._expected or self._given != self._whole):
            raise SourceError("is damaged: its sum is wrong")
        return data

    def close(self) -> None:
        self._file.close()
        if self._archive is not None:
            self._archive.close()


@lru_cache(maxsize=4)
def _listed(path: Path, size: int, changed: int) -> dict[str, zipfile.ZipInfo]:  # noqa: ARG001 - tell versions apart
    """The members of an archive by name: reading its directory anew for each would take a square of their number."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: info for info in archive.infolist()}


def _bare() -> Deflated:
    return Deflated(_BARE)


class _Part:
    """Some bytes of a file from where it stands."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._left = length

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data
