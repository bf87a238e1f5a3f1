"""A table of any number of rows: draws the visible ones, asks for what it lacks, and computes nothing.

Moving the cursor repaints two lines. Where it would leave the window, the window moves by half a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from tui.glyphs import Glyphs
from tui.widgets.cells import Column, bar, fit, widths
from tui.widgets.toned import Part, Toned

PATIENCE = 0.12
"""Seconds that rows may take to come before placeholders are painted in their place."""


class Line(NamedTuple):
    """One row as it is shown. ``tones`` colour the cells; ``key`` tells the row from others."""

    cells: tuple[str, ...]
    tones: tuple[str, ...]
    key: object = None


class RowSource(Protocol):
    """Where a grid gets its rows from."""

    @property
    def total(self) -> int:
        """How many rows there are."""

    def line(self, index: int) -> Line | None:
        """A row, or ``None`` while it is not here yet."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows that are all here."""

    rows: Sequence[Line] = ()

    @property
    def total(self) -> int:
        return len(self.rows)

    def line(self, index: int) -> Line | None:
        return self.rows[index] if 0 <= index < len(self.rows) else None


class Grid(Toned, can_focus=True):
    """Rows under a header, a cursor row with a cursor cell, and a mark on marked rows."""

    @dataclass
    class Moved(Message):
        """The cursor is on another row or column."""

        grid: Grid
        row_changed: bool

        @property
        def control(self) -> Grid:
            return self.grid

    @dataclass
    class Wanted(Message):
        """Rows ``first`` to ``last`` (excluded) are about to be shown, and some are not here."""

        grid: Grid
        first: int
        last: int

        @property
        def control(self) -> Grid:
            return self.grid

    @dataclass
    class Opened(Message):
        """The row under the cursor was clicked twice."""

        grid: Grid

        @property
        def control(self) -> Grid:
            return self.grid

    def __init__(self, glyphs: Glyphs, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self.columns: tuple[Column, ...] = ()
        self.source: RowSource = Lines()
        self.row = 0
        self.column = 0
        self.top = 0
        self.left = 0
        self.empty = empty
        self.marked: frozenset[object] = frozenset()
        self.sorted_by = ""
        self.found = ""
        self._sizes: list[int] = []
        self._waiting: Timer | None = None
        self._has_gaps = False

    # What is shown

    @property
    def rows_visible(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def current_column(self) -> Column | None:
        return self.columns[self.column] if self.column < len(self.columns) else None

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
        self.refresh()
        self.want()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns; the cursor stays on its column where that remains."""
        key = self.current_column.key if self.current_column else ""
        self.columns = tuple(columns)
        keys = [column.key for column in self.columns]
        self.column = keys.index(key) if key in keys else min(self.column, max(0, len(keys) - 1))
        self._lay_out()
        self.refresh()

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
        """Rows that were asked for are here; only where they were missed is anything painted."""
        if self._waiting is not None or self._has_gaps:
            self._stop_waiting()
            self._has_gaps = False
            self.refresh()
        self.want()

    def _repaint(self) -> None:
        """Paint the window anew; where its rows are still to come, not before they are here or it takes long."""
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

    def move_columns(self, by: int) -> None:
        """Move the cursor to another column, past those that are left out."""
        drawn = [number for number, size in enumerate(self._sizes) if size]
        if self.column not in drawn:
            return
        self.go_column(drawn[min(max(0, drawn.index(self.column) + by), len(drawn) - 1)])

    def go_column(self, column: int) -> None:
        if column == self.column:
            return
        self.column = column
        left = self.left
        self._show_column()
        if left != self.left:
            self.refresh()
        else:
            self.refresh(Region(0, 0, self.size.width, 1), self._region(self.row))
        self.post_message(self.Moved(self, row_changed=False))

    def _scroll_to_cursor(self) -> bool:
        """Move the window by half its height where the cursor has just left it, else around it; whether it moved."""
        height, last = self.rows_visible, max(0, self.source.total - self.rows_visible)
        top, half = min(max(0, self.top), last), self.rows_visible // 2
        if self.row == top + height:
            top += half
        elif self.row == top - 1:
            top -= height - half
        elif not top <= self.row < top + height:
            top = self.row - half
        top = min(max(0, top), last)
        moved, self.top = top != self.top, top
        return moved

    def _region(self, row: int) -> Region:
        return Region(0, row - self.top + 1, self.size.width, 1)

    # Layout

    def _lay_out(self) -> None:
        self._sizes = widths(self.columns, max(1, self.size.width - 2))
        if self.column < len(self._sizes) and not self._sizes[self.column]:
            self.column = next((number for number, size in enumerate(self._sizes) if size), 0)
        self.left = min(self.left, max(0, len(self.columns) - 1))
        if self._span(0, len(self._sizes)) <= self.size.width - 2:
            self.left = 0
        self._show_column()

    def _span(self, first: int, last: int) -> int:
        """Cells that columns ``first`` to ``last`` (excluded) take."""
        sizes = [size for size in self._sizes[first:last] if size]
        return sum(sizes) + max(0, len(sizes) - 1)

    def _show_column(self) -> None:
        self.left = min(self.left, self.column)
        while self.left < self.column and self._span(self.left, self.column + 1) > self.size.width - 2:
            self.left += 1

    def on_resize(self) -> None:
        self._lay_out()
        self._scroll_to_cursor()
        self.refresh()
        self.want()

    def on_focus(self) -> None:
        self.refresh(Region(0, 0, self.size.width, 1), self._region(self.row))

    def on_blur(self) -> None:
        self.refresh(Region(0, 0, self.size.width, 1), self._region(self.row))

    # Drawing

    def render_line(self, y: int) -> Strip:
        if y == 0:
            return self._header()
        index = self.top + y - 1
        if index >= self.source.total:
            return self.strip([(f" {self.empty}" if self.source.total == 0 and y == 2 else "", "dim")])
        line = self.source.line(index)
        over = "cursor" if index == self.row else ""
        if line is None:
            self._has_gaps = True
            return self.strip([(f" {self.glyphs.wait}", "dim")], over=over)
        return self._row(line, index, y, over)

    def _visible(self) -> list[tuple[int, int]]:
        """Numbers and widths of the columns that are drawn."""
        return [(number, size) for number, size in enumerate(self._sizes) if size and number >= self.left]

    def _header(self) -> Strip:
        parts = [(" ", "dim")]
        for number, size in self._visible():
            column = self.columns[number]
            title = column.title
            if self.sorted_by.lstrip("-") == column.key and self.sorted_by:
                title += self.glyphs.down if self.sorted_by.startswith("-") else self.glyphs.up
            tone = "current" if number == self.column and self.has_focus else "dim"
            parts += [(fit(title, size, column.align, self.glyphs.ellipsis), tone), (" ", "dim")]
        return self.strip(parts[:-1])

    def _row(self, line: Line, index: int, y: int, over: str) -> Strip:
        parts = [(self.glyphs.mark if line.key in self.marked else " ", "accent")]
        for number, size in self._visible():
            tone = line.tones[number] if number < len(line.tones) else "plain"
            if index == self.row and number == self.column and self.has_focus:
                tone = "cell"
            parts += [(self._cell(line, number, size), tone), (" ", "")]
        thumb = [(self.glyphs.thumb if self._is_thumb(y) else " ", "plain")]
        return self.strip(_joined(parts[:-1]), thumb, over=over)

    def _cell(self, line: Line, number: int, size: int) -> str:
        text = line.cells[number] if number < len(line.cells) else ""
        column = self.columns[number]
        if column.is_bar:
            text = bar(float(text), size, self.glyphs.eighths)
        return fit(text, size, column.align, self.glyphs.ellipsis)

    def _is_thumb(self, y: int) -> bool:
        height, total = self.rows_visible, self.source.total
        if total <= height:
            return False
        size = max(1, height * height // total)
        first = (height - size) * self.top // max(1, total - height)
        return first <= y - 1 < first + size

    # The mouse

    def on_click(self, event: events.Click) -> None:
        if event.y == 0 or self.top + event.y - 1 >= self.source.total:
            return
        edge = 1
        for number, size in self._visible():
            edge += size + 1
            if event.x < edge:
                self.go_column(number)
                break
        self.go(self.top + event.y - 1)
        if event.chain == 2:
            self.post_message(self.Opened(self))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move_rows(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move_rows(-3)


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Fewer and longer runs: blanks take the tone beside them, but for that of the cursor's cell."""
    runs: list[Part] = []
    for text, tone in parts:
        last_text, last = runs[-1] if runs else ("", "")
        is_blank = not text.strip() and tone != "cell"
        if runs and last != "cell" and (tone == last or is_blank or not last_text.strip()):
            runs[-1] = (last_text + text, last if is_blank else tone or "plain")
        elif runs and last == "cell" == tone:
            runs[-1] = (last_text + text, tone)
        else:
            runs.append((text, tone or "plain"))
    return runs
