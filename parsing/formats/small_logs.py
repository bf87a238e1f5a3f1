"""Small logs of one layout parsed in one go: every call into Polars takes as long as dozens of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from parsing.formats import clock
from parsing.formats.columns import fast_columns
from parsing.formats.layouts import Layout
from parsing.formats.rows import ParsedRows

_MARK = "#"
"""The date of the line that is put between two logs; no row has such a one."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The directives at the start of a log: its entries begin at ``start``, after that many ``lines``.

    Each row of its ``layout`` begins with a date.
    """

    layout: Layout
    start: int
    lines: int


@dataclass(frozen=True, slots=True)
class Together:
    """Rows of several logs, one log after the other, with the lines of each; ``heights`` says how many each has."""

    section: ParsedRows
    heights: list[int]
    spans: list[tuple[datetime | None, datetime | None]]


def parse_together(layout: Layout, logs: Sequence[tuple[bytes, Beginning]]) -> Together | None:
    """The rows of whole logs of one layout; None unless every line after their directives is a row without fault."""
    ending = "-" if layout.schema[layout.columns[-1]] == pl.String() else "0"
    between = " ".join([_MARK, *["-"] * (len(layout.columns) - 2), ending]).encode() + b"\n"
    frame = fast_columns(between.join([memoryview(data)[beginning.start :] for data, beginning in logs]), layout)
    if frame is None:
        return None
    marked = (frame.to_series(0) == _MARK).arg_true().to_list()
    if len(marked) != len(logs) - 1:
        return None
    moments = clock.moment(clock.any_date(pl.col("date")), clock.time_of_day(pl.col("time")))
    times = frame.select(moments.alias("time"))["time"]
    frame = pl.DataFrame([times, *frame[list(layout.fields)]])
    starts, ends = [0, *(row + 1 for row in marked)], [*marked, frame.height]
    parts = [frame.slice(start, end - start) for start, end in zip(starts, ends, strict=True)]
    rows = pl.concat(parts, rechunk=True)
    if not clock.are_usable(rows["time"]):
        return None
    numbers = pl.int_range(0, frame.height + 1 + max(beginning.lines for _, beginning in logs), eager=True)
    lines = pl.concat(
        numbers.slice(beginning.lines + 1, part.height) for (_, beginning), part in zip(logs, parts, strict=True)
    )
    time, *values = rows.get_columns()
    section = ParsedRows(layout.log, layout.fields, pl.DataFrame([time, lines.alias("line"), *values]), layout.columns)
    return Together(section, [part.height for part in parts], [clock.span(part["time"]) for part in parts])
