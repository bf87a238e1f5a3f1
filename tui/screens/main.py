"""The main screen: the question on top, its answers in the views below."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.widgets import ContentSwitcher

from tui.glyphs import Glyphs
from tui.keymap import BY_ID, Action
from tui.screens import headlines
from tui.screens.answers import Answers
from tui.screens.asking import Asking
from tui.screens.changes import Changes
from tui.screens.counting import Counting
from tui.screens.details import Details
from tui.screens.finding import Finding
from tui.screens.keeping import Keeping
from tui.screens.looking import Looking
from tui.screens.moving import Moving
from tui.screens.presets import PresetCommands
from tui.screens.program import Program
from tui.screens.reading import Reading
from tui.screens.receiving import Receiving
from tui.screens.remembering import Remembering
from tui.screens.sources import OnSources
from tui.screens.spans import Spans
from tui.screens.timelines import OnTimeline, Timelines
from tui.screens.typing import FilterTyping
from tui.widgets.facts import Facts
from tui.widgets.grid import Grid
from tui.widgets.histogram import Histogram
from tui.widgets.line_edit import LineEdit
from tui.widgets.toned import OneLine

if TYPE_CHECKING:
    from tui.model.options import Options


class MainScreen(Receiving):
    """Asks the engine and shows its answers. What the keys do is in the classes of commands."""

    def __init__(self, options: Options, glyphs: Glyphs, actions: Sequence[Action]) -> None:
        super().__init__(options, glyphs, actions)
        self.answers = Answers(self, options.port_field or None)
        self.details = Details(self)
        self.counting = Counting(self)
        self.changes = Changes(self)
        self.typing = FilterTyping(self)
        self.reading = Reading(self)
        self.remembering = Remembering(self)
        self.presets = PresetCommands(self)
        self.timelines = Timelines(self)
        self.spans = Spans(self)
        groups = (Moving, Finding, Asking, Looking, Keeping, Program)
        self.commands = _named_commands(
            [*(group(self) for group in groups), self.spans, self.presets, self.timelines, self.changes]
        )
        self.own_commands = {
            "timeline": _named_commands([OnTimeline(self)]),
            "sources": _named_commands([OnSources(self)]),
        }

    # Beginning and end

    def on_mount(self) -> None:
        for listing in (self.reasons, self.sources):
            listing.side.label = len("clients gone")
            listing.open_side()
        self.entries.choose((), self.look)
        headlines.show_all(self)
        headlines.show_hint(self)
        self.entries.focus_table()
        self.answers.open(self.options)

    def on_resize(self, event: events.Resize) -> None:
        self.resized(event.size.width, event.size.height)
        headlines.show_all(self)
        if self.shows_keys:
            headlines.show_footer(self)
        if self.snapshot is not None:
            self.call_after_refresh(self._draw_again)

    def _draw_again(self) -> None:
        if self.snapshot is not None and not self.answers.is_asking:
            self.answers.draw(self.snapshot, self.question, self.histogram.room)
            self.timelines.resized()

    def leave(self) -> None:
        self.remembering.save()
        self.app.exit()

    async def on_unmount(self) -> None:
        self.workers.cancel_all()
        if self.log_set is not None:
            await asyncio.to_thread(self.log_set.close)

    # Looking

    def show_view(self) -> None:
        """Show the view of the question. It may come late, as a timeline does: the keys of a line that is typed stay."""
        switcher = self.query_one(ContentSwitcher)
        if switcher.current != self.question.view:
            switcher.current = self.question.view
        if not self.typing.is_typing:
            self.view.focus_table()
        self.details.show_view()
        headlines.show_all(self)
        if self.shows_keys:
            self.show_keys()

    def look_at(self, view: str) -> None:
        """Show another view of the same question."""
        if self.question.view != view:
            self.history.look(view)
            self.show_view()
            if view == "reasons":
                self.ask()

    def show_marks(self) -> None:
        for view in (self.entries, self.timeline):
            view.table.marked = frozenset(self.marks)
            view.table.refresh()

    def show_keys(self) -> None:
        headlines.show_footer(self)

    def refresh_lines(self) -> None:
        headlines.show_all(self)

    def moved(self) -> None:
        """What depends on the row under the cursor follows, once the row is here."""
        if self.question.view == "entries" and self.entries.entry() is None and self.total:
            return
        self.histogram.set_current(self.view.moment())
        headlines.show_position(self)
        self.details.follow()

    @on(Grid.Moved)
    def _moved(self, message: Grid.Moved) -> None:
        if not message.row_changed:
            return
        followed, self.followed = self.followed, None
        if followed != (message.grid, message.grid.row):
            self.count_move(message.grid)
            self.moved()

    @on(Grid.Wanted)
    def _wanted(self, message: Grid.Wanted) -> None:
        pages = self.entries.pages
        if message.grid is self.entries.table and pages is not None:
            numbers = pages.missing(message.first, message.last)
            if numbers:
                self.answers.fetch(pages.rows, numbers, pages.fields)

    @on(Grid.Opened)
    def _opened_row(self) -> None:
        self.commands["detail"]()

    @on(Facts.Opened)
    def _opened_fact(self) -> None:
        self.commands["detail"]()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if event.widget is self.bar.edit:
            self.typing.left()

    @on(OneLine.Clicked)
    def _clicked(self, message: OneLine.Clicked) -> None:
        self.choose(BY_ID[message.action])

    def choose(self, action: Action) -> None:
        """Do what was chosen by another way than its key, which may also be done while a filter is typed."""
        if self.typing.is_typing:
            self.typing.leave()
        self.do(action)

    @on(Histogram.Picked)
    def _picked(self, message: Histogram.Picked) -> None:
        self.spans.picked(message.bucket)

    @on(LineEdit.Changed, "#filter")
    def _filter_changed(self) -> None:
        self.typing.typed()

    @on(LineEdit.Submitted, "#filter")
    def _filter_submitted(self) -> None:
        self.typing.submitted()

    @on(LineEdit.Pressed, "#filter")
    def _filter_pressed(self, message: LineEdit.Pressed) -> None:
        self.typing.pressed(message.key)


def _named_commands(groups: Sequence[object]) -> dict[str, Callable[[], None]]:
    """What each action of the key table does: the public methods of the classes of commands, by name."""
    found: dict[str, Callable[[], None]] = {}
    for group in groups:
        for name, method in vars(type(group)).items():
            if name in BY_ID and callable(method):
                assert name not in found, f"two classes of commands do {name}"
                found[name] = getattr(group, name)
    return found
