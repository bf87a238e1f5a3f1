"""Looking closer: views, panes, explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters.grammar import only
from parsing.filters.tree import Filter
from parsing.safe_text import safe

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class Looking:
    """The commands of the group "Looking closer"; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def view_entries(self) -> None:
        self._look("entries")

    def view_reasons(self) -> None:
        self._look("reasons")

    def view_timeline(self) -> None:
        self._look("timeline")

    def view_sources(self) -> None:
        self._look("sources")

    def _look(self, view: str) -> None:
        screen = self._screen
        if screen.question.view == view:
            return
        screen.history.look(view)
        screen.show_view()
        if view == "reasons":
            screen.ask()

    def detail(self) -> None:
        """Open the row; a value or a file narrows."""
        screen = self._screen
        view = screen.question.view
        if view == "entries":
            if screen.entries.is_open and not screen.entries.side.has_focus:
                screen.entries.side.focus(scroll_visible=False)
            elif not screen.entries.is_open:
                screen.entries.open_side()
                screen.details.ask()
        else:
            self._narrow()

    def _narrow(self) -> None:
        screen = self._screen
        record = screen.view.record if hasattr(screen.view, "record") else None
        if record is None:
            return
        try:
            if screen.question.view == "sources":
                conditions = [only("source", record.name)]
            else:
                pairs = zip(screen.question.by, record.values, strict=True)
                conditions = [only(name, value) for name, value in pairs]
        except LogError as error:
            screen.fail("cannot filter by this value", error)
            return
        self._keep(conditions)

    def _keep(self, conditions: Sequence[Filter]) -> None:
        screen = self._screen
        question = screen.question
        for condition in conditions:
            question = question.narrowed(condition)
        screen.change(replace(question, view="entries"), f"added {safe(' '.join(str(part) for part in conditions))}")

    def back(self) -> None:
        """Close what is open, stop what is being computed, go one level up."""
        screen = self._screen
        if screen.view.side.has_focus:
            screen.view.focus_table()
        elif screen.question.view == "entries" and screen.entries.is_open:
            screen.entries.open_side(False)
        elif screen.answers.is_asking and screen.answers.cancel():
            screen.say("stopped; what came so far is shown", "warn")
        elif screen.question.view != "entries":
            self._look("entries")

    def next_pane(self) -> None:
        view = self._screen.view
        if not view.is_open:
            self.detail()
        else:
            view.other().focus(scroll_visible=False)
