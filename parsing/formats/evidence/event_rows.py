"""Events as rows: what links them to the logs is found here once, whatever Windows calls it in which event."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec
import polars as pl

from parsing.formats.evidence.windows_event import WindowsEvent, whole_number
from parsing.knowledge.windows_events import short_provider

EVIDENCE_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.UInt32(),
    "line": pl.Int64(),
    "time": pl.Datetime("ms"),
    "kind": pl.String(),
    "provider": pl.String(),
    "event": pl.Int64(),
    "level": pl.UInt8(),
    "channel": pl.String(),
    "computer": pl.String(),
    "pool": pl.String(),
    "site": pl.String(),
    "pid": pl.Int64(),
    "process": pl.String(),
    "data": pl.String(),
}
"""Columns of evidence in the index. ``kind`` is ``event``, ``trace``, ``setting`` or ``counter``; ``event`` the id of a Windows
event by the short name of its ``provider``; ``pid`` that of the worker process; ``data`` all its values, as JSON."""

STOPPED, RUNNING = "1", "4"
"""States of a service, as event 7036 has them in its binary data."""

_APP_ERROR_NAMES = ("AppName", "", "", "ModuleName", "", "", "ExceptionCode", "FaultingOffset", "ProcessId")
_SITE = re.compile(r"/LM/W3SVC/(\d{1,10})(?:/|$)", re.IGNORECASE)
_PID = re.compile(r"\[PID (\d{1,10})\]")
_DOTNET = re.compile(r"Application: ([^\r\n]{1,200})")
_EXCEPTION_TYPE = re.compile(r"Exception Info: (?:exception )?([\w.+`]{1,200})", re.IGNORECASE)
_MOST_PID = 2**32 - 1


def event_frame(events: Sequence[WindowsEvent], source: int) -> pl.DataFrame:
    """Events of one source as rows of ``EVIDENCE_SCHEMA``."""
    return pl.DataFrame([_row(event, source) for event in events], schema=EVIDENCE_SCHEMA, orient="row")


def _row(event: WindowsEvent, source: int) -> tuple[object, ...]:
    provider = short_provider(event.provider)
    values = dict(event.values)
    pool = values.get("AppPoolID") or values.get("AppPoolName")
    pid = whole_number(values.get("ProcessID", ""), 1, _MOST_PID)
    site = values.get("SiteId") or values.get("SiteID")
    process: str | None = None
    number = event.id
    match provider:
        case "WAS" if pool is None and values.get("0"):
            pool, pid = values["0"], whole_number(values.get("1", ""), 1, _MOST_PID)
        case "Application Error" if number == 1000:
            values, pid = _crash(values)
            process = values["process"]
        case ".NET Runtime" if number == 1026:
            process = _dotnet(values)
        case "ASP.NET" if number == 1309:
            found = _SITE.search(values.get("8", ""))
            site = found[1] if found else site
            pid, process = whole_number(values.get("14", ""), 1, _MOST_PID), values.get("15")
            values["application"] = values.get("10", "")
        case "Service Control Manager":
            values |= _service(number, values, event.binary)
        case "EventLog" if number == 6013:
            values["uptime"] = values.get("4", "")
        case _:
            named = _PID.search(values.get("0", ""))
            pid = pid or (whole_number(named[1], 1, _MOST_PID) if named else None)
    return (
        source, event.line, event.time, "event", provider, number, event.level, event.channel or None,
        event.computer or None, pool or None, site or None, pid, process or None, msgspec.json.encode(values).decode(),
    )  # fmt: skip


def _crash(values: Mapping[str, str]) -> tuple[dict[str, str], int | None]:
    """The newest Windows names what older ones list; the process id is hexadecimal in both."""
    at = {name: values.get(name) or values.get(str(place), "") for place, name in enumerate(_APP_ERROR_NAMES) if name}
    digits = at["ProcessId"].strip().lower().removeprefix("0x")
    pid = whole_number(f"0x{digits}", 1, _MOST_PID) if digits and "_" not in digits else None
    code = at["ExceptionCode"].strip().lower().removeprefix("0x")
    return {"process": at["AppName"], "module": at["ModuleName"], "exception": f"0x{code}" if code else ""}, pid


def _dotnet(values: dict[str, str]) -> str | None:
    text = values.get("0", "")
    named, thrown = _DOTNET.search(text), _EXCEPTION_TYPE.search(text)
    values["exception_type"] = f": {thrown[1]}" if thrown else ""
    return named[1].strip() if named else None


def _service(number: int, values: Mapping[str, str], binary: str) -> dict[str, str]:
    """The name of a service and its state from the binary data, which is not translated as the other values are."""
    try:
        text = bytes.fromhex(binary).decode("utf-16-le").rstrip("\0")
    except (ValueError, UnicodeDecodeError):
        text = ""
    name, _, state = text.partition("/")
    if number != 7036 or not text:
        return {"service": name or values.get("param1", "")}
    return {"service": name, "state": {STOPPED: "stopped", RUNNING: "running"}.get(state, state), "state_code": state}
