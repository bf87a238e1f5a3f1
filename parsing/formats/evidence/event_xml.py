"""Windows events as XML: what Event Viewer and ``wevtutil /f:xml`` export, and Kudu's ``eventlog.xml``.

Each ``<Event>`` is parsed by itself, so a broken one costs no other. A file that declares a DOCTYPE is refused: no export of
events has one, and without one there are no entities that could grow. Depth, size and number of elements are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol
from xml.parsers import expat

from parsing.errors import DamagedSourceError
from parsing.formats.evidence.windows_event import (
    ReadingLosses,
    WindowsEvent,
    event_time,
    put_value,
    whole_number,
)

_CHUNK = 1 << 18
LONGEST_EVENT = 1 << 20
"""Bytes of one event: the Windows event log itself takes at most 64 kB."""
DEEPEST = 32
_MOST_ELEMENTS = 5_000

_BEGIN = re.compile(rb"<Event(?=[\s>])")
_END = b"</Event>"
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,40})["']""", re.IGNORECASE)
_SINGLE_BYTE = {
    b"windows-1252": "cp1252",
    b"iso-8859-1": "latin-1",
    b"windows-1250": "cp1250",
    b"windows-1251": "cp1251",
}
_HEAD = 1 << 16


class ReadsBytes(Protocol):
    """Where the bytes of a file come from, in order; none only at the end."""

    def read(self, size: int, /) -> bytes: ...


def is_event_xml(head: bytes) -> bool:
    """Whether text in UTF-8 that begins so holds Windows events."""
    return _BEGIN.search(head) is not None and b"<System" in head and b"EventID" in head


def read_event_xml(stream: ReadsBytes, losses: ReadingLosses) -> Iterator[WindowsEvent]:
    """The events of a file, in its order; what is broken is counted in ``losses``.

    Raises ``DamagedSourceError`` for a file with a DOCTYPE. UTF-16 is UTF-8 by now: the stream sees to that.
    """
    head = stream.read(_HEAD)
    declared = _DECLARED.match(head.removeprefix(b"\xef\xbb\xbf"))
    encoding = _SINGLE_BYTE.get(declared[1].lower(), "utf-8") if declared else "utf-8"
    for text, line in _texts(head, stream, losses):
        event = _parsed(text.decode(encoding, "replace"), line)
        if event is None:
            losses.events += 1
        else:
            yield event


def _texts(data: bytes, stream: ReadsBytes, losses: ReadingLosses) -> Iterator[tuple[bytes, int]]:
    """The text of each event with its line. ``data`` is what was read of the stream already."""
    line, at, is_over = 1, 0, False
    while True:
        begin = _BEGIN.search(data, at)
        outside = data[at : begin.start() if begin else len(data)]
        if _DOCTYPE.search(outside):
            raise DamagedSourceError("declares a DOCTYPE, which no export of events has; it is not read")
        if begin is not None:
            line += data.count(b"\n", at, begin.start())
            at = begin.start()
            end = data.find(_END, at)
            following = _BEGIN.search(data, at + 1)
            if end < 0 and following is None and not is_over and len(data) - at <= LONGEST_EVENT:
                data, at, is_over = _more(stream, data, at)
                continue
            stop = end + len(_END) if end >= 0 and (following is None or end < following.start()) else -1
            if stop < 0 or stop - at > LONGEST_EVENT:
                losses.events += 1
                stop = following.start() if following is not None else len(data)
            else:
                yield data[at:stop], line
            line += data.count(b"\n", at, stop)
            at = stop
        elif is_over:
            return
        else:
            kept = max(at, len(data) - 16)
            line += data.count(b"\n", at, kept)
            data, at, is_over = _more(stream, data, kept)


def _more(stream: ReadsBytes, data: bytes, at: int) -> tuple[bytes, int, bool]:
    more = stream.read(_CHUNK)
    return data[at:] + more, 0, not more


class _TooMuchError(Exception):
    """An event that no Windows wrote."""


class _Event:
    """Gathers what is wanted of one event from the calls of expat."""

    def __init__(self) -> None:
        self.system: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.binary = ""
        self._path: list[str] = []
        self._elements = 0
        self._name = ""
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        name = name.rpartition(":")[2]
        self._path.append(name)
        if len(self._path) > DEEPEST or self._elements > _MOST_ELEMENTS:
            raise _TooMuchError
        self._text = []
        self._name = attributes.get("Name", "")
        if len(self._path) == 3 and self._path[1] == "System":
            if name == "Provider":
                self.system["Provider"] = attributes.get("Name") or attributes.get("EventSourceName", "")
            elif name == "TimeCreated":
                self.system["TimeCreated"] = attributes.get("SystemTime", "")

    def characters(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        text = "".join(self._text)
        self._text = []
        depth, section = len(self._path), self._path[1] if len(self._path) > 1 else ""
        self._path.pop()
        if section == "System" and depth == 3:
            self.system.setdefault(name, text)
        elif section == "EventData" and depth == 3:
            if name == "Binary":
                self.binary = text.strip()
            else:
                put_value(self.values, self._name, text)
        elif section == "UserData" and depth > 3 and text.strip():
            put_value(self.values, name, text)
        self._name = ""


def _parsed(text: str, line: int) -> WindowsEvent | None:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    gathered = _Event()
    parser.StartElementHandler = gathered.start
    parser.CharacterDataHandler = gathered.characters
    parser.EndElementHandler = gathered.end
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except (expat.ExpatError, _TooMuchError, ValueError):
        return None
    system = gathered.system
    number, time = whole_number(system.get("EventID", ""), most=2**31 - 1), event_time(system.get("TimeCreated", ""))
    if number is None or time is None or not system.get("Provider"):
        return None
    return WindowsEvent(
        system["Provider"],
        number,
        time,
        whole_number(system.get("Level", ""), most=255) or 0,
        system.get("Channel", ""),
        system.get("Computer", ""),
        gathered.values,
        gathered.binary,
        line,
    )
