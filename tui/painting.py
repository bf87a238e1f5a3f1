"""What the terminal shows by now, and the few bytes that turn it into what is to be shown.

Textual paints whole widgets; over a slow link only the cells that have changed are worth their bytes. Frames are read
as the cells that they paint, compared with those that are there, and written as the difference.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, get_character_cell_size

if TYPE_CHECKING:
    from textual.driver import Driver

_PAINT = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|([^\x00-\x1f\x7f-\x9f]+)|(\n)")
_BEGINS_FRAME = re.compile(r"\x1b\[\d+;\d+H")
_IS_HARMLESS = re.compile(r"\x07|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[(?:[<>=?][\d;]*|[\d;]*)\$?[hlpu]")
"""Sequences that change no cell, but for those of ``_CLEARS``."""
_CLEARS = "\x1b[?1049"
"""Going to the other screen or coming back from it."""
_FRAME_BEGINS, _FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"

_MOST_REPEATED = 4
"""Cells between two changes that are rather painted again than jumped over."""
_DRAWN_ON_BLANKS = {"4", "7", "9", "21", "53"}
"""Attributes that show where there is nothing but a blank: underlines, reverse, strike, overline."""

Cell = tuple[str, str]
"""A character of one cell, and the parameters of its style as ``38;2;0;0;0;1``."""


@dataclass(frozen=True, slots=True)
class _Look:
    """The parameters of a style, apart: those of both colours, and the attributes."""

    front: str = ""
    back: str = ""
    attributes: frozenset[str] = frozenset()

    @property
    def is_seen_on_blanks(self) -> bool:
        return not self.attributes.isdisjoint(_DRAWN_ON_BLANKS)


@lru_cache(2048)
def _look(style: str) -> _Look:
    front, back, attributes = "", "", set()
    rest = style.split(";") if style else []
    while rest:
        length = {"2": 5, "5": 3}.get(rest[1], 1) if rest[0] in ("38", "48") and len(rest) > 1 else 1
        taken, rest = rest[:length], rest[length:]
        number = int(taken[0] or 0)
        if number in range(30, 40) or number in range(90, 98):
            front = ";".join(taken)
        elif number in range(40, 50) or number in range(100, 108):
            back = ";".join(taken)
        else:
            attributes.add(taken[0])
    return _Look(front, back, frozenset(attributes))


@lru_cache(4096)
def _turned(old: str | None, new: str) -> str:
    """The shortest sequence from one style to another; nothing is known of the style ``None``."""
    if old == new:
        return ""
    whole = f"\x1b[0;{new}m" if new else "\x1b[0m"
    if old is None:
        return whole
    before, after = _look(old), _look(new)
    if not before.attributes <= after.attributes:
        return whole
    parts = sorted(after.attributes - before.attributes)
    parts += [after.front or "39"] if after.front != before.front else []
    parts += [after.back or "49"] if after.back != before.back else []
    return min(f"\x1b[{';'.join(parts)}m", whole, key=len)


@lru_cache(4096)
def _is_same(one: Cell, other: Cell) -> bool:
    """Whether two cells look alike: on a blank the colour of letters does not show."""
    if one == other:
        return True
    if one[0] != other[0] or one[0] != " ":
        return False
    first, second = _look(one[1]), _look(other[1])
    return first.back == second.back and not (first.is_seen_on_blanks or second.is_seen_on_blanks)


@lru_cache(4096)
def _is_plain(character: str) -> bool:
    """Whether a character takes one cell in every terminal, whatever is beside it."""
    if character.isascii():
        return True
    if get_character_cell_size(character) != 1 or unicodedata.category(character)[0] in "MC":
        return False
    return unicodedata.bidirectional(character) not in ("R", "AL", "AN")


@dataclass(slots=True)
class _Row:
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

    def copy(self) -> _Row:
        return _Row(self.texts.copy(), self.styles.copy())


@dataclass(frozen=True, slots=True)
class _Run:
    row: int
    column: int
    style: str
    text: str


class Painted:
    """The screen of a terminal as it was painted. It starts, and begins anew with ``forget``, knowing nothing."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}
        self._cursor: tuple[int, int] | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing is known of the screen."""
        return not self._rows

    def forget(self) -> None:
        """Anything may be there now: the next frame is written as a whole."""
        self._rows.clear()
        self._cursor = None

    def change(self, frame: str) -> str:
        """What to write so that the terminal shows this frame; nothing where it does already.

        A frame that holds anything but places, styles and text is written as it is.
        """
        read = _runs(frame)
        if read is None:
            self.forget()
            return frame
        runs, cursor = read
        by_row: dict[int, list[_Run]] = {}
        for run in runs:
            by_row.setdefault(run.row, []).append(run)
        brush = _Brush()
        for number, row_runs in by_row.items():
            self._change_row(number, row_runs, brush)
        text = brush.finished()
        if text or cursor != self._cursor:
            text += _place(*cursor)
        self._cursor = cursor
        return text

    def _change_row(self, number: int, runs: list[_Run], brush: _Brush) -> None:
        if not all(_is_plain(character) for character in set().union(*(run.text for run in runs))):
            # Terminals differ in the cells that such text takes, and shift what follows it.
            self._rows.pop(number, None)
            for run in runs:
                brush.paint_all(run)
            return
        old = self._rows.get(number) or _Row()
        new = old.copy()
        for run in runs:
            new.put(run.column, run.text, run.style)
        self._rows[number] = new
        brush.paint_changes(number, old, new)


class _Brush:
    """Writes cells, with as few places and styles as can be."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._style: str | None = None
        self._at: tuple[int, int] | None = None

    def finished(self) -> str:
        if self._style:
            self._written.append("\x1b[0m")
        return "".join(self._written)

    def paint_all(self, run: _Run) -> None:
        self._written += [_place(run.row, run.column), _turned(self._style, run.style), run.text]
        self._style, self._at = run.style, None

    def paint_changes(self, number: int, old: _Row, new: _Row) -> None:
        if old == new:
            return
        known = len(old.texts)
        for column, (text, style) in enumerate(zip(new.texts, new.styles, strict=True)):
            if text is None:
                continue
            before = old.texts[column] if column < known else None
            if before is None or not _is_same((before, old.styles[column]), (text, style)):
                self._go(number, column, new)
                self._paint(text, style)
                self._at = number, column + 1

    def _go(self, row: int, column: int, cells: _Row) -> None:
        if self._at == (row, column):
            return
        if self._at is None or self._at[0] != row:
            self._written.append(_place(row, column))
            return
        first = self._at[1]
        between = list(zip(cells.texts[first:column], cells.styles[first:column], strict=True))
        if len(between) <= _MOST_REPEATED and all(
            text is not None and _is_same((text, style), (text, self._style or "")) for text, style in between
        ):
            self._written += [text for text, _ in between if text is not None]
        else:
            self._written.append(f"\x1b[{column - first}C" if column - first > 1 else "\x1b[C")

    def _paint(self, text: str, style: str) -> None:
        if self._style is None or not _is_same((text, style), (text, self._style)):
            self._written.append(_turned(self._style, style))
            self._style = style
        self._written.append(text)


