"""The footer: the keys that matter here and now, where no sentence stands in their place."""

from __future__ import annotations

from typing import Protocol

from rich.cells import cell_len
from textual.geometry import Size

from tui.keymap import Action, footer_actions, shown_key
from tui.model.exploration import Exploration
from tui.model.fact import Part
from tui.screens.main.filter_input import FilterInput
from tui.screens.main.speaking import Speaking
from tui.views.view import View
from tui.widgets.toned import Button, OneLine

_TYPING = (("Tab", "takes"), ("Enter", "applies"), ("↑", "earlier"), ("^U", "clears"), ("Esc", "leaves it for later"))
"""Keys of the filter bar."""


class HasKeys(Protocol):
    """The screen whose keys these are."""

    @property
    def state(self) -> Exploration: ...

    @property
    def size(self) -> Size: ...

    @property
    def view(self) -> View: ...

    @property
    def typing(self) -> FilterInput: ...

    @property
    def speaking(self) -> Speaking: ...

    def line(self, id_: str) -> OneLine: ...


class Footer:
    """Shows what a new user needs until the first key, then the keys of the place one is in."""

    def __init__(self, screen: HasKeys) -> None:
        self._screen = screen
        self._is_new = True

    def show_keys(self) -> None:
        """Show keys, in place of a sentence."""
        self._is_new = False
        self._screen.speaking.said = ""
        _show_footer(self._screen)

    def follow(self) -> None:
        """Another pane, column or size: other keys may matter; a sentence stays."""
        if not self._screen.speaking.said:
            _show_hint(self._screen) if self._is_new else _show_footer(self._screen)


def _show_hint(screen: HasKeys) -> None:
    """The first line that a new user sees below."""
    known = {action.id: action for action in screen.state.actions}
    parts: list[Part | Button] = [(" ", "plain")]
    for id_ in ("help", "filter", "detail", "breakdown", "view_reasons", "presets", "palette"):
        if known[id_].keys:
            parts += _button(shown_key(known[id_].keys[0]), known[id_].label, id_)
    screen.line("footer").say(parts)


def _button(key: str, label: str, action: str) -> list[Part | Button]:
    return [Button(key, "key", action), Button(f" {label}", "dim", action), ("  ", "dim")]


def _label(action: Action, view: View) -> str:
    """What an action is called in a view."""
    return view.labels.get(action.id) or action.brief or action.label


def _show_footer(screen: HasKeys) -> None:
    """The keys that matter most here and now, as many as fit."""
    if screen.typing.is_typing:
        keys = [(screen.state.glyphs.clean(key), label) for key, label in _TYPING]
        typing: list[Part] = [part for key, label in keys for part in ((f" {key}", "key"), (f" {label} ", "dim"))]
        screen.line("footer").say(typing)
        return
    parts: list[Part | Button] = [(" ", "plain")]
    known = {action.id: action for action in screen.state.actions}
    end = _button(shown_key(known["help"].keys[0]), known["help"].label, "help")[:2] if known["help"].keys else []
    room = screen.size.width - 3 - sum(cell_len(part[0]) for part in end)
    for action in footer_actions(screen.state.actions, _place(screen)):
        if action.id == "undo" and not screen.state.history.before:
            continue
        key, label = shown_key(action.keys[0]), _label(action, screen.view)
        room -= cell_len(key) + cell_len(label) + 3
        if room < 0:
            break
        parts += _button(key, label, action.id)
    screen.line("footer").say(parts, [*end, (" ", "dim")])


def _place(screen: HasKeys) -> str:
    """Where the keys go, as the table of footers calls it."""
    view = screen.view
    if view.side.has_focus and view.is_of_entries:
        return "detail"
    column = view.table.current_column
    is_value = screen.state.question.view == "entries" and column is not None and column.key != "time"
    return "value" if is_value else screen.state.question.view
