"""Invented Windows events, as exported XML and as small ``.evtx`` files."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
_EPOCH_1601 = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Written:
    """An event to be written. ``data`` are its values by name, or a list of unnamed ones."""

    provider: str
    id: int
    time: str
    data: Mapping[str, str] | Sequence[str] = field(default_factory=dict)
    binary: str = ""
    channel: str = "System"
    computer: str = "WEB01"
    level: int = 2


def was(id_: int, time: str, pool: str, pid: int = 4712, **more: str) -> Written:
    """An event of WAS about a pool."""
    return Written("Microsoft-Windows-WAS", id_, time, {"AppPoolID": pool, "ProcessID": str(pid)}, "6D000780", **more)  # type: ignore[arg-type]


def crash(time: str, pid: int, *, process: str = "w3wp.exe", is_named: bool = False) -> Written:
    """A crash report of ``Application Error``, whose process id is hexadecimal, in the old form or in the newest."""
    if is_named:
        named = {
            "AppName": process,
            "ModuleName": "orders.dll",
            "ExceptionCode": "0xc0000005",
            "ProcessId": f"{pid:#x}",
        }
        return Written("Application Error", 1000, time, named, channel="Application")
    listed = [process, "10.0", "5f", "orders.dll", "1.0", "5e", "c0000005", "0001", f"{pid:x}", "01d2", "c:\\w3wp.exe"]
    return Written("Application Error", 1000, time, listed, channel="Application")


def service(time: str, name: str, state: int, shown: str = "ein Dienst") -> Written:
    """A service changed its state; its name and the state's are in the language of that Windows."""
    binary = f"{name}/{state}\0".encode("utf-16-le").hex().upper()
    return Written("Service Control Manager", 7036, time, {"param1": shown, "param2": "beendet"}, binary, level=4)


def event_xml(event: Written) -> str:
    named = event.data.items() if isinstance(event.data, Mapping) else [("", value) for value in event.data]
    values = "".join(
        f"<Data Name={quoteattr(name)}>{escape(value)}</Data>" if name else f"<Data>{escape(value)}</Data>"
        for name, value in named
    )
    binary = f"<Binary>{event.binary}</Binary>" if event.binary else ""
    return (
        f"<Event xmlns='{NAMESPACE}'><System><Provider Name={quoteattr(event.provider)}/>"
        f'<EventID Qualifiers="49152">{event.id}</EventID><Level>{event.level}</Level>'
        f'<TimeCreated SystemTime="{event.time}"/><EventRecordID>7</EventRecordID><Channel>{event.channel}</Channel>'
        f"<Computer>{event.computer}</Computer></System><EventData>{values}{binary}</EventData></Event>"
    )


def events_xml(events: Sequence[Written]) -> str:
    """An export as Event Viewer writes it, one event to a line."""
    return '<?xml version="1.0" encoding="utf-8"?>\n<Events>\n' + "\n".join(map(event_xml, events)) + "\n</Events>\n"


_HEADER, _CHUNK, _RECORDS_AT = 4096, 65536, 512


def evtx_bytes(events: Sequence[Written], in_chunk: int = 20) -> bytes:
    """A whole ``.evtx`` file with so many events in a chunk; binary XML without templates, every name written out."""
    chunks = [_chunk(events[at : at + in_chunk], at + 1) for at in range(0, len(events), in_chunk)]
    head = struct.pack(
        "<8sQQQIHHHH", b"ElfFile\0", 0, len(chunks) - 1, len(events) + 1, 128, 1, 3, _HEADER, len(chunks)
    )
    head = head.ljust(120, b"\0")
    head += struct.pack("<II", 0, zlib.crc32(head))
    return head.ljust(_HEADER, b"\0") + b"".join(chunks)


def _chunk(events: Sequence[Written], first: int) -> bytes:
    body = bytearray()
    last_at = 0
    for number, event in enumerate(events, first):
        last_at = _RECORDS_AT + len(body)
        body += _record(event, number, last_at)
    last = first + len(events) - 1
    free = _RECORDS_AT + len(body)
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", first, last, first, last, 128, last_at, free, zlib.crc32(body))
    head = head.ljust(120, b"\0")
    head += struct.pack("<II", 1, 0)
    head = head.ljust(_RECORDS_AT, b"\0")
    sum_ = zlib.crc32(head[:120] + head[128:512])
    head = head[:124] + struct.pack("<I", sum_) + head[128:]
    return (head + bytes(body)).ljust(_CHUNK, b"\0")


def _record(event: Written, number: int, at: int) -> bytes:
    xml = _Binary(at + 24).event(event, number)
    size = 24 + len(xml) + 4
    passed = datetime.fromisoformat(event.time) - _EPOCH_1601
    ticks = (passed.days * 86_400 + passed.seconds) * 10_000_000 + passed.microseconds * 10
    return struct.pack("<IIQQ", 0x2A2A, size, number, ticks) + xml + struct.pack("<I", size)


class _Binary:
    """Writes binary XML; ``at`` is its place in the chunk, as names are found by their place."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._out = bytearray()

    def event(self, event: Written, number: int) -> bytes:
        self._out += b"\x0f\x01\x01\x00"
        named = event.data.items() if isinstance(event.data, Mapping) else [("", value) for value in event.data]
        system = [
            ("Provider", {"Name": event.provider}, []),
            ("EventID", {}, str(event.id)),
            ("Level", {}, str(event.level)),
            ("TimeCreated", {"SystemTime": event.time}, []),
            ("EventRecordID", {}, str(number)),
            ("Channel", {}, event.channel),
            ("Computer", {}, event.computer),
        ]
        data = [("Data", {"Name": name} if name else {}, value) for name, value in named]
        data += [("Binary", {}, event.binary)] if event.binary else []
        self._element("Event", {}, [("System", {}, system), ("EventData", {}, data)])
        self._out += b"\0"
        return bytes(self._out)

    def _element(self, name: str, attributes: Mapping[str, str], inside: object) -> None:
        self._out += b"\x41" if attributes else b"\x01"
        size_at = len(self._out)
        self._out += b"\0\0\0\0"
        self._name(name)
        if attributes:
            list_at = len(self._out)
            self._out += b"\0\0\0\0"
            for place, (key, value) in enumerate(attributes.items(), 1):
                self._out += b"\x06" if place == len(attributes) else b"\x46"
                self._name(key)
                self._value(value)
            struct.pack_into("<I", self._out, list_at, len(self._out) - list_at - 4)
        self._out += b"\x02"
        if isinstance(inside, str):
            self._value(inside)
        else:
            assert isinstance(inside, list)
            for one in inside:
                self._element(*one)
        self._out += b"\x04"
        struct.pack_into("<I", self._out, size_at, len(self._out) - size_at - 4)

    def _name(self, name: str) -> None:
        place = self._at + len(self._out) + 4
        self._out += struct.pack("<I", place)
        self._out += struct.pack("<IHH", 0, 0, len(name)) + name.encode("utf-16-le") + b"\0\0"

    def _value(self, text: str) -> None:
        self._out += b"\x05\x01" + struct.pack("<H", len(text)) + text.encode("utf-16-le")
