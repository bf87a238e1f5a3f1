"""A list of facts that wraps and scrolls: the detail of a row, an explanation, the help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from tui.glyphs import Glyphs
from tui.model.fact import Fact, Part
from tui.widgets.cells import fit
from tui.widgets.toned import Toned


def wrap_parts(parts: Sequence[Part], width: int) -> list[list[Part]]:
    """Toned text in lines of at most ``width`` cells, broken at blanks.

    A word that fits on no line, as a long path, begins where it stands unless the blank before it is near the end.
    """
    chars = [(char, tone) for text, tone in parts for char in text]
    lines: list[list[Part]] = []
    start = 0
    while start < len(chars):
        end = _line_end(chars, start, max(1, width))
        lines.append(_runs(chars[start:end]))
        start = end
        while start < len(chars) and chars[start][0] == " " and end < len(chars):
            start += 1
    return lines or [[]]


def _line_end(chars: Sequence[Part], start: int, width: int) -> int:
    used = 0
    for index in range(start, len(chars)):
        used += 1 if chars[index][0].isascii() else cell_len(chars[index][0])
        if used > width:
            end = max(index, start + 1)
            blank = next((back for back in range(end, start, -1) if chars[back][0] == " "), start)
            is_near = blank > start + (end - start) * 2 // 3
            return blank if is_near or (blank > start and _fits(chars, blank + 1, width)) else end
    return len(chars)


def _fits(chars: Sequence[Part], start: int, width: int) -> bool:
    """Whether the word that begins here fits on a line."""
    used = 0
    for char, _ in chars[start : start + width + 1]:
        if char == " ":
            return True
        used += cell_len(char)
    return used <= width


def _runs(chars: Sequence[Part]) -> list[Part]:
    runs: list[Part] = []
    for char, tone in chars:
        if runs and runs[-1][1] == tone:
            runs[-1] = (runs[-1][0] + char, tone)
        else:
            runs.append((char, tone))
    return runs


class Facts(Toned, can_focus=True):
    """Draws facts. With the focus, a cursor moves over those that can be chosen; else it scrolls."""

    MOST_LABEL = 20

    @dataclass
    class FactOpened(Message):
        """A fact was clicked twice."""

        fact: Fact

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self.facts: tuple[Fact, ...] = ()
        self.cursor = 0
        self.top = 0
        self.is_wrapped = True
        self.title = ""
        self.edge = ""
        self.label = 0
        """The least cells for labels, so that facts of different rows stand in the same columns."""
        self._lines: list[tuple[int, list[Part]]] = []

    @property
    def current(self) -> Fact | None:
        return self.facts[self.cursor] if self.cursor < len(self.facts) else None

    @property
    def rows_visible(self) -> int:
        return max(1, self.size.height - (self.edge == "top"))

    @property
    def text(self) -> str:
        """What is said, for tests and for copying."""
        return "\n".join(f"{fact.label} {''.join(text for text, _ in fact.parts)}".strip() for fact in self.facts)

    def show(self, facts: Sequence[Fact], *, keep: bool = False) -> None:
        """Show other facts; ``keep`` leaves cursor and window where they are."""
        if tuple(facts) == self.facts:
            return
        self.facts = tuple(facts)
        if not keep:
            self.cursor = self.top = 0
        self.cursor = min(self.cursor, max(0, len(self.facts) - 1))
        self._lay_out()
        self.refresh()

    def wrap(self, is_wrapped: bool) -> None:
        self.is_wrapped = is_wrapped
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        width = max(1, self.size.width - 2 - (self.edge == "left"))
        widest = max((cell_len(fact.label) for fact in self.facts), default=0)
        label = min(self.MOST_LABEL, max(self.label, widest), width // 2)
        self._lines = []
        for number, fact in enumerate(self.facts):
            room = width - label - 1 if fact.label else width
            lines = wrap_parts(fact.parts, room) if self.is_wrapped else [list(fact.parts)]
            lines += [[]] * (fact.least - len(lines))
            for index, parts in enumerate(lines):
                start = fit(fact.label if index == 0 else "", label, ellipsis=self.glyphs.ellipsis) + " "
                self._lines.append((number, [(start, "dim"), *parts] if fact.label else parts))
        self.top = min(self.top, max(0, len(self._lines) - self.rows_visible))

    def on_resize(self) -> None:
        self._lay_out()
        self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self.edge == "top":
            if y == 0:
                return self._rule()
            y -= 1
        border = [(f"{self.glyphs.upright} ", "dim")] if self.edge == "left" else [(" ", "plain")]
        index = self.top + y
        if index >= len(self._lines):
            return self.strip(border)
        number, parts = self._lines[index]
        over = "cursor" if self.has_focus and number == self.cursor else ""
        more = y == self.rows_visible - 1 and index < len(self._lines) - 1
        return self.strip([*border, *parts], [(self.glyphs.down if more else " ", "dim")], over=over)

    def _rule(self) -> Strip:
        title = f" {self.title} " if self.title else ""
        tone = "current" if self.has_focus else "dim"
        rest = self.glyphs.across * max(0, self.size.width - cell_len(title) - 2)
        return self.strip([(self.glyphs.across * 2, "dim"), (title, tone), (rest, "dim")])

    # Moving

    def move_rows(self, by: int) -> None:
        self.go(self.cursor + by)

    def go(self, number: int) -> None:
        number = min(max(0, number), max(0, len(self.facts) - 1))
        old, self.cursor = self.cursor, number
        rows = [index for index, (fact, _) in enumerate(self._lines) if fact == number]
        if not rows:
            return
        top, height = self.top, self.rows_visible
        if rows[0] < top:
            self.top = max(0, min(rows[0], top - height // 2))
        elif rows[-1] >= top + height:
            self.top = min(max(rows[-1] - height + 1, top + height // 2), rows[0], max(0, len(self._lines) - height))
        if top != self.top:
            self.refresh()
        else:
            self.refresh(*(self._region(fact) for fact in {old, number}))

    def _region(self, number: int) -> Region:
        offset = (self.edge == "top") - self.top
        rows = [index + offset for index, (fact, _) in enumerate(self._lines) if fact == number]
        return Region(0, rows[0], self.size.width, len(rows)) if rows else Region()

    def page(self, by: float) -> None:
        """Scroll by pages; the cursor comes along."""
        height = self.rows_visible
        last = max(0, len(self._lines) - height)
        self.top = min(max(0, self.top + int(height * by)), last)
        inside = [fact for fact, _ in self._lines[self.top : self.top + height]]
        if inside and self.cursor not in inside:
            self.cursor = inside[0] if by > 0 else inside[-1]
        elif inside and self.top in (0, last):
            self.cursor = inside[-1] if by > 0 else inside[0]
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y - (self.edge == "top")
        if 0 <= index < len(self._lines):
            self.go(self._lines[index][0])
            if event.chain == 2 and self.current:
                self.post_message(self.FactOpened(self.current))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.page(0.3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.page(-0.3)
