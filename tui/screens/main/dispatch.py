"""From a key to what it does here: by the key table, by the view in sight, or by a mode that lasts a while.

Not by Textual's bindings: those are looked up when a key has come back to the application, behind keys that came with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol

from tui.keymap import BY_ID, OF_BARS, OF_ROWS, STEPS, VIEWS, Action
from tui.model.exploration import Exploration
from tui.screens.main.filter_input import FilterInput
from tui.screens.main.footer import Footer
from tui.screens.main.speaking import Speaking
from tui.views.entries.view import EntriesView
from tui.views.view import View
from tui.widgets.histogram import LogHistogram
from tui.widgets.rows import RowWindow

Command = Callable[[], None]

WAITING = "waits for the first rows"
_SIDEWAYS = frozenset({"move_left", "move_right"})
_UP = frozenset({"move_up", "page_up", "half_up", "top"})
"""Steps away from the newest row, which is in view at first: who takes one wants to stay there, also on the first row."""


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

    @property
    def footer(self) -> Footer: ...

    @property
    def entries(self) -> EntriesView: ...

    @property
    def histogram(self) -> LogHistogram: ...

    @property
    def is_expecting_rows(self) -> bool: ...

    def say(self, text: str, tone: str = "accent") -> None: ...

    def take_back(self, text: str) -> None: ...

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
        self.waiting: deque[Action] = deque()
        """What was asked for of rows that are still to come."""
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
        if self.waiting and action.id == "back":
            self.waiting.clear()
            screen.say("no longer waits for rows", "dim")
            return
        if self._is_early(action):
            self.waiting.append(action)
            screen.say(f"{action.label}: {WAITING}", "dim")
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
        elif screen.view is view and action.id in _UP:
            screen.count_move(view.table)
        if action.id in _SIDEWAYS:
            screen.footer.follow()  # in the frame of the key

    def _is_early(self, action: Action) -> bool:
        """Whether an action is about rows that are still to come."""
        screen = self._screen
        if action.id not in OF_ROWS or not screen.is_expecting_rows:
            return False
        has_rows = bool(screen.view.table.source.total) if action.id not in OF_BARS else bool(screen.entries.total)
        return not has_rows or (action.id in OF_BARS and screen.histogram.bars is None)

    def go_on(self) -> None:
        """Do what waited for rows, now that they are here, or will not come."""
        while self.waiting and not self._is_early(self.waiting[0]):
            action = self.waiting.popleft()
            self._screen.take_back(f"{action.label}: {WAITING}")
            self.perform(action)

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
