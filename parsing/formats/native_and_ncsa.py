"""The two formats of IIS without directives: its native one, with commas, and NCSA common log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any

import polars as pl

from parsing.formats import clock
from parsing.formats.columns import damage_frame, with_numbers, words_between
from parsing.formats.layouts import Layout
from parsing.formats.lines import careful_pieces, reject_frame, sift
from parsing.formats.rows import LOCAL_AS_UTC, TWO_ORDERS, ParsedRows, PieceRows

_WORD = "([^,]*)"
_DATE, _TIME = r"\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})", r"\d{1,2}:\d{2}:\d{2}"
NATIVE = (
    rf"^([^, ]+), (.*), ({_DATE}), ({_TIME}), "
    rf"{_WORD}, {_WORD}, {_WORD}, {_WORD}, {_WORD}, {_WORD}, {_WORD}, {_WORD}, {_WORD}, (.*), (.*?),\s*$"
)
"""15 values, each with a comma behind it (DOMAIN.md 3.4). The user's name and the target may hold commas themselves."""

_NATIVE_COLUMNS = (
    "c-ip", "cs-username", "date", "time", "s-sitename", "s-computername", "s-ip", "time-taken", "cs-bytes", "sc-bytes",
    "sc-status", "sc-win32-status", "cs-method", "cs-uri-stem", "cs-uri-query",
)  # fmt: skip

_NATIVE_WIDTH = len(_NATIVE_COLUMNS)
_NATIVE_DATE, _NATIVE_TIME = f"^{_DATE}$", f"^{_TIME}$"
_UNIT = "\x1f"

NCSA = (
    r"^(\S+) \S+ (.+?) \[(\d{1,2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2}) ([+-]\d{4})\] "
    r'"(.*)" (\d{3}|-) (\d+|-)\s*$'
)
"""Client, identity (never logged), user, local time and its offset, request, status, bytes."""

_REQUEST = r"^(\S+)(?: ([^ ?]*(?: [^ ?]+)*?)(?:\?(.*?))?(?: (HTTP/\S+))?)?$"


_DATES = re.compile(rb", (\d{1,2})/(\d{1,2})/(\d{4}|\d{2}), \d")


class DayOrder:
    """The order of day and month of a native file, which is one, since it was written on one machine.

    Month first, as in the United States, unless the date in its name says otherwise, or a day above 12: that is certain.
    """

    def __init__(self, name: str, state: Mapping[str, Any]) -> None:
        self._named = clock.named_date(name)
        self.is_certain = bool(state.get("is certain", False))
        self.is_day_first = bool(state.get("day first", False))

    @property
    def state(self) -> dict[str, Any]:
        return {"day first": self.is_day_first, "is certain": self.is_certain}

    def learn(self, data: bytes) -> None:
        """Look at the dates of some rows."""
        if self.is_certain:
            return
        dates = {(int(one), int(two), int(year)) for one, two, year in set(_DATES.findall(data))}
        day_first, month_first = any(one > 12 for one, _, _ in dates), any(two > 12 for _, two, _ in dates)
        self.is_certain = day_first or month_first
        if self.is_certain:
            self.is_day_first = day_first and not month_first
        elif self._named is not None:
            named = self._named.month, self._named.day
            self.is_day_first |= any((two, one) == named != (one, two) for one, two, _ in dates)


