"""Runs of cells written with few styles and places."""

from __future__ import annotations

from collections import deque

from tui.terminal.cells import CellRow, StyledRun, is_same
from tui.terminal.styles import are_blanks_alike, style_of, turned

_JUMP = len("\x1b[99C")
"""Bytes of a jump over some cells; painting more of them again is never shorter."""


def pieces_of(number: int, old: CellRow, new: CellRow) -> list[StyledRun]:
    """The cells of a row that differ, as runs of one style; those between are painted again where that is shorter."""
    pieces: list[StyledRun] = []
    known, last = len(old.texts), None
    for column, (text, style) in enumerate(zip(new.texts, new.styles, strict=True)):
        before = old.texts[column] if column < known else None
        if text is None or (before is not None and is_same((before, old.styles[column]), (text, style))):
            continue
        longer = _longer(last, column, new) if last is not None else None
        if longer is None:
            longer = StyledRun(number, column, style, text)
            pieces.append(longer)
        else:
            pieces[-1] = longer
        last = longer
    return pieces


def _longer(run: StyledRun, column: int, cells: CellRow) -> StyledRun | None:
    """A run up to and with a later cell, where that can be and takes no more bytes than to jump over those between."""
    end = run.column + len(run.text)
    if column - end > _JUMP:
        return None
    text, style = "", run.style
    for place in range(end, column + 1):
        character, own = cells.texts[place], cells.styles[place]
        if character is None:
            return None
        if not is_same((character, own), (character, style)):
            if (run.text + text).strip(" ") or not are_blanks_alike(style, own):
                return None
            style = own
        text += character
    if len(text[:-1].encode()) > len(_moved((run.row, end), run.row, column)):
        return None
    return StyledRun(run.row, run.column, style, run.text + text)


def painted(whole: list[StyledRun], pieces: list[StyledRun]) -> str:
    """What paints some runs as they are, and pieces in the order that takes the fewest bytes."""
    first = _Brush()
    for run in whole:
        first.paint(run, run.style)  # also blanks: the next run may begin with what belongs to the cell before it
        first.at = None
    orders = [pieces, _by_style(pieces, first.style)] if len(pieces) > 1 else [pieces]
    written = []
    for order in orders:
        brush = _Brush(first.style)
        for run in order:
            brush.paint(run, _style_after(brush.style, run))
        written.append(brush.text + ("\x1b[0m" if brush.style else ""))
    return first.text + min(written, key=len)


def _by_style(pieces: list[StyledRun], style: str | None) -> list[StyledRun]:
    """Pieces in an order in which the style and the place change cheaply, one after the other."""
    waiting: dict[str, deque[StyledRun]] = {}
    for piece in pieces:
        waiting.setdefault(style_of(piece.style).back if piece.is_blank else piece.style, deque()).append(piece)
    order: list[StyledRun] = []
    at: tuple[int, int] | None = None
    while waiting:
        key, run = min(((key, runs[0]) for key, runs in waiting.items()), key=lambda found: _cost(at, style, found[1]))
        waiting[key].popleft()
        if not waiting[key]:
            del waiting[key]
        order.append(run)
        style, at = _style_after(style, run), (run.row, run.column + len(run.text))
    return order


def _cost(at: tuple[int, int] | None, style: str | None, run: StyledRun) -> tuple[int, int, int]:
    change = "" if _style_after(style, run) == style else turned(style, run.style)
    return len(change) + len(_moved(at, run.row, run.column)), run.row, run.column


def _style_after(style: str | None, run: StyledRun) -> str:
    """The style in which a run is painted: blanks leave it as it is where that does not show."""
    return style if style is not None and run.is_blank and are_blanks_alike(style, run.style) else run.style


class _Brush:
    """Writes runs one after the other."""

    def __init__(self, style: str | None = None) -> None:
        self.style = style
        self.at: tuple[int, int] | None = None
        self.text = ""

    def paint(self, run: StyledRun, style: str) -> None:
        self.text += _moved(self.at, run.row, run.column) + turned(self.style, style) + run.text
        self.style, self.at = style, (run.row, run.column + len(run.text))


def _moved(at: tuple[int, int] | None, row: int, column: int) -> str:
    """To a place, from where the cursor is or, where that is not known, from anywhere."""
    if at is None or at[0] != row or column < at[1]:
        return place(row, column)
    by = column - at[1]
    return f"\x1b[{by}C" if by > 1 else "\x1b[C" * by


def place(row: int, column: int) -> str:
    return f"\x1b[{row + 1};{column + 1}H" if column else f"\x1b[{row + 1}H" if row else "\x1b[H"
