"""What could be typed at the cursor, in a box below the filter bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from parsing.safe_text import safe
from parsing.wording import count
from tui.glyphs import Glyphs
from tui.model.fact import Part
from tui.widgets.cells import fit
from tui.widgets.toned import Toned

if TYPE_CHECKING:
    from parsing.filters import Completion, Suggestion

MOST = 8


class Suggestions(Toned):
    """Draws a completion. ``chosen`` is the number of a suggestion, -1 while none is chosen."""

    DEFAULT_CSS = """
    Suggestions {
        layer: above;
        display: none;
        width: 70;
        max-width: 96%;
        height: auto;
        offset: 3 2;
        background: $panel;
    }
    Suggestions.-open { display: block; }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self.completion: Completion | None = None
        self.chosen = -1
        self._first = 0

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        return self.completion.suggestions if self.completion else ()

    @property
    def current(self) -> Suggestion | None:
        """The chosen suggestion, else the first."""
        return self.suggestions[max(0, self.chosen)] if self.suggestions else None

    def show(self, completion: Completion | None, at: int = 0) -> None:
        """Show a completion, its box under column ``at``; ``None`` closes it."""
        self.completion = completion
        self.chosen, self._first = -1, 0
        self.set_class(bool(self.suggestions), "-open")
        if self.suggestions:
            self.styles.height = min(MOST, len(self.suggestions))
            self.styles.offset = (min(at, max(0, self.app.size.width - 70)), 2)
            self.refresh()

    def choose(self, by: int) -> None:
        self.chosen = min(max(-1, self.chosen + by), len(self.suggestions) - 1)
        self._first = min(max(self._first, self.chosen - MOST + 1), max(0, self.chosen))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        index = self._first + y
        if index >= len(self.suggestions):
            return self.strip([])
        known = self.suggestions[index]
        counted = f" {count(known.count)} " if known.count is not None else " "
        room = self.size.width - len(counted) - 1
        text = safe(known.text)
        name = fit(text, min(max(24, cell_len(text)), room), ellipsis=self.glyphs.ellipsis)
        parts: list[Part] = [(f" {name}", "strong"), (f" {safe(known.hint)}", "dim")]
        return self.strip(parts, [(counted, "accent")], over="cursor" if index == self.chosen else "")
