"""What all drawn widgets share: styles by tone, and lines of toned parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.glyphs import Glyphs
from tui.model.fact import Part
from tui.themes import TONES
from tui.widgets.cells import fit


class Toned(Widget):
    """A widget that draws lines of text in tones. Every segment has a style, as ``NO_COLOR`` needs it."""

    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "toned--cursor",
        "toned--cell",
        "toned--current",
        "toned--strong",
        *(f"toned--{tone}" for tone in TONES),
    }
    DEFAULT_CSS = """
    Toned { width: 1fr; height: 1fr; background: $background; color: $tone-plain; }
    Toned > .toned--cursor { background: $cursor; text-style: $cursor-text-style; }
    Toned > .toned--cell { background: $cell; color: $cell-text; text-style: $cell-text-style; }
    Toned > .toned--current { color: $tone-accent; text-style: bold underline; }
    Toned > .toned--strong { color: $tone-plain; text-style: bold; }
    """ + "\n".join(f"Toned > .toned--{tone} {{ color: $tone-{tone}; }}" for tone in TONES)

    def __init__(self, glyphs: Glyphs, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.glyphs = glyphs
        self._styles: dict[tuple[str, str], Style] = {}

    def tone(self, name: str, over: str = "") -> Style:
        """The style of a tone, with the background and attributes of ``over`` where that is given.

        The cell under the cursor keeps its own ground: it has to stand out of the cursor's row.
        """
        style = self._styles.get((name, over))
        if style is None:
            style = self.get_component_rich_style(f"toned--{name}")
            if over and name != "cell":
                style += self.get_component_rich_style(f"toned--{over}", partial=True)
            self._styles[name, over] = style
        return style

    def notify_style_update(self) -> None:
        self._styles.clear()
        super().notify_style_update()

    def strip(self, parts: Iterable[Part], right: Sequence[Part] = (), *, over: str = "") -> Strip:
        """One line of exactly the widget's width; what does not fit is cut on the left, so that the right is whole."""
        width = self.size.width
        tail = self.segments(right, over)
        room = width - Strip(tail).cell_length
        if room < 0:
            tail, room = [], width
        head = Strip(self.segments(parts, over))
        if head.cell_length > room:
            head = head.crop(0, max(0, room - 1)).extend_cell_length(max(0, room - 1), self.tone("plain", over))
            head = Strip([*head, Segment(fit(self.glyphs.ellipsis, 1), self.tone("dim", over))]) if room else Strip([])
        head = head.extend_cell_length(room, self.tone("plain", over))
        return Strip([*head, *tail]).simplify().crop(0, width)

    def segments(self, parts: Iterable[Part], over: str) -> list[Segment]:
        segments = []
        for text, tone in parts:
            name, _, ground = tone.partition("+")
            segments.append(Segment(text, self.tone(name, ground or over)))
        return segments


class Button(NamedTuple):
    """A part of a line that can be clicked, and the action that it stands for."""

    text: str
    tone: str
    action: str


class OneLine(Toned):
    """A line of text with something at its right end; painted only when it has changed."""

    DEFAULT_CSS = "OneLine { height: 1; }"

    @dataclass
    class Clicked(Message):
        """A button was clicked: the id of its action."""

        action: str

    def __init__(self, glyphs: Glyphs, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(glyphs, id=id, classes=classes)
        self.left: tuple[Part | Button, ...] = ()
        self.right: tuple[Part | Button, ...] = ()

    def say(self, left: Iterable[Part | Button], right: Iterable[Part | Button] = ()) -> None:
        said = tuple(left), tuple(right)
        if said != (self.left, self.right):
            self.left, self.right = said
            self.refresh()

    @property
    def text(self) -> str:
        return "".join(part[0] for part in (*self.left, *self.right))

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        return self.strip([part[:2] for part in self.left], [part[:2] for part in self.right])

    def on_click(self, event: events.Click) -> None:
        right = sum(cell_len(part[0]) for part in self.right)
        for parts, edge in ((self.right, self.size.width - right), (self.left, 0)):
            end = edge
            for part in parts:
                start, end = end, end + cell_len(part[0])
                if start <= event.x < end:
                    if isinstance(part, Button):
                        self.post_message(self.Clicked(part.action))
                    return
