"""Windows events from ``.evtx`` files, by the library ``evtx`` (extra ``dropline[evtx]``), and what such a file has lost.

The library reads what is there of a file that was cut, without a word, and leaves out whole chunks that are damaged. What is
missing is therefore counted from the headers: of the file (chunks, number of the next record) and of each chunk (first and
last record).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import IO, Any

import msgspec

from parsing.errors import DamagedSourceError, SourceError, is_panic
from parsing.formats.evidence.windows_event import (
    ReadingLosses,
    WindowsEvent,
    event_time,
    put_value,
    whole_number,
)

EVTX_MAGIC = b"ElfFile\0"
WITHOUT_LIBRARY = "reading .evtx needs a library: pip install 'dropline[evtx]'"

_CHUNK_MAGIC = b"ElfChnk\0"
_HEADER, _CHUNK = 4096, 65536
_FILE_HEADER = struct.Struct("<8sQQQIHHHH")
_CHUNK_HEADER = struct.Struct("<8sQQQQ")
_MOST_CHUNKS = 1 << 16
_LEAST = 64
"""Bytes of the smallest record: a file whose header promises more records than that has room for is not believed."""
_TEXT = "#text"
_ATTRIBUTES = "#attributes"


class MissingLibraryError(SourceError):
    """What would read a source is not installed."""


def can_read_evtx() -> bool:
    """Whether the library is installed."""
    try:
        import evtx  # noqa: F401
    except ImportError:
        return False
    return True


def read_evtx(file: IO[bytes], losses: ReadingLosses) -> Iterator[WindowsEvent]:
    """The events of a file that can be sought in, in its order; what is broken or missing goes into ``losses``.

    Raises ``MissingLibraryError`` where the library is not installed, ``DamagedSourceError`` where it finds no event log.
    """
    try:
        from evtx import PyEvtxParser
    except ImportError as error:
        raise MissingLibraryError(WITHOUT_LIBRARY) from error
    promised = _Promised.of(file)
    file.seek(0)
    try:
        records = PyEvtxParser(file, number_of_threads=1).records_json()
    except (RuntimeError, OSError, ValueError) as error:
        raise DamagedSourceError("is no event log, or a damaged one") from error
    found = broken = 0
    while True:
        try:
            record = next(records)
        except StopIteration:
            break
        except BaseException as error:
            if not isinstance(error, RuntimeError) and not is_panic(error):
                raise
            broken += 1
            if broken > _MOST_CHUNKS:
                break
            continue
        found += 1
        event = _event_of(record) if isinstance(record, dict) else None
        if event is None:
            losses.events += 1
        else:
            yield event
    losses.sentences += promised.missing(found)


class _Promised:
    """What the headers of a file say about its records."""

    def __init__(self, chunks: int, there: int, damaged: int, records: int) -> None:
        """``chunks`` as the file says; of these ``there`` in whole or ``damaged``; ``records`` that it, or its chunks, promise."""
        self._chunks, self._there, self._damaged, self._records = chunks, there, damaged, records

    @classmethod
    def of(cls, file: IO[bytes]) -> _Promised:
        """A look at the headers; a file that is being written says less than it has, which is no loss."""
        file.seek(0)
        head = file.read(_FILE_HEADER.size)
        if len(head) < _FILE_HEADER.size or not head.startswith(EVTX_MAGIC):
            raise DamagedSourceError("is no event log, or a damaged one")
        _, _, _, following, *_, chunks = _FILE_HEADER.unpack(head)
        numbers = []
        size = file.seek(0, 2)
        there = damaged = records = 0
        for number in range(min(max(size - _HEADER, 0) // _CHUNK + 1, _MOST_CHUNKS)):
            start = _HEADER + number * _CHUNK
            file.seek(start)
            header = file.read(_CHUNK_HEADER.size)
            if len(header) < _CHUNK_HEADER.size:
                break
            if not header.startswith(_CHUNK_MAGIC):
                damaged += number < chunks and size - start >= _CHUNK
                continue
            there += size - start >= _CHUNK
            _, _, _, first, last = _CHUNK_HEADER.unpack(header)
            if first <= last and last - first < _CHUNK:
                records += last - first + 1
                numbers.append(first)
        by_file = following - min(numbers, default=following)
        return cls(chunks, there, damaged, max(records, by_file if 0 <= by_file <= chunks * _CHUNK // _LEAST else 0))

    def missing(self, found: int) -> list[str]:
        """Sentences on chunks and records that the headers promise and that were not found."""
        sentences = []
        gone = self._chunks - self._there - self._damaged
        if gone > 0:
            sentences.append(f"is cut: {gone} of its {self._chunks} chunks are missing")
        if self._damaged:
            sentences.append(f"{self._damaged} of its {self._chunks} chunks are damaged")
        if self._records > found:
            sentences.append(f"{self._records - found:,} of {self._records:,} records could not be read")
        return sentences


def _event_of(record: Mapping[str, Any]) -> WindowsEvent | None:
    try:
        event = msgspec.json.decode(record["data"])["Event"]
        system = event["System"]
        attributes = system["Provider"][_ATTRIBUTES]
        provider = attributes.get("Name") or attributes.get("EventSourceName")
        number = whole_number(_plain(system["EventID"]), most=2**31 - 1)
        time = event_time(str(system["TimeCreated"][_ATTRIBUTES]["SystemTime"]))
    except (KeyError, TypeError, AttributeError, msgspec.MsgspecError, RecursionError):
        return None
    if not provider or number is None or time is None:
        return None
    values, binary = _values_of(event)
    return WindowsEvent(
        str(provider),
        number,
        time,
        whole_number(_plain(system.get("Level")), most=255) or 0,
        _plain(system.get("Channel")),
        _plain(system.get("Computer")),
        values,
        binary,
        whole_number(_plain(system.get("EventRecordID"))) or int(record.get("event_record_id", 0)),
    )


def _values_of(event: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    values: dict[str, str] = {}
    binary = ""
    data = event.get("EventData")
    if isinstance(data, dict):
        binary = _plain(data.get("Binary"))
        for name, value in data.items():
            if name == "Data":
                for text in _texts_of(value):
                    put_value(values, "", text)
            elif name not in ("Binary", _ATTRIBUTES):
                put_value(values, name, _plain(value))
    else:
        _put_leaves(values, event.get("UserData"))
    return values, binary


def _texts_of(value: object) -> list[str]:
    """The unnamed values of an event: one text, or a list of them."""
    inside = value.get(_TEXT) if isinstance(value, dict) else value
    return [_plain(one) for one in inside] if isinstance(inside, list) else [_plain(inside)]


def _put_leaves(values: dict[str, str], inside: object, name: str = "") -> None:
    if isinstance(inside, dict):
        for key, value in inside.items():
            if key != _ATTRIBUTES:
                _put_leaves(values, value, name if key == _TEXT else key)
    elif name and inside not in (None, ""):
        put_value(values, name, _plain(inside))


def _plain(value: object) -> str:
    if isinstance(value, dict):
        value = value.get(_TEXT)
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return "" if value is None else str(value)
