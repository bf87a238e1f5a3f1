"""What the timeline and the correlated picture ask of the engine. Everything here blocks: it is called in threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from parsing.errors import UsageError
from parsing.filters import EVERYTHING, Filter
from tui.jobs.engine import Cancelled, row_of
from tui.model.entry import Entry, entries
from tui.model.page import Rows
from tui.model.question import Span
from tui.model.scene import Asked, Scene, wanted_span

if TYPE_CHECKING:
    import polars as pl

    from parsing.correlation import ClientsGone, Correlated, Focus, Kind, Timeline
    from parsing.index import Log, Snapshot
    from parsing.questions import InFlightCurve

VALUES = ("client", "port", "method", "path", "uri", "queue", "reason", "status")

_SLOW_SHARE = 0.05
"""From this share of slow requests on, a path is often slow."""
_MOST_PATHS = 2_000
_DROPPED = "connection_dropped"
_SOON_LEARNED = 100_000
"""Requests up to which the habits of a server are learned in a moment."""


def known_kinds(entry: Entry) -> dict[str, str]:
    """By which of its values a timeline can be around an entry, the most useful first, with these values."""
    client, port, queue = (entry.value(name) for name in ("client", "port", "queue"))
    path = entry.value("path") or str(entry.value("uri") or "").partition("?")[0]
    known: dict[str, str] = {}
    if client is not None:
        if entry.is_error:
            known["error"] = f"this error: {client} around it, and what belongs to it"
        known["client"] = str(client)
        if port is not None:
            known["connection"] = f"{client} port {port}"
    if path:
        known["path"] = path
    if queue is not None:
        known["queue"] = str(queue)
    return known


def focus(snapshot: Snapshot, asked: Asked) -> tuple[Asked, Focus]:
    """The focus that is asked for; without a kind, the most useful one, which the question then names."""
    from parsing.correlation import focus_on

    row = row_of(snapshot, asked.entry.source, asked.entry.line, asked.entry.time, VALUES)
    entry = entries([row])[0]
    kinds = known_kinds(entry)
    if not kinds and not asked.kind:
        raise UsageError("this row has neither client nor path", where=f"{entry.source}:{entry.line}")
    kind = cast("Kind", asked.kind or next(iter(kinds)))
    return replace(asked, kind=kind, entry=entry), focus_on(kind, row)


def rows_alone(snapshot: Snapshot, asked: Asked, focus: Focus, cancelled: Cancelled) -> Scene:
    """The rows around a focus, before anything is correlated."""
    from parsing.correlation import timeline

    found = timeline(snapshot, replace(focus, source="", line=0), cancelled=cancelled)
    return replace(_scene(asked, found), is_whole=False)


def scenes(
    snapshot: Snapshot, asked: Asked, focus: Focus, client_port: str | None, cancelled: Cancelled
) -> Iterator[Scene]:
    """The rows around a focus, with what belongs to its error; then with what belongs to the other errors too."""
    from parsing.correlation import timeline, with_neighbours

    found = timeline(snapshot, focus, client_port=client_port, cancelled=cancelled)
    yield _scene(asked, found)
    yield _scene(asked, with_neighbours(snapshot, found, client_port=client_port, cancelled=cancelled))


def _scene(asked: Asked, found: Timeline) -> Scene:
    span = found.focus.span
    window = asked.window or span
    return Scene(
        asked,
        found.focus.title,
        found.focus.where,
        window,
        span,
        found.events,
        found.left_out,
        found.error,
        note=found.note,
        lacks_port=found.lacks_port,
    )


def more(snapshot: Snapshot, known: Scene, client_port: str | None, cancelled: Cancelled) -> Iterator[Scene]:
    """The scene with the rows of its window, which was moved; what is linked to its error stays. Links come second."""
    from parsing.correlation import timeline, with_neighbours

    _, around = focus(snapshot, known.asked)
    span = known.window if known.left_out else wanted_span(known.window)
    found = timeline(snapshot, replace(around, span=span, source="", line=0), cancelled=cancelled)
    yield _with_rows(known, found)
    yield _with_rows(known, with_neighbours(snapshot, found, client_port=client_port, cancelled=cancelled))


def _with_rows(known: Scene, found: Timeline) -> Scene:
    kept = {event.key: event for event in known.events if event.links or event.key == known.key}
    events = {event.key: event for event in found.events} | kept
    ordered = sorted(events.values(), key=lambda event: (event.end, event.source, event.line))
    return replace(
        known,
        where=found.focus.where,
        loaded=found.focus.span,
        events=tuple(ordered),
        left_out=found.left_out,
        note=found.note or known.note,
    )


def is_slow_to_learn(snapshot: Snapshot) -> bool:
    """Whether it is worth learning a server's habits before they are asked for."""
    rows = {log: sum(part.rows for part in snapshot.segments if part.log == log) for log in ("iis", "httperr")}
    return bool(rows["httperr"]) and rows["iis"] > _SOON_LEARNED


