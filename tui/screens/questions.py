"""Asking questions: which one is current, where its cursor goes, what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from parsing.filters import parse, understood
from tui.glyphs import Glyphs
from tui.jobs.engine import Anchor
from tui.keymap import Action
from tui.model.entry import Entry
from tui.model.question import Question
from tui.screens.base import Frame
from tui.wording import local

if TYPE_CHECKING:
    from textual.timer import Timer

    from parsing.filters import Filter
    from parsing.index.snapshot import Snapshot
    from tui.model.options import Options
    from tui.screens.answers import Answers
    from tui.screens.counting import Counting
    from tui.screens.details import Details
    from tui.screens.reading import Reading
    from tui.screens.remembering import Remembering
    from tui.screens.timelines import Timelines
    from tui.screens.typing import FilterTyping
    from tui.session import Mark


LATE = 0.15
"""Seconds that an answer may take before it is said that what is shown is of the question before."""


class Questioning(Frame):
    """A frame that asks. ``places`` are the rows that were left when another question was asked."""

    answers: Answers
    counting: Counting
    details: Details
    typing: FilterTyping
    reading: Reading
    remembering: Remembering
    timelines: Timelines

    def __init__(self, options: Options, glyphs: Glyphs, actions: Sequence[Action]) -> None:
        super().__init__(options, glyphs, actions)
        self.moves_asked = 0
        self.row_asked: int | None = None
        """The row that a refresh asks about, where it is named by what it is: more rows may be before it by then."""
        self.total: int | None = None
        self.is_whole = False
        self.is_late = False
        self._lateness: Timer | None = None
        self.places: dict[Question, Entry] = {}
        self.marks: dict[tuple[str, int], Mark] = {}

    def show_view(self) -> None:
        """Show the view of the question."""
        raise NotImplementedError

    def look_at(self, view: str) -> None:
        """Show another view of the same question."""
        raise NotImplementedError

    def take(self, snapshot: Snapshot) -> None:
        """What is read by now is what is asked."""
        self.snapshot = snapshot
        self.bar.custom = snapshot.field_names
        if snapshot.oldest and snapshot.newest:
            first, last = (local(moment, self.look.tz).date() for moment in (snapshot.oldest, snapshot.newest))
            self.look = replace(self.look, days=(last - first).days)

    def understood(self, text: str) -> Filter:
        """Filter text that nobody types just now; while reading goes on, an unknown name may be a field to come.

        Raises ``FilterError``.
        """
        if self.reading.is_reading:
            return understood(text, self.look.tz)
        return parse(text, tz=self.look.tz, custom=self.bar.custom)

    def change(self, question: Question, said: str = "") -> None:
        """Ask another question; what was done is said as filter text."""
        self.remember_place()
        if self.history.ask(question):
            self.asked_anew()
            if said:
                self.say(said)
        elif said:
            self.say("that is what is asked already", "dim")

    @property
    def is_counted(self) -> bool:
        """Whether the total is that of this question, and not yet of the one before."""
        known = self.entries.answered
        return known is not None and known.rows == self.question.rows

    @property
    def is_answered(self) -> bool:
        """Whether the rows that are shown are of this question, and not yet of the one before."""
        known = self.entries.answered
        return self.is_counted and known is not None and known.sort == self.question.sort

    def remember_place(self) -> None:
        entry = self.entries.entry()
        if entry is not None:
            self.places[self.question] = entry

    def asked_anew(self, *, is_return: bool = False) -> None:
        """The question is another one: show it and ask it; a return goes to the row that was left."""
        self.typing.show(self.question)
        self.counting.asked_anew()
        self.is_late = False
        self.show_view()
        self.ask(is_return=is_return)
        if self._lateness is not None:
            self._lateness.stop()
        self._lateness = self.set_timer(LATE, self._lapse)

    def _lapse(self) -> None:
        self.is_late = True
        if not self.is_counted:
            self.refresh_lines()

    def ask(self, *, is_refresh: bool = False, is_return: bool = False) -> None:
        """Ask the question of what is read by now; the cursor stays on its row, or returns to it."""
        if self.snapshot is None:
            return
        self.moves_asked = self.moves
        self.entries.choose(self.question.columns, self.look)
        entry = self.entries.entry() or self.remembering.place
        self.remembering.place = None
        if is_return:
            entry = self.places.get(self.question) or entry
        is_at_end = not self.is_moved or (self.reading.is_following and self.entries.is_at_end)
        anchor = Anchor(at_end=True) if is_at_end else Anchor(entry=entry, row=self.entries.table.row)
        if self.question.sort not in ("", self.entries.table.sorted_by) and not is_return:
            # Who sorts wants what comes first, not where the row has gone.
            self.is_moved, anchor = True, Anchor()
        self.row_asked = anchor.row if is_refresh and anchor.entry is not None else None
        self.answers.ask(
            self.snapshot,
            self.question,
            self.entries.fields(),
            anchor,
            self.entries.table.rows_visible,
            self.histogram.room,
            partial=not is_refresh,
        )

    def go_to(self, anchor: Anchor) -> None:
        """Go to a time or an entry among the rows of the question."""
        if self.question.view == "timeline" and anchor.moment is not None:
            self.timelines.go_to(anchor.moment)
            return
        self.is_moved = True
        self.look_at("entries")
        if self.entries.pages is not None:
            self.answers.place(self.question, self.entries.pages.rows, anchor)

    def row_values(self) -> dict[str, Any]:
        """The values of the row under the cursor, as far as they are known, by wire and virtual names."""
        entry = self.view.entry() or self.entries.entry()
        if entry is None:
            return {}
        shown = self.details.shown
        full = shown.entry if shown is not None and shown.entry.key == entry.key else entry
        return {**full.values, "time": entry.time, "log": entry.log, "source": entry.source, "line": entry.line}
