"""When a row happened: date and time columns, dates carried over midnight, and local times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import polars as pl

from parsing.formats.rows import CLOCK_BACK

_DAY = 86_400_000
_HALF_DAY = _DAY // 2
_LATE = _DAY - 60_000
"""Rows may be a second out of order (KB900700): a jump forward of all but a minute of a day is a late row of the
day before, if midnight has passed since the date was given."""

_EPOCH = date(1970, 1, 1)
FIRST_YEAR, LAST_YEAR = 1970, 2999
"""What is dated outside of these is no time of a row: one such row would stretch every axis over millennia."""

_FIRST_DAY, _LAST_DAY = (date(FIRST_YEAR, 1, 1) - _EPOCH).days, (date(LAST_YEAR, 12, 31) - _EPOCH).days


def time_of_day(text: pl.Expr) -> pl.Expr:
    """Time of ``HH:MM:SS``, null where it is none."""
    return text.str.to_time("%H:%M:%S", strict=False)


def precise_time_of_day(text: pl.Expr) -> pl.Expr:
    """Time of ``HH:MM:SS`` with or without a fraction, as IIS Advanced Logging writes it."""
    return pl.coalesce(time_of_day(text), text.str.to_time("%H:%M:%S%.f", strict=False))


def any_date(text: pl.Expr) -> pl.Expr:
    """Date of ``YYYY-MM-DD``, null where it is none; its year may be beyond what Python's dates hold."""
    return text.str.to_date("%Y-%m-%d", strict=False)


