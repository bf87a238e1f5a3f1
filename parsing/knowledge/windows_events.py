"""The Windows events that say something about errors of HTTP.sys, or about holes in logs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from parsing.knowledge.tables import load_table

Hole = Literal["", "httperr", "iis", "both"]

_TABLE = "windows_events.toml"


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """One event of the table. ``before`` and ``after`` are seconds around it in which its rows are.

    ``explains`` are reasons of Httperr.log, of the event's own pool unless it is ``of_server``. One that ``lasts`` explains rows
    from the event on, until one of the events named in ``until``. ``hole`` is the log that may have a hole from the event on.
    ``text`` has names of values in braces. ``counts_as_failure``: WAS counts it for rapid-fail protection.
    """

    provider: str
    id: int
    text: str
    explains: tuple[str, ...]
    before: int
    after: int
    of_server: bool
    lasts: bool
    until: tuple[str, ...]
    hole: Hole
    counts_as_failure: bool
    proves_not: str
    basis: str


def short_provider(name: str) -> str:
    """How people call a provider: ``WAS`` for ``Microsoft-Windows-WAS``, ``ASP.NET`` whatever its version."""
    if name.startswith("ASP.NET "):
        return "ASP.NET"
    return str(_providers().get(name, name))


def known_event(provider: str, event: int) -> KnownEvent | None:
    """What is known of an event, by the short name of its provider; ``None`` if nothing is."""
    return known_events().get((provider, event))


@cache
def known_events() -> dict[tuple[str, int], KnownEvent]:
    """The whole table, by provider and id."""
    rows: list[dict[str, Any]] = load_table(_TABLE)["events"]
    return {(row["provider"], number): _from_row(row, number) for row in rows for number in row["ids"]}


@cache
def _providers() -> dict[str, str]:
    found: dict[str, str] = load_table(_TABLE)["providers"]
    return found


def _from_row(row: dict[str, Any], number: int) -> KnownEvent:
    return KnownEvent(
        row["provider"],
        number,
        row["text"],
        tuple(row.get("explains", ())),
        row.get("before", 0),
        row.get("after", 0),
        row.get("of") == "server",
        row.get("lasts", False),
        tuple(row.get("until", ())),
        row.get("hole", ""),
        row.get("counts_as_failure", False),
        row["proves_not"],
        row["basis"],
    )
