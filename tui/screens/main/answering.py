"""Asking the question: the view in sight first, then the rows and the histogram, in one job."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from tui.jobs import engine
from tui.jobs.job import Job, Jobs, do_all
from tui.model.bars import LogBars
from tui.model.exploration import Exploration
from tui.model.question import ScreenQuestion
from tui.views.entries.view import EntriesView
from tui.views.timeline.view import TimelineView
from tui.views.view import ASKING, View
from tui.widgets.histogram import LogHistogram


class HasAnswers(Protocol):
    """The screen that shows the answers."""

    @property
    def state(self) -> Exploration: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def view(self) -> View: ...

    @property
    def entries(self) -> EntriesView: ...

    @property
    def timeline(self) -> TimelineView: ...

    @property
    def histogram(self) -> LogHistogram: ...

    def rows_came(self) -> None: ...


class Answering:
    """Has the question answered of what is read by now."""

    def __init__(self, screen: HasAnswers) -> None:
        self._screen = screen

    def ask(self, *, is_refresh: bool = False, is_return: bool = False) -> None:
        """Ask the question of what is read by now: what is in view first, in one job."""
        screen = self._screen
        if screen.state.snapshot is None:
            return
        rows = screen.entries.ask(is_refresh=is_refresh, is_return=is_return)
        parts = [*screen.view.parts(), rows, self._bars()]
        screen.jobs.start(ASKING, "answer the question", lambda job: do_all(partial(part, job) for part in parts))

    def draw_again(self) -> None:
        """The histogram and the timeline, for another width."""
        screen = self._screen
        if screen.state.snapshot is not None and not screen.jobs.is_running(ASKING):
            screen.jobs.start("drawing", "draw the histogram", self._bars())
            screen.timeline.resized()

    def _bars(self) -> Callable[[Job], None]:
        state, room = self._screen.state, self._screen.histogram.room
        snapshot, question = state.snapshot, state.question
        assert snapshot is not None, "nothing is asked before the logs are open"

        def work(job: Job) -> None:
            for bars in engine.bars(snapshot, question, room, job.is_cancelled):
                job.post(self._show_bars, question, bars)

        return work

    def _show_bars(self, question: ScreenQuestion, bars: LogBars | None) -> None:
        screen = self._screen
        if question.rows == screen.state.question.rows:
            screen.histogram.show(bars)
            screen.histogram.set_current(screen.view.moment())
            screen.rows_came()