def calendar_date(text: pl.Expr) -> pl.Expr:
    """Date of ``YYYY-MM-DD``, null where it is none or none of a log."""
    parsed = any_date(text)
    return pl.when(parsed.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(parsed)


def usable(times: pl.Series) -> pl.Series:
    """Times, null where no log can have them."""
    return times if are_usable(times) else times.to_frame().select(pl.when(_is_inside(times)).then(times))[times.name]


def _is_inside(times: pl.Series) -> pl.Series:
    return times.to_physical().is_between(_FIRST_DAY * _DAY, (_LAST_DAY + 1) * _DAY - 1)


def are_usable(times: pl.Series) -> bool:
    """Whether every time is there and is one that a log can have."""
    numbers = times.to_physical()
    least, greatest = numbers.min(), numbers.max()
    if times.null_count() or not isinstance(least, int) or not isinstance(greatest, int):
        return not times.len()
    return least >= _FIRST_DAY * _DAY and greatest < (_LAST_DAY + 1) * _DAY


def span(times: pl.Series) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest of some times; None where there are none."""
    first, last = times.min(), times.max()
    return first if isinstance(first, datetime) else None, last if isinstance(last, datetime) else None


def moment(day: pl.Expr, clock: pl.Expr) -> pl.Expr:
    """Date and time of day as one time in milliseconds."""
    return day.dt.combine(clock, "ms")


def milliseconds(clock: pl.Expr) -> pl.Expr:
    """Time of day as milliseconds since midnight."""
    return clock.cast(pl.Int64) // 1_000_000


_DATE_LINE = re.compile(r"^#Date:\s*(\d{4})-(\d\d?)-(\d\d?)(?:[ T]+(\d\d?):(\d\d):(\d\d))?", re.IGNORECASE)


def declared_date(directive: str) -> tuple[date, int | None] | None:
    """Date, and milliseconds since midnight if given, of a ``#Date:`` line; None if it gives no date."""
    found = _DATE_LINE.match(directive)
    if not found:
        return None
    year, month, day, *clock = (None if part is None else int(part) for part in found.groups())
    try:
        when = date(year or 0, month or 0, day or 0)
    except ValueError:
        return None
    if clock[0] is None or clock[1] is None or clock[2] is None:
        return when, None
    return when, ((clock[0] * 60 + clock[1]) * 60 + clock[2]) * 1000


_NAME_DATE = re.compile(r"(?:^|[/\\])(?:u_)?(?:ex|in|nc|ht)(\d\d)(\d\d)(\d\d)(?:\d\d)?(?:_x)?\.", re.IGNORECASE)


def named_date(name: str) -> date | None:
    """Date in a log's name, ``u_ex260615.log`` or hourly ``ex26061513.log`` (DOMAIN.md 3.4); None if it has none."""
    found = None
    for match in _NAME_DATE.finditer(name):
        found = match
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(year + (1900 if year >= 90 else 2000), month, day)
    except ValueError:
        return None


@dataclass(slots=True)
class DayCarry:
    """The day that rows without a date column are in: the date given last, and midnights passed since.

    ``clock`` is the time of day, in milliseconds, of the last row or of the ``#Date``; ``is_row`` says which.
    """

    base: date | None = None
    passed: int = 0
    clock: int | None = None
    is_row: bool = False

    def days(self, rows: pl.DataFrame, declared: list[tuple[date, int | None]]) -> pl.Series:
        """Date of each row, null where none was given; moves on to the state after the last row.

        ``rows`` has ``clock`` (milliseconds since midnight) and ``given`` (how many of the ``declared`` dates stand
        before the row), in file order.
        """
        bases = [self.base, *(day for day, _ in declared)]
        starts = [self.clock, *(clock for _, clock in declared)]
        known = pl.DataFrame(
            {
                "base": pl.Series([None if base is None else (base - _EPOCH).days for base in bases], dtype=pl.Int64),
                "start": pl.Series(starts, dtype=pl.Int64),
                "passed": pl.Series([self.passed, *(0 for _ in declared)], dtype=pl.Int64),
                "is_row": pl.Series([self.is_row, *(False for _ in declared)], dtype=pl.Boolean),
            }
        )
        walked = _walk(rows, known)
        self._move_on(walked, len(declared), bases[-1], starts[-1])
        day = walked["day"]
        inside = (day >= _FIRST_DAY) & (day <= _LAST_DAY)
        return day.to_frame().select(pl.when(inside).then(pl.col("day")).cast(pl.Int32).cast(pl.Date))["day"]

    def _move_on(self, walked: pl.DataFrame, given: int, base: date | None, start: int | None) -> None:
        last = walked.row(-1, named=True) if walked.height else None
        if last is not None and last["given"] == given:
            self.base, self.passed, self.clock, self.is_row = base, last["walk"], last["clock"], True
        elif given:
            self.base, self.passed, self.clock, self.is_row = base, 0, start, False

    @property
    def state(self) -> list[Any]:
        return [self.base.isoformat() if self.base else None, self.passed, self.clock, self.is_row]

    @classmethod
    def restored(cls, state: list[Any]) -> DayCarry:
        base, passed, clock, is_row = state
        return cls(date.fromisoformat(base) if base else None, int(passed), clock, bool(is_row))


def _walk(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Adds ``walk``, midnights passed since the date was given (never less than none), and ``day``, days since 1970."""
    given = pl.col("given")
    start = known.select(pl.all().gather(rows["given"]))
    table = rows.select("clock", given).hstack(start)
    before = pl.col("clock").shift(1).over(given)
    is_after_row = before.is_not_null() | pl.col("is_row")
    step = pl.col("clock") - pl.coalesce(before, pl.col("start"))
    table = table.with_columns(
        pl.when(step < -_HALF_DAY).then(1).when(is_after_row & (step > _LATE)).then(-1).otherwise(0).alias("step")
    )
    total = pl.col("step").cum_sum().over(given) + pl.col("passed")
    table = table.with_columns(total.alias("total"))
    lowest = pl.col("total").cum_min().over(given)
    walk = pl.col("total") - pl.min_horizontal(pl.lit(0), lowest)
    return table.with_columns(walk.alias("walk")).with_columns((pl.col("base") + pl.col("walk")).alias("day"))


_DISORDER = 60_000
"""Milliseconds by which rows may be out of order without the clock having been set back."""


class ClockBack:
    """The hour that came twice, when clocks were set back: a step back in the order of lines begins its second run.

    It carries from block to block the day of the last such hour, the latest time in it, and whether its second run has begun.
    """

    def __init__(self, state: list[Any] | None = None) -> None:
        self.state = state
        self.notes: list[str] = []
        """What is to be said of the times of the last block."""

    def second_runs(self, times: pl.Series, is_twice: pl.Series) -> pl.Series:
        """Which of the local ``times``, in file order, are in the second run of an hour that came twice."""
        self.notes = [CLOCK_BACK] if is_twice.any() else []
        if not self.notes:
            return pl.repeat(False, len(times), dtype=pl.Boolean, eager=True)
        day, latest, has_begun = self.state or (None, None, False)
        carried = pl.col("day") == day if day is not None else pl.lit(False)
        table = pl.DataFrame({"row": pl.int_range(len(times), eager=True), "clock": times.to_physical()}).filter(
            is_twice
        )
        table = table.with_columns((pl.col("clock") // _DAY).alias("day"))
        before = pl.col("clock").cum_max().shift(1).over("day")
        known = pl.when(carried).then(pl.max_horizontal(before, pl.lit(latest, pl.Int64))).otherwise(before)
        table = table.with_columns((known - pl.col("clock") > _DISORDER).fill_null(value=False).alias("is_step"))
        table = table.with_columns(
            (pl.col("is_step").cum_max().over("day") | (carried & pl.lit(has_begun))).alias("second")
        )
        last = table.row(-1, named=True)
        clocks = table.filter(pl.col("day") == last["day"])["clock"].to_list()
        self.state = [last["day"], max([*clocks, latest] if day == last["day"] else clocks), last["second"]]
        return pl.int_range(len(times), eager=True).is_in(table.filter("second")["row"].implode())


def to_utc(times: pl.Series, zone: tzinfo, back: ClockBack) -> pl.Series:
    """Local times of a zone, in file order, as UTC, both without a zone."""
    if zone is UTC:
        return times
    quarter = times.dt.truncate("15m")
    local = [time for time in quarter.unique().to_list() if isinstance(time, datetime)]
    offsets = {name: pl.Series([_offset(time, zone, fold) for time in local], dtype=pl.Int64) for fold, name in _RUNS}
    table = pl.DataFrame({"quarter": pl.Series(local, dtype=times.dtype), **offsets})
    joined = pl.DataFrame({"time": times, "quarter": quarter}).join(
        table, on="quarter", how="left", maintain_order="left"
    )
    is_twice = joined.select((pl.col("first") > pl.col("second")).fill_null(value=False)).to_series()
    offset = pl.when(back.second_runs(times, is_twice)).then(pl.col("second")).otherwise(pl.col("first"))
    return joined.select(pl.col("time") - offset.cast(pl.Duration("ms")))["time"]


_RUNS = ((0, "first"), (1, "second"))


def _offset(local: datetime, zone: tzinfo, fold: int) -> int:
    offset = local.replace(tzinfo=zone, fold=fold).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() * 1000)
