"""The frame of the main screen: its parts, its keys, the lines that say something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from parsing.errors import LogError
from parsing.safe_text import safe
from tui.glyphs import Glyphs
from tui.keymap import BY_ID, Action, with_keys
from tui.model.entry import Look
from tui.model.question import History, Question
from tui.screens.lanes import Timeline
from tui.screens.modal import DONE, Prompt, Reader
from tui.screens.views import Entries, Listing, View
from tui.widgets.facts import said
from tui.widgets.filter_bar import FilterBar
from tui.widgets.histogram import Histogram
from tui.widgets.panes import WIDE
from tui.widgets.rows import RowWindow
from tui.widgets.suggestions import Suggestions
from tui.widgets.toned import OneLine
from tui.wording import NO_FILES, NO_LOGS, failure, mistake

if TYPE_CHECKING:
    from parsing.index.log_set import LogSet
    from parsing.index.snapshot import Progress, Snapshot
    from tui.model.options import Options

TALL = 30
"""Lines from which the histogram has two rows a log and an axis."""


class Frame(Screen[None], inherit_bindings=False):
    """What is where. ``own_commands`` are those that a view has in place of the common ones.

    ``mode`` holds what some actions do instead for a while, as when the histogram is brushed.
    """

    BINDINGS: ClassVar[list[BindingType]] = []
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Frame { layout: vertical; background: $background; layers: base above; }
    Frame ContentSwitcher { height: 1fr; }
    Frame.-tall Histogram { height: 5; }
    Frame.-tall Curve { height: 2; }
    Frame #where { height: 1; }
    Frame #title { background: $title-back; }
    """

    def __init__(self, options: Options, glyphs: Glyphs, actions: Sequence[Action]) -> None:
        super().__init__()
        self.options = options
        self.glyphs = glyphs
        self.actions = tuple(actions)
        self.keys: Mapping[str, Action] = {key: action for action in actions for key in action.keys}
        self.commands: Mapping[str, Callable[[], None]] = {}
        self.own_commands: Mapping[str, Mapping[str, Callable[[], None]]] = {}
        self.mode: dict[str, Callable[[], None]] = {}
        self.look = Look(glyphs, options.tz)
        self.history = History()
        self.log_set: LogSet | None = None
        self.snapshot: Snapshot | None = None
        self.progress: Progress | None = None
        self.is_moved = False
        self.drafts: dict[str, str] = {}
        self.moves = 0
        self.followed: tuple[RowWindow, int] | None = None
        """The row that a key has led to, which its table is still to tell of."""
        self.shows_keys = False

    def compose(self) -> ComposeResult:
        yield OneLine(self.glyphs, id="title")
        yield FilterBar(self.glyphs, sign=self.keyed("{filter}"), tz=self.options.tz, id="filter-bar")
        yield Histogram(self.glyphs, tz=self.options.tz, id="histogram")
        with Horizontal(id="where"):
            yield OneLine(self.glyphs, id="tabs")
            yield OneLine(self.glyphs, id="position")
        with ContentSwitcher(initial="entries"):
            yield Entries(self.glyphs, self.look)
            yield Listing(self.glyphs, id="reasons")
            yield Timeline(self.glyphs, self.look, self.keyed)
            yield Listing(self.glyphs, id="sources")
        yield OneLine(self.glyphs, id="footer")
        yield Suggestions(self.glyphs)

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
    def timeline(self) -> Timeline:
        return self.query_one("#timeline", Timeline)

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
    def suggestions(self) -> Suggestions:
        return self.query_one(Suggestions)

    @property
    def histogram(self) -> Histogram:
        return self.query_one(Histogram)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Do what the key table says, for keys that no widget with the focus has used."""
        for name in event.aliases:
            action = self.keys.get(name)
            if action is not None:
                event.stop()
                event.prevent_default()
                self.do(action)
                return

    def do(self, action: Action) -> None:
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
        own = self.own_commands.get(self.question.view, {})
        (own.get(action.id) or self.commands[action.id])()
        if self.view is view and view.table.row != before:
            self.count_move(view.table)
            self.moved()
            self.followed = view.table, view.table.row

    def count_move(self, grid: RowWindow) -> None:
        """The user has moved among the entries: answers on their way do not move the cursor again."""
        if grid is self.entries.table:
            self.is_moved = True
            self.moves += 1

    def moved(self) -> None:
        """The cursor is on another row: what depends on it follows, in the same frame."""
        raise NotImplementedError

    # Asking for a line

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

        def closed(said: str | None) -> None:
            if said is None and prompt.typed != value:
                self.drafts[title] = prompt.typed
            else:
                self.drafts.pop(title, None)
            done(said)

        draft = self.drafts.get(title)
        is_proposed = draft is None and not is_kept
        prompt = Prompt(
            self.glyphs, title, value=value if draft is None else draft, hint=hint, check=check, is_proposed=is_proposed
        )
        self.app.push_screen(prompt, closed)

    def refresh_lines(self) -> None:
        """Say anew where one is."""
        raise NotImplementedError

    # Saying

    def emptiness(self, usual: str) -> str:
        """Why a table is empty; ``usual`` where that is the question's doing."""
        snapshot = self.snapshot
        if snapshot is None or any(segment.rows for segment in snapshot.segments):
            return self.keyed(usual)
        return self.keyed(NO_LOGS if snapshot.sources else NO_FILES)

    def keyed(self, sentence: str) -> str:
        """A sentence of ours with the keys of the actions that it names by id, as this terminal can show it."""
        return self.glyphs.clean(with_keys(sentence, self.actions))

    def say(self, text: str, tone: str = "accent") -> None:
        """One line for the user, in place of the footer until the next key. Log text in it must be safe."""
        self.shows_keys = False
        self.query_one("#footer", OneLine).say([(f" {text}", tone)])

    def fail(self, what: str, error: LogError) -> None:
        """Say why something cannot be done; over the screen where the line below has no room for all of it."""
        text = failure(what, mistake(error))
        if cell_len(text) < self.size.width:
            self.say(text, "error")
        else:
            self.tell_failure(what, error)

    def tell_failure(self, what: str, error: LogError, *remarks: str) -> None:
        """Why something cannot be done, a line each: what is wrong, where, and what to do."""
        reason, *rest = (safe(line) for line in (error.reason, error.where, error.hint) if line)
        facts = [said(reason, "error"), *map(said, rest)]
        facts += [fact for remark in remarks for fact in (said(""), said(remark))]
        self.app.push_screen(Reader(self.glyphs, f"{what[:1].upper()}{what[1:]}", facts, self.actions))

    def show_keys(self) -> None:
        """The footer: the keys that matter most here."""
        raise NotImplementedError

    def resized(self, width: int, height: int) -> None:
        """Lay out for another size."""
        self.set_class(height >= TALL, "-tall")
        self.set_class(width >= WIDE, "-roomy")
        for view in self.query(View):
            view.set_wide(width >= WIDE)
