"""The explorer as a Textual application."""

from __future__ import annotations

import os

# Read by Textual when it is imported: one frame a key, whatever the link.
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from typing import ClassVar

from textual.app import App
from textual.binding import BindingType

from tui.glyphs import ASCII, UNICODE
from tui.keymap import remapped
from tui.options import Options
from tui.screens.main import MainScreen
from tui.themes import THEMES


class Explorer(App[None], inherit_bindings=False):
    """Opens the log set of the options and shows it."""

    TITLE = "dropline"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, options: Options) -> None:
        no_color = os.environ.get("NO_COLOR") is not None
        super().__init__(ansi_color=True if no_color else None)
        self.options = options
        self.glyphs = ASCII if options.ascii else UNICODE
        self.actions = remapped(options.keys)
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = "terminal" if no_color else options.theme or "dark"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return THEMES["dark"].variables

    def get_default_screen(self) -> MainScreen:
        return MainScreen(self.options, self.glyphs, self.actions)


def run(options: Options) -> int:
    """Run the explorer until the user leaves; the exit status."""
    explorer = Explorer(options)
    explorer.run(mouse=options.mouse is not False)
    return explorer.return_code or 0
