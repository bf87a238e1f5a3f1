"""Handing over: clipboard, marks, exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class Keeping:
    """The commands of the group "Handing over"; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