def _place(row: int, column: int) -> str:
    return f"\x1b[{row + 1};{column + 1}H" if column else f"\x1b[{row + 1}H" if row else "\x1b[H"


def _runs(frame: str) -> tuple[list[_Run], tuple[int, int]] | None:
    """The runs of a frame, each of one style in one row, and where the cursor is left; ``None`` for what is no frame."""
    runs: list[_Run] = []
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
            runs.append(_Run(row, column, style, text))
            column += len(text) if text.isascii() else cell_len(text)
    return (runs, (row, column)) if end == len(frame) and row >= 0 else None


def thrifty(base: type[Driver], painted: Painted) -> type[Driver]:
    """A driver like ``base`` that writes of each frame only what ``painted`` does not show yet."""

    class Thrifty(base):  # type: ignore[misc, valid-type]
        """Frames may come in pieces; one ends where the terminal is told so, or at a flush."""

        _pieces: list[str] | None = None
        _is_marked = False

        def write(self, data: str) -> None:
            if data == _FRAME_BEGINS:
                self._pieces, self._is_marked = [], True
            elif data == _FRAME_ENDS:
                self._end_frame()
            elif self._pieces is not None:
                self._pieces.append(data)
            elif _BEGINS_FRAME.match(data):
                self._pieces = [data]
            else:
                if _CLEARS in data or not all(_IS_HARMLESS.fullmatch(part) for part in _sequences(data)):
                    painted.forget()
                super().write(data)

        def flush(self) -> None:
            if self._pieces is not None and not self._is_marked:
                self._end_frame()
            super().flush()

        def _end_frame(self) -> None:
            change = painted.change("".join(self._pieces)) if self._pieces else ""
            if change:
                super().write(f"{_FRAME_BEGINS}{change}{_FRAME_ENDS}" if self._is_marked else change)
            self._pieces, self._is_marked = None, False

    return Thrifty


def _sequences(data: str) -> list[str]:
    """What is written beside frames, sequence by sequence."""
    return [part for part in re.split(r"(?=\x1b[\[\]])", data) if part]
