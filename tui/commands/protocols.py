"""What commands may do with the screen that runs them; each group asks for as little as it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from parsing.errors import LogError
from parsing.filters import Filter
from tui.dialogs import DONE, Blank, Modal
from tui.jobs.engine import Anchor
from tui.jobs.job import Jobs
from tui.model.exploration import Exploration
from tui.model.question import ScreenQuestion
from tui.views.view import View

if TYPE_CHECKING:
    from tui.model.fact import Fact
    from tui.views.breakdown.view import BreakdownView
    from tui.views.entries.view import EntriesView
    from tui.views.incidents.view import IncidentsView
    from tui.views.sources.view import SourcesView
    from tui.views.timeline.view import TimelineView
    from tui.widgets.histogram import LogHistogram

Result = TypeVar("Result")


class Speaks(Protocol):
    """Says something in the line below, or in a dialog."""

    @property
    def state(self) -> Exploration: ...

    def say(self, text: str, tone: str = "accent") -> None: ...

    def fail(self, what: str, error: LogError) -> None: ...

    def push(self, dialog: Modal[Result], done: Callable[[Result | None], object]) -> None: ...

    def read(self, title: str, facts: Sequence[Fact]) -> None: ...

    def ask_line(
        self,
        title: str,
        done: Callable[[str | None], None],
        *,
        value: str = "",
        hint: str = DONE,
        check: Callable[[str], str] = ...,
        is_kept: bool = False,
    ) -> None: ...

    def ask_lines(
        self,
        title: str,
        blanks: Sequence[Blank],
        done: Callable[[Sequence[str] | None], None],
        *,
        hint: str = DONE,
        check: Callable[[str], str] = ...,
        is_kept: bool = False,
    ) -> None: ...


class Shows(Speaks, Protocol):
    """Knows the view in sight and the others, and can turn to one."""

    @property
    def view(self) -> View: ...

    @property
    def incidents(self) -> IncidentsView: ...

    @property
    def entries(self) -> EntriesView: ...

    @property
    def reasons(self) -> BreakdownView: ...

    @property
    def timeline(self) -> TimelineView: ...

    @property
    def sources(self) -> SourcesView: ...

    @property
    def histogram(self) -> LogHistogram: ...

    def look_at(self, view: str) -> None: ...

    def go_to(self, anchor: Anchor) -> None: ...

    def moved(self) -> None: ...

    def show_marks(self) -> None: ...


class Asks(Shows, Protocol):
    """Asks another question."""

    def change(self, question: ScreenQuestion, said: str = "", *, is_same_level: bool = False) -> None: ...

    def go_down(self, question: ScreenQuestion, said: str = "", *, is_return: bool = False) -> None: ...

    def go_up(self, *, is_newest: bool = False) -> bool: ...

    def undo(self) -> bool: ...

    def redo(self) -> bool: ...

    def rename_preset(self, name: str) -> None: ...

    def understood(self, text: str) -> Filter: ...

    def type_filter(self) -> None: ...

    def show_filter(self) -> None: ...

    def follow(self) -> bool: ...

    def stop_following(self) -> None: ...


class Computes(Asks, Protocol):
    """Has jobs done."""

    @property
    def jobs(self) -> Jobs: ...

    @property
    def is_typing(self) -> bool: ...

    @property
    def is_current(self) -> bool: ...

    def show_keys(self) -> None: ...

    def show_lines(self) -> None: ...

    def copy_to_clipboard(self, text: str) -> None: ...


class Draws(Asks, Protocol):
    """Has the histogram, and can give keys another meaning for a while."""

    def set_mode(self, mode: dict[str, Callable[[], None]]) -> None: ...


class Runs(Shows, Protocol):
    """Runs commands, and can leave."""

    def do(self, id_: str) -> None: ...

    def set_theme(self, name: str) -> None: ...

    def repaint(self) -> None: ...

    def leave(self) -> None: ...
