"""Moving: rows, columns, pages, and to a time."""

from __future__ import annotations

from tui.commands.protocols import Shows
from tui.widgets.grid import Grid


class Moving:
    """The commands of the group "Moving"; each is named after its action."""

    def __init__(self, screen: Shows) -> None:
        self._screen = screen

    def move_down(self) -> None:
        self._screen.view.focused.move_rows(1)

    def move_up(self) -> None:
        self._screen.view.focused.move_rows(-1)

    def move_left(self) -> None:
        self._sideways(-1)

    def move_right(self) -> None:
        self._sideways(1)

    def _sideways(self, by: int) -> None:
        pane = self._screen.view.focused
        if isinstance(pane, Grid):
            pane.move_columns(by)

    def page_down(self) -> None:
        self._screen.view.focused.page(1)

    def page_up(self) -> None:
        self._screen.view.focused.page(-1)

    def half_down(self) -> None:
        self._screen.view.focused.page(0.5)

    def half_up(self) -> None:
        self._screen.view.focused.page(-0.5)

    def top(self) -> None:
        self._screen.view.focused.go(0)

    def end(self) -> None:
        pane = self._screen.view.focused
        pane.go(pane.source.total if isinstance(pane, Grid) else len(pane.facts))
