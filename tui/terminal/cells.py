"""Cells: those that a frame paints, those that are there, and those that differ."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

from tui.terminal.styles import are_blanks_alike, style_of

_PAINT = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|([^\x00-\x1f\x7f-\x9f]+)|(\n)")

Cell = tuple[str, str]
"""A character of one cell, and the parameters of its style as ``38;2;0;0;0;1``."""


@lru_cache(4096)
def is_same(one: Cell, other: Cell) -> bool:
    """Whether two cells look alike: on a blank the colour of letters does not show."""
    if one == other:
        return True
    if one[0] != other[0] or one[0] != " ":
        return False
    return are_blanks_alike(one[1], other[1])


@lru_cache(4096)
def is_plain(character: str) -> bool:
    """Whether a character takes one cell in every terminal, whatever is next to it."""
    if character.isascii():
        return True
    if get_character_cell_size(character) != 1 or unicodedata.category(character)[0] in "MC":
        return False
    return unicodedata.bidirectional(character) not in ("R", "AL", "AN")


@dataclass(slots=True)
class CellRow:
    """Cells of a row from the left on, ``None`` where it is not known what is there."""

    texts: list[str | None] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)

    def put(self, column: int, text: str, style: str) -> None:
        end = column + len(text)
        if missing := end - len(self.texts):
            self.texts += [None] * missing
            self.styles += [""] * missing
        self.texts[column:end] = text
        self.styles[column:end] = [style] * len(text)

    def copy(self) -> CellRow:
        return CellRow(self.texts.copy(), self.styles.copy())


@dataclass(frozen=True, slots=True)
class StyledRun:
    row: int
    column: int
    style: str
    text: str

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it but its ground shows."""
        return not self.text.strip(" ") and not style_of(self.style).is_seen_on_blanks


def runs_of(frame: str) -> tuple[list[StyledRun], tuple[int, int]] | None:
    """The runs of a frame, each of one style in one row, and where the cursor is left; ``None`` for what is no frame."""
    runs: list[StyledRun] = []
    row, column, style = -1, 0, ""
    end = 0
    for match in _PAINT.finditer(frame):
        if match.start() != end:
            return None
        end = match.end()
        to_row, to_column, styled, text, newline = match.groups()
        if to_row is not None:
            row, column = int(to_row) - 1, int(to_column) - 1
        elif newline:
            row = -1
        elif text is None:
            if styled not in ("", "0") and style:
                return None
            style = "" if styled == "0" else styled
        elif row < 0:
            return None
        else:
            runs.append(StyledRun(row, column, style, text))
            column += len(text) if text.isascii() else cell_len(text)
    return (runs, (row, column)) if end == len(frame) and row >= 0 else None
