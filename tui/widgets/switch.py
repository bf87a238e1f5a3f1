"""A choice of yes or no in a dialog: a box with a cross, and what it is about."""

from __future__ import annotations

from textual import events
from textual.strip import Strip

from tui.glyphs import Glyphs
from tui.widgets.toned import Toned


class Switch(Toned, can_focus=True):
    """``[x] pseudonyms``: a blank or a click turns it; other keys are for the dialog."""

    DEFAULT_CSS = "Switch { height: 1; }"

    def __init__(self, glyphs: Glyphs, label: str, *, is_on: bool = False) -> None:
        super().__init__(glyphs)
        self.label = label
        self.is_on = is_on

    def turn(self) -> None:
        self.is_on = not self.is_on
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        if event.key == "space":
            event.stop()
            event.prevent_default()
            self.turn()

    def on_click(self) -> None:
        self.focus()
        self.turn()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        box = f"[{'x' if self.is_on else ' '}]"
        return self.strip([(box, "cell" if self.has_focus else "key"), (f" {self.label}", "plain")])
