"""A line of text that can be typed: shows hostile text as pictures, never blinks, paints one line a key.

Textual's ``Input`` edits by bindings, which come after keys that arrive together with theirs, and draws what it holds as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from parsing.safe_text import safe
from tui.glyphs import Glyphs
from tui.model.fact import Part
from tui.widgets.toned import Toned

Highlighter = Callable[[str], Sequence[Part]]
"""The parts of a text, together the whole text, each with its tone."""

_PASSED = ("tab", "shift+tab", "up", "down", "escape", "pageup", "pagedown")
_WORD_ENDS = " :=<>~!(),&"


def plain(text: str) -> list[Part]:
    return [(text, "plain")]


class LineEdit(Toned, can_focus=True):
    """One line with a cursor. The screen hears of changes, Enter, Tab and the arrows up and down."""

    DEFAULT_CSS = "LineEdit { height: 1; }"

    @dataclass
    class Changed(Message):
        edit: LineEdit
        value: str

        @property
        def control(self) -> LineEdit:
            return self.edit

    @dataclass
    class Submitted(Message):
        edit: LineEdit
        value: str

        @property
        def control(self) -> LineEdit:
            return self.edit

    @dataclass
    class Pressed(Message):
        """A key that is not typing: ``tab``, ``shift+tab``, ``up``, ``down``, ``escape``, ``pageup``, ``pagedown``.

        At the ends of the line ``left``, ``right`` and ``delete`` too.
        """

        edit: LineEdit
        key: str

        @property
        def control(self) -> LineEdit:
            return self.edit

    def __init__(
        self,
        glyphs: Glyphs,
        *,
        id: str | None = None,  # noqa: A002
        value: str = "",
        hint: str = "",
        highlight: Highlighter = plain,
        is_proposed: bool = False,
    ) -> None:
        super().__init__(glyphs, id=id)
        self.value = value
        self.hint = hint
        self.cursor = len(value)
        self.highlight = highlight
        self.mistake: tuple[int, int] | None = None
        self.is_proposed = is_proposed and bool(value)
        """Whether the text is only proposed: what is typed replaces it, and a blank or a key that moves takes it."""
        self._left = 0

    def write(self, value: str, cursor: int | None = None) -> None:
        """Replace the text, without a message."""
        self.value = value
        self.cursor = len(value) if cursor is None else min(cursor, len(value))
        self.mistake = None
        self.refresh()

    def insert(self, text: str) -> None:
        if self.is_proposed and not text.startswith(" "):
            self._change(text, len(text))
            return
        self._change(self.value[: self.cursor] + text + self.value[self.cursor :], self.cursor + len(text))

    def _change(self, value: str, cursor: int) -> None:
        self.cursor = min(max(0, cursor), len(value))
        self.is_proposed = False
        if value != self.value:
            self.value = value
            self.mistake = None
            self.post_message(self.Changed(self, value))
        self.refresh()

    # Keys

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character is not None:
            self.insert(event.character)
        elif event.key in _PASSED or self._is_at_edge(event.key):
            self.post_message(self.Pressed(self, event.key))
        elif event.key == "enter":
            self.post_message(self.Submitted(self, self.value))
        elif not self._edit(event.key):
            return
        event.stop()
        event.prevent_default()

    def _is_at_edge(self, key: str) -> bool:
        at = 0 if key == "left" else len(self.value) if key in ("right", "delete") else -1
        return self.cursor == at

    def _edit(self, key: str) -> bool:
        value, cursor = self.value, self.cursor
        if self.is_proposed and key in ("backspace", "ctrl+h"):
            self._change("", 0)
        elif key in ("backspace", "ctrl+h"):
            self._change(value[: max(0, cursor - 1)] + value[cursor:], cursor - 1)
        elif key in ("delete", "ctrl+d"):
            self._change(value[:cursor] + value[cursor + 1 :], cursor)
        elif key in ("ctrl+w", "alt+backspace", "ctrl+backspace"):
            start = self._word_start()
            self._change(value[:start] + value[cursor:], start)
        elif key == "ctrl+u":
            self._change(value[cursor:], 0)
        elif key == "ctrl+k":
            self._change(value[:cursor], cursor)
        else:
            moves = {"left": cursor - 1, "right": cursor + 1, "home": 0, "end": len(value), "ctrl+e": len(value)}
            moves |= {"ctrl+left": self._word_start(), "ctrl+right": self._word_end()}
            if key not in moves:
                return False
            self._change(value, moves[key])
        return True

    def _word_start(self) -> int:
        index = self.cursor
        while index and self.value[index - 1] in _WORD_ENDS:
            index -= 1
        while index and self.value[index - 1] not in _WORD_ENDS:
            index -= 1
        return index

    def _word_end(self) -> int:
        index = self.cursor
        while index < len(self.value) and self.value[index] in _WORD_ENDS:
            index += 1
        while index < len(self.value) and self.value[index] not in _WORD_ENDS:
            index += 1
        return index

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert(" ".join(event.text.splitlines()))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        cells = [cell_len(safe(char)) for char in self.value]
        reached = -self._left
        for index, width in enumerate([*cells, 1]):
            reached += width
            if event.x < reached:
                self._change(self.value, index)
                return
        self._change(self.value, len(self.value))

    # Drawing

    def cell_of(self, index: int) -> int:
        """Where in the widget a character is."""
        return cell_len("".join(safe(char) for char in self.value[:index])) - self._left

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        if not self.value and not self.has_focus:
            hint = self.hint if len(self.hint) <= self.size.width else self.hint.partition(";")[0]
            return self.strip([(hint, "dim")])
        parts = self._parts()
        if not self.has_focus:
            return self.strip(parts)
        width = self.size.width
        at = cell_len("".join(safe(char) for char in self.value[: self.cursor]))
        self._left = min(max(0, self._left, at - width + 2), at)
        if cell_len("".join(text for text, _ in parts)) < width:
            self._left = 0
        strip = Strip(self.segments(parts, ""))
        return strip.crop_extend(self._left, self._left + width, self.tone("plain")).simplify()

    def _parts(self) -> list[Part]:
        """The text as it is shown: highlighted, the mistake underlined, the cursor on its character."""
        tones = [tone for text, tone in self.highlight(self.value) for _ in text][: len(self.value)]
        tones += ["plain"] * (len(self.value) - len(tones))
        if self.mistake is not None:
            for index in range(self.mistake[0], min(self.mistake[1], len(tones))):
                tones[index] = "error+current"
        if self.is_proposed and self.has_focus:
            tones = [f"{tone.partition('+')[0]}+cell" for tone in tones]
        shown = [(safe(char), tone) for char, tone in zip(self.value, tones, strict=True)]
        if self.has_focus:
            shown.append((" ", "plain"))
            text, tone = shown[self.cursor]
            shown[self.cursor] = (text, f"{tone.partition('+')[0]}+cell")
        return shown
