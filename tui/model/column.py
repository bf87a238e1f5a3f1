"""Columns of a table: how wide each is on a narrow and on a wide screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from parsing.safe_text import cells

Align = Literal["left", "right", "end"]
"""``end`` is text on the left of which the end is shown where not all fits, as of a path."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid: at least ``least`` cells, ``width`` when there is room, ``grow`` shares of what is left.

    Optional columns are left out where not all fit. ``brief`` is the title where what is shown is narrower than ``title``.
    """

    key: str
    title: str
    width: int
    least: int = 0
    grow: int = 0
    align: Align = "left"
    is_optional: bool = False
    brief: str = ""

    @property
    def minimum(self) -> int:
        return self.least or self.width


def fitted(columns: Sequence[Column], needs: Mapping[str, int]) -> tuple[Column, ...]:
    """Columns no wider than what they show needs (cells by key); those that grow with the room are left alone."""
    return tuple(_fitted_column(column, needs[column.key]) if column.key in needs else column for column in columns)


def _fitted_column(column: Column, need: int) -> Column:
    if column.grow > 1:
        return column
    title = column.brief if column.brief and need < cells(column.title) else column.title
    need = max(need, cells(title))
    return replace(column, title=title, width=min(column.width, need), least=min(column.minimum, need))


def widths(columns: Sequence[Column], room: int) -> list[int]:
    """The width of each column, with one cell between two: minimum widths where they do not all fit, 0 if left out."""
    kept = list(columns)
    while _free(kept, room) < 0 and any(column.is_optional for column in kept):
        kept.remove([column for column in kept if column.is_optional][-1])
    sizes = dict(zip((column.key for column in kept), _sizes(kept, _free(kept, room)), strict=True))
    return [sizes.get(column.key, 0) for column in columns]


def _free(columns: Sequence[Column], room: int) -> int:
    return room - sum(column.minimum for column in columns) - max(0, len(columns) - 1)


def _sizes(columns: Sequence[Column], free: int) -> list[int]:
    result = [column.minimum for column in columns]
    if free <= 0:
        return result
    wishes = [column.width - column.minimum for column in columns]
    wished = sum(wishes)
    if wished > free:
        # First what grows most: elsewhere a longer text is rare, a path is hardly ever short.
        first = [wish if column.grow > 1 else 0 for wish, column in zip(wishes, columns, strict=True)]
        result = _shared(result, first, min(free, sum(first)))
        rest = [wish - part for wish, part in zip(wishes, first, strict=True)]
        return _shared(result, rest, max(0, free - sum(first)))
    result = [column.width for column in columns]
    return _shared(result, [column.grow for column in columns], free - wished)


def _shared(base: list[int], weights: list[int], free: int) -> list[int]:
    total = sum(weights)
    if not total:
        return base
    result = [size + free * weight // total for size, weight in zip(base, weights, strict=True)]
    rest = free - (sum(result) - sum(base))
    for index, weight in enumerate(weights):
        if rest and weight:
            result[index] += 1
            rest -= 1
    return result
