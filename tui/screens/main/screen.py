"""The main screen: the question on top, its answers in the views below. It composes, and passes on what keys and jobs say.

Views get their state as ``Exploration`` and answer by messages; what the keys do is in ``tui.commands``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import ContentSwitcher
from textual.worker import Worker, WorkerState

from tui.commands.asking import Asking
from tui.commands.comparing import Comparing
from tui.commands.fields import Fields
from tui.commands.finding import Finding
from tui.commands.handing_over import HandingOver
from tui.commands.incidents import IncidentCommands
from tui.commands.looking import Looking
from tui.commands.moving import Moving
from tui.commands.presets import PresetCommands
from tui.commands.program import Program
from tui.commands.spans import Spans
from tui.glyphs import Glyphs
from tui.jobs.engine import Anchor
from tui.jobs.job import JobFailed, JobNews, Jobs
from tui.keymap import Action
from tui.model.entry import Notation
from tui.model.exploration import Exploration
from tui.model.options import Options
from tui.model.question import ScreenQuestion
from tui.screens.main import status_lines
from tui.screens.main.answering import Answering
from tui.screens.main.dispatch import Dispatch
from tui.screens.main.filter_input import FilterInput
from tui.screens.main.footer import Footer
from tui.screens.main.levels import Levels
from tui.screens.main.reading import Reading
from tui.screens.main.remembering import Remembering
from tui.screens.main.speaking import Speaking
from tui.views.breakdown.view import BreakdownView
from tui.views.entries.view import EntriesView
from tui.views.incidents.view import IncidentsView
from tui.views.sources.view import SourcesView
from tui.views.timeline.view import TimelineView
from tui.views.view import ASKING, View
from tui.widgets.facts import Facts
from tui.widgets.filter_bar import FilterBar
from tui.widgets.grid import Grid
from tui.widgets.histogram import LogHistogram
from tui.widgets.line_edit import LineEdit
from tui.widgets.panes import WIDE
from tui.widgets.rows import RowWindow
from tui.widgets.suggestions import Suggestions
from tui.widgets.toned import OneLine
from tui.wording import failure_in, fault

TALL = 30
"""Lines from which the histogram has two rows a log and an axis."""
SHORT = 14
"""Lines below which what is known of a counted value or a file gives way to the rows, but for its headline."""


class MainScreen(Screen[None], inherit_bindings=False):
    """Shows one log set. Its parts each know as much of it as their protocol says."""

    BINDINGS: ClassVar[list[BindingType]] = []
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    MainScreen { layout: vertical; background: $background; layers: base above; }
    MainScreen ContentSwitcher { height: 1fr; }
    MainScreen.-tall LogHistogram { height: 5; }
    MainScreen.-tall LogHistogram.-marked { height: 6; }
    MainScreen.-tall Curve { height: 2; }
    MainScreen.-short Listing > Facts { height: 1; }
    MainScreen.-short Listing > Facts:focus { height: 75%; }
    MainScreen #where { height: 1; }
    MainScreen #title { background: $title-back; }
    """

    def __init__(self, options: Options, glyphs: Glyphs, actions: Sequence[Action]) -> None:
        super().__init__()
        self.state = Exploration(options, glyphs, tuple(actions), Notation(glyphs, options.tz))
        if not (options.where or options.preset or options.follow):
            self.state.history.look("incidents")
        self.jobs = Jobs(self)
        self.incidents = IncidentsView(self.state, self.jobs)
        self.entries = EntriesView(self.state, self.jobs)
        self.reasons = BreakdownView(self.state, self.jobs)
        self.timeline = TimelineView(self.state, self.jobs)
        self.sources = SourcesView(self.state, self.jobs)
        self.views: Mapping[str, View] = {
            "incidents": self.incidents,
            "entries": self.entries,
            "reasons": self.reasons,
            "timeline": self.timeline,
            "sources": self.sources,
        }
        self.speaking = Speaking(self)
        self.say, self.fail, self.read = self.speaking.say, self.speaking.fail, self.speaking.read
        self.read_failure, self.ask_line = self.speaking.read_failure, self.speaking.ask_line
        self.ask_lines = self.speaking.ask_lines
        self.footer = Footer(self)
        self.show_keys = self.footer.show_keys
        self.push, self.take_back = self.speaking.push, self.speaking.take_back
        self.levels = Levels(self)
        self.change, self.go_down, self.go_up = self.levels.change, self.levels.go_down, self.levels.go_up
        self.undo, self.redo = self.levels.undo, self.levels.redo
        self.understood, self.rename_preset = self.levels.understood, self.levels.rename_preset
        self.answering = Answering(self)
        self.ask = self.answering.ask
        self.typing = FilterInput(self)
        self.reading = Reading(self)
        self.remembering = Remembering(self)
        self.handing_over, self.presets, self.spans = HandingOver(self), PresetCommands(self), Spans(self)
        others = (
            Moving(self),
            Finding(self),
            Asking(self),
            Looking(self),
            Fields(self),
            Comparing(self),
            IncidentCommands(self),
            Program(self),
        )
        self.dispatch = Dispatch(self, (*others, self.handing_over, self.presets, self.spans))
        self.do, self.set_mode, self.rows_came = self.dispatch.do, self.dispatch.set_mode, self.dispatch.go_on

    def compose(self) -> ComposeResult:
        glyphs, tz = self.state.glyphs, self.state.options.tz
        yield OneLine(glyphs, id="title")
        yield FilterBar(glyphs, sign=self.state.keyed("{filter}"), tz=tz, id="filter-bar")
        yield LogHistogram(glyphs, tz=tz, id="histogram")
        with Horizontal(id="where"):
            yield OneLine(glyphs, id="tabs")
            yield OneLine(glyphs, id="position")
        with ContentSwitcher(initial=self.question.view):
            yield from self.views.values()
        yield OneLine(glyphs, id="footer")
        yield Suggestions(glyphs)

    # The parts

    @property
    def question(self) -> ScreenQuestion:
        return self.state.question

    @property
    def view(self) -> View:
        return self.views[self.question.view]

    @property
    def bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    @property
    def suggestions(self) -> Suggestions:
        return self.query_one(Suggestions)

    @property
    def histogram(self) -> LogHistogram:
        return self.query_one(LogHistogram)

    def line(self, id_: str) -> OneLine:
        return self.query_one(f"#{id_}", OneLine)

    # Beginning and end

    def on_mount(self) -> None:
        self.entries.choose(())
        status_lines.show_all(self)
        self.footer.follow()
        self.view.focus_table()
        self.reading.open()

    def opened(self) -> None:
        """The index is open: take up the last session, and ask what the command line asks."""
        self.remembering.restore()
        self.reading.take_snapshot()
        self.remembering.resume()
        self.typing.start()
        if self.state.options.preset:
            self.presets.recall(self.state.options.preset, is_beside=True)

    def read_to_end(self) -> None:
        self.rows_came()
        self.typing.check()
        self.remembering.check_case()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(height >= TALL, "-tall")
        self.set_class(height < SHORT, "-short")
        self.set_class(width >= WIDE, "-roomy")
        for view in self.views.values():
            view.set_wide(width >= WIDE)
        status_lines.show_all(self)
        self.footer.follow()
        if self.state.snapshot is not None:
            self.call_after_refresh(self.answering.draw_again)

    def leave(self) -> None:
        self.remembering.save()
        self.app.exit()

    async def on_unmount(self) -> None:
        self.workers.cancel_all()
        if self.state.log_set is not None:
            await asyncio.to_thread(self.state.log_set.close)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Do what the key table says, for keys that no widget with the focus has used."""
        action = self.dispatch.action_of(event.aliases)
        if action is not None:
            event.stop()
            event.prevent_default()
            self.dispatch.perform(action)

    @on(OneLine.Clicked)
    def _clicked(self, message: OneLine.Clicked) -> None:
        self.do(message.action)

    @on(Grid.RowOpened)
    @on(Facts.FactOpened)
    def _opened_row(self) -> None:
        self.do("detail")

    # The cursor

    def count_move(self, grid: RowWindow) -> None:
        if grid is self.entries.table:
            self.entries.count_move()

    def moved(self) -> None:
        """The cursor is on another row: what depends on it follows, in the same frame, once the row is here."""
        if self.question.view == "entries" and self.entries.entry() is None and self.entries.total:
            return
        self.histogram.set_current(self.view.moment())
        status_lines.show_position(self)
        self.view.follow()

    @on(Grid.Moved)
    def _moved(self, message: Grid.Moved) -> None:
        if not message.row_changed:
            self.footer.follow()
            return
        followed, self.dispatch.followed = self.dispatch.followed, None
        if followed != (message.grid, message.grid.row):
            self.count_move(message.grid)
            self.moved()

    # Views

    def look_at(self, view: str) -> None:
        """Show another view of the same question."""
        if self.question.view != view:
            self.state.history.look(view)
            self.show_view()
            if self.view.parts():
                self.ask()

    def show_view(self) -> None:
        """Show the view of the question. It may come late, as a timeline does: the keys of a line that is typed stay."""
        switcher = self.query_one(ContentSwitcher)
        if switcher.current != self.question.view:
            switcher.current = self.question.view
        if not self.typing.is_typing:
            self.view.focus_table()
        for view in self.views.values():
            if view is not self.view:
                view.go_down()
        self.view.come_up()
        self.view.follow()
        status_lines.show_all(self)
        if not self.speaking.said:
            self.show_keys()

    def show_marks(self) -> None:
        for view in (self.entries, self.timeline):
            view.table.marked = frozenset(self.state.marks)
            view.table.refresh()

    def go_to(self, anchor: Anchor) -> None:
        """Go to a time or an entry among the rows of the question."""
        if self.question.view == "timeline" and anchor.moment is not None:
            self.timeline.go_to(anchor)
            return
        self.look_at("entries")
        self.entries.go_to(anchor)

    def snapshot_taken(self) -> None:
        """More is read."""
        self.bar.custom = self.state.fields
        for view in self.views.values():
            view.snapshot_taken()

    @on(View.Updated)
    def _updated(self) -> None:
        self.histogram.mark(self.incidents.marked)
        self.moved()
        status_lines.show_all(self)
        self.rows_came()

    @property
    def is_expecting_rows(self) -> bool:
        """Whether the first answer about the logs is still to come, or more of them is being read."""
        is_open = self.state.snapshot is not None and not self.state.is_reading
        return not self.reading.has_failed and (not is_open or self.jobs.is_running(ASKING))

    @on(View.Said)
    def _said(self, message: View.Said) -> None:
        self.say(message.text, message.tone)

    @on(View.Narrowed)
    def _narrowed(self, message: View.Narrowed) -> None:
        if message.entry is not None:
            self.entries.is_moved = True
            self.entries.places[message.question] = message.entry
        self.go_down(message.question, message.text, is_return=message.entry is not None)

    @on(View.Turned)
    def _turned(self, message: View.Turned) -> None:
        self.look_at(message.view)

    # The histogram

    @on(LogHistogram.Picked)
    def _picked(self, message: LogHistogram.Picked) -> None:
        self.spans.picked(message.bucket)

    # The filter bar

    @property
    def is_typing(self) -> bool:
        return self.typing.is_typing

    def type_filter(self) -> None:
        self.typing.begin()

    def show_filter(self) -> None:
        self.typing.show(self.question)

    def show_filter_word(self) -> None:
        status_lines.show_filter(self)

    def on_descendant_focus(self) -> None:
        self.footer.follow()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if event.widget is self.bar.edit:
            self.typing.left()

    @on(LineEdit.Changed, "#filter")
    def _filter_changed(self) -> None:
        self.typing.typed()

    @on(LineEdit.Submitted, "#filter")
    def _filter_submitted(self) -> None:
        self.typing.submitted()

    @on(LineEdit.Pressed, "#filter")
    def _filter_pressed(self, message: LineEdit.Pressed) -> None:
        self.typing.pressed(message.key)

    # Following

    def follow(self) -> bool:
        return self.reading.follow()

    def stop_following(self) -> None:
        self.reading.stop_following()

    # Jobs

    @on(JobNews)
    def _job_news(self, message: JobNews) -> None:
        message.deliver()

    @on(JobFailed)
    def _job_failed(self, message: JobFailed) -> None:
        group, error = message.job.group, message.error
        self._give_up(group)
        if not self.reading.tell(group, error):
            # Nobody may have asked for it, as for the row under the cursor: one line, with the reason in view.
            self.say(failure_in(self.size.width, f"cannot {message.job.what}", error), "error")

    def _give_up(self, group: str) -> None:
        self.reading.give_up(group)
        for view in self.views.values():
            view.give_up(group)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self._give_up(event.worker.group)
            self.say(fault(event.worker.name, event.worker.error), "error")
        if event.worker.group == ASKING and event.worker.is_finished and not self.jobs.is_running(ASKING):
            self.reading.refresh()
            self.rows_came()

    # Lines

    def show_lines(self) -> None:
        status_lines.show_all(self)

    def show_title(self) -> None:
        status_lines.show_title(self)

    # The terminal

    def copy_to_clipboard(self, text: str) -> None:
        self.app.copy_to_clipboard(text)

    def set_theme(self, name: str) -> None:
        self.app.theme = name

    def repaint(self) -> None:
        self.call_later(self.app.run_action, "repaint")
