"""What the terminal shows by now, and the few bytes that turn it into what is to be shown.

Textual paints whole widgets; over a slow link only the cells that have changed are worth their bytes. Frames are read
as the cells that they paint, compared with those that are there, and written as the difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
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

_DRAWN_ON_BLANKS = {"4", "7", "9", "21", "53"}
"""Attributes that show where there is nothing but a blank: underlines, reverse, strike, overline."""
_ENDED_BY = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "9": "29"}
"""What takes an attribute back, for those that every terminal can take back one by one."""

_LEVELS = (0, 95, 135, 175, 215, 255)
_PALETTE = {
    "2;{};{};{}".format(*(_LEVELS[place // step % 6] for step in (36, 6, 1))): f"5;{16 + place}"
    for place in range(6, 216)
} | {f"2;{level};{level};{level}": f"5;{232 + place}" for place, level in enumerate(range(8, 240, 10))}
"""Colours that have a shorter name, as they are in every terminal of 256 colours. The first 22 are often changed."""

_JUMP = len("\x1b[99C")
"""Bytes of a jump over some cells; painting more of them again is never shorter."""

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
        number, colour = int(taken[0] or 0), ";".join(taken[1:])
        named = f"{taken[0]};{_PALETTE.get(colour, colour)}" if colour else taken[0]
        if number in range(30, 40) or number in range(90, 98):
            front = named
        elif number in range(40, 50) or number in range(100, 108):
            back = named
        else:
            attributes.add(taken[0])
    return _Look(front, back, frozenset(attributes))


@lru_cache(4096)
def _turned(old: str | None, new: str) -> str:
    """The shortest sequence from one style to another; nothing is known of the style ``None``."""
    if old == new:
        return ""
    after = _look(new)
    parts = ["0", *sorted(after.attributes), after.front, after.back] if new else ["0"]
    whole = f"\x1b[{';'.join(filter(None, parts))}m"
    if old is None:
        return whole
    before = _look(old)
    gone = before.attributes - after.attributes
    if not gone <= _ENDED_BY.keys():
        return whole
    ends = {_ENDED_BY[attribute] for attribute in gone}
    lost = {attribute for attribute in after.attributes if _ENDED_BY.get(attribute) in ends}
    parts = sorted(ends) + sorted(after.attributes - before.attributes | lost)
    parts += [after.front or "39"] if after.front != before.front else []
    parts += [after.back or "49"] if after.back != before.back else []
    return min(f"\x1b[{';'.join(parts)}m" if parts else "", whole, key=len)


@lru_cache(4096)
def _is_same(one: Cell, other: Cell) -> bool:
    """Whether two cells look alike: on a blank the colour of letters does not show."""
    if one == other:
        return True
    if one[0] != other[0] or one[0] != " ":
        return False
    return _are_blanks_alike(one[1], other[1])


@lru_cache(4096)
def _are_blanks_alike(one: str, other: str) -> bool:
    first, second = _look(one), _look(other)
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

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it but its ground shows."""
        return not self.text.strip(" ") and not _look(self.style).is_seen_on_blanks


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
        whole: list[_Run] = []
        pieces: list[_Run] = []
        for number, row_runs in by_row.items():
            found = self._changes(number, row_runs)
            if found is None:
                whole += row_runs
            else:
                pieces += found
        text = _painted(whole, pieces)
        if text or cursor != self._cursor:
            text += _place(*cursor)
        self._cursor = cursor
        return text

    def _changes(self, number: int, runs: list[_Run]) -> list[_Run] | None:
        """What of a row has changed; ``None`` where it has to be painted as a whole.

        Terminals differ in the cells that some text takes, and shift what follows it.
        """
        if not all(_is_plain(character) for character in set().union(*(run.text for run in runs))):
            self._rows.pop(number, None)
            return None
        old = self._rows.get(number) or _Row()
        new = old.copy()
        for run in runs:
            new.put(run.column, run.text, run.style)
        self._rows[number] = new
        return [] if old == new else _pieces(number, old, new)


