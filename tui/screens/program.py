"""The program: commands, colours, help, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class Program:
    """The commands of the group "The program"; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def redraw(self) -> None:
        self._screen.app.refresh(layout=True)

    def quit(self) -> None:
        self._screen.app.exit()
