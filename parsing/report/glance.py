"""A set of rows in a few figures: what stands above its incidents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from parsing.filters import EVERYTHING, Filter, both, parse
from parsing.index.snapshot import Snapshot
from parsing.knowledge.win32 import client_gone_codes
from parsing.questions import Breakdown, Count, answer, idle_closes

FAILED = parse("status:5xx")
CLIENT_GONE = parse(f"win32:({', '.join(str(code) for code in client_gone_codes())})")
"""Requests that the application failed, and those whose client had left."""


@dataclass(frozen=True, slots=True)
class Glance:
    """How much there is, and how much of it went wrong. Times are UTC without zone; ``None`` for a set without rows.

    ``errors`` are those of Httperr.log without ``idle_closes``; where the filter itself names reasons, idle closes are
    errors like the others. ``failures`` are answers of 500 and more, ``clients_gone`` requests that IIS logged although
    the client had left. ``servers`` counts the servers that wrote rows, as far as the logs name them. ``unread`` are files
    that could not be read whole, ``rejected`` lines that could not become rows.
    """

    first: datetime | None
    last: datetime | None
    requests: int
    errors: int
    idle_closes: int
    failures: int
    clients_gone: int
    servers: int
    unread: int
    rejected: int


def glance(snapshot: Snapshot, where: Filter = EVERYTHING, *, cancelled: Callable[[], bool] = lambda: False) -> Glance:
    """Count what a filter keeps. Raises ``CancelledError`` soon after ``cancelled()`` is true."""
    counts = answer(snapshot, Count(where), cancelled).by_log
    idle = idle_closes(where)
    idle_count = answer(snapshot, Count(idle, "httperr"), cancelled).total if idle is not None else 0
    servers = 0
    if "server-name" in snapshot.field_names:
        logged = both(parse("-server-name:-"), where)
        named = answer(snapshot, Breakdown(logged, ("server-name",)), cancelled).table
        servers = int(named["server-name"].drop_nulls().len())
    return Glance(
        snapshot.oldest,
        snapshot.newest,
        counts["iis"],
        counts["httperr"] - idle_count,
        idle_count,
        answer(snapshot, Count(both(where, FAILED), "iis"), cancelled).total,
        answer(snapshot, Count(both(where, CLIENT_GONE), "iis"), cancelled).total,
        servers,
        sum(source.status in ("partial", "failed") for source in snapshot.sources),
        sum(source.rejected for source in snapshot.sources),
    )
