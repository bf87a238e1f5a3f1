"""The program: commands, colours, help, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.keymap import ASK, BY_ID, GROUPS, KEEP, LOOK, MOVE, PROGRAM, shown_keys
from tui.screens.modal import Choice, Picker, Reader
from tui.themes import DESCRIPTIONS
from tui.widgets.cells import Column
from tui.widgets.facts import Fact, heading
from tui.wording import FILTER_HELP

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

_COMMANDS = (
    Column("label", "command", 18, 15, 0),
    Column("key", "key", 12, 11, 0),
    Column("help", "", 50, 20, 1),
)
_THEMES = (Column("name", "name", 12), Column("what", "", 40, 20, 1))


_HELP_ORDER = (ASK, LOOK, KEEP, MOVE, PROGRAM)
"""What is asked for most comes first; moving is known from elsewhere."""


class Program:
    """The commands of the group "The program"; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def palette(self) -> None:
        screen, clean = self._screen, self._screen.glyphs.clean
        choices = [
            Choice(
                action.id, (action.label, clean(shown_keys(action)), action.help), ("strong", "key", "dim"), action.help
            )
            for action in sorted(screen.actions, key=lambda action: action.group == MOVE)
            if screen.question.view in action.views and action.id != "palette"
        ]
        picker = Picker(screen.glyphs, "Commands", _COMMANDS, choices)
        screen.app.push_screen(picker, lambda chosen: screen.choose(BY_ID[chosen]) if chosen else None)

    def theme(self) -> None:
        screen = self._screen
        choices = [Choice(name, (name, what), ("strong", "dim")) for name, what in DESCRIPTIONS.items()]
        picker = Picker(screen.glyphs, "Colours", _THEMES, choices)
        screen.app.push_screen(picker, lambda chosen: setattr(screen.app, "theme", chosen) if chosen else None)

    def help(self) -> None:
        screen, clean = self._screen, self._screen.glyphs.clean
        facts: list[Fact] = []
        palette = screen.keyed("{palette}")
        for group in sorted(GROUPS, key=_HELP_ORDER.index):
            mine = [
                action for action in screen.actions if action.group == group and screen.question.view in action.views
            ]
            facts.append(heading(group))
            facts += [Fact(clean(shown_keys(action)) or palette, ((action.help, "plain"),)) for action in mine]
            facts.append(Fact("", (("", "plain"),)))
            if group == ASK:
                facts.append(heading("Filters"))
                facts += [Fact(text, ((meaning, "plain"),)) for text, meaning in FILTER_HELP]
                facts.append(Fact("", (("", "plain"),)))
        screen.app.push_screen(Reader(screen.glyphs, "Help", facts, screen.actions))

    def redraw(self) -> None:
        self._screen.call_later(self._screen.app.run_action, "repaint")

    def quit(self) -> None:
        self._screen.leave()
