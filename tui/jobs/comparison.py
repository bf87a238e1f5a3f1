"""What the explorer asks about differences: what a span can be compared with, and what differs. Blocking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from parsing.filters import Filter
from tui.jobs.engine import Cancelled
from tui.model.question import Log, Span

if TYPE_CHECKING:
    from parsing.compare import Difference, Side
    from parsing.index import Snapshot

MOST_CHANGES = 60
"""Differences that are shown, the surest and largest."""
MOST_SERVERS = 20


@dataclass(frozen=True, slots=True)
class Way:
    """A span compared with something else; ``name`` says with what."""

    name: str
    a: Side
    b: Side


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs by one way, and what else the span can be compared with."""

    way: Way
    differences: tuple[Difference, ...]
    others: tuple[Way, ...]


def before_this(span: Span, where: Filter) -> Way:
    """With the time as long directly before it."""
    from parsing.compare import with_the_time_before

    return Way("the time before", *with_the_time_before(span, where))


def around(snapshot: Snapshot, moment: datetime, where: Filter) -> Way:
    """All that came after a moment with all that came before it. Raises ``UsageError`` where one of them has no time."""
    from parsing.compare import Side
    from parsing.errors import UsageError

    oldest, newest = snapshot.oldest, snapshot.newest
    if oldest is None or newest is None or not oldest < moment <= newest:
        raise UsageError("there are rows on one side of this moment only", where=f"{moment:%Y-%m-%d %H:%M:%S}")
    end = newest + timedelta(seconds=1)
    return Way("the time before", Side("before", where, (oldest, moment)), Side("after", where, (moment, end)))


def compared(snapshot: Snapshot, way: Way, log: Log | None, cancelled: Cancelled) -> Compared:
    """What differs, the surest and largest differences first."""
    from parsing.compare import compare

    *_, last = compare(snapshot, way.a, way.b, log=log, cancelled=cancelled)
    span = way.b.span
    others = tuple(_others(snapshot, span, way, cancelled)) if span is not None else ()
    return Compared(way, last.findings[:MOST_CHANGES], others)


def _others(snapshot: Snapshot, span: Span, taken: Way, cancelled: Cancelled) -> Iterator[Way]:
    """What else the span can be compared with, as far as the logs reach."""
    from parsing.compare import Side, with_earlier_days
    from parsing.filters import Not, both, during

    where = taken.b.where
    for days, name in ((1, "the same time a day before"), (7, "the same time a week before")):
        if snapshot.oldest is not None and span[1] - timedelta(days=days) > snapshot.oldest:
            yield Way(name, *with_earlier_days(span, days, where))
    yield Way("everything else", Side("elsewhere", both(where, Not(during(*span)))), Side("in this span", where, span))
    yield from _servers(snapshot, span, where, cancelled)


def _servers(snapshot: Snapshot, span: Span, where: Filter, cancelled: Cancelled) -> Iterator[Way]:
    """Each server with the others, in the same time."""
    from parsing.compare import Side
    from parsing.filters import Not, both, only
    from parsing.questions import Breakdown, answer

    if "server-name" not in snapshot.field_names:
        return
    table = answer(snapshot, Breakdown(where, ("server-name",), MOST_SERVERS), cancelled).table
    names = table["server-name"].drop_nulls().sort().to_list()
    for name in names if len(names) > 1 else ():
        own = only("server-name", name)
        others = Side("on the others", both(where, Not(own)), span)
        yield Way(f"server {name} with the others", others, Side(f"on {name}", both(where, own), span))
