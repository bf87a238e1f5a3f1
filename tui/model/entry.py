"""Rows of the logs as the screen shows them: which columns there are, and what a cell says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from parsing.knowledge import META, client_gone_codes, field_of, fold
from parsing.safe_text import safe
from parsing.wording import brief_duration, size
from tui.glyphs import Glyphs
from tui.model.column import Align, Column
from tui.model.line import Line
from tui.wording import local

OUTCOME = "outcome"
"""The column that both logs share: the status of a request, the reason of an error."""

SERVING = "serving"
"""The other column that both logs share: how long a request took, the queue (the application pool) of an error."""

USUAL = ("time", OUTCOME, SERVING, "client", "method", "uri")
"""Columns that are shown unless others are chosen."""

_OUTCOME_FIELDS = ("sc-status", "sc-substatus", "sc-win32-status", "s-reason")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: ``values`` under wire and virtual names, in the order they were asked for."""

    log: str
    source: str
    line: int
    time: datetime
    values: dict[str, Any]

    @property
    def key(self) -> tuple[str, int]:
        return self.source, self.line

    @property
    def is_error(self) -> bool:
        return self.log == "httperr"

    def value(self, name: str) -> Any:
        """A value by any name of its field; ``None`` where it was not logged."""
        if name in META:
            return getattr(self, name)
        if name in self.values:
            return self.values[name]
        return self.values.get(field_of(name).name)


def entries(records: Iterable[dict[str, Any]]) -> list[Entry]:
    """Records of a page as entries."""
    return [
        Entry(
            record["log"],
            record["source"],
            record["line"],
            record["time"],
            {name: value for name, value in record.items() if name not in META},
        )
        for record in records
    ]


@dataclass(frozen=True, slots=True)
class Notation:
    """How rows are written: glyphs, the user's time zone, and over how many days the times are spread."""

    glyphs: Glyphs
    tz: tzinfo = UTC
    days: int = 0

    @property
    def spans_years(self) -> bool:
        """Whether a day without its year may be two days; two digits of the year leave room for the rest of a row."""
        return self.days > 300

    @property
    def time_width(self) -> int:
        return 17 if self.spans_years else 14 if self.days else 8

    def time(self, moment: datetime) -> str:
        """For a column of times: without the day where there is only one."""
        return self.dated(moment) if self.days else f"{local(moment, self.tz):%H:%M:%S}"

    def dated(self, moment: datetime, clock: str = "%H:%M:%S") -> str:
        """A time with its day."""
        return local(moment, self.tz).strftime(f"{'%y-' if self.spans_years else ''}%m-%d {clock}")


_SHARED = {OUTCOME: _OUTCOME_FIELDS, SERVING: ("time-taken", "s-queuename")}
"""Columns that show one field of the one log and another of the other."""
_SORTED_BY = {OUTCOME: "status", SERVING: "taken"}


def needed_fields(columns: Sequence[str]) -> tuple[str, ...]:
    """The fields to ask for so that these columns can be shown."""
    names: list[str] = []
    for column in columns:
        names += _SHARED.get(column, () if column in META else (column,))
    return tuple(dict.fromkeys([*names, "s-reason"]))


def sort_field(sort: str) -> str | None:
    """The field that a sort by a column is by, after ``-`` for the greatest first; ``None`` for order of time."""
    sign = "-" if sort.startswith("-") else ""
    column = sort.removeprefix("-")
    return sign + _SORTED_BY.get(column, column) if column else None


def sorted_column(sort: str, columns: Sequence[str]) -> str:
    """The column that shows what rows are sorted by, after ``-`` for the greatest first."""
    sign = "-" if sort.startswith("-") else ""
    field = sort.removeprefix("-")
    shared = (column for column, sorted_by in _SORTED_BY.items() if sorted_by == field and column in columns)
    return sort if field in columns else sign + next(shared, field)


def grid_columns(columns: Sequence[str], notation: Notation) -> tuple[Column, ...]:
    """The columns as a grid lays them out."""
    return tuple(_grid_column(name, notation) for name in columns)


