"""Typing in the filter bar: live count, mistakes, history. What was typed is never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from textual.timer import Timer
from textual.widget import Widget

from parsing.errors import FilterError
from parsing.filters import Filter, parse
from parsing.safe_text import safe
from parsing.wording import counted
from tui.jobs import breakdowns, engine
from tui.jobs.job import Job, Jobs
from tui.model.exploration import Exploration
from tui.model.question import ScreenQuestion
from tui.views.view import View
from tui.widgets.filter_bar import FilterBar
from tui.widgets.suggestions import Suggestions

if TYPE_CHECKING:
    from parsing.filters import Completion
    from parsing.index import Snapshot
    from parsing.questions import RowCounts
    from tui.widgets.line_edit import LineEdit

PAUSE = 0.15
"""Seconds without a key until the rows of what is typed are counted."""


class HasFilterInput(Protocol):
    """The screen around the filter bar."""

    @property
    def state(self) -> Exploration: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def bar(self) -> FilterBar: ...

    @property
    def suggestions(self) -> Suggestions: ...

    @property
    def view(self) -> View: ...

    @property
    def focused(self) -> Widget | None: ...

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True) -> None: ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer: ...

    def say(self, text: str, tone: str = "accent") -> None: ...

    def change(self, question: ScreenQuestion, said: str = "") -> None: ...

    def understood(self, text: str) -> Filter: ...

    def show_filter_word(self) -> None: ...

    def take_back(self, text: str) -> None: ...

    def show_keys(self) -> None: ...


class FilterInput:
    """The filter bar while it is typed in."""

    def __init__(self, screen: HasFilterInput) -> None:
        self.screen = screen
        self.history: list[str] = []
        self._recalled: int | None = None
        self._draft = ""
        """What was typed before an earlier filter was recalled."""
        self._offered = ("", 0)
        """The text and the cursor that the suggestions are for."""
        self._shown = ""
        """The text that was written here last, by the question and not by the user."""
        self._told = ""
        """What was said last of a mistake."""
        self._pause: Timer | None = None

    @property
    def edit(self) -> LineEdit:
        return self.screen.bar.edit

    @property
    def is_typing(self) -> bool:
        return self.screen.focused is self.edit

    @property
    def is_draft(self) -> bool:
        """Whether the bar holds text that is not applied."""
        return self.edit.value.strip() != self.screen.state.question.text.strip()

    def start(self) -> None:
        """Apply the filter the program was started with; somebody may be typing another one by now."""
        text = self.screen.state.options.where.strip()
        if not text:
            return
        if not (self.is_typing and self.edit.value):
            self.edit.write(text)
        try:
            self._ask(text, self.screen.understood(text))
        except FilterError as error:
            self.mistake(error)

    def check(self) -> None:
        """All is read: a name in the filter that no log has is a mistake by now, and what keeps nothing will not keep more."""
        text = self.screen.state.question.text
        try:
            parse(text, tz=self.screen.state.notation.tz, custom=self.screen.state.fields)
            self._explain_nothing(text.strip())
        except FilterError as error:
            if not self.is_typing and not self.is_draft:
                self.mistake(error)

    def begin(self) -> None:
        self._recalled = None
        self.screen.set_focus(self.edit, scroll_visible=False)
        self.screen.show_keys()
        self.changed()

    def show(self, question: ScreenQuestion) -> None:
        """Show the text of a question that has become the current one.

        What was only typed can be recalled; what is being typed stays.
        """
        typed, before = self.edit.value.strip(), self._shown.strip()
        self._shown = question.text
        if typed not in ("", before, question.text.strip()):
            if self.is_typing:
                return
            self._keep(typed)
        self.edit.write(question.text)

    def _keep(self, text: str) -> None:
        self.history = [*(known for known in self.history if known != text), text]

    def typed(self) -> None:
        """A character was typed or taken away."""
        self._recalled = None
        self.changed()

    def changed(self) -> None:
        """The text has changed: point at a mistake, or count when typing pauses."""
        parsed = self.screen.bar.parsed()
        if self._pause is not None:
            self._pause.stop()
        if self.screen.state.snapshot is not None and self._recalled is None:
            self._complete(self.screen.state.snapshot, self.edit.value, self.edit.cursor)
        if isinstance(parsed, FilterError):
            self.screen.bar.say([("...", "dim")])
            self._pause = self.screen.set_timer(PAUSE * 2, self._point)
            return
        self._pause = self.screen.set_timer(PAUSE, self._count)

    def _point(self) -> None:
        parsed = self.screen.bar.parsed()
        if self.is_typing and isinstance(parsed, FilterError) and not self._suggestions.is_open:
            self.mistake(parsed)

    def mistake(self, error: FilterError) -> None:
        """Underline what is wrong, and say it below."""
        self.screen.bar.point_at(error)
        self.screen.bar.say([("mistake ", "error")])
        self._told = safe(error.reason + (f"; {error.hint}" if error.hint else ""))
        self.screen.say(self._told, "error")

    def _count(self) -> None:
        parsed = self.screen.bar.parsed()
        if self.is_typing and not isinstance(parsed, FilterError) and self.screen.state.snapshot is not None:
            self.screen.bar.point_at(None)
            self.screen.take_back(self._told)
            wanted = replace(self.screen.state.question, filter=parsed).whole(self.screen.state.notation.tz)
            snapshot, text, tz = self.screen.state.snapshot, self.edit.value, self.screen.state.notation.tz

            def work(job: Job) -> None:
                job.post(self._counted, text, engine.count(snapshot, wanted, job.is_cancelled))
                job.post(self._hinted, text, engine.hints(snapshot, wanted, tz, job.is_cancelled))

            self.screen.jobs.start("typing", "count", work)

    def _counted(self, text: str, counts: RowCounts) -> None:
        if self.is_typing and text == self.edit.value:
            self.screen.bar.say([(f"{counted(counts.total, 'row')} ", "strong")])

    def _hinted(self, text: str, hints: tuple[str, ...]) -> None:
        """Say why what is typed keeps nothing, or looks like a mistake; Enter applies it all the same."""
        if hints and self.is_typing and text == self.edit.value:
            self._told = safe(hints[0])
            self.screen.say(self._told, "warn")

    def _complete(self, snapshot: Snapshot, text: str, cursor: int) -> None:
        def work(job: Job) -> None:
            job.post(self._completed, text, cursor, breakdowns.complete(snapshot, text, cursor, job.is_cancelled))

        self.screen.jobs.start("completing", "complete the filter", work)

    def _completed(self, text: str, cursor: int, completion: Completion) -> None:
        """Show what could be typed here."""
        if self.is_typing and (text, cursor) == (self.edit.value, self.edit.cursor):
            typed = text[completion.start : cursor]
            known = [known.text for known in completion.suggestions]
            is_done = not text or (len(known) == 1 and known[0] == typed)
            self._offered = text, cursor
            self._suggestions.show(None if is_done else completion, 3 + self.edit.cell_of(completion.start))

    @property
    def _suggestions(self) -> Suggestions:
        return self.screen.suggestions

    def _accept(self) -> None:
        """Put the chosen suggestion in place of what it completes."""
        completion, chosen = self._suggestions.completion, self._suggestions.current
        if completion is None or chosen is None or not self._still_fits(chosen.text, completion.start):
            return
        value = self.edit.value
        end = completion.end + len(value) - len(self._offered[0])
        text = value[: completion.start] + chosen.text + value[end:]
        self.edit.write(text, completion.start + len(chosen.text))
        self._suggestions.show(None)
        self.changed()

    def _still_fits(self, text: str, start: int) -> bool:
        """Whether a suggestion completes what is there by now: keys may have come since it was found."""
        value, cursor = self.edit.value, self.edit.cursor
        before, at = self._offered
        is_same_around = value[:start] == before[:start] and value[cursor:] == before[at:]
        return is_same_around and (cursor == at or text.lower().startswith(value[start:cursor].lower()))

    def submitted(self) -> None:
        """Enter: take the suggestion that was chosen, or the first where there is no filter yet; else apply the filter."""
        is_unfinished = isinstance(self.screen.bar.parsed(), FilterError)
        if self._suggestions.is_open and (self._suggestions.chosen >= 0 or is_unfinished):
            self._accept()
        else:
            self.apply()

    def apply(self) -> None:
        """Make what is typed the question, unless it is mistaken."""
        parsed = self.screen.bar.parsed()
        if isinstance(parsed, FilterError):
            self.mistake(parsed)
            return
        self._end()
        self.screen.view.focus_table()
        self._ask(self.edit.value.strip(), parsed)

    def _ask(self, text: str, filter_: Filter) -> None:
        if text:
            self._keep(text)
        self.screen.change(self.screen.state.question.filtered(text, filter_))
        self.screen.show_filter_word()
        self.screen.show_keys()
        self._explain_nothing(text)

    def _explain_nothing(self, text: str) -> None:
        """Say why the filter that was applied keeps nothing, if it does: Enter may come before a pause of typing."""
        state = self.screen.state
        snapshot, tz = state.snapshot, state.notation.tz
        if snapshot is None or not snapshot.progress.is_whole or not text:
            return
        wanted = state.question.whole(tz)

        def work(job: Job) -> None:
            if not engine.count(snapshot, wanted, job.is_cancelled).total:
                job.post(self._explained, text, engine.hints(snapshot, wanted, tz, job.is_cancelled))

        self.screen.jobs.start("explaining", "find out why no row matches", work)

    def _explained(self, text: str, hints: tuple[str, ...]) -> None:
        if hints and not self.is_typing and text == self.screen.state.question.text.strip():
            self.screen.say(safe(hints[0]), "warn")

    def leave(self) -> None:
        """Back to the table; the text stays for later."""
        self.screen.view.focus_table()
        self.screen.show_keys()
        self.left()

    def left(self) -> None:
        """The keys go elsewhere, also where the mouse has sent them."""
        self._end()
        if not self.is_typing:
            self._put_mistake_away()
            self.screen.show_filter_word()

    def _put_mistake_away(self) -> None:
        """Show the filter that holds in place of one that means nothing, which the history keeps."""
        text = self.edit.value.strip()
        if self.is_draft and isinstance(self.screen.bar.parsed(), FilterError):
            self._keep(text)
            self.edit.write(self.screen.state.question.text)
            self.screen.say(self.screen.state.keyed("that filter was not applied; {filter} and ↑ bring it back"), "dim")

    def _end(self) -> None:
        self._suggestions.show(None)
        for group in ("typing", "completing"):
            self.screen.jobs.cancel(group)

    def pressed(self, key: str) -> None:
        is_choosing = self._suggestions.is_open and (self._suggestions.chosen >= 0 or key == "down")
        if key == "escape":
            self._suggestions.show(None) if self._suggestions.is_open else self.leave()
        elif key == "tab":
            self._accept()
        elif key in ("up", "down") and is_choosing:
            self._suggestions.choose(-1 if key == "up" else 1)
        elif key in ("up", "down"):
            self._recall(-1 if key == "up" else 1)

    def _recall(self, by: int) -> None:
        """An earlier filter; beyond the newest, what was typed."""
        if not self.history:
            return
        if self._recalled is None:
            if by > 0:
                return
            self._draft = self.edit.value
            self._recalled = len(self.history)
        self._recalled = min(max(0, self._recalled + by), len(self.history))
        is_draft = self._recalled == len(self.history)
        self._suggestions.show(None)
        self.edit.write(self._draft if is_draft else self.history[self._recalled])
        self.changed()
