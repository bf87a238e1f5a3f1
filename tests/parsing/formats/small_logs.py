"""Small invented logs, parsed whole, with their balance checked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from parsing.formats.detect import detect
from parsing.formats.parser import Parser
from parsing.formats.rows import ParsedBlock

IIS8 = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer)"
    " sc-status sc-substatus sc-win32-status time-taken"
)
ROW8 = "2026-06-15 10:00:01 10.0.0.5 GET /a - 443 - 10.9.9.9 curl/8 - 200 0 0 12"

ERRORS = "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri"
ERROR = "2026-06-15 10:31:40 10.9.9.9 50123 10.0.0.5 80 HTTP/1.1 GET /x"
FAULTS = "fault-code extended-fault-code"

LAYOUTS = {
    13: (f"{ERRORS} sc-status s-siteid s-reason s-queuename", f"{ERROR} 503 1 AppOffline Pool"),
    14: (f"{ERRORS} streamid sc-status s-siteid s-reason s-queuename", f"{ERROR} - 503 1 AppOffline Pool"),
    16: (
        f"{ERRORS} streamid streamid_ex sc-status s-siteid s-reason s-queuename transport",
        f"{ERROR} - - 503 1 AppOffline Pool TCP",
    ),
    18: (
        f"{ERRORS} streamid streamid_ex sc-status s-siteid s-reason s-queuename transport {FAULTS}",
        f"{ERROR} - - 503 1 AppOffline Pool TCP 0x80070008 0x1",
    ),
}
"""Fields and a row of each layout of Httperr.log but the oldest, by their number."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def parsed(*lines: str | bytes, name: str = "x.log", end: bytes = b"\r\n", is_last: bool = True) -> ParsedBlock:
    data = b"".join((line if isinstance(line, bytes) else line.encode()) + end for line in lines)
    block = Parser(detect(data, name).format, name).parse(data, 1, is_last=is_last)
    assert block.lines == len(lines) == block.rows + block.directives + block.blank + block.rejected
    return block


def rows(block: ParsedBlock) -> list[dict[str, Any]]:
    found = [row for section in block.sections for row in section.frame.iter_rows(named=True)]
    return sorted(found, key=lambda row: row["line"])


def only(block: ParsedBlock) -> dict[str, Any]:
    (row,) = rows(block)
    return row
