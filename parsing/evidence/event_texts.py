"""Windows events in words, and which entry of the table of known events each one is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from parsing.formats.evidence.event_rows import RUNNING, STOPPED
from parsing.knowledge.windows_events import KnownEvent, known_event
from parsing.safe_text import cut
from parsing.wording import counted

_WEB_SERVICES = ("w3svc", "was")
_LONGEST = 300
_MOST_VALUES = 6
_UNNAMED = {"pool": "a pool", "process": "a process", "module": "an unknown module", "site": "an unknown site"}
"""What stands for a value that an event does not have; other values are left out."""

EventRow = Mapping[str, Any]
"""A row of the frame of evidence by the names of its columns."""


def values_of(row: EventRow) -> dict[str, str]:
    """All values of an event."""
    found = msgspec.json.decode(row["data"] or "{}", type=dict[str, str])
    return found | {name: str(row[name]) for name in ("pool", "site", "pid", "process") if row[name] is not None}


def known_of(row: EventRow) -> KnownEvent | None:
    """The entry of the table. That a service of IIS stopped is one of its own: all changes of services share one id."""
    if row["provider"] == "Service Control Manager" and row["event"] == 7036:
        name, state = _service_of(row)
        if name in _WEB_SERVICES and state == STOPPED:
            return known_event("service", 1)
    return known_event(row["provider"], row["event"])


def label_of(row: EventRow) -> str:
    """What other entries call an event that ends theirs: ``EventLog 6005``, ``service W3SVC running``."""
    if row["provider"] == "Service Control Manager" and row["event"] == 7036:
        name, state = _service_of(row)
        return f"service {name.upper()} {'running' if state == RUNNING else 'stopped' if state == STOPPED else state}"
    return f"{row['provider']} {row['event']}"


def _service_of(row: EventRow) -> tuple[str, str]:
    values = values_of(row)
    return values.get("service", "").lower(), values.get("state_code", "")


def text_of(row: EventRow, failures: int = 0) -> str:
    """An event as a sentence without a full stop. It holds values of the event, which are as hostile as any log text.

    ``failures`` is how many failures of the pool's worker process WAS has counted before it switched the pool off.
    """
    if row["kind"] == "setting":
        return cut(_setting(row), _LONGEST)
    known = known_of(row)
    if known is None:
        return cut(_raw(row), _LONGEST)
    text = _filled(known.text, values_of(row))
    if failures and row["event"] == 5002:
        text = text.replace("repeated failures", counted(failures, "failure"))
    return cut(text, _LONGEST)


def text_with_place(row: EventRow, failures: int = 0) -> str:
    """The sentence with where it stands: ``... (System, 5002)``."""
    channel = f"{row['channel']}, " if row["channel"] else ""
    return f"{text_of(row, failures)} ({channel}{row['event']})"


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with the values of an event put in; a value that looks like a name in braces stays as it is."""
    parts = re.split(r"\{(\w+)\}", template)
    for place in range(1, len(parts), 2):
        parts[place] = values.get(parts[place]) or _UNNAMED.get(parts[place], "")
    return " ".join("".join(parts).split())


def _setting(row: EventRow) -> str:
    values = values_of(row)
    if values["setting"] == "site":
        return f"site {row['site']} is called {values['value']}"
    of = f" of the pool {row['pool']}" if row["pool"] else f" of site {row['site']}" if row["site"] else ""
    by = {"defaults": " (by the defaults of all)", "IIS": " (the default of IIS)"}.get(values.get("set_by", ""), "")
    return f"{values['setting']}{of} is {values['value']}{by}"


def _raw(row: EventRow) -> str:
    values = list(msgspec.json.decode(row["data"] or "{}", type=dict[str, str]).items())
    shown = [value if name.isdecimal() else f"{name}={value}" for name, value in values[:_MOST_VALUES] if value.strip()]
    text = f"{row['provider']} {row['event']}"
    return " ".join(f"{text}: {', '.join(shown)}".split()) if shown else text
