"""Times in which a log has no rows, where the event logs say why: Windows was down, a service stopped, the disk was full, the
clock was set. A time without rows that no event explains is not mentioned: it may have been quiet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from parsing.evidence.event_texts import EventRow, known_of, text_with_place, values_of
from parsing.evidence.evidence import evidence_of
from parsing.formats.evidence.windows_event import event_time
from parsing.index import Log, Segment, Snapshot
from parsing.wording import elapsed

SHORTEST = timedelta(seconds=60)
"""No shorter time without rows is a hole, however busy the server is."""
_LONGER = 10
"""A hole is longer than the usual time between two rows by this factor."""
_NEAR = timedelta(minutes=10)
"""How far from its event a hole may begin: a service stops while requests still end, Windows shuts down step by step."""
_MOST_EVENTS = 500
_STARTS = {("EventLog", 6005), ("EventLog", 6008), ("Kernel-Power", 41), ("Kernel-General", 12)}
"""Events that come at the end of a hole."""
_CLOCK = ("Kernel-General", 1)


@dataclass(frozen=True, slots=True)
class LogHole:
    """A time from ``begin`` to ``end`` in which a log has no rows, and the event that says why. Times are UTC without zone.

    ``text`` holds values of the event, which are as hostile as any log text.
    """

    log: Log
    begin: datetime
    end: datetime
    text: str
    source: str
    line: int


def explained_holes(snapshot: Snapshot) -> tuple[LogHole, ...]:
    """The holes of both logs that events explain, in time order. Of several events at one hole the first one counts."""
    segments = tuple(segment.path for segment in snapshot.segments)
    key = ("holes", segments, snapshot.evidence, snapshot.source_names)
    found: tuple[LogHole, ...] = snapshot.memory.partials.get(key, lambda: tuple(_holes(snapshot)))
    return found


def _holes(snapshot: Snapshot) -> list[LogHole]:
    rows = [row for row in _candidates(evidence_of(snapshot)) if row["time"] is not None][:_MOST_EVENTS]
    found: dict[tuple[Log, datetime, datetime], LogHole] = {}
    logs: tuple[Log, ...] = ("iis", "httperr")
    for log in logs:
        segments = [segment for segment in snapshot.segments if segment.log == log]
        usual = _usual_gap(segments)
        if usual is None:
            continue
        least = max(SHORTEST, _LONGER * usual)
        for row in rows:
            gap = _gap_of(row, log, segments)
            if gap is not None and gap[1] - gap[0] >= least:
                text = f"{text_with_place(row)}: no rows for {elapsed(gap[1] - gap[0])}"
                found.setdefault((log, *gap), LogHole(log, *gap, text, row["name"], row["line"]))
    return sorted(found.values(), key=lambda hole: (hole.begin, hole.log))


def _candidates(evidence: pl.DataFrame) -> Iterator[EventRow]:
    providers = [
        "EventLog",
        "Kernel-Power",
        "Kernel-General",
        "HttpEvent",
        "Service Control Manager",
        "IIS-IISReset",
        "User32",
    ]
    for row in evidence.filter((pl.col("kind") == "event") & pl.col("provider").is_in(providers)).iter_rows(named=True):
        place = row["provider"], row["event"]
        known = known_of(row)
        if place in _STARTS or (known is not None and known.hole) or (place == _CLOCK and _step(row) is not None):
            yield row


def _step(row: EventRow) -> tuple[datetime, datetime] | None:
    """The times between which the clock was set forward; ``None`` where it was set back, or by less than a hole."""
    values = values_of(row)
    old, new = event_time(values.get("OldTime", "")), event_time(values.get("NewTime", ""))
    return (old, new) if old is not None and new is not None and new - old >= SHORTEST else None


def _usual_gap(segments: Sequence[Segment]) -> timedelta | None:
    rows = sum(segment.rows for segment in segments)
    if rows < 2:
        return None
    return (max(one.last for one in segments) - min(one.first for one in segments)) / rows


def _gap_of(row: EventRow, log: Log, segments: Sequence[Segment]) -> tuple[datetime, datetime] | None:
    """The time without rows that belongs to an event; ``None`` where the log does not reach beyond it on both sides."""
    known, time = known_of(row), row["time"]
    place = row["provider"], row["event"]
    if place == _CLOCK:
        step = _step(row)
        return None if step is None else _around(segments, step[0] + (step[1] - step[0]) / 2)
    if place in _STARTS:
        return _around(segments, time)
    if known is None or known.hole not in (log, "both"):
        return None
    begins = [moment for moment in _times(segments, time - _NEAR, time + _NEAR) if moment >= time - SHORTEST]
    gaps = [gap for moment in [time, *begins] if (gap := _around(segments, moment, after=True)) is not None]
    return max(gaps, key=lambda gap: gap[1] - gap[0], default=None)


def _times(segments: Sequence[Segment], begin: datetime, end: datetime) -> list[datetime]:
    """The distinct times of rows in a span, to the second."""
    parts = [
        segment.scan().select("time").filter(pl.col("time").is_between(begin, end)).collect()["time"]
        for segment in segments
        if segment.first <= end and segment.last >= begin
    ]
    return pl.concat(parts).dt.truncate("1s").unique().sort().to_list() if parts else []


def _around(segments: Sequence[Segment], moment: datetime, *, after: bool = False) -> tuple[datetime, datetime] | None:
    """The last row up to a moment and the first one behind it; with ``after``, one at that very second is the last."""
    edge = moment + timedelta(seconds=1) if after else moment
    lasts, firsts = [], []
    for segment in segments:
        if segment.last < edge:
            lasts.append(segment.last)
        elif segment.first >= edge:
            firsts.append(segment.first)
        else:
            time = segment.scan().select("time")
            last = time.filter(pl.col("time") < edge).max().collect().item()
            first = time.filter(pl.col("time") >= edge).min().collect().item()
            lasts += [last] if last is not None else []
            firsts += [first] if first is not None else []
    return (max(lasts), min(firsts)) if lasts and firsts else None