class _Plain:
    """A format of which every line stands for itself."""

    layout: Layout
    pattern: str
    name: str
    is_local = False
    """Whether its times are local ones of a zone that was not named."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        """What is to be said of the rows of a piece."""

    @property
    def state(self) -> dict[str, Any]:
        return {}

    def parse(self, data: bytes, first_line: int) -> list[PieceRows]:
        """Rows of whole lines."""
        parts = []
        for part in careful_pieces(data):
            parts.append(self._parse(part, first_line))
            first_line += parts[-1].lines
        return parts

    def begin(self, _data: bytes) -> None:
        """Its logs are not parsed together: nothing in them says that the rest of their lines have the same shape."""
        return

    def is_complete(self, line: str) -> bool:
        """Whether a line that may still be growing has all its fields."""
        return bool(pl.Series([line]).str.contains(self.pattern)[0])

    def _parse(self, data: bytes, first_line: int) -> PieceRows:
        self.notes = []
        sifted = sift(data, first_line)
        piece = PieceRows([], [sifted.rejects], sifted.lines, sifted.directives, sifted.blank)
        has_shape, words, times = self.split(sifted.entries["text"])
        times = clock.usable(times.alias("time"))
        why = pl.lit(f"not the shape of {self.name}").alias("why")
        piece.rejects.append(reject_frame(sifted.entries.filter(~has_shape).with_columns(why)))
        entries = sifted.entries.filter(has_shape)
        columns, damage = with_numbers(words.select(_value(name) for name in self.layout.fields), self.layout)
        rows = columns.select(times, entries["line"], pl.all())
        is_row = times.is_not_null()
        if times.null_count():
            timeless = ~is_row
            why = pl.lit("no usable date and time").alias("why")
            piece.rejects.append(reject_frame(entries.filter(timeless).with_columns(why)))
            rows = rows.filter(is_row)
        piece.damage.append(damage_frame(damage, entries["line"], is_row))
        piece.notes += [LOCAL_AS_UTC, *self.notes] if rows.height and self.is_local else self.notes
        piece.sections.append(ParsedRows("iis", self.layout.fields, rows, self.layout.columns))
        return piece

    def split(self, text: pl.Series) -> tuple[pl.Series, pl.DataFrame, pl.Series]:
        """Which lines have the shape; the fields of those, as text; and their times in UTC, null where unusable."""
        raise NotImplementedError


def _value(name: str) -> pl.Expr:
    return pl.when(~pl.col(name).is_in(["-", ""])).then(pl.col(name)).alias(name)


class IisNative(_Plain):
    """Fields in a fixed order with commas; local times; dates in one order of day and month."""

    layout = Layout("iis", _NATIVE_COLUMNS)
    pattern = NATIVE
    name = "an IIS native row"

    def __init__(self, name: str, zone: tzinfo, state: Mapping[str, Any]) -> None:
        super().__init__()
        self._zone = zone
        self.is_local = zone is UTC
        self._order = DayOrder(name, state)
        self._back = clock.ClockBack(state.get("back"))

    @property
    def state(self) -> dict[str, Any]:
        return self._order.state | {"back": self._back.state}

    def parse(self, data: bytes, first_line: int) -> list[PieceRows]:
        """Rows of whole lines."""
        self._order.learn(data)
        return super().parse(data, first_line)

    def split(self, text: pl.Series) -> tuple[pl.Series, pl.DataFrame, pl.Series]:
        """Lines with 15 values are split at ``, ``; the few with more are matched as a whole."""
        row = pl.int_range(len(text), eager=True, dtype=pl.UInt32).alias("row")
        body = text.str.strip_chars_end(" ")
        separators = body.str.count_matches(", ", literal=True)
        plain = (separators == _NATIVE_WIDTH - 1) & body.str.ends_with(",") & ~body.str.contains(_UNIT, literal=True)
        between = body.filter(plain).str.strip_suffix(",").str.replace_all(", ", _UNIT, literal=True)
        simple = words_between(between, _UNIT, self.layout).with_columns(row.filter(plain))
        simple = simple.filter(pl.col("date").str.contains(_NATIVE_DATE), pl.col("time").str.contains(_NATIVE_TIME))
        rest = ~row.is_in(simple["row"].implode())
        groups = text.filter(rest).str.extract_groups(NATIVE).struct.unnest()
        groups.columns = list(_NATIVE_COLUMNS)
        whole = groups.with_columns(row.filter(rest)).filter(pl.col("c-ip").is_not_null())
        words = pl.concat([simple, whole]).sort("row").with_columns(pl.col(_NATIVE_COLUMNS).str.strip_chars(" "))
        days = words.select(pl.col("date").unique()).with_columns(*self._dates(pl.col("date")))
        if days.select((pl.col("first").is_null() & pl.col("second").is_not_null()).any()).item():
            self.notes.append(TWO_ORDERS)
        days = days.with_columns(pl.coalesce("first", "second").alias("day"))
        dated = words.select("date", "time").join(days, on="date", how="left", maintain_order="left")
        local = dated.select(clock.moment(pl.col("day"), clock.time_of_day(pl.col("time"))).alias("time"))["time"]
        times = clock.to_utc(local, self._zone, self._back)
        self.notes += self._back.notes
        return row.is_in(words["row"].implode()), words.drop("row"), times

    def _dates(self, text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        """``first``: dates in the order of the file; ``second``: in the other one; years of 2 or 4 digits."""
        parts = text.str.split("/")
        one, two, year = (parts.list.get(index).cast(pl.Int32, strict=False) for index in range(3))
        year = pl.when(year < 70).then(year + 2000).when(year < 100).then(year + 1900).otherwise(year)
        orders = _day(year, one, two), _day(year, two, one)
        first, second = orders[::-1] if self._order.is_day_first else orders
        return first.alias("first"), second.alias("second")


def _day(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    text = pl.format("{}-{}-{}", year, month, day)
    return text.str.to_date("%Y-%m-%d", strict=False)


class Ncsa(_Plain):
    """NCSA common log: the request in quotes, the time with its offset."""

    layout = Layout(
        "iis",
        ("c-ip", "cs-username", "cs-method", "cs-uri-stem", "cs-uri-query", "cs-version", "sc-status", "sc-bytes"),
    )
    pattern = NCSA
    name = "an NCSA row"

    def split(self, text: pl.Series) -> tuple[pl.Series, pl.DataFrame, pl.Series]:
        """The parts of lines that match, and the parts of their requests."""
        groups = text.str.extract_groups(NCSA).struct.unnest()
        groups.columns = ["c-ip", "cs-username", "time", "offset", "request", "sc-status", "sc-bytes"]
        has_shape = groups["c-ip"].is_not_null()
        groups = groups.filter(has_shape)
        request = groups["request"].str.extract_groups(_REQUEST).struct.unnest()
        request.columns = ["cs-method", "cs-uri-stem", "cs-uri-query", "cs-version"]
        local = pl.col("time").str.to_datetime("%d/%b/%Y:%H:%M:%S", time_unit="ms", strict=False)
        hours = pl.col("offset").str.slice(1, 2).cast(pl.Int64, strict=False)
        minutes = pl.col("offset").str.slice(3, 2).cast(pl.Int64, strict=False)
        sign = pl.when(pl.col("offset").str.starts_with("-")).then(-1).otherwise(1)
        offset = (sign * (hours * 60 + minutes) * 60_000).cast(pl.Duration("ms"))
        times = groups.select((local - offset).alias("time"))["time"]
        return has_shape, groups.drop("time", "offset", "request").hstack(request), times
