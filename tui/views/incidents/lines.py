"""Incidents as lines of a table, and the set at a glance above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from parsing.safe_text import safe
from parsing.wording import brief_duration, count, counted, elapsed
from tui.model.column import Column
from tui.model.entry import Notation
from tui.model.fact import Part
from tui.model.line import Line

if TYPE_CHECKING:
    from parsing.incidents import Incident
    from parsing.report import Glance

TONES = {"high": "error", "medium": "warn", "low": "dim"}
"""The tone of each severity."""
PLURALS = {
    "pool-stopped": "stopped pools",
    "pool-offline": "pools offline",
    "worker-crash": "crashes",
    "limit": "limits",
    "slow-application": "slow spells",
    "queue-full": "full queues",
    "clients-left": "times that clients left",
    "server-errors": "spells of 5xx",
    "slow-clients": "slow clients",
    "wrong-protocol": "wrong protocols",
    "scan": "scans",
    "burst": "bursts",
}
"""Incidents of a kind, more than one."""


def columns(notation: Notation) -> tuple[Column, ...]:
    return (
        Column("severity", "severity", 8, 8),
        Column("begin", "began", notation.time_width),
        Column("length", "lasted", 7, 7, 0, "right"),
        Column("kind", "what", 16, 16),
        Column("pool", "pool", 20, 12, 2),
        Column("server-name", "server", 12, 8, 1, is_optional=True),
        Column("errors", "errors", 8, 6, 0, "right"),
        Column("requests", "requests", 8, 8, 0, "right"),
        Column("clients", "clients", 8, 7, 0, "right", is_optional=True),
    )


def named(kind: str) -> str:
    """A kind as it is shown: ``pool offline``."""
    return kind.replace("-", " ")


def line(one: Incident, notation: Notation) -> Line:
    cells = (
        one.severity,
        notation.time(one.begin),
        brief_duration(_milliseconds(one)),
        named(one.kind),
        safe(", ".join(one.pools)),
        safe(", ".join(one.servers)),
        count(one.errors),
        count(one.requests),
        count(one.clients),
    )
    tone = TONES[one.severity]
    main = "dim" if one.severity == "low" else "plain"
    return Line(cells, (tone, main, main, "strong" if main == "plain" else main, *[main] * 5), one.id)


def _milliseconds(one: Incident) -> float:
    return (one.end - one.begin).total_seconds() * 1000


KEYS = {
    "begin": lambda one: one.begin,
    "length": _milliseconds,
    "kind": lambda one: one.kind,
    "pool": lambda one: one.pools,
    "server-name": lambda one: one.servers,
    "errors": lambda one: one.errors,
    "requests": lambda one: one.requests,
    "clients": lambda one: one.clients,
}
"""What each column sorts by; without one, and by severity, the worst come first."""


def in_order(found: Sequence[Incident], by: str) -> list[Incident]:
    """The incidents, which come the worst first, by a column; after ``-`` the greatest first."""
    key = KEYS.get(by.removeprefix("-"))
    if key is None:
        return list(reversed(found)) if by == "severity" else list(found)
    return sorted(found, key=key, reverse=by.startswith("-"))


def glance_line(known: Glance, notation: Notation) -> list[Part]:
    """How much there is: requests and their failures, errors without idle closes, servers."""
    failed, gone = counted(known.failures, "5xx", "5xx"), counted(known.clients_gone, "client gone", "clients gone")
    idle = f", {counted(known.idle_closes, 'idle close')} apart" if known.idle_closes else ""
    return [
        (f" {counted(known.requests, 'request')}", "iis"),
        (": ", "dim"),
        (failed, "error" if known.failures else "plain"),
        (", ", "dim"),
        (gone, "warn" if known.clients_gone else "plain"),
        (f" {notation.glyphs.dot} ", "dim"),
        (counted(known.errors, "error"), "httperr"),
        (idle, "dim"),
        (f" {notation.glyphs.dot} {counted(known.servers, 'server')}" if known.servers > 1 else "", "plain"),
    ]


def unread_part(known: Glance) -> list[Part]:
    """What could not be read."""
    said = [counted(known.unread, "file") + " not read whole"] if known.unread else []
    said += [f"{counted(known.rejected, 'line')} set aside"] if known.rejected else []
    return [(f"  {', '.join(said)} ", "warn")] if said else []


def verdict_line(found: Sequence[Incident], known: Glance | None, *, is_growing: bool) -> list[Part]:
    """How many incidents there are, or that nothing went wrong, and in which time."""
    so_far: list[Part] = [(" so far", "warn")] if is_growing else []
    serious = [one for one in found if one.severity != "low"]
    rest = _kinds([one for one in found if one.severity == "low"])
    if serious:
        parts: list[Part] = [(f" {counted(len(serious), 'incident')}", "strong"), *so_far, (": ", "dim")]
        by_severity = Counter(one.severity for one in serious)
        for number, (severity, many) in enumerate(by_severity.items()):
            parts += [(", " if number else "", "dim"), (f"{many} {severity}", TONES[severity])]
        return [*parts, (f"; of low severity {rest}" if rest else "", "dim")]
    length = f" in {elapsed(known.last - known.first)}" if known and known.first and known.last else ""
    parts = [(f" No incident{length}", "good"), *so_far]
    grounds = next((one.grounds for one in found if one.grounds), "")
    return [
        *parts,
        (f"; below the threshold {rest}" if rest else "", "dim"),
        (f"; {safe(grounds)}" if grounds else "", "warn"),
    ]


def _kinds(found: Sequence[Incident]) -> str:
    counts = Counter(one.kind for one in found)
    return ", ".join(f"1 {named(kind)}" if many == 1 else f"{many} {PLURALS[kind]}" for kind, many in counts.items())
