"""What parsing a block of bytes gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import polars as pl

Log = Literal["iis", "httperr"]

REJECTS_SCHEMA: dict[str, pl.DataType] = {"line": pl.Int64(), "why": pl.String(), "text": pl.String()}
_NO_REJECTS = pl.DataFrame(schema=REJECTS_SCHEMA)


GUESSED = "no #Fields before its rows: their fields are guessed by the shape of the values; put the #Fields line on top"
TWO_ORDERS = (
    "some of its dates have day and month in another order than most: those that could be either are read alike"
)
CLOCK_BACK = (
    "the clock was set back while it was written: which of its two hours a row is of follows from the order of the lines, and"
    " is the first of them where that does not decide"
)
LOCAL_AS_UTC = (
    "its times are those of the server's own clock and were taken as UTC, as those of Httperr.log are:"
    " name its zone with --log-tz"
)


@dataclass(frozen=True, slots=True)
class ParsedRows:
    """Rows of one layout, in file order.

    ``frame`` has the columns ``time`` (Datetime in ms, UTC, no zone), ``line`` (Int64, from 1), then ``fields``, the
    wire names of the layout without ``date`` and ``time``: text as String, numbers with the type of the field table.
    ``layout`` is all fields in the order in which they were logged, ``date`` and ``time`` among them.
    """

    log: Log
    fields: tuple[str, ...]
    frame: pl.DataFrame
    layout: tuple[str, ...] = ()


@dataclass(slots=True)
class ParsedBlock:
    """One parsed block: ``lines = rows + directives + blank + rejected``.

    ``consumed`` counts the bytes taken. It is less than the block's length where the last line is unfinished.
    ``skipped`` bytes at the start are the end of a line that was taken before. ``layouts`` are those of rows.
    ``damage`` has a row for each value that does not fit its field, which is the ``why``; ``damaged`` counts their lines.
    ``notes`` are sentences on what was guessed.
    """

    sections: list[ParsedRows] = field(default_factory=list)
    rejects: pl.DataFrame = field(default_factory=_NO_REJECTS.clone)
    damage: pl.DataFrame = field(default_factory=_NO_REJECTS.clone)
    lines: int = 0
    rows: int = 0
    directives: int = 0
    blank: int = 0
    rejected: int = 0
    damaged: int = 0
    consumed: int = 0
    skipped: int = 0
    first: datetime | None = None
    last: datetime | None = None
    layouts: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class PieceRows:
    """What one piece of a block gave; pieces of a block are merged into a ``ParsedBlock``."""

    sections: list[ParsedRows] = field(default_factory=list)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    lines: int = 0
    directives: int = 0
    blank: int = 0
    damage: list[pl.DataFrame] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
