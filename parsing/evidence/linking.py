"""Which errors a Windows event explains: those of its pool and reason within its window, and no others.

An event explains only what the table of known events says of it. One that names no pool, though it is about a pool, explains
nothing: the pool is never guessed. One that lasts ends with what ends it, with the next of its kind, and after a day; where the
event log ends before the errors do, it goes on only as long as they come one after the other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from parsing.correlation.logs.errors import decoded
from parsing.evidence.event_texts import EventRow, known_of, label_of
from parsing.evidence.evidence import pool_key, pool_name, server_key
from parsing.index import Segment, Snapshot
from parsing.index.epoch import milliseconds
from parsing.knowledge.windows_events import KnownEvent, known_events

LONGEST = 86_400_000
"""Milliseconds after which an event that lasts explains nothing more: somebody will have looked by then."""
CHAIN = 900_000
"""Milliseconds between two errors that still belong to one cause, where no event log covers them."""
_FAILURES_WITHIN = 300_000
"""The interval of rapid-fail protection, unless a pool has another."""

_ERROR_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.UInt32(),
    "line": pl.Int64(),
    "t": pl.Int64(),
    **dict.fromkeys(("reason", "pool", "server"), pl.String()),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """The rows that one event explains: how many, the first one, and the times (milliseconds) of the first and the last."""

    count: int
    source: int
    line: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Lane:
    """Errors of one server, reason and pool in time order."""

    times: list[int] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EventSpan:
    """Where the rows of one event may lie: from ``begin`` to ``end`` (milliseconds, both included).

    Httperr.log writes whole seconds: a row of the second in which the span begins is in it.
    """

    row: EventRow
    known: KnownEvent
    begin: int
    end: int
    covered: int
    pool: str | None
    server: str | None
    failures: int = 0


class ErrorLanes:
    """Errors, as ``explainable_errors`` gives them, laid out so that the rows of an event's span are found at once.

    Where logs of several servers are open (``has_servers``), an event explains only rows of its own server.
    """

    def __init__(self, errors: pl.DataFrame, *, has_servers: bool) -> None:
        self._lanes: dict[tuple[str | None, str], dict[str, _Lane]] = defaultdict(lambda: defaultdict(_Lane))
        for source, line, t, reason, pool, server in errors.sort("t", "source", "line").iter_rows():
            lane = self._lanes[(server if has_servers else None, reason)][pool or ""]
            lane.times.append(t)
            lane.places.append((source, line))
        self._has_servers = has_servers

    def explained(self, span: EventSpan) -> Explained | None:
        """What an event explains; ``None`` where it explains nothing."""
        count, places, last = 0, [], 0
        for lane in self._lanes_of(span):
            low = bisect_left(lane.times, span.begin)
            high = self._end(lane, span, low)
            if high > low:
                count += high - low
                places.append((lane.times[low], *lane.places[low]))
                last = max(last, lane.times[high - 1])
        if not count:
            return None
        first, source, line = min(places)
        return Explained(count, source, line, first, last)

    def _lanes_of(self, span: EventSpan) -> Iterator[_Lane]:
        for (server, reason), pools in self._lanes.items():
            if reason not in span.known.explains or (self._has_servers and server != span.server):
                continue
            if span.known.of_server:
                yield from pools.values()
            elif span.pool in pools:
                yield pools[span.pool]

    def _end(self, lane: _Lane, span: EventSpan, low: int) -> int:
        """The place behind the last row of a lane that the event explains."""
        high = bisect_right(lane.times, span.end)
        if not span.known.lasts:
            return high
        at = max(low, bisect_right(lane.times, span.covered))
        before = lane.times[at - 1] if at > low else max(span.begin, span.covered)
        while at < high and lane.times[at] - before <= CHAIN:
            before = lane.times[at]
            at += 1
        return at


def explainable_errors(snapshot: Snapshot) -> pl.DataFrame:
    """The errors whose reason some event of the table explains: ``source line t reason pool server``; once per snapshot.

    ``t`` is milliseconds since 1970, ``pool`` as ``pool_key`` writes names, ``server`` in lower case.
    """
    key = ("explainable errors", tuple(segment.path for segment in snapshot.segments))
    found: pl.DataFrame = snapshot.memory.partials.get(key, lambda: _errors(snapshot))
    return found


def has_several_servers(errors: pl.DataFrame) -> bool:
    """Whether errors are known to be of more than one server."""
    return errors["server"].drop_nulls().n_unique() > 1


def _errors(snapshot: Snapshot) -> pl.DataFrame:
    wanted = sorted({reason for known in known_events().values() for reason in known.explains})
    parts = [_errors_of(snapshot, segment, wanted) for segment in snapshot.segments if segment.log == "httperr"]
    return pl.concat(parts) if parts else pl.DataFrame(schema=_ERROR_SCHEMA)


def _errors_of(snapshot: Snapshot, segment: Segment, wanted: list[str]) -> pl.DataFrame:
    texts = [name for name in ("s-reason", "s-queuename", "server-name") if name in segment.fields]
    if "s-reason" not in texts:
        return pl.DataFrame(schema=_ERROR_SCHEMA)
    rows = segment.scan()
    if "s-reason" in segment.coded:
        words = snapshot.dictionary("s-reason")
        codes = pl.int_range(words.len(), eager=True).filter(words.is_in(wanted)).cast(pl.UInt32)
        rows = rows.filter(pl.col("s-reason").is_in(codes.implode()))
    frame = rows.select("source", "line", pl.col("time").cast(pl.Int64).alias("t"), *texts).collect()
    named = {
        name: decoded(snapshot, segment, frame, wire)
        for name, wire in (("reason", "s-reason"), ("pool", "s-queuename"), ("server", "server-name"))
    }
    whole = frame.select("source", "line", "t").with_columns(values.alias(name) for name, values in named.items())
    kept = whole.filter(pl.col("reason").is_in(wanted))
    return kept.with_columns(pool_key(pl.col("pool")), server_key(pl.col("server"))).select(*_ERROR_SCHEMA)


def event_spans(evidence: pl.DataFrame) -> list[EventSpan]:
    """The events of a frame of evidence that explain errors of some kind, with the time in which these errors are.

    Of two events of one kind and pool whose times overlap, an error belongs to the nearer one: a crash loop takes seconds.
    """
    alike: dict[tuple[str, int, str | None, str | None], list[EventSpan]] = defaultdict(list)
    for span in _spans(evidence):
        alike[(span.known.provider, span.known.id, span.pool, span.server)].append(span)
    return [span for spans in alike.values() for span in _apart(spans)]


def _apart(spans: list[EventSpan]) -> Iterator[EventSpan]:
    times = [milliseconds(span.row["time"]) for span in spans]
    for place, span in enumerate(spans):
        begin, end = span.begin, span.end
        if not span.known.lasts and place and times[place - 1] < times[place]:
            begin = max(begin, (times[place - 1] + times[place]) // 2 + 1)
        if not span.known.lasts and place + 1 < len(spans) and times[place] < times[place + 1]:
            end = min(end, (times[place] + times[place + 1]) // 2)
        yield replace(span, begin=begin, end=end)


def _spans(evidence: pl.DataFrame) -> Iterator[EventSpan]:
    providers = sorted({provider for provider, _ in known_events()})
    events = evidence.filter((pl.col("kind") == "event") & pl.col("provider").is_in(providers))
    rows = [row for row in events.iter_rows(named=True) if row["time"] is not None]
    ends: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
    for row in rows:
        ends[label_of(row)].append((milliseconds(row["time"]), row["server"]))
    failures: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for row in rows:
        if (known := known_of(row)) is not None and known.counts_as_failure:
            failures[(_pool_of(row), row["server"])].append(milliseconds(row["time"]))
    known_rows = [(row, known) for row in rows if (known := known_of(row)) is not None and known.explains]
    lasting = [(row, known) for row, known in known_rows if known.lasts]
    for row, known in known_rows:
        pool = _pool_of(row)
        if pool is None and not known.of_server:
            continue
        time = milliseconds(row["time"])
        end = time + known.after * 1000
        if known.lasts:
            later = _later(row, known, lasting, ends)
            end = min([time + LONGEST, *(moment for moment in later if moment > time)])
        count = sum(_FAILURES_WITHIN >= time - moment >= 0 for moment in failures[(pool, row["server"])])
        covered = milliseconds(row["covered_until"])
        begin = (time - known.before * 1000) // 1000 * 1000
        yield EventSpan(row, known, begin, end, covered, pool, row["server"], count)


def _later(
    row: EventRow,
    known: KnownEvent,
    others: Iterable[tuple[EventRow, KnownEvent]],
    ends: Mapping[str, list[tuple[int, str | None]]],
) -> Iterator[int]:
    """When an event that lasts is over: the events that end it, and others that last and explain the same."""
    for label in known.until:
        yield from (moment for moment, server in ends[label] if server == row["server"])
    for other, same in others:
        is_alike = bool(set(same.explains) & set(known.explains)) and other["server"] == row["server"]
        if is_alike and (known.of_server or _pool_of(other) == _pool_of(row)):
            yield milliseconds(other["time"]) - 1


def _pool_of(row: EventRow) -> str | None:
    return None if row["pool"] is None else pool_name(row["pool"])