def _pieces(number: int, old: _Row, new: _Row) -> list[_Run]:
    """The cells of a row that differ, as runs of one style; those between are painted again where that is shorter."""
    pieces: list[_Run] = []
    known, last = len(old.texts), None
    for column, (text, style) in enumerate(zip(new.texts, new.styles, strict=True)):
        before = old.texts[column] if column < known else None
        if text is None or (before is not None and _is_same((before, old.styles[column]), (text, style))):
            continue
        longer = _longer(last, column, new) if last is not None else None
        if longer is None:
            longer = _Run(number, column, style, text)
            pieces.append(longer)
        else:
            pieces[-1] = longer
        last = longer
    return pieces


def _longer(run: _Run, column: int, cells: _Row) -> _Run | None:
    """A run up to and with a later cell, where that can be and takes no more bytes than to jump over those between."""
    end = run.column + len(run.text)
    if column - end > _JUMP:
        return None
    text, style = "", run.style
    for place in range(end, column + 1):
        character, own = cells.texts[place], cells.styles[place]
        if character is None:
            return None
        if not _is_same((character, own), (character, style)):
            if (run.text + text).strip(" ") or not _are_blanks_alike(style, own):
                return None
            style = own
        text += character
    if len(text[:-1].encode()) > len(_moved((run.row, end), run.row, column)):
        return None
    return _Run(run.row, run.column, style, run.text + text)


def _painted(whole: list[_Run], pieces: list[_Run]) -> str:
    """What paints some runs as they are, and pieces in the order that takes the fewest bytes."""
    first = _Brush()
    for run in whole:
        first.paint(run)
        first.at = None
    orders = [pieces, _by_style(pieces, first.style)] if len(pieces) > 1 else [pieces]
    written = []
    for order in orders:
        brush = _Brush(first.style)
        for run in order:
            brush.paint(run)
        written.append(brush.text + ("\x1b[0m" if brush.style else ""))
    return first.text + min(written, key=len)


def _by_style(pieces: list[_Run], style: str | None) -> list[_Run]:
    """Pieces in an order in which the style and the place change cheaply, one after the other."""
    waiting: dict[str, deque[_Run]] = {}
    for piece in pieces:
        waiting.setdefault(_look(piece.style).back if piece.is_blank else piece.style, deque()).append(piece)
    order: list[_Run] = []
    at: tuple[int, int] | None = None
    while waiting:
        key, run = min(((key, runs[0]) for key, runs in waiting.items()), key=lambda found: _cost(at, style, found[1]))
        waiting[key].popleft()
        if not waiting[key]:
            del waiting[key]
        order.append(run)
        style, at = _style_after(style, run), (run.row, run.column + len(run.text))
    return order


def _cost(at: tuple[int, int] | None, style: str | None, run: _Run) -> tuple[int, int, int]:
    turned = "" if _style_after(style, run) == style else _turned(style, run.style)
    return len(turned) + len(_moved(at, run.row, run.column)), run.row, run.column


def _style_after(style: str | None, run: _Run) -> str:
    """The style in which a run is painted: blanks leave it as it is where that does not show."""
    return style if style is not None and run.is_blank and _are_blanks_alike(style, run.style) else run.style


class _Brush:
    """Writes runs one after the other."""

    def __init__(self, style: str | None = None) -> None:
        self.style = style
        self.at: tuple[int, int] | None = None
        self.text = ""

    def paint(self, run: _Run) -> None:
        style = _style_after(self.style, run)
        self.text += _moved(self.at, run.row, run.column) + _turned(self.style, style) + run.text
        self.style, self.at = style, (run.row, run.column + len(run.text))


def _moved(at: tuple[int, int] | None, row: int, column: int) -> str:
    """To a place, from where the cursor is or, where that is not known, from anywhere."""
    if at is None or at[0] != row or column < at[1]:
        return _place(row, column)
    by = column - at[1]
    return f"\x1b[{by}C" if by > 1 else "\x1b[C" * by


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
