"""Values of times: absolute ones, times of every day, and times before the newest row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, ClassVar

from parsing.filters.language.tokens import quoted
from parsing.filters.values.number import UNITS
from parsing.filters.values.time_bounds import DaySpan, TimeSpan
from parsing.filters.values.value import Example, FilterValue, Subject, ValueMistakeError, Written
from parsing.knowledge.fields import Kind

if TYPE_CHECKING:
    from parsing.filters.expressions.logic import Test

_OF_DAY = r"([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?)?"
_CLOCK = re.compile(_OF_DAY)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:[Tt ]{_OF_DAY}([Zz]|[+-][0-9]{{2}}:?[0-9]{{2}})?)?")
_AGO = re.compile(r"-([0-9]{1,9}(?:\.[0-9]{1,9})?)([A-Za-z]+)")

_HOUR, _MINUTE, _SECOND = 3_600_000, 60_000, 1_000
_DAY = 24 * _HOUR
_LONGEST = 100_000 * _DAY
YEARS = range(1601, 9001)
"""More than rows can have, so that any span around them can be written, in any zone."""

WAYS_TO_WRITE = "write 10:15, 2026-06-15, 2026-06-15T10:15 or -15m"


class Moment(FilterValue):
    """A time: an ``Instant``, a ``Clock`` or an ``Ago``, each in its own way."""

    __slots__ = ()

    examples: ClassVar[tuple[Example, ...]] = (
        Example("-15m..", "the last quarter of an hour before the newest row", ("time",)),
        Example(
            "10:00..10:15", "every day from 10:00 to the end of 10:15: a bare minute is the whole minute", ("time",)
        ),
        Example("2026-06-15T10:00..", "since a moment; a bare date is the whole day", ("time",)),
    )
    names_nobody: ClassVar[bool] = True

    @classmethod
    def read(cls, written: Written) -> Moment | None:
        if written.field.kind is not Kind.TIME:
            return None
        found = moment(written.text, written.tz)
        if isinstance(found, Ago) and not written.is_ordered:
            reason, hint = f"{written.text} alone is one moment", f"everything since then is {written.text}.."
            raise ValueMistakeError(reason, hint)
        return found

    @classmethod
    def read_range(cls, written: Written) -> tuple[Moment | None, Moment | None] | None:
        if written.field.kind is not Kind.TIME:
            return None
        written.refuse_order()
        return time_range(written.text, written.tz)

    @classmethod
    def test(cls, values: Sequence[Moment], subject: Subject, operator: str) -> Test:
        from parsing.filters.expressions.time_spans import during_any

        return during_any([value.bounds(operator, subject) for value in values], subject)

    @classmethod
    def test_ranges(cls, ranges: Sequence[tuple[Moment | None, Moment | None]], subject: Subject) -> Test:
        from parsing.filters.expressions.time_spans import during_any

        return during_any([_between(low, high, subject) for low, high in ranges], subject)

    def ends(self, subject: Subject) -> tuple[datetime, datetime]:
        """From its first moment to before its last one, in UTC without zone."""
        raise NotImplementedError

    def bounds(self, operator: str, subject: Subject) -> TimeSpan | DaySpan:
        """The times that an operator means with this one."""
        start, end = self.ends(subject)
        spans = {
            "<": TimeSpan(None, start),
            "<=": TimeSpan(None, end),
            ">": TimeSpan(end, None),
            ">=": TimeSpan(start, None),
        }
        return spans.get(operator, TimeSpan(start, end))


@dataclass(frozen=True, slots=True)
class Instant(Moment):
    """A span of absolute time, ``start`` to before ``end`` in naive UTC: a day, an hour, a minute, down to 1 ms."""

    start: datetime
    end: datetime
    spelled: str = attribute(compare=False)

    def __str__(self) -> str:
        return quoted(self.spelled) if " " in self.spelled else self.spelled

    def ends(self, subject: Subject) -> tuple[datetime, datetime]:  # noqa: ARG002
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Clock(Moment):
    """A span of every day, in milliseconds after midnight of ``tz``, ``start`` to before ``end``."""

    start: int
    end: int
    tz: tzinfo
    spelled: str = attribute(compare=False)

    def __str__(self) -> str:
        return self.spelled

    def bounds(self, operator: str, subject: Subject) -> DaySpan:  # noqa: ARG002
        spans = {"<": (0, self.start), "<=": (0, self.end), ">": (self.end, _DAY), ">=": (self.start, _DAY)}
        return DaySpan(*spans.get(operator, (self.start, self.end)), self.tz)


@dataclass(frozen=True, slots=True)
class Ago(Moment):
    """A length of time before the newest row of the set."""

    before: timedelta
    spelled: str = attribute(compare=False)

    @property
    def is_relative(self) -> bool:
        return True

    def __str__(self) -> str:
        return self.spelled

    def ends(self, subject: Subject) -> tuple[datetime, datetime]:
        from parsing.filters.expressions.time_spans import EARLIEST

        try:
            start = (subject.newest or EARLIEST) - self.before
        except OverflowError:
            start = EARLIEST
        return start, start + timedelta(milliseconds=1)


def _between(low: Moment | None, high: Moment | None, subject: Subject) -> TimeSpan | DaySpan:
    clock = low if isinstance(low, Clock) else high
    if isinstance(clock, Clock):
        start = low.start if isinstance(low, Clock) else 0
        end = high.end if isinstance(high, Clock) else _DAY
        return DaySpan(start, end if start < end else end + _DAY, clock.tz)
    return TimeSpan(
        None if low is None else low.ends(subject)[0],
        None if high is None else high.ends(subject)[1],
    )


def instant(time: datetime) -> Instant:
    """One second, or one millisecond where the time has any; written with ``Z``, so that it holds in any zone."""
    text = time.isoformat(timespec="milliseconds" if time.microsecond else "seconds") + "Z"
    return _instant(text, UTC)


def moment(text: str, tz: tzinfo, *, day: Instant | None = None) -> Moment:
    """One time; raises ``ValueMistakeError``. A bare time of day after a ``day`` is on that day."""
    if text.startswith("-"):
        return _ago(text)
    if _INSTANT.fullmatch(text):
        return _instant(text, tz)
    found = _CLOCK.fullmatch(text)
    if found is None or found[2] is None:
        raise ValueMistakeError(f"{text} is no time", WAYS_TO_WRITE)
    start, width = _of_day(found.groups(), text)
    if day is not None and (written := _INSTANT.fullmatch(day.spelled)) is not None:
        same = _instant(f"{written[1]}T{text}{written[6] or ''}", tz)
        return Instant(same.start, same.end, text)
    return Clock(start, start + width, tz, text)


def time_range(text: str, tz: tzinfo) -> tuple[Moment | None, Moment | None]:
    """Both ends of a range of times; raises ``ValueMistakeError``."""
    first, _, last = text.partition("..")
    low = moment(first, tz) if first else None
    high = moment(last, tz, day=low if isinstance(low, Instant) else None) if last else None
    if low is None and high is None:
        raise ValueMistakeError("a range needs at least one end", WAYS_TO_WRITE)
    if low is not None and high is not None:
        _agree(low, high, text)
    return low, high


def _agree(low: Moment, high: Moment, text: str) -> None:
    if isinstance(low, Clock) != isinstance(high, Clock):
        raise ValueMistakeError("one end of the range is a time of every day, the other is not", WAYS_TO_WRITE)
    both_instants = isinstance(low, Instant) and isinstance(high, Instant) and high.end <= low.start
    both_ago = isinstance(low, Ago) and isinstance(high, Ago) and high.before > low.before
    if both_instants or both_ago:
        raise ValueMistakeError(f"{text} ends before it begins", "swap its ends")


def _ago(text: str) -> Ago:
    found = _AGO.fullmatch(text)
    factor = UNITS["ms"].get(found[2].lower()) if found else None
    if found is None or factor is None:
        raise ValueMistakeError(f"{text} is no time before the newest row", "write -90s, -15m, -1.5h or -2d")
    milliseconds = float(found[1]) * factor
    if milliseconds > _LONGEST:
        raise ValueMistakeError(f"{text} is too long ago")
    return Ago(timedelta(milliseconds=round(milliseconds)), text)


def _of_day(groups: tuple[str | None, ...], text: str) -> tuple[int, int]:
    """Milliseconds after midnight, and how long the unit is that was left open at the end."""
    hour, minute, second = (int(group or 0) for group in groups[:3])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueMistakeError(f"{text} is no time of day", "a day goes from 00:00:00 to 23:59:59")
    start = hour * _HOUR + minute * _MINUTE + second * _SECOND
    if groups[3] is not None:
        return start + int(groups[3].ljust(3, "0")[:3]), 1
    return start, _SECOND if groups[2] else _MINUTE if groups[1] else _HOUR


def _instant(text: str, tz: tzinfo) -> Instant:
    found = _INSTANT.fullmatch(text)
    assert found is not None
    date = _DATE.fullmatch(found[1])
    assert date is not None
    try:
        midnight = datetime(int(date[1]), int(date[2]), int(date[3]))  # noqa: DTZ001 - local to tz, converted below
    except ValueError:
        raise ValueMistakeError(f"{found[1]} is no day of the calendar") from None
    if midnight.year not in YEARS:
        raise ValueMistakeError(f"no log has rows of the year {midnight.year}")
    if found[2] is None:
        return _span(midnight, 0, _DAY, tz, text)
    start, width = _of_day(found.groups()[1:5], text)
    return _span(midnight, start, width, _offset(found[6]) if found[6] else tz, text)


def _offset(text: str) -> tzinfo:
    if text in ("Z", "z"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    if minutes >= 24 * 60 or int(text[-2:]) > 59:
        raise ValueMistakeError(f"{text} is no offset from UTC")
    return timezone(sign * timedelta(minutes=minutes))


def _span(midnight: datetime, start: int, width: int, tz: tzinfo, text: str) -> Instant:
    """A span of local time; where the clocks are set back it takes in both of the hours that look the same."""
    begin = midnight + timedelta(milliseconds=start)
    end = begin + timedelta(milliseconds=width)
    first = begin.replace(tzinfo=tz, fold=0).astimezone(UTC)
    last = (end - timedelta(milliseconds=1)).replace(tzinfo=tz, fold=1).astimezone(UTC) + timedelta(milliseconds=1)
    return Instant(first.replace(tzinfo=None), max(first, last).replace(tzinfo=None), text)
