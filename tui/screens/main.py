"""The main screen: the question on top, its answers in the views below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher
from textual.worker import Worker, WorkerState

from parsing.errors import LogError
from tui.engine import Anchor
from tui.entries import Entry, Look
from tui.keymap import Action
from tui.question import History, Question
from tui.screens import headlines
from tui.screens.answers import Answers
from tui.screens.asking import Asking
from tui.screens.details import Details
from tui.screens.keeping import Keeping
from tui.screens.looking import Looking
from tui.screens.messages import (
    Answered,
    Detailed,
    Drawn,
    Failed,
    Opened,
    Paged,
    ReadOn,
    ReadToEnd,
    Typed,
    Valued,
)
from tui.screens.moving import Moving
from tui.screens.program import Program
from tui.screens.typing import FilterTyping
from tui.screens.views import Entries, Listing, View
from tui.widgets.filter_bar import FilterBar
from tui.widgets.grid import Grid
from tui.widgets.histogram import Histogram
from tui.widgets.line_edit import LineEdit
from tui.widgets.panes import WIDE
from tui.widgets.toned import OneLine
from tui.wording import local, mistake

if TYPE_CHECKING:
    from parsing.index.log_set import LogSet
    from parsing.index.snapshot import Progress, Snapshot
    from tui.app import Explorer

TALL = 30
"""Lines from which the histogram has two rows a log and an axis."""


class MainScreen(Screen[None], inherit_bindings=False):
    """Holds the state, starts the workers, shows their answers. What the keys do is in the classes of commands."""

    BINDINGS: ClassVar[list[BindingType]] = []
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    MainScreen { layout: vertical; background: $background; layers: base above; }
    MainScreen ContentSwitcher { height: 1fr; }
    MainScreen Histogram { height: 2; }
    MainScreen.-tall Histogram { height: 5; }
    MainScreen #title { background: $title-back; }
    """

    app: Explorer

    def __init__(self, app: Explorer) -> None:
        super().__init__()
        self.options = app.options
        self.glyphs = app.glyphs
        self.look = Look(app.glyphs, app.options.tz)
        self.history = History()
        self.log_set: LogSet | None = None
        self.snapshot: Snapshot | None = None
        self.progress: Progress | None = None
        self.is_stale = False
        self.is_moved = False
        self.total: int | None = None
        self.is_whole = False
        self.places: dict[Question, Entry] = {}
        self.answers = Answers(self)
        self.details = Details(self)
        self.typing = FilterTyping(self)
        self.commands = self._commands()

    def _commands(self) -> dict[str, Callable[[], None]]:
        """What each action of the key table does."""
        found: dict[str, Callable[[], None]] = {}
        for group in (Moving(self), Asking(self), Looking(self), Keeping(self), Program(self)):
            for name in dir(group):
                if not name.startswith("_") and callable(getattr(group, name)):
                    found[name] = getattr(group, name)
        return found

    def compose(self) -> ComposeResult:
        yield OneLine(self.glyphs, id="title")
        yield FilterBar(self.glyphs, tz=self.options.tz, id="filter-bar")
        yield Histogram(self.glyphs, tz=self.options.tz, id="histogram")
        yield OneLine(self.glyphs, id="tabs")
        with ContentSwitcher(initial="entries"):
            yield Entries(self.glyphs, self.look)
            yield Listing(self.glyphs, id="reasons")
            yield Listing(self.glyphs, id="timeline")
            yield Listing(self.glyphs, id="sources")
        yield OneLine(self.glyphs, id="footer")

    # The parts

    @property
    def question(self) -> Question:
        return self.history.now

    @property
    def entries(self) -> Entries:
        return self.query_one("#entries", Entries)

    @property
    def reasons(self) -> Listing:
        return self.query_one("#reasons", Listing)

    @property
    def sources(self) -> Listing:
        return self.query_one("#sources", Listing)

    @property
    def view(self) -> View:
        return self.query_one(f"#{self.question.view}", View)

    @property
    def bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    @property
    def histogram(self) -> Histogram:
        return self.query_one(Histogram)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Do what the key table says, for keys that no widget with the focus has used."""
        for name in event.aliases:
            action = self.app.keys.get(name)
            if action is not None:
                event.stop()
                event.prevent_default()
                self.do(action)
                return

    def do(self, action: Action) -> None:
        headlines.show_footer(self)
        if self.question.view not in action.views:
            self.say(f"{action.label} has no meaning in this view", "warn")
        else:
            self.commands[action.id]()

    def say(self, text: str, tone: str = "accent") -> None:
        """One line for the user, in place of the footer until the next key. Log text in it must be safe."""
        self.query_one("#footer", OneLine).say([(f" {text}", tone)])

    # Beginning

    def on_mount(self) -> None:
        self.reasons.table.empty = ""
        for listing in (self.reasons, self.sources):
            listing.open_side()
        self.entries.set_shown((), self.look)
        headlines.show_all(self)
        self.entries.focus_table()
        self.answers.open(self.options)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height >= TALL, "-tall")
        for view in self.query(View):
            view.set_wide(event.size.width >= WIDE)
        headlines.show_all(self)
        if self.snapshot is not None:
            self.call_after_refresh(self._draw_again)

    def _draw_again(self) -> None:
        if self.snapshot is not None and not self.answers.is_asking:
            self.answers.draw(self.snapshot, self.question, self.histogram.room)

    @on(Opened)
    def _opened(self, message: Opened) -> None:
        self.log_set = message.log_set
        self.typing.start()
        self._take_snapshot()
        self.answers.read(message.log_set)

    @on(ReadOn)
    def _read_on(self, message: ReadOn) -> None:
        self.progress = message.progress
        self._take_snapshot()
        headlines.show_title(self)

    @on(ReadToEnd)
    def _read_to_end(self) -> None:
        self.progress = None
        self._take_snapshot(is_last=True)
        headlines.show_title(self)
        if self.log_set is not None and self.log_set.problems:
            first = self.log_set.problems[0]
            more = len(self.log_set.problems) - 1
            self.say(headlines.problem(first.name, first.reason, more), "error")

    def _take_snapshot(self, *, is_last: bool = False) -> None:
        """Look at what is committed now; the question is asked anew when the last answer has come."""
        if self.log_set is None:
            return
        snapshot = self.log_set.snapshot()
        if snapshot is self.snapshot and not is_last:
            return
        self.snapshot = snapshot
        self.bar.custom = snapshot.field_names
        if self.answers.is_asking:
            self.is_stale = True
        else:
            self.ask(refresh=True)

    # Asking

    def change(self, question: Question, said: str = "") -> None:
        """Ask another question; what was done is said as filter text."""
        self.remember_place()
        if self.history.ask(question):
            self.asked_anew()
            if said:
                self.say(said)

    def remember_place(self) -> None:
        entry = self.entries.entry()
        if entry is not None:
            self.places[self.question] = entry

    def asked_anew(self) -> None:
        """The question is another one: show it and ask it."""
        self.typing.show(self.question)
        self.show_view()
        self.ask()

    def place(self) -> Anchor:
        """Where the cursor should be in the next answer."""
        known = self.places.get(self.question)
        entry = self.entries.entry()
        if not self.is_moved or (entry is None and known is None):
            return Anchor(at_end=True)
        return Anchor(entry=known or entry)

    def ask(self, *, refresh: bool = False, anchor: Anchor | None = None) -> None:
        if self.snapshot is None:
            return
        self.is_stale = False
        self.set_look()
        entry = self.entries.entry()
        here = Anchor(entry=entry) if refresh and entry and self.is_moved else self.place()
        self.answers.ask(
            self.snapshot,
            self.question,
            self.entries.fields(),
            anchor or here,
            self.entries.table.rows_visible,
            self.histogram.room,
            partial=not refresh,
        )

    def set_look(self) -> None:
        """Columns and dates as question and log set want them."""
        snapshot = self.snapshot
        if snapshot is not None and snapshot.oldest and snapshot.newest:
            days = (local(snapshot.newest, self.look.tz).date() - local(snapshot.oldest, self.look.tz).date()).days
            self.look = replace(self.look, days=days)
        self.entries.set_shown(self.question.columns, self.look)

    # Answers

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        found = message.found
        if replace(found.question, view="") != replace(self.question, view=""):
            return
        self.total = found.rows.count
        self.is_whole = found.is_whole
        self.entries.take(found)
        self.moved()
        headlines.show_all(self)

    @on(Drawn)
    def _drawn(self, message: Drawn) -> None:
        if message.question.rows == self.question.rows:
            self.histogram.show(message.bars)
            self.histogram.set_current(self.view.moment())

    @on(Valued)
    def _valued(self, message: Valued) -> None:
        if (message.question.rows, message.question.by) == (self.question.rows, self.question.by):
            self.details.show_values(message)

    @on(Paged)
    def _paged(self, message: Paged) -> None:
        self.entries.put(message.rows, message.chunks)
        self.moved()

    @on(Detailed)
    def _detailed(self, message: Detailed) -> None:
        self.details.show_entry(message)

    @on(Typed)
    def _typed(self, message: Typed) -> None:
        self.typing.counted(message)

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self.fail(f"cannot {message.what}", message.error)

    def fail(self, what: str, error: LogError) -> None:
        self.say(headlines.failure(what, mistake(error)), "error")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self.say(headlines.fault(event.worker.name, event.worker.error), "error")
        if event.worker is self.answers.asked and event.worker.is_finished and self.is_stale:
            self.ask(refresh=True)

    # Looking

    def show_view(self) -> None:
        """Show the view of the question."""
        switcher = self.query_one(ContentSwitcher)
        if switcher.current != self.question.view:
            switcher.current = self.question.view
        self.view.focus_table()
        self.details.show_view()
        headlines.show_all(self)

    def moved(self) -> None:
        """The cursor is on another row: what depends on it follows."""
        self.histogram.set_current(self.view.moment())
        headlines.show_tabs(self)
        self.details.follow()

    @on(Grid.Moved)
    def _moved(self, message: Grid.Moved) -> None:
        self.is_moved = True
        if message.row_changed:
            self.moved()

    @on(Grid.Wanted)
    def _wanted(self, message: Grid.Wanted) -> None:
        pages = self.entries.pages
        if message.grid is self.entries.table and pages is not None:
            numbers = pages.missing(message.first, message.last)
            if numbers:
                self.answers.fetch(pages.rows, numbers, self.entries.fields())

    @on(LineEdit.Changed, "#filter")
    def _filter_changed(self) -> None:
        self.typing.changed()

    @on(LineEdit.Submitted, "#filter")
    def _filter_submitted(self) -> None:
        self.typing.apply()

    @on(LineEdit.Pressed, "#filter")
    def _filter_pressed(self, message: LineEdit.Pressed) -> None:
        self.typing.pressed(message.key)

    @on(Grid.Opened)
    def _opened_row(self) -> None:
        self.commands["detail"]()
