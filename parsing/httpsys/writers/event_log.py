"""Writes the Windows events of a simulated server, as an export to XML, and which rows each of them explains.

``evidence.ndjson`` has an object for each event, in time order: ``source`` and ``line`` of the event, ``event`` (its id), ``pool``
(null where it is of none), ``rows`` (source and line of each row that it explains, empty for those that have nothing to do with
the errors).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from parsing.httpsys.writers.recording import ErrorRow, ServerEvent
from parsing.httpsys.writers.wire import LogClock, write_ndjson

EVIDENCE_NAME = "evidence.ndjson"
COMPUTER = "WEB01"

_WAS = ("Microsoft-Windows-WAS", "System")
_CRASH = ("Application Error", "Application")
_SERVICES = ("Service Control Manager", "System")
_ABANDONED = ("worker-crash",)
_STOPPED_WORKER = ("worker-shutdown",)
_OFFLINE = ("pool-offline",)
_MINUTE = 60_000

Place = tuple[str, int]
Values = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WrittenEvent:
    """An event of one channel. ``causes`` are those of the rows that it explains, from ``since`` until ``until`` (milliseconds)."""

    time: int
    provider: str
    channel: str
    id: int
    values: Values
    pool: str = ""
    causes: tuple[str, ...] = ()
    since: int = 0
    until: int = 0
    binary: str = ""


def events_of(recorded: Sequence[ServerEvent], begin: int, end: int) -> list[WrittenEvent]:
    """All events of a server in time order: those of its pools, and others between ``begin`` and ``end``."""
    found = [event for one in recorded for event in _written(one, recorded, end)]
    return sorted([*found, *_unrelated(begin, end)], key=lambda event: (event.time, event.provider, event.id))


def _written(one: ServerEvent, recorded: Sequence[ServerEvent], end: int) -> Iterable[WrittenEvent]:
    named = (("AppPoolID", one.pool), ("ProcessID", str(one.pid)))
    span = one.time - 1000, one.time + 1000
    noticed = one.time + 50 + one.time % 300
    match one.kind:
        case "crash":
            yield _crash(one.time - 200 - one.time % 3_000, one.pid, "w3wp.exe", one.pool, _ABANDONED, span)
            yield WrittenEvent(noticed, *_WAS, 5011, named, one.pool, _ABANDONED, *span, "6D000780")
        case "killed":
            yield WrittenEvent(noticed, *_WAS, 5009, (*named, ("param3", "1")), one.pool, _ABANDONED, *span)
        case "stopped late":
            yield WrittenEvent(noticed, *_WAS, 5013, named, one.pool, _STOPPED_WORKER, *span)
        case "recycled":
            yield WrittenEvent(one.time, *_WAS, 5079, named, one.pool)
        case "switched off":
            opened = [other.time for other in recorded if other.kind == "opened" and other.pool == one.pool]
            until = min((time for time in opened if time > one.time), default=end)
            yield WrittenEvent(one.time + 400, *_WAS, 5002, named[:1], one.pool, _OFFLINE, one.time, until)


def _crash(
    time: int, pid: int, process: str, pool: str = "", causes: tuple[str, ...] = (), span: tuple[int, int] = (0, 0)
) -> WrittenEvent:
    """The report of a crash, with the process id in hexadecimal digits, as Windows Server has it."""
    path = rf"c:\windows\system32\inetsrv\{process}"
    listed = (process, "10.0.20348.1", "6a0f5c2d", "orders.dll", "4.2.0.1", "69f1b7aa", "c0000005", "0000000000006dd2")
    values = tuple(("", value) for value in (*listed, f"{pid:x}", "01dd0f3a5c9d75cf", path))
    return WrittenEvent(time, *_CRASH, 1000, values, pool, causes, *span)


def _unrelated(begin: int, end: int) -> Iterable[WrittenEvent]:
    """What any server logs all day, and a pool and a program of which nobody asks anything."""
    for number, time in enumerate(range(begin, end, 47 * _MINUTE)):
        name = ("BITS", "wuauserv", "TrustedInstaller")[number % 3]
        state = 4 if number % 2 else 1
        binary = f"{name}/{state}\0".encode("utf-16-le").hex().upper()
        values = (("param1", name), ("param2", "running" if state == 4 else "stopped"))
        yield WrittenEvent(time, *_SERVICES, 7036, values, binary=binary)
    middle = begin + (end - begin) * 53 // 100
    yield _crash(middle, 6_660, "nightly.exe")
    yield _crash(middle + 5 * _MINUTE, 9_104, "w3wp.exe", "Batch")
    batch = (("AppPoolID", "Batch"), ("ProcessID", "9104"))
    yield WrittenEvent(middle + 5 * _MINUTE + 2_000, *_WAS, 5011, batch, "Batch", binary="6D000780")
    yield WrittenEvent(
        begin + (end - begin) // 5, *_WAS, 5186, (("AppPoolID", "Intranet"), ("ProcessID", "3004")), "Intranet"
    )


def write_exports(folder: Path, events: Sequence[WrittenEvent], named: Callable[[str], str]) -> list[Place]:
    """Writes ``System.xml`` and ``Application.xml``; returns where each event is, by the names that ``named`` gives the files."""
    clock = LogClock()
    places: list[Place] = []
    texts = {channel: ['<?xml version="1.0" encoding="utf-8"?>', "<Events>"] for channel in ("System", "Application")}
    for number, event in enumerate(events, 1):
        lines = texts[event.channel]
        lines.append(_xml(event, number, clock))
        places.append((named(f"{event.channel}.xml"), len(lines)))
    for channel, lines in texts.items():
        (folder / f"{channel}.xml").write_bytes("\n".join([*lines, "</Events>", ""]).encode())
    return places


def _xml(event: WrittenEvent, number: int, clock: LogClock) -> str:
    values = "".join(
        f'<Data Name="{name}">{escape(value)}</Data>' if name else f"<Data>{escape(value)}</Data>"
        for name, value in event.values
    )
    binary = f"<Binary>{event.binary}</Binary>" if event.binary else ""
    return (
        f'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="{event.provider}"/>'
        f"<EventID>{event.id}</EventID><Level>{4 if event.id in (7036, 5079, 5186) else 2}</Level>"
        f'<TimeCreated SystemTime="{clock.exact(event.time)}"/><EventRecordID>{number}</EventRecordID>'
        f"<Channel>{event.channel}</Channel><Computer>{COMPUTER}</Computer></System>"
        f"<EventData>{values}{binary}</EventData></Event>"
    )


def write_evidence_truth(
    path: Path,
    events: Sequence[WrittenEvent],
    places: Sequence[Place],
    errors: Sequence[ErrorRow],
    error_places: Sequence[Place],
) -> None:
    """``places`` belong to ``events``, ``error_places`` to ``errors``."""

    def records() -> Iterator[dict[str, object]]:
        for event, place in zip(events, places, strict=True):
            rows = [where for row, where in zip(errors, error_places, strict=True) if _is_behind(event, row)]
            yield {"source": place[0], "line": place[1], "event": event.id, "pool": event.pool or None, "rows": rows}

    write_ndjson(path, records())


def _is_behind(event: WrittenEvent, row: ErrorRow) -> bool:
    if row.cause not in event.causes or not event.since <= row.time <= event.until:
        return False
    endpoint = row.exchange.endpoint if row.exchange is not None else None
    return endpoint is not None and endpoint.pool == event.pool
