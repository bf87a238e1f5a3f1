"""What the terminal shows, and the fewest bytes that change it into what it should show.

Textual paints whole widgets; over a slow link only the cells that have changed are worth their bytes. Frames are read
as the cells that they paint, compared with those that are there, and written as the difference.
"""

from __future__ import annotations

from collections.abc import Mapping

from tui.terminal.brush import painted, pieces_of, place
from tui.terminal.cells import CellRow, StyledRun, is_plain, runs_of
from tui.terminal.scrolling import scroll


class Painted:
    """The screen of a terminal as it was painted; at first, and after ``forget``, nothing is known of it."""

    def __init__(self) -> None:
        self._rows: dict[int, CellRow] = {}
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
        read = runs_of(frame)
        if read is None:
            self.forget()
            return frame
        runs, cursor = read
        by_row: dict[int, list[StyledRun]] = {}
        for run in runs:
            by_row.setdefault(run.row, []).append(run)
        before = dict(self._rows)
        whole = [run for number, row in by_row.items() if not self._put(number, row) for run in row]
        text = painted(whole, self._pieces(before))
        scrolled = scroll(before, self._rows)
        if scrolled is not None:
            text = min(text, scrolled.sequence + painted(whole, self._pieces(scrolled.after(before))), key=len)
        if text or cursor != self._cursor:
            text += place(*cursor)
        self._cursor = cursor
        return text

    def _put(self, number: int, runs: list[StyledRun]) -> bool:
        """Note what a row is to be; false where nothing is known of it then, and it has to be painted as a whole.

        Terminals differ in the cells that some text takes, and shift what follows it.
        """
        if not all(is_plain(character) for character in set().union(*(run.text for run in runs))):
            self._rows.pop(number, None)
            return False
        row = self._rows[number].copy() if number in self._rows else CellRow()
        for run in runs:
            row.put(run.column, run.text, run.style)
        self._rows[number] = row
        return True

    def _pieces(self, there: Mapping[int, CellRow]) -> list[StyledRun]:
        """What differs from the rows that are there."""
        pieces: list[StyledRun] = []
        for number, row in self._rows.items():
            old = there.get(number) or CellRow()
            if old is not row and old != row:
                pieces += pieces_of(number, old, row)
        return pieces
