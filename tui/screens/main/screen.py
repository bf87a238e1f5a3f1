"""The main screen: the question on top, its answers in the views below. It composes, and passes on what keys and jobs say.

State goes down to the views as ``Exploration``; views speak up by messages; what the keys do is in ``tui.commands``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import ContentSwitcher
from textual.worker import Worker, WorkerState

from parsing.errors import LogError
from parsing.filters import Filter, parse
from parsing.safe_text import safe
from tui.commands import command_groups
from tui.dialogs import DONE, Prompt, Reader
from tui.glyphs import Glyphs
from tui.jobs import engine
from tui.jobs.engine import Anchor
from tui.jobs.job import Job, JobFailed, JobNews, Jobs, do_all
from tui.keymap import BY_ID, Action
from tui.model.bars import TimeBars
from tui.model.entry import Notation
from tui.model.exploration import Exploration
from tui.model.fact import Fact, said
from tui.model.options import Options
from tui.model.question import ScreenQuestion
from tui.screens.main import status_lines
from tui.screens.main.filter_input import FilterInput
from tui.screens.main.reading import Reading
from tui.screens.main.remembering import Remembering
from tui.views import all_views
from tui.views.breakdown.view import BreakdownView
from tui.views.entries.view import EntriesView
from tui.views.sources.view import SourcesView
from tui.views.timeline.view import TimelineView
from tui.views.view import View
from tui.widgets.facts import Facts
from tui.widgets.filter_bar import FilterBar
from tui.widgets.grid import Grid
from tui.widgets.histogram import LogHistogram
from tui.widgets.line_edit import LineEdit
from tui.widgets.panes import WIDE
from tui.widgets.rows import RowWindow
from tui.widgets.suggestions import Suggestions
from tui.widgets.toned import OneLine
from tui.wording import failure, failure_in, fault, mistake

ASKING = "asking"
"""The group of jobs that answer the question."""

TALL = 30
"""Lines from which the histogram has two rows a log and an axis."""

LATE = 0.15
"""Seconds that an answer may take before it is said that what is shown is of the question before."""

Command = Callable[[], None]


class MainScreen(Screen[None], inherit_bindings=False):
    """Shows one log set. ``mode`` holds what some actions do instead for a while, as when the histogram is brushed."""

    BINDINGS: ClassVar[list[BindingType]] = []
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    MainScreen { layout: vertical; background: $background; layers: base above; }
    MainScreen ContentSwitcher { height: 1fr; }
    MainScreen.-tall LogHistogram { height: 5; }
    MainScreen.-tall Curve { height: 2; }
    MainScreen #where { height: 1; }
    MainScreen #title { background: $title-back; }
    """

    def __init__(self, options: Options, glyphs: Glyphs, actions: Sequence[Action]) -> None:
        super().__init__()
        self.state = Exploration(options, glyphs, tuple(actions), Notation(glyphs, options.tz))
        self.jobs = Jobs(self)
        self.views: Mapping[str, View] = {view.id or "": view for view in all_views(self.state, self.jobs)}
        self.typing = FilterInput(self)
        self.reading = Reading(self)
        self.remembering = Remembering(self)
        self.keys: Mapping[str, Action] = {key: action for action in actions for key in action.keys}
        self.groups = command_groups(self)
        self.commands: Mapping[str, Command] = _named_commands(self.groups.all)
        self.mode: dict[str, Command] = {}
        self.drafts: dict[str, str] = {}
        """What was typed into a dialog that Esc closed, by its title."""
        self.levels: list[ScreenQuestion] = []
        """The questions from which one went down, for instance by narrowing to a value; Esc goes back up."""
        self.is_late = False
        self._lateness: Timer | None = None
        self.followed: tuple[RowWindow, int] | None = None
        """The row that a key has led to, which its table is still to tell of."""
        self.shows_keys = False

    def compose(self) -> ComposeResult:
        glyphs, tz = self.state.glyphs, self.state.options.tz
        yield OneLine(glyphs, id="title")
        yield FilterBar(glyphs, sign=self.state.keyed("{filter}"), tz=tz, id="filter-bar")
        yield LogHistogram(glyphs, tz=tz, id="histogram")
        with Horizontal(id="where"):
            yield OneLine(glyphs, id="tabs")
            yield OneLine(glyphs, id="position")
        with ContentSwitcher(initial="entries"):
            yield from self.views.values()
        yield OneLine(glyphs, id="footer")
        yield Suggestions(glyphs)

    # The parts

    @property
    def question(self) -> ScreenQuestion:
        return self.state.question

    @property
    def entries(self) -> EntriesView:
        return self.query_one(EntriesView)

    @property
    def reasons(self) -> BreakdownView:
        return self.query_one(BreakdownView)

    @property
    def timeline(self) -> TimelineView:
        return self.query_one(TimelineView)

    @property
    def sources(self) -> SourcesView:
        return self.query_one(SourcesView)

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
        status_lines.show_hint(self)
        self.entries.focus_table()
        self.reading.open()

    def opened(self) -> None:
        """The index is open: take up the last session, and ask what the command line asks."""
        self.remembering.restore()
        self.reading.take_snapshot()
        self.remembering.resume()
        self.typing.start()
        if self.state.options.preset:
            self.groups.presets.recall(self.state.options.preset, is_beside=True)

    def read_to_end(self) -> None:
        self.typing.check()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(height >= TALL, "-tall")
        self.set_class(width >= WIDE, "-roomy")
        for view in self.views.values():
            view.set_wide(width >= WIDE)
        status_lines.show_all(self)
        if self.shows_keys:
            self.show_keys()
        if self.state.snapshot is not None:
            self.call_after_refresh(self._draw_again)

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
        for name in event.aliases:
            action = self.keys.get(name)
            if action is not None:
                event.stop()
                event.prevent_default()
                self._do(action)
                return

    def _do(self, action: Action) -> None:
        """Do what an action means in this view."""
        if action.id in self.mode:
            self.mode[action.id]()
            return
        if self.mode:
            self.mode["back"]()
        self.show_keys()
        if self.question.view not in action.views:
            names = ", ".join(BY_ID[f"view_{view}"].label for view in action.views)
            self.say(f"{action.label}: only in {names}", "warn")
            return
        view, before = self.view, self.view.table.row
        self.followed = None
        (view.commands.get(action.id) or self.commands[action.id])()
        if self.view is view and view.table.row != before:
            self._count_move(view.table)
            self.moved()
            self.followed = view.table, view.table.row

    def do(self, id_: str) -> None:
        """Do what was chosen by another way than its key, which may also be done while a filter is typed."""
        if self.typing.is_typing:
            self.typing.leave()
        self._do(BY_ID[id_])

    def set_mode(self, mode: dict[str, Command]) -> None:
        self.mode = mode
        self.show_keys()

    @on(OneLine.Clicked)
    def _clicked(self, message: OneLine.Clicked) -> None:
        self.do(message.action)

    @on(Grid.RowOpened)
    @on(Facts.FactOpened)
    def _opened_row(self) -> None:
        self.do("detail")

    # The cursor

    def _count_move(self, grid: RowWindow) -> None:
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
            return
        followed, self.followed = self.followed, None
        if followed != (message.grid, message.grid.row):
            self._count_move(message.grid)
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
        if self.shows_keys:
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
        self.moved()
        status_lines.show_all(self)

    @on(View.Said)
    def _said(self, message: View.Said) -> None:
        self.say(message.text, message.tone)

    @on(View.Turned)
    def _turned(self, message: View.Turned) -> None:
        self.look_at(message.view)

    # The question

    def understood(self, text: str) -> Filter:
        """Filter text that nobody types just now; while reading goes on, an unknown name may be a field to come.

        Raises ``FilterError``.
        """
        unknown: Literal["refuse", "accept"] = "accept" if self.state.is_reading else "refuse"
        return parse(text, tz=self.state.notation.tz, custom=self.state.fields, unknown_fields=unknown)

    def change(self, question: ScreenQuestion, said: str = "") -> None:
        """Ask another question; what was done is said as filter text."""
        self.entries.remember_place()
        if self.state.history.ask(question):
            self.levels.clear()
            self._asked_another()
            if said:
                self.say(said)
        elif said:
            self.say("that is what is asked already", "dim")

    def go_down(self, question: ScreenQuestion, said: str = "", *, is_return: bool = False) -> None:
        """Ask a question one level below this one, to which Esc goes back up."""
        self.entries.remember_place()
        before = self.question
        if self.state.history.ask(question):
            self.levels.append(before)
            self._asked_another(is_return=is_return)
            self.say(said)
        else:
            self.say("that is what is asked already", "dim")

    def go_up(self) -> bool:
        """Back to the question from which one went down; whether there was one."""
        if not self.levels:
            return False
        self.entries.remember_place()
        if self.state.history.ask(self.levels.pop()):
            self._asked_another(is_return=True)
            text = self.question.as_text(self.state.notation.tz)
            self.say(f"back: {safe(text) or 'every row'}")
        return True

    def undo(self) -> bool:
        self.entries.remember_place()
        return self._went(self.state.history.undo())

    def redo(self) -> bool:
        self.entries.remember_place()
        return self._went(self.state.history.redo())

    def _went(self, has_gone: bool) -> bool:
        if has_gone:
            self.levels.clear()
            self._asked_another(is_return=True)
        return has_gone

    def rename_preset(self, name: str) -> None:
        """The question goes by another name from now on, or by none."""
        self.state.history.rename(name)
        status_lines.show_all(self)

    def _asked_another(self, *, is_return: bool = False) -> None:
        """The question is another one: show it and ask it; a return goes to the row that was left."""
        self.typing.show(self.question)
        for view in self.views.values():
            view.question_changed()
        self.is_late = False
        self.show_view()
        self.ask(is_return=is_return)
        if self._lateness is not None:
            self._lateness.stop()
        self._lateness = self.set_timer(LATE, self._lapse)

    def _lapse(self) -> None:
        self.is_late = True
        if not self.entries.is_counted:
            status_lines.show_all(self)

    def ask(self, *, is_refresh: bool = False, is_return: bool = False) -> None:
        """Ask the question of what is read by now: what is in view first, in one job."""
        if self.state.snapshot is None:
            return
        rows = self.entries.ask(is_refresh=is_refresh, is_return=is_return)
        parts = [*self.view.parts(), rows, self._bars()]
        self.jobs.start(
            ASKING,
            "answer the question",
            lambda job: do_all([lambda part=part: part(job) for part in parts]),  # type: ignore[misc]
        )

    # The histogram

    def _bars(self) -> Callable[[Job], None]:
        snapshot, question, room = self.state.snapshot, self.question, self.histogram.room
        assert snapshot is not None, "nothing is asked before the logs are open"

        def work(job: Job) -> None:
            for bars in engine.bars(snapshot, question, room, job.is_cancelled):
                job.post(self._show_bars, question, bars)

        return work

    def _show_bars(self, question: ScreenQuestion, bars: TimeBars | None) -> None:
        if question.rows == self.question.rows:
            self.histogram.show(bars)
            self.histogram.set_current(self.view.moment())

    def _draw_again(self) -> None:
        """The histogram and the timeline, for another width."""
        if self.state.snapshot is not None and not self.jobs.is_running(ASKING):
            self.jobs.start("drawing", "draw the histogram", self._bars())
            self.timeline.resized()

    @on(LogHistogram.Picked)
    def _picked(self, message: LogHistogram.Picked) -> None:
        self.groups.spans.picked(message.bucket)

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
        if group == "lanes":
            self.timeline.failed()
        if group == ASKING:
            self.reasons.give_up()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self._give_up(event.worker.group)
            self.say(fault(event.worker.name, event.worker.error), "error")
        if event.worker.group == ASKING and event.worker.is_finished and not self.jobs.is_running(ASKING):
            self.reading.refresh()

    # Saying

    def say(self, text: str, tone: str = "accent") -> None:
        """One line for the user, in place of the footer until the next key. Log text in it must be safe."""
        self.shows_keys = False
        self.line("footer").say([(f" {text}", tone)])

    def fail(self, what: str, error: LogError) -> None:
        """Say why something cannot be done; over the screen where the line below has no room for all of it."""
        text = failure(what, mistake(error))
        if cell_len(text) < self.size.width:
            self.say(text, "error")
        else:
            self.read_failure(what, error)

    def read_failure(self, what: str, error: LogError, *remarks: str) -> None:
        """Why something cannot be done, a line each: what is wrong, where, and what to do."""
        reason, *rest = (safe(line) for line in (error.reason, error.where, error.hint) if line)
        facts = [said(reason, "error"), *map(said, rest)]
        facts += [fact for remark in remarks for fact in (said(""), said(remark))]
        self.read(f"{what[:1].upper()}{what[1:]}", facts)

    def show_title(self) -> None:
        status_lines.show_title(self)

    def show_keys(self) -> None:
        """The footer: the keys that matter most here."""
        self.shows_keys = True
        status_lines.show_footer(self)

    # Dialogs

    def push(self, dialog: Screen[str | None], done: Callable[[str | None], object]) -> None:
        def closed(chosen: str | None) -> None:
            done(chosen)

        self.app.push_screen(dialog, closed)

    def pop(self) -> None:
        self.app.pop_screen()

    def read(self, title: str, facts: Sequence[Fact]) -> None:
        """A text to read, over the screen."""
        self.app.push_screen(Reader(self.state.glyphs, title, facts, self.state.actions))

    def ask_line(
        self,
        title: str,
        done: Callable[[str | None], None],
        *,
        value: str = "",
        hint: str = DONE,
        check: Callable[[str], str] = lambda _: "",
        is_kept: bool = False,
    ) -> None:
        """Let a line be filled in. What Esc leaves is there again when the same line is asked for.

        A value is proposed: typing replaces it, unless ``is_kept`` says that one goes on with it.
        """

        def closed(text: str | None) -> None:
            if text is None and prompt.typed != value:
                self.drafts[title] = prompt.typed
            else:
                self.drafts.pop(title, None)
            done(text)

        draft = self.drafts.get(title)
        is_proposed = draft is None and not is_kept
        prompt = Prompt(
            self.state.glyphs,
            title,
            value=value if draft is None else draft,
            hint=hint,
            check=check,
            is_proposed=is_proposed,
        )
        self.app.push_screen(prompt, closed)

    # The terminal

    def copy_to_clipboard(self, text: str) -> None:
        self.app.copy_to_clipboard(text)

    def set_theme(self, name: str) -> None:
        self.app.theme = name

    def repaint(self) -> None:
        self.call_later(self.app.run_action, "repaint")


def _named_commands(groups: Sequence[object]) -> dict[str, Command]:
    """What each action of the key table does: the public methods of the classes of commands, by name."""
    found: dict[str, Command] = {}
    for group in groups:
        for name, method in vars(type(group)).items():
            if name in BY_ID and callable(method):
                assert name not in found, f"two classes of commands do {name}"
                found[name] = getattr(group, name)
    return found
