"""The program: commands, colours, help, leaving."""

from __future__ import annotations

from parsing.filters import filter_help
from tui.commands.protocols import Runs
from tui.dialogs import Choice, Picker
from tui.keymap import ASK, GROUPS, KEEP, LOOK, MOVE, PROGRAM, shown_keys
from tui.model.column import Column
from tui.model.fact import Fact, heading, said
from tui.themes import DESCRIPTIONS

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

    def __init__(self, screen: Runs) -> None:
        self._screen = screen

    def palette(self) -> None:
        screen, clean = self._screen, self._screen.state.glyphs.clean
        choices = [
            Choice(
                action.id, (action.label, clean(shown_keys(action)), action.help), ("strong", "key", "dim"), action.help
            )
            for action in sorted(screen.state.actions, key=lambda action: action.group == MOVE)
            if screen.state.question.view in action.views and action.id != "palette"
        ]
        picker = Picker(screen.state.glyphs, "Commands", _COMMANDS, choices)
        screen.push(picker, lambda chosen: screen.do(chosen) if chosen else None)

    def theme(self) -> None:
        screen = self._screen
        choices = [Choice(name, (name, what), ("strong", "dim")) for name, what in DESCRIPTIONS.items()]
        picker = Picker(screen.state.glyphs, "Colours", _THEMES, choices)
        screen.push(picker, lambda chosen: screen.set_theme(chosen) if chosen else None)

    def help(self) -> None:
        screen, clean = self._screen, self._screen.state.glyphs.clean
        listed = "An action with {palette} before its name is in the list of commands: {palette}, and its name."
        facts = [said(screen.state.keyed(listed), "dim")]
        for group in sorted(GROUPS, key=_HELP_ORDER.index):
            mine = [
                action
                for action in screen.state.actions
                if action.group == group and screen.state.question.view in action.views
            ]
            facts.append(heading(group))
            facts += [
                Fact(
                    clean(shown_keys(action)) or screen.state.keyed(f"{{{action.id}}}"),
                    ((f"{action.label}  ", "strong"), (action.help, "plain")),
                )
                for action in mine
            ]
            facts.append(Fact("", (("", "plain"),)))
            if group == ASK:
                facts.append(heading("Filters"))
                facts += [Fact(text, ((meaning, "plain"),)) for text, meaning in filter_help()]
                facts.append(Fact("", (("", "plain"),)))
        screen.read("Help", facts)

    def redraw(self) -> None:
        self._screen.repaint()

    def quit(self) -> None:
        self._screen.leave()
