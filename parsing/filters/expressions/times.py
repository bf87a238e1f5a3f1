"""Values of the field ``time`` against the times of a segment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache, reduce
from operator import or_

import polars as pl

from parsing.filters.language.tree import Ago, Clock, Instant, Range, Single
from parsing.index.snapshot import Segment

_DAY = 86_400_000
_MILLISECOND = timedelta(milliseconds=1)
EARLIEST = datetime(1, 1, 1)  # noqa: DTZ001
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC, as segments have it

Bounds = tuple[datetime | None, datetime | None]
"""From the first moment to before the second; None leaves an end open."""


def matches(values: Iterable[Single | Range], operator: str, segment: Segment, newest: datetime) -> pl.Expr | bool:
    """Whether a row's time is one of the values; ``!=`` is left to the caller. A constant where no row differs."""
    found: list[pl.Expr] = []
    for value in values:
        clock = _clock(value, operator)
        test = _daily(*clock, segment) if clock else _absolute(_bounds(value, operator, newest), segment)
        if test is True:
            return True
        if not isinstance(test, bool):
            found.append(test)
    return reduce(or_, found) if found else False


def _ends(value: Instant | Ago, newest: datetime) -> tuple[datetime, datetime]:
    if isinstance(value, Instant):
        return value.start, value.end
    try:
        moment = newest - value.before
    except OverflowError:
        moment = EARLIEST
    return moment, moment + _MILLISECOND


def _bounds(value: Single | Range, operator: str, newest: datetime) -> Bounds:
    if isinstance(value, Range):
        low, high = value.low, value.high
        return (
            _ends(low, newest)[0] if isinstance(low, (Instant, Ago)) else None,
            _ends(high, newest)[1] if isinstance(high, (Instant, Ago)) else None,
        )
    assert isinstance(value, (Instant, Ago))
    start, end = _ends(value, newest)
    bounds: dict[str, Bounds] = {"<": (None, start), "<=": (None, end), ">": (end, None), ">=": (start, None)}
    return bounds.get(operator, (start, end))


def _absolute(bounds: Bounds, segment: Segment) -> pl.Expr | bool:
    start, end = bounds
    if (start and segment.last < start) or (end and segment.first >= end) or (start and end and start >= end):
        return False
    tests = [pl.col("time") >= _literal(start)] if start and segment.first < start else []
    tests += [pl.col("time") < _literal(end)] if end and segment.last >= end else []
    return pl.all_horizontal(tests) if tests else True


def _literal(time: datetime) -> pl.Expr:
    return pl.lit(time, dtype=pl.Datetime("ms"))


def _clock(value: Single | Range, operator: str) -> tuple[int, int, tzinfo] | None:
    """The part of every day that a value means, from and to before a millisecond after its midnight."""
    ends = [value.low, value.high] if isinstance(value, Range) else [value]
    clocks = [end for end in ends if isinstance(end, Clock)]
    if not clocks:
        return None
    tz = clocks[0].tz
    if isinstance(value, Range):
        low, high = value.low, value.high
        start, end = low.start if isinstance(low, Clock) else 0, high.end if isinstance(high, Clock) else _DAY
        return start, end if start < end else end + _DAY, tz
    start, end = clocks[0].start, clocks[0].end
    spans = {"<": (0, start), "<=": (0, end), ">": (end, _DAY), ">=": (start, _DAY)}
    return *spans.get(operator, (start, end)), tz


def _daily(start: int, end: int, tz: tzinfo, segment: Segment) -> pl.Expr | bool:
    pieces = offsets(tz, segment.first, segment.last)
    if start >= end or end - start >= _DAY:
        return start < end
    if len(pieces) == 1 and (day := _only_day(segment, pieces[0][1])) is not None and end <= _DAY:
        return _absolute((day + timedelta(milliseconds=start), day + timedelta(milliseconds=end)), segment)
    of_day = (pl.col("time").dt.timestamp("ms") + _offset(pieces)) % _DAY
    if end <= _DAY:
        return of_day.is_between(start, end - 1)
    return (of_day >= start) | (of_day < end - _DAY)


def _only_day(segment: Segment, offset: int) -> datetime | None:
    """The moment in UTC at which the one local day of a segment begins; None if it has more days."""
    shift = timedelta(milliseconds=offset)
    first, last = ((time - _EPOCH + shift) // timedelta(days=1) for time in (segment.first, segment.last))
    return _EPOCH + timedelta(days=first) - shift if first == last else None


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
