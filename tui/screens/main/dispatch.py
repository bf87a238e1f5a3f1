"""From a key to what it does here: by the key table, by the view in sight, or by a mode that lasts a while.

Not by Textual's bindings: those are looked up when a key has come back to the application, behind keys that came with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol

from tui.keymap import BY_ID, STEPS, VIEWS, Action
from tui.model.exploration import Exploration
from tui.screens.main.filter_input import FilterInput
from tui.screens.main.speaking import Speaking
from tui.views.view import View
from tui.widgets.rows import RowWindow

Command = Callable[[], None]


class HasCommands(Protocol):
    """The screen whose keys these are."""

    @property
    def state(self) -> Exploration: ...

    @property
    def view(self) -> View: ...

    @property
    def typing(self) -> FilterInput: ...

    @property
    def speaking(self) -> Speaking: ...

    def say(self, text: str, tone: str = "accent") -> None: ...

    def show_keys(self) -> None: ...

    def look_at(self, view: str) -> None: ...

    def count_move(self, grid: RowWindow) -> None: ...

    def moved(self) -> None: ...


class Dispatch:
    """Does actions. ``mode`` holds what some do instead for a while, as when the histogram is brushed."""

    def __init__(self, screen: HasCommands, groups: Sequence[object]) -> None:
        self._screen = screen
        self.keys: Mapping[str, Action] = {key: action for action in screen.state.actions for key in action.keys}
        self.commands: Mapping[str, Command] = {**self._turns(), **_named_commands(groups)}
        self.mode: dict[str, Command] = {}
        self.followed: tuple[RowWindow, int] | None = None
        """The row that a key has led to, which its table is still to tell of."""

    def _turns(self) -> dict[str, Command]:
        """For each view, what shows it; some have a command that does more."""
        return {f"view_{view}": partial(self._screen.look_at, view) for view in VIEWS}

    def action_of(self, names: Iterable[str]) -> Action | None:
        """The action of a key that has these names."""
        return next((self.keys[name] for name in names if name in self.keys), None)

    def do(self, id_: str) -> None:
        """Do what was chosen by another way than its key, which may also be done while a filter is typed."""
        if self._screen.typing.is_typing:
            self._screen.typing.leave()
        self.perform(BY_ID[id_])

    def perform(self, action: Action) -> None:
        """Do what an action means in this view."""
        screen = self._screen
        if action.id in self.mode:
            self.mode[action.id]()
            return
        if self.mode:
            self.mode["back"]()
        if action.id not in STEPS or screen.speaking.is_read:
            screen.show_keys()
        if screen.state.question.view not in action.views:
            names = ", ".join(BY_ID[f"view_{view}"].label for view in action.views)
            screen.say(f"{action.label}: only in {names}", "warn")
            return
        view, before = screen.view, screen.view.table.row
        self.followed = None
        (view.commands.get(action.id) or self.commands[action.id])()
        if screen.view is view and view.table.row != before:
            screen.count_move(view.table)
            screen.moved()
            self.followed = view.table, view.table.row

    def set_mode(self, mode: dict[str, Command]) -> None:
        self.mode = mode
        self._screen.show_keys()


def _named_commands(groups: Sequence[object]) -> dict[str, Command]:
    """What each action of the key table does: the public methods of the classes of commands, by name."""
    found: dict[str, Command] = {}
    for group in groups:
        for name, method in vars(type(group)).items():
            if name in BY_ID and callable(method):
                assert name not in found, f"two classes of commands do {name}"
                found[name] = getattr(group, name)
    return found
