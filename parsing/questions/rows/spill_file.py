"""Numbers put away in a temporary file that are read as if they were in memory."""

from __future__ import annotations

import io
import mmap
import struct
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import polars as pl

from parsing.errors import IndexStoreError, refused_by_system

Code = Literal["I", "q"]
_SIZES: dict[Code, int] = {"I": 4, "q": 8}
_ALIGNED = 8

_BATCH = 1 << 16
"""Rows that Polars writes as one record batch."""


@dataclass(frozen=True, slots=True)
class SpilledColumn:
    """Where a column of numbers is in a spill file."""

    offset: int
    length: int
    code: Code

    @property
    def bytes(self) -> int:
        return self.length * _SIZES[self.code]


class SpillFile:
    """Columns of ``UInt32`` or ``Int64`` in one file that is gone when nobody holds it. Any thread may use it."""

    def __init__(self) -> None:
        with lack_of_room_worded():
            self._file = tempfile.TemporaryFile(prefix="dropline-")  # noqa: SIM115 closed with it
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._size = 0
        self._mapped = memoryview(b"")

    def put(self, values: pl.Series) -> SpilledColumn:
        """Put a column without nulls away. Raises ``IndexStoreError`` when there is no room for it."""
        code: Code = "I" if values.dtype == pl.UInt32 else "q"
        data = b"".join(_raw(part, _SIZES[code]) for part in _parts(values))
        with self._lock, lack_of_room_worded():
            place = SpilledColumn(self._size, values.len(), code)
            self._file.seek(self._size)
            self._file.write(data)
            self._file.write(bytes(-len(data) % _ALIGNED))
            self._file.flush()
            self._size = self._file.tell()
        return place

    def numbers(self, place: SpilledColumn) -> memoryview:
        """The numbers at a place; only those that are looked at are read."""
        end = place.offset + place.bytes
        if not place.length:
            return memoryview(b"").cast(place.code)
        with self._lock:
            if len(self._mapped) < end:
                mapped = mmap.mmap(self._file.fileno(), self._size, access=mmap.ACCESS_READ)
                self._mapped = memoryview(mapped)
            return self._mapped[place.offset : end].cast(place.code)


@contextmanager
def lack_of_room_worded() -> Iterator[None]:
    """Wherever temporary files are written: what hinders that is an ``IndexStoreError``."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        hint = "sorting needs room for temporary files: TMPDIR names another folder"
        raise IndexStoreError(
            f"cannot sort: {refused_by_system(error) or error}", where=tempfile.gettempdir(), hint=hint
        ) from error


def _parts(values: pl.Series) -> Iterator[pl.Series]:
    whole = values.rechunk()
    return (whole.slice(start, _BATCH) for start in range(0, whole.len(), _BATCH))


def _raw(values: pl.Series, size: int) -> memoryview:
    """The bytes of a column: the body of the only record batch of an Arrow stream, behind the schema's message."""
    stream = io.BytesIO()
    values.to_frame("numbers").write_ipc_stream(stream, compression="uncompressed")
    data = stream.getbuffer()
    position = 0
    for _ in ("schema", "record batch"):
        (metadata,) = struct.unpack_from("<i", data, position + 4)
        position += 8 + metadata
    return data[position : position + values.len() * size]
