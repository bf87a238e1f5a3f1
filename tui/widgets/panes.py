"""A table with a pane that can be opened: below it on a narrow screen, at its side on a wide one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widget import Widget

from tui.glyphs import Glyphs
from tui.widgets.facts import Facts
from tui.widgets.grid import Grid

WIDE = 110
"""Columns from which the side pane fits at the side of the table."""


class Panes(Container):
    """``table`` and ``side``; what moves is the one that has the focus."""

    DEFAULT_CSS = """
    Panes { layout: vertical; }
    Panes > Facts { display: none; height: 58%; }
    Panes.-open > Facts { display: block; }
    Panes > .head { dock: top; height: auto; }
    Panes.-wide { layout: horizontal; }
    Panes.-wide > Facts { height: 1fr; width: 34%; max-width: 72; }
    """

    def __init__(self, glyphs: Glyphs, *, id: str, empty: str = "") -> None:  # noqa: A002
        super().__init__(id=id)
        self.table = Grid(glyphs, id=f"{id}-table", empty=empty)
        self.side = Facts(glyphs, id=f"{id}-side")
        self.head: tuple[Widget, ...] = ()

    def compose(self) -> ComposeResult:
        if self.head:
            yield Vertical(*self.head, classes="head")
        yield self.table
        yield self.side

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def focused(self) -> Grid | Facts:
        return self.side if self.side.has_focus else self.table

    def open_side(self, is_open: bool = True) -> None:
        if not is_open and self.side.has_focus:
            self.focus_table()
        self.set_class(is_open, "-open")

    def set_wide(self, is_wide: bool) -> None:
        self.set_class(is_wide, "-wide")
        self.side.edge = "left" if is_wide else "top"

    def focus_table(self) -> None:
        self.screen.set_focus(self.table, scroll_visible=False)

    def focus_side(self) -> None:
        self.screen.set_focus(self.side, scroll_visible=False)
