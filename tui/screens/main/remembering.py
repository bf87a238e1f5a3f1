"""The session: question, view, place and marks come back when the same logs are opened again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from parsing.errors import FilterError, LogError
from parsing.filters import Filter
from parsing.sources import is_pipe
from tui.case import missing, on_these_logs
from tui.keymap import VIEWS
from tui.model.entry import Entry
from tui.model.exploration import Exploration
from tui.model.question import ScreenQuestion
from tui.screens.main.filter_input import FilterInput
from tui.session import Place, Session, load_session, save_session, session_file
from tui.views.entries.view import EntriesView
from tui.views.timeline.view import TimelineView

if TYPE_CHECKING:
    from pathlib import Path


class HasSession(Protocol):
    """The screen whose session is kept."""

    @property
    def state(self) -> Exploration: ...

    @property
    def entries(self) -> EntriesView: ...

    @property
    def timeline(self) -> TimelineView: ...

    @property
    def typing(self) -> FilterInput: ...

    def understood(self, text: str) -> Filter: ...

    def show_marks(self) -> None: ...

    def show_view(self) -> None: ...

    def show_filter(self) -> None: ...

    def say(self, text: str, tone: str = "accent") -> None: ...


class Remembering:
    """Saves and restores what was looked at. What the command line asks for comes before what is remembered."""

    def __init__(self, screen: HasSession) -> None:
        self.screen = screen
        self._timeline: Entry | None = None
        self._restored: ScreenQuestion | None = None
        """The question that was taken up, if it keeps some rows away."""

    @property
    def is_restored(self) -> bool:
        """Whether rows are kept away that a filter of last time keeps away."""
        restored = self._restored
        return restored is not None and restored.rows == self.screen.state.question.rows

    @property
    def _file(self) -> Path | None:
        options = self.screen.state.options
        if any(map(is_pipe, options.paths)) or not options.cache:
            return None
        return session_file(options.paths, options.state)

    def restore(self) -> None:
        """Restore the case that was opened, else the session of these logs, if there is one."""
        screen = self.screen
        case = screen.state.options.case
        session = case.session if case else load_session(self._file) if self._file else None
        if session is None:
            return
        screen.typing.history = list(session.filters)
        screen.state.marks = {(mark.source, mark.line): mark for mark in session.marks}
        screen.show_marks()
        options = screen.state.options
        if options.where or options.preset or options.fresh:
            return
        question = self._question(session)
        if question is None:
            return
        screen.state.history.now = question
        if case is None and question.unfiltered().rows != question.rows:
            self._restored = question
        screen.show_filter()
        if session.place is not None:
            place = screen.entries.remembered = Entry(
                "", session.place.source, session.place.line, session.place.time, {}
            )
            screen.entries.is_moved = True
            if question.view == "timeline":
                screen.state.history.look("entries")
                self._timeline = place
        screen.show_view()

    def check_case(self) -> None:
        """All is read: put the marks of the case on the files of this copy, and say what it has not."""
        case, snapshot = self.screen.state.options.case, self.screen.state.snapshot
        if case is None or snapshot is None:
            return
        here = on_these_logs(case, snapshot)
        self.screen.state.marks = {(mark.source, mark.line): mark for mark in here.session.marks}
        self.screen.show_marks()
        if lost := missing(here, snapshot):
            self.screen.say("; ".join(lost), "warn")

    def resume(self) -> None:
        """Show the timeline again that was left, where its rows are in the index already."""
        snapshot, entry = self.screen.state.snapshot, self._timeline
        self._timeline = None
        if entry is not None and snapshot is not None and snapshot.segments:
            self.screen.timeline.begin(entry)

    def _question(self, session: Session) -> ScreenQuestion | None:
        try:
            filter_ = self.screen.understood(session.filter)
        except FilterError:
            return None
        known = ScreenQuestion()
        return replace(
            known,
            filter=filter_,
            text=session.filter,
            log="iis" if session.log == "iis" else "httperr" if session.log == "httperr" else None,
            span=session.span,
            view=session.view if session.view in VIEWS else known.view,
            columns=session.columns,
            sort=session.sort,
            by=session.by or known.by,
            order=session.order,
        )

    def save(self) -> None:
        """Keep the session; that it cannot be kept is no reason to stay."""
        if self._file is None or self.screen.state.snapshot is None:
            return
        question, entry = self.screen.state.question, self.screen.entries.entry()
        is_at_end = self.screen.entries.is_at_end
        scene = self.screen.timeline.scene
        if question.view == "timeline" and scene is not None:
            entry, is_at_end = scene.asked.entry, False
        session = Session(
            filter=question.text,
            log=question.log or "",
            span=question.span,
            view=question.view,
            columns=question.columns,
            sort=question.sort,
            by=question.by,
            order=question.order,
            place=Place(entry.source, entry.line, entry.time) if entry and not is_at_end else None,
            marks=tuple(self.screen.state.marks.values()),
            filters=tuple(self.screen.typing.history),
        )
        with suppress(OSError, LogError):
            save_session(self._file, session)