def learn(snapshot: Snapshot, cancelled: Cancelled) -> None:
    """Learn what correlation needs to know of a log set, so that the first error asked for comes at once."""
    from parsing.correlation import habits_of

    habits_of(snapshot, cancelled=cancelled)


def curve(snapshot: Snapshot, scene: Scene, points: int, cancelled: Cancelled) -> InFlightCurve:
    """Requests in flight over the window: of the path where that is the focus, else all."""
    from parsing.questions import InFlight, answer

    where: Filter = EVERYTHING
    if scene.asked.kind == "path":
        from parsing.filters import only

        where = only("path", scene.asked.entry.value("path"))
    return answer(snapshot, InFlight(scene.window, points, where), cancelled)


def next_error(
    snapshot: Snapshot, where: Filter, span: Span | None, here: Entry, by: int, cancelled: Cancelled
) -> Entry | None:
    """The error ``by`` places after an entry, before it if negative, or the last there is, of those a filter keeps."""
    from parsing.questions import OrderedRows, answer

    found = answer(snapshot, OrderedRows(where, "httperr", span), cancelled)
    place = found.offset_of_row(here.source, here.line, here.time)
    wanted = found.offset_of(here.time) + by - (by > 0) if place is None else place + by
    wanted = min(max(0, wanted), found.count - 1)
    if place == wanted or not found.count:
        return None
    entry = entries(found.page(wanted, 1, VALUES).to_dicts())[0]
    return entry if (entry.time >= here.time if by > 0 else entry.time <= here.time) else None


def numbered(rows: Rows, row: int) -> Entry | None:
    """The row with this number, which may not have been read yet."""
    found = entries(rows.page(row, 1, VALUES).to_dicts())
    return found[0] if found else None


def newest(snapshot: Snapshot, where: Filter, span: Span | None, cancelled: Cancelled) -> Entry | None:
    """The newest error that a filter keeps, else the newest row."""
    from parsing.questions import OrderedRows, answer

    logs: tuple[Log | None, ...] = ("httperr", None)
    for log in logs:
        found = answer(snapshot, OrderedRows(where, log, span), cancelled)
        if found.count:
            return entries(found.page(found.count - 1, 1, VALUES).to_dicts())[0]
    return None


def stories(
    snapshot: Snapshot, wanted: Sequence[Entry], client_port: str | None, cancelled: Cancelled
) -> Iterator[tuple[Entry, Correlated]]:
    """What is known of some errors, one by one in their order."""
    from parsing.correlation import correlate_one

    for entry in wanted:
        if cancelled():
            return
        yield entry, correlate_one(snapshot, entry.source, entry.line, client_port=client_port, cancelled=cancelled)


