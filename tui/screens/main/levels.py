"""Changes of the question: another one, undone and redone, one level down and up again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from textual.timer import Timer

from parsing.filters import Filter, parse
from parsing.safe_text import safe
from tui.model.exploration import Exploration
from tui.model.question import ScreenQuestion
from tui.screens.main.filter_input import FilterInput
from tui.views.entries.view import EntriesView
from tui.views.view import View

LATE = 0.15
"""Seconds that an answer may take before it is said that what is shown is of the question before."""


class HasLevels(Protocol):
    """The screen whose question changes."""

    @property
    def state(self) -> Exploration: ...

    @property
    def views(self) -> Mapping[str, View]: ...

    @property
    def view(self) -> View: ...

    @property
    def entries(self) -> EntriesView: ...

    @property
    def typing(self) -> FilterInput: ...

    def say(self, text: str, tone: str = "accent") -> None: ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer: ...

    def look_at(self, view: str) -> None: ...

    def show_view(self) -> None: ...

    def show_lines(self) -> None: ...

    def ask(self, *, is_refresh: bool = False, is_return: bool = False) -> None: ...


@dataclass(frozen=True, slots=True)
class Level:
    """A question from which one went down to ``below``; ``is_open`` says that the side pane was open by then."""

    question: ScreenQuestion
    below: ScreenQuestion
    is_open: bool


class Levels:
    """Changes of the question. One that goes down, as narrowing does, is remembered: Esc goes back up."""

    def __init__(self, screen: HasLevels) -> None:
        self._screen = screen
        self.above: list[Level] = []
        """The questions from which one went down."""
        self.is_late = False
        """Whether the answer takes so long that what is shown has to be said to be of the question before."""
        self._lateness: Timer | None = None

    def understood(self, text: str) -> Filter:
        """Parse filter text that is not being typed. While reading goes on, an unknown name may be a field to come.

        Raises ``FilterError``.
        """
        state = self._screen.state
        unknown: Literal["refuse", "accept"] = "accept" if state.is_reading else "refuse"
        return parse(text, tz=state.notation.tz, custom=state.fields, unknown_fields=unknown)

    def rename_preset(self, name: str) -> None:
        """The question goes by another name from now on, or by none."""
        self._screen.state.history.rename(name)
        self._screen.show_lines()

    def change(self, question: ScreenQuestion, said: str = "", *, is_same_level: bool = False) -> None:
        """Ask another question; what was done is said as filter text.

        Where it is on the same level, as with another order or span, Esc still leads up from it.
        """
        screen = self._screen
        screen.entries.remember_place()
        if screen.state.history.ask(question):
            if is_same_level and self.above:
                self.above[-1] = replace(self.above[-1], below=question)
            else:
                self.above.clear()
            self._asked_another()
            if said:
                screen.say(said)
        elif said:
            screen.say("that is what is asked already", "dim")

    def go_down(self, question: ScreenQuestion, said: str = "", *, is_return: bool = False) -> None:
        """Ask a question one level below this one, to which Esc goes back up."""
        screen, before = self._screen, self._screen.state.question
        screen.entries.remember_place()
        if screen.state.history.ask(question):
            self.above.append(Level(before, question, is_open=self._is_detail_open))
            self._asked_another(is_return=is_return)
            screen.say(said)
        else:
            screen.say("that is what is asked already", "dim")

    @property
    def _is_detail_open(self) -> bool:
        view = self._screen.view
        return view.is_of_entries and view.is_open

    def go_up(self, *, is_newest: bool = False) -> bool:
        """Back to the question from which one went down, through the view one went down to; whether there was one.

        With ``is_newest`` only where going down came after all else that Esc takes back here: in this view, with the
        detail open.
        """
        screen = self._screen
        level = self.above[-1] if self.above else None
        if level is None or (is_newest and not (level.is_open and level.below.view == screen.state.question.view)):
            return False
        if level.below.view != screen.state.question.view:
            screen.look_at(level.below.view)
            return True
        screen.entries.remember_place()
        # Columns that were chosen in the meantime are wanted here too.
        if screen.state.history.ask(replace(self.above.pop().question, columns=screen.state.question.columns)):
            self._asked_another(is_return=True)
            text = screen.state.question.as_text(screen.state.notation.tz)
            screen.say(f"back: {safe(text) or 'every row'}")
        return True

    def undo(self) -> bool:
        self._screen.entries.remember_place()
        return self._went(self._screen.state.history.undo())

    def redo(self) -> bool:
        self._screen.entries.remember_place()
        return self._went(self._screen.state.history.redo())

    def _went(self, has_gone: bool) -> bool:
        if has_gone:
            self.above.clear()
            self._asked_another(is_return=True)
        return has_gone

    def _asked_another(self, *, is_return: bool = False) -> None:
        """The question is another one: show it and ask it; a return goes to the row that was left."""
        screen = self._screen
        screen.typing.show(screen.state.question)
        for view in screen.views.values():
            view.question_changed()
        self.is_late = False
        screen.show_view()
        screen.ask(is_return=is_return)
        if self._lateness is not None:
            self._lateness.stop()
        self._lateness = screen.set_timer(LATE, self._lapse)

    def _lapse(self) -> None:
        self.is_late = True
        if not self._screen.entries.is_counted:
            self._screen.show_lines()
