"""What the workers found out is shown, as far as it still answers the question."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.worker import Worker, WorkerState

from parsing.safe_text import safe
from tui.screens.changes import Changes
from tui.screens.messages import (
    Answered,
    Completed,
    Curved,
    Detailed,
    Differed,
    Drawn,
    Failed,
    Given,
    Grown,
    Laid,
    Learned,
    Located,
    Opened,
    Paged,
    Placed,
    ReadOn,
    ReadToEnd,
    Told,
    Trended,
    Typed,
    Valued,
)
from tui.screens.questions import Questioning
from tui.screens.workers import ASKING
from tui.widgets.lanes import Lanes
from tui.wording import NO_ROWS, NOT_COUNTED, failure_in, fault


class Receiving(Questioning):
    """Takes the messages of the workers; an answer to a question that is no longer asked is dropped."""

    changes: Changes

    @on(Opened)
    def _opened(self, message: Opened) -> None:
        self.reading.opened(message.log_set)

    @on(ReadOn)
    def _read_on(self, message: ReadOn) -> None:
        self.reading.went_on(message.progress)

    @on(ReadToEnd)
    def _read_to_end(self) -> None:
        self.reading.ended()

    @on(Grown)
    def _grown(self) -> None:
        self.reading.grown()

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        found = message.found
        if replace(found.question, view="", preset="") != replace(self.question, view="", preset=""):
            return
        self.total = found.rows.count
        self.is_whole = found.is_whole
        entry = self.entries.entry()
        if self.moves != self.moves_asked:
            # The cursor was moved while this was asked: where it should be is where it is now, as far from what was
            # asked about as it is.
            shift = found.row - self.row_asked if self.row_asked is not None else 0
            found = replace(found, row=min(max(0, self.entries.table.row + shift), max(0, self.total - 1)))
        self.entries.take(found, self.emptiness(NO_ROWS))
        if self.moves != self.moves_asked and entry is not None:
            self.answers.stay(self.question, found.rows, entry, self.moves)
        self.moved()
        self.refresh_lines()

    @on(Drawn)
    def _drawn(self, message: Drawn) -> None:
        if message.question.rows == self.question.rows:
            self.histogram.show(message.bars)
            self.histogram.set_current(self.view.moment())

    @on(Valued)
    def _valued(self, message: Valued) -> None:
        if (message.question.rows, message.question.by) == (self.question.rows, self.question.by):
            self.counting.counted(message)

    @on(Trended)
    def _trended(self, message: Trended) -> None:
        if (message.question.rows, message.question.by) == (self.question.rows, self.question.by):
            self.counting.trended(message)

    @on(Learned)
    def _learned(self, message: Learned) -> None:
        if message.about.learned(message):
            self.details.show_record()

    @on(Differed)
    def _differed(self, message: Differed) -> None:
        self.changes.show(message)

    @on(Paged)
    def _paged(self, message: Paged) -> None:
        self.entries.put(message.rows, message.chunks)
        self.moved()

    @on(Located)
    def _located(self, message: Located) -> None:
        self.timelines.located(message)

    @on(Laid)
    def _laid(self, message: Laid) -> None:
        self.timelines.laid(message)

    @on(Curved)
    def _curved(self, message: Curved) -> None:
        self.timelines.curved(message)

    @on(Lanes.Panned)
    def _panned(self, message: Lanes.Panned) -> None:
        self.timelines.pan(message.by / 4)

    @on(Placed)
    def _placed(self, message: Placed) -> None:
        pages = self.entries.pages
        if pages is None or message.question.rows != self.question.rows or message.moves not in (None, self.moves):
            return
        if message.row is None:
            self.say(message.missing, "dim")
        elif pages.rows is not message.rows:
            if message.moves is not None:
                return  # these newer rows were placed for themselves
            self.answers.place(self.question, pages.rows, message.anchor, message.fields)
        else:
            self.entries.table.go(message.row)
            hidden = self.entries.hidden(message.fields)
            if message.fields and len(hidden) == len(message.fields):
                keys = self.keyed("{detail} shows it, {columns} adds it")
                self.say(f"found in {safe(', '.join(hidden))}, which is no column here; {keys}")

    @on(Detailed)
    def _detailed(self, message: Detailed) -> None:
        self.details.show_entry(message)

    @on(Completed)
    def _completed(self, message: Completed) -> None:
        self.typing.completed(message)

    @on(Typed)
    def _typed(self, message: Typed) -> None:
        self.typing.counted(message)

    @on(Given)
    def _given(self, message: Given) -> None:
        message.go_on()

    @on(Told)
    def _told(self, message: Told) -> None:
        self.say(message.text)

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._give_up(message.group)
        if not self.reading.tell(message.group, message.error):
            # Nobody may have asked for it, as for the row under the cursor: one line, with the reason in view.
            self.say(failure_in(self.size.width, f"cannot {message.what}", message.error), "error")

    def _give_up(self, group: str) -> None:
        self.reading.give_up(group)
        self.timelines.failed(group)
        if group == ASKING and not self.counting.is_answered:
            self.reasons.table.empty = self.keyed(NOT_COUNTED)
            self.reasons.table.refresh()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self._give_up(event.worker.group)
            self.say(fault(event.worker.name, event.worker.error), "error")
        if event.worker is self.answers.asked and event.worker.is_finished:
            self.reading.refresh()