_WIDTHS: dict[str, tuple[int, int, int]] = {
    OUTCOME: (34, 22, 0),
    SERVING: (18, 10, 0),
    "client": (26, 15, 0),
    "method": (7, 6, 0),
    "uri": (40, 16, 8),
    "path": (40, 16, 8),
    "query": (30, 12, 4),
    "agent": (30, 12, 4),
    "referer": (30, 12, 4),
    "queue": (18, 12, 1),
    "reason": (24, 20, 1),
    "host": (20, 12, 1),
    "source": (22, 14, 1),
    "log": (7, 7, 0),
}
_TITLES = {OUTCOME: ("status / reason", "outcome"), SERVING: ("taken/pool", "taken")}
"""Titles of the columns that both logs share, and shorter ones."""


def _grid_column(name: str, notation: Notation) -> Column:
    if name == "time":
        return Column("time", "time", notation.time_width)
    if name in _SHARED:
        width, least, grow = _WIDTHS[name]
        if name == SERVING and notation.spans_years:
            least -= len("yy-")  # what the year takes of 80 columns
        title, brief = _TITLES[name]
        return Column(name, title, width, least, grow, "right" if name == SERVING else "left", brief=brief)
    field = field_of(name)
    title = field.short or field.name
    width, least, grow = _WIDTHS.get(title, (0, 0, 0))
    if grow > 1 and notation.days:
        least -= len("mm-")  # what the day takes of 80 columns
    if field.is_number:
        least = width = max(7 if field.unit == "ms" else 8, min(len(title), 12))
        return Column(name, safe(title), width, least, 0, "right")
    align: Align = "end" if field.name == "source" else "left"
    return Column(name, safe(title), width or 18, least or 10, grow or 1, align, is_optional=name == "method")


def line(entry: Entry, columns: Sequence[str], notation: Notation) -> Line:
    """An entry as a line of a grid."""
    cells, tones = zip(*(cell(entry, column, notation) for column in columns), strict=True)
    return Line(cells, tones, entry.key)


def cell(entry: Entry, column: str, notation: Notation) -> tuple[str, str]:
    """What a cell says, and its tone."""
    if column == "time":
        return notation.time(entry.time), "httperr" if entry.is_error else "plain"
    if column == OUTCOME:
        return outcome(entry, notation.glyphs)
    if column == SERVING:
        column = condition(entry, column)[0]
    value = entry.value(column)
    if value is None:
        return "", "plain"
    return shown_value(column, value, notation.tz), "plain"


def outcome(entry: Entry, glyphs: Glyphs) -> tuple[str, str]:
    """``200``, ``200·64``, ``500.19·64``, or the mark of an error with its reason."""
    if entry.is_error:
        return f"{glyphs.error} {safe(entry.value('s-reason') or '-')}", "httperr"
    status, substatus, win32 = (entry.value(name) for name in _OUTCOME_FIELDS[:3])
    if status is None:
        return "  -", "plain"
    text = f"  {status}"
    if substatus:
        text += f".{substatus}"
    if win32:
        text += f"{glyphs.dot}{win32}"
    if status >= 500:
        return text, "error"
    return text, "warn" if status >= 400 or fold(win32 or 0) in client_gone_codes() else "plain"


def shown_value(name: str, value: Any, tz: tzinfo) -> str:
    """A value for a cell: with its unit, a time on the user's clock, safe to show."""
    if isinstance(value, datetime):
        return whole_time(value, tz)
    unit = field_of(name).unit
    writers: dict[str, Callable[[float], str]] = {"ms": brief_duration, "B": size}
    if unit in writers and isinstance(value, int | float):
        return writers[unit](value)
    return safe(str(value))


def whole_time(moment: datetime, tz: tzinfo) -> str:
    """Day and time as a filter understands them."""
    return f"{local(moment, tz):%Y-%m-%d %H:%M:%S}"


def condition(entry: Entry, column: str) -> tuple[str, Any]:
    """The field and value that a cell stands for in a filter."""
    if column == OUTCOME:
        return ("reason", entry.value("s-reason")) if entry.is_error else ("status", entry.value("sc-status"))
    if column == SERVING:
        return ("queue", entry.value("s-queuename")) if entry.is_error else ("taken", entry.value("time-taken"))
    return column, entry.value(column)
