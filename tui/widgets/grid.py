"""A table of any number of rows: draws the columns of those that are in its window."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from tui.glyphs import Glyphs
from tui.model.column import Column, widths
from tui.model.fact import Part
from tui.model.line import Line
from tui.widgets.cells import fit
from tui.widgets.rows import RowWindow


class Grid(RowWindow):
    """Rows under a header, a cursor row with a cursor cell, and a mark on marked rows."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002
        super().__init__(glyphs, id=id, empty=empty)
        self.columns: tuple[Column, ...] = ()
        self.column = 0
        self.left = 0
        self.marked: frozenset[object] = frozenset()
        self.sorted_by = ""
        self.found = ""
        self._sizes: list[int] = []

    # Columns

    @property
    def current_column(self) -> Column | None:
        return self.columns[self.column] if self.column < len(self.columns) else None

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns; the cursor stays on its column where that remains."""
        key = self.current_column.key if self.current_column else ""
        self.columns = tuple(columns)
        keys = [column.key for column in self.columns]
        self.column = keys.index(key) if key in keys else min(self.column, max(0, len(keys) - 1))
        self._lay_out()
        self.refresh()

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
            title = self._sorted(column, size) if self.sorted_by.lstrip("-") == column.key else column.title
            tone = "current" if number == self.column and self.has_focus else "dim"
            parts += [(fit(title, size, column.align, self.glyphs.ellipsis), tone), (" ", "dim")]
        return self.strip(parts[:-1])

    def _sorted(self, column: Column, size: int) -> str:
        """A title with the arrow of its order, which shows also where the title does not fit."""
        arrow = self.glyphs.down if self.sorted_by.startswith("-") else self.glyphs.up
        room = size - cell_len(arrow) - 1
        title = column.title if cell_len(column.title) <= room else column.brief or column.title
        return f"{title if cell_len(title) <= room else fit(title, room, ellipsis=self.glyphs.ellipsis)} {arrow}"

    def _row(self, line: Line, index: int, y: int, over: str) -> Strip:
        parts = [(self.glyphs.mark if line.key in self.marked else " ", "accent")]
        for number, size in self._visible():
            tone = line.tones[number] if number < len(line.tones) else "plain"
            if index == self.row and number == self.column and self.has_focus:
                tone = "cell"
            parts += [*self._lit(self._cell(line, number, size), tone), (" ", "")]
        thumb = [(self.glyphs.thumb if self._is_thumb(y) else " ", "plain")]
        return self.strip(_joined(parts[:-1]), thumb, over=over)

    def _lit(self, text: str, tone: str) -> list[Part]:
        """A cell's text with what was found in it underlined."""
        if not self.found or tone == "cell":
            return [(text, tone)]
        parts: list[Part] = []
        end = 0
        for match in re.finditer(re.escape(self.found), text, re.IGNORECASE):
            parts += [(text[end : match.start()], tone), (match.group(), "current")]
            end = match.end()
        return [*parts, (text[end:], tone)]

    def is_cut(self, text: str) -> bool:
        """Whether no cell of the current row shows all of a text."""
        cells = self.current_line.cells if self.current_line else ()
        return not any(cell == text and cell_len(text) <= size for cell, size in zip(cells, self._sizes, strict=False))

    def show_found(self, text: str) -> None:
        """Underline a text wherever it is; it must be safe to show. An empty one ends that."""
        if text != self.found:
            self.found = text
            self.refresh()

    def _cell(self, line: Line, number: int, size: int) -> str:
        text = line.cells[number] if number < len(line.cells) else ""
        column = self.columns[number]
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
            self.post_message(self.RowOpened(self))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move_rows(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move_rows(-3)


_SEEN = ("cell", "current")


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Fewer and longer runs: blanks take the tone next to them, except those that would be seen on a blank."""
    runs: list[Part] = []
    for text, tone in parts:
        last_text, last = runs[-1] if runs else ("", "")
        is_blank = not text.strip() and tone not in _SEEN
        if runs and last not in _SEEN and (tone == last or is_blank or not last_text.strip()):
            runs[-1] = (last_text + text, last if is_blank else tone or "plain")
        elif runs and last == tone:
            runs[-1] = (last_text + text, tone)
        else:
            runs.append((text, tone or "plain"))
    return runs