def pictures(
    snapshot: Snapshot,
    where: Filter,
    requests: Filter,
    client_port: str | None,
    slow: frozenset[str],
    cancelled: Cancelled,
) -> Iterator[Picture]:
    """What correlation finds of the errors that a filter keeps; more of them with each picture.

    Where they are drops, the last one also says what became of requests for their paths whose client left, of those
    that ``requests`` keeps. ``slow`` are the slow paths of the snapshot.
    """
    from parsing.correlation import client_gone_of, correlate

    picture = Picture()
    drops: list[Correlated] = []
    for found in correlate(snapshot, where, client_port=client_port, cancelled=cancelled):
        picture = _added(picture, found, slow)
        drops += [replace(error, related=()) for error in found if error.reason.lower().startswith(_DROPPED)]
        yield picture
    gone = client_gone_of(snapshot, drops, requests, cancelled=cancelled) if drops else []
    yield replace(picture, gone=tuple(gone), is_whole=True)


def _added(picture: Picture, found: list[Correlated], slow: frozenset[str]) -> Picture:
    relations = [{request.relation for request in error.claims} for error in found]
    waits = [
        (error.time - error.began.earliest - (error.began.latest - error.began.earliest) / 2).total_seconds()
        for error in found
        if error.began is not None
    ]
    who = Counter(dict(picture.ended_by)) + Counter(error.ended_by for error in found)
    return replace(
        picture,
        errors=picture.errors + len(found),
        same=picture.same + sum("same-request" in claimed for claimed in relations),
        same_connection=picture.same_connection + sum("same-connection" in claimed for claimed in relations),
        retried=picture.retried + sum("retry" in claimed for claimed in relations),
        slow=picture.slow + sum((error.uri or "").partition("?")[0].lower() in slow for error in found),
        swept=picture.swept + sum(error.batch > 1 for error in found),
        ended_by=tuple(who.most_common()),
        waits=(*picture.waits, *waits),
    )


def slow_paths(snapshot: Snapshot, cancelled: Cancelled) -> frozenset[str]:
    """Paths in lower case of which one request in twenty takes longer than ``SLOW``."""
    import polars as pl

    slow = _requests_by_path(snapshot, f"taken:{SLOW}ms..", _MOST_PATHS, cancelled)
    if slow.is_empty():
        return frozenset()
    both = slow.join(_requests_by_path(snapshot, "", None, cancelled), on="path", suffix=" in all")
    return frozenset(both.filter(pl.col("count") >= _SLOW_SHARE * pl.col("count in all"))["path"])


def _requests_by_path(snapshot: Snapshot, text: str, top: int | None, cancelled: Cancelled) -> pl.DataFrame:
    """How many requests a filter keeps of each path, in lower case."""
    import polars as pl

    from parsing.filters import parse
    from parsing.questions import Breakdown, answer

    table = answer(snapshot, Breakdown(parse(text), ("path",), top, log="iis"), cancelled).table
    named = table.select(table.to_series(0).str.to_lowercase().alias("path"), "count").drop_nulls("path")
    return named.group_by("path").agg(pl.col("count").sum())


class SlowPaths:
    """The slow paths of the snapshot that was asked about last: each picture of it asks for the same ones."""

    def __init__(self) -> None:
        self._known: tuple[Snapshot, frozenset[str]] | None = None

    def of(self, snapshot: Snapshot, cancelled: Cancelled) -> frozenset[str]:
        known = self._known
        if known is None or known[0] is not snapshot:
            self._known = known = snapshot, slow_paths(snapshot, cancelled)
        return known[1]


SLOW = 10_000
"""Milliseconds from which a request is slow."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What correlation finds of many errors. ``slow`` of them asked for a path that is often slow.

    ``gone`` is the story of their paths, where they are drops: the most frequent first.
    """

    errors: int = 0
    same: int = 0
    same_connection: int = 0
    retried: int = 0
    slow: int = 0
    swept: int = 0
    ended_by: tuple[tuple[str, int], ...] = ()
    waits: tuple[float, ...] = ()
    gone: tuple[ClientsGone, ...] = ()
    is_whole: bool = False
