"""Values of the field ``time`` against the times of a segment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

import polars as pl

from parsing.filters.expressions.logic import Test, any_of
from parsing.filters.values.time_bounds import DaySpan, TimeSpan
from parsing.filters.values.value import Subject
from parsing.index.epoch import EPOCH
from parsing.index.snapshot import Segment

_DAY = 86_400_000
_MILLISECOND = timedelta(milliseconds=1)
EARLIEST = datetime(1, 1, 1)  # noqa: DTZ001


def during_any(spans: Iterable[TimeSpan | DaySpan], subject: Subject) -> Test:
    """Whether a row's time is in one of the spans; a constant where no row of the segment differs."""
    segment = subject.segment
    assert segment is not None
    return any_of(
        _daily(span.start, span.end, span.tz, segment)
        if isinstance(span, DaySpan)
        else _absolute(span.start, span.end, segment)
        for span in spans
    )


def _absolute(start: datetime | None, end: datetime | None, segment: Segment) -> Test:
    if (start and segment.last < start) or (end and segment.first >= end) or (start and end and start >= end):
        return False
    tests = [pl.col("time") >= _literal(start)] if start and segment.first < start else []
    tests += [pl.col("time") < _literal(end)] if end and segment.last >= end else []
    return pl.all_horizontal(tests) if tests else True


def _literal(time: datetime) -> pl.Expr:
    return pl.lit(time, dtype=pl.Datetime("ms"))


def _daily(start: int, end: int, tz: tzinfo, segment: Segment) -> Test:
    pieces = offsets(tz, segment.first, segment.last)
    if start >= end or end - start >= _DAY:
        return start < end
    if len(pieces) == 1 and (day := _only_day(segment, pieces[0][1])) is not None and end <= _DAY:
        return _absolute(day + timedelta(milliseconds=start), day + timedelta(milliseconds=end), segment)
    of_day = (pl.col("time").dt.timestamp("ms") + _offset(pieces)) % _DAY
    if end <= _DAY:
        return of_day.is_between(start, end - 1)
    return (of_day >= start) | (of_day < end - _DAY)


def _only_day(segment: Segment, offset: int) -> datetime | None:
    """The moment in UTC at which the one local day of a segment begins; None if it has more days."""
    shift = timedelta(milliseconds=offset)
    first, last = ((time - EPOCH + shift) // timedelta(days=1) for time in (segment.first, segment.last))
    return EPOCH + timedelta(days=first) - shift if first == last else None


def _offset(pieces: tuple[tuple[datetime, int], ...]) -> pl.Expr:
    """Milliseconds to add to UTC for local time, row by row where a segment spans a change of the clocks."""
    offset = pl.lit(pieces[0][1], dtype=pl.Int64)
    for since, changed in pieces[1:]:
        offset = pl.when(pl.col("time") >= _literal(since)).then(pl.lit(changed, dtype=pl.Int64)).otherwise(offset)
    return offset


@lru_cache(maxsize=4096)
def offsets(tz: tzinfo, first: datetime, last: datetime) -> tuple[tuple[datetime, int], ...]:
    """Offsets of a zone in milliseconds, each with the naive UTC moment since which it holds, over a span."""
    pieces = [(first, _offset_at(tz, first))]
    time = last if isinstance(tz, timezone) else first
    while time < last:
        later = min(last, time + timedelta(days=1))
        offset = _offset_at(tz, later)
        if offset != pieces[-1][1]:
            pieces.append((_change(tz, time, later), offset))
        time = later
    return tuple(pieces)


def _change(tz: tzinfo, before: datetime, after: datetime) -> datetime:
    """The first moment, to the millisecond, with the offset of ``after``."""
    wanted = _offset_at(tz, after)
    while after - before > _MILLISECOND:
        middle = before + (after - before) // 2
        if _offset_at(tz, middle) == wanted:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=after.microsecond // 1000 * 1000)


def _offset_at(tz: tzinfo, time: datetime) -> int:
    offset = time.replace(tzinfo=UTC).astimezone(tz).utcoffset()
    return 0 if offset is None else offset // _MILLISECOND
