"""The rows that have come so far, in chunks; a grid draws from here and asks for what it lacks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from tui.model.entry import Entry, Notation, line, needed_fields
from tui.model.line import Line

if TYPE_CHECKING:
    import polars as pl

CHUNK = 64
"""Rows that are asked for together; few enough to be read at once, and more than a window of 80 by 24 shows."""

_KEPT = 128


class Rows(Protocol):
    """The rows of a question in order, read a page at a time. Offsets count from 0."""

    @property
    def count(self) -> int: ...

    def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> pl.DataFrame: ...

    def offset_of(self, time: datetime) -> int: ...

    def offset_of_row(self, source: str, line: int, time: datetime | None = None) -> int | None: ...


class Pages:
    """Entries of one question by chunk. ``rows`` is what they are read from."""

    def __init__(self, rows: Rows, columns: Sequence[str], notation: Notation) -> None:
        self.rows = rows
        self.columns = tuple(columns)
        self.notation = notation
        self._total = rows.count
        self._chunks: OrderedDict[int, list[Entry]] = OrderedDict()
        self._lines: dict[int, Line] = {}

    @property
    def total(self) -> int:
        return self._total

    @property
    def fields(self) -> tuple[str, ...]:
        return needed_fields(self.columns)

    def line(self, index: int) -> Line | None:
        entry = self.entry(index)
        if entry is None:
            return None
        shown = self._lines.get(index)
        if shown is None:
            shown = self._lines[index] = line(entry, self.columns, self.notation)
        return shown

    def entry(self, index: int) -> Entry | None:
        chunk = self._chunks.get(index // CHUNK)
        return chunk[index % CHUNK] if chunk is not None and index % CHUNK < len(chunk) else None

    def missing(self, first: int, last: int) -> list[int]:
        """Numbers of the chunks that rows ``first`` to ``last`` (excluded) need and that are not here."""
        wanted = range(first // CHUNK, (max(first + 1, last) - 1) // CHUNK + 1)
        return [number for number in wanted if number not in self._chunks]

    def put(self, number: int, found: list[Entry]) -> None:
        self._chunks[number] = found
        if len(self._chunks) > _KEPT:
            self._chunks.popitem(last=False)
            self._lines.clear()
