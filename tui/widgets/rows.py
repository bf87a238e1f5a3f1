"""A window on any number of rows, with a cursor: asks for the rows that it lacks, and computes nothing.

Moving the cursor repaints two lines. Where it would leave the window, the window moves by a quarter of its height, which
a terminal can do by itself for most of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer

from tui.glyphs import Glyphs
from tui.model.line import Line, Lines, RowSource
from tui.widgets.toned import Toned

PATIENCE = 0.12
"""Seconds that rows may take to come before placeholders are painted in their place."""


class RowWindow(Toned, can_focus=True):
    """What part of the rows is seen, below one line of header, and which row has the cursor."""

    @dataclass
    class Moved(Message):
        """The cursor is on another row or column."""

        grid: RowWindow
        row_changed: bool

        @property
        def control(self) -> RowWindow:
            return self.grid

    @dataclass
    class Wanted(Message):
        """Rows ``first`` to ``last`` (excluded) are about to be shown, and some are not here."""

        grid: RowWindow
        first: int
        last: int

        @property
        def control(self) -> RowWindow:
            return self.grid

    @dataclass
    class RowOpened(Message):
        """The row under the cursor was clicked twice."""

        grid: RowWindow

        @property
        def control(self) -> RowWindow:
            return self.grid

    def __init__(self, glyphs: Glyphs, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self.source: RowSource = Lines()
        self.row = 0
        self.top = 0
        self.empty = empty
        self._waiting: Timer | None = None
        self._has_gaps = False

    # What is shown

    @property
    def rows_visible(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def current_line(self) -> Line | None:
        return self.source.line(self.row) if self.source.total else None

    def show(self, source: RowSource, *, row: int | None = None, offset: int | None = None) -> None:
        """Show other rows. The cursor stays on its row number, or goes to ``row``, ``offset`` lines below the top."""
        self.source = source
        self.row = min(max(0, self.row if row is None else row), max(0, source.total - 1))
        if offset is not None:
            self.top = self.row - offset
        self._scroll_to_cursor()
        self._repaint()

    def want(self) -> None:
        """Ask for the rows in and just around the window where some are missing."""
        first = max(0, self.top - self.rows_visible)
        last = min(self.source.total, self.top + 2 * self.rows_visible)
        shown = range(self.top, min(self.source.total, self.top + self.rows_visible))
        if any(self.source.line(index) is None for index in shown):
            self.post_message(self.Wanted(self, self.top, shown.stop))
        elif last > first and (self.source.line(first) is None or self.source.line(last - 1) is None):
            self.post_message(self.Wanted(self, first, last))

    def arrived(self) -> None:
        """Rows that were asked for have come: repaint if placeholders are shown, or were about to be."""
        if self._waiting is not None or self._has_gaps:
            self._stop_waiting()
            self._has_gaps = False
            self.refresh()
        self.want()

    def _repaint(self) -> None:
        """Repaint the window; where rows are missing, once they have come, or after ``PATIENCE`` with placeholders."""
        shown = range(self.top, min(self.source.total, self.top + self.rows_visible))
        self.want()
        if all(self.source.line(index) is not None for index in shown):
            self._stop_waiting()
            self.refresh()
        elif self._waiting is None:
            self._waiting = self.set_timer(PATIENCE, self._waited)

    def _waited(self) -> None:
        self._waiting = None
        self.refresh()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None

    # Moving

    def move_rows(self, by: int) -> None:
        self.go(self.row + by)

    def go(self, row: int) -> None:
        """Put the cursor on a row, moving the window only where the row is outside."""
        row = min(max(0, row), max(0, self.source.total - 1))
        if row == self.row:
            return
        old, self.row = self.row, row
        if self._scroll_to_cursor():
            self._repaint()
        else:
            self.refresh(self._region(old), self._region(row))
        self.post_message(self.Moved(self, row_changed=True))

    def page(self, by: float) -> None:
        """Move window and cursor by pages; the last page ends with the last row."""
        step = max(1, int(self.rows_visible * abs(by))) * (1 if by > 0 else -1)
        last = max(0, self.source.total - self.rows_visible)
        top = min(max(0, self.top + step), last)
        row = min(max(0, self.row + step), max(0, self.source.total - 1))
        if top == self.top:
            self.go(row)
            return
        self.top, self.row = top, min(max(row, top), top + self.rows_visible - 1)
        self._repaint()
        self.post_message(self.Moved(self, row_changed=True))

    def _scroll_to_cursor(self) -> bool:
        """Move the window by some rows where the cursor has just left it, else around it; whether it moved."""
        height, last = self.rows_visible, max(0, self.source.total - self.rows_visible)
        top, step = min(max(0, self.top), last), max(1, height // 4)
        if self.row == top + height:
            top += step
        elif self.row == top - 1:
            top -= step
        elif not top <= self.row < top + height:
            top = self.row - height // 2
        top = min(max(0, top), last)
        moved, self.top = top != self.top, top
        return moved

    def _region(self, row: int) -> Region:
        return Region(0, row - self.top + 1, self.size.width, 1)
