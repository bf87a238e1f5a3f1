"""What changed between a span and the time before it: values that are more or less frequent, new or gone, and times."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters import only, parse
from parsing.safe_text import safe
from parsing.wording import count, duration, elapsed, share
from tui.commands.protocols import Computes
from tui.commands.spans import ask_moment, span_from_here
from tui.dialogs import Choice, Picker
from tui.jobs import comparison
from tui.jobs.comparison import Compared, Way
from tui.jobs.job import Job
from tui.model.column import Column
from tui.model.question import ScreenQuestion

if TYPE_CHECKING:
    from parsing.compare import Difference

_COLUMNS = (
    Column("field", "field", 16, 12, 1),
    Column("value", "value", 40, 20, 4),
    Column("measure", "measure", 7, 5, 0),
    Column("before", "before", 10, 8, 0, "right"),
    Column("now", "now", 10, 8, 0, "right"),
    Column("sure", "sure", 6, 6, 0),
    Column("count", "rows", 10, 8, 0, "right", is_optional=True),
)


ALL_REQUESTS = "all requests"
_OTHER = "with"
"""What the id of a choice begins with that compares with something else."""


class Comparing:
    """The commands that compare two sets of rows: a span with the time before it, or with what is chosen then."""

    def __init__(self, screen: Computes) -> None:
        self._screen = screen

    def changed(self) -> None:
        screen = self._screen
        span = screen.view.span() or screen.state.question.span or span_from_here(screen)
        if span is None:
            screen.say(screen.state.keyed("choose a span first: {brush} marks one, {zoom_in} zooms in"), "warn")
        else:
            self._compare(comparison.before_this(span, screen.state.question.filter))

    def changed_at(self) -> None:
        """All that came after a moment that is typed, with all that came before it: a deployment, say."""
        screen = self._screen

        def compare(moment: datetime) -> None:
            snapshot = screen.state.snapshot
            if snapshot is None:
                return
            try:
                self._compare(comparison.around(snapshot, moment, screen.state.question.filter))
            except LogError as error:
                screen.fail("cannot compare", error)

        ask_moment(screen, "Before and after which moment?", compare, hint="10:31 or 2026-06-15 10:31")

    def _compare(self, way: Way) -> None:
        screen = self._screen
        snapshot, question = screen.state.snapshot, screen.state.question
        if snapshot is None:
            return
        screen.say("comparing", "dim")

        def work(job: Job) -> None:
            job.post(self._show, question, comparison.compared(snapshot, way, question.log, job.is_cancelled))

        screen.jobs.start("changes", "compare these times", work)

    def _show(self, question: ScreenQuestion, found: Compared) -> None:
        """Show the answer, unless the question is another one by now, or keys go elsewhere, as into a dialog."""
        screen = self._screen
        if question.rows != screen.state.question.rows:
            return
        if screen.is_typing or not screen.is_current:
            screen.say(screen.state.keyed("the comparison is ready; {changed} shows it"))
            return
        screen.show_keys()
        changes = found.differences
        choices = [_choice(number, change) for number, change in enumerate(changes)]
        choices += [_other(number, way) for number, way in enumerate(found.others)]

        def chosen(choice: str | None) -> None:
            if choice is None:
                return
            if choice.startswith(_OTHER):
                self._compare(found.others[int(choice.removeprefix(_OTHER))])
            else:
                self._narrow(changes[int(choice)])

        hint = "Enter narrows, or compares with something else" if changes else "nothing differs by more than chance"
        screen.push(Picker(screen.state.glyphs, self._title(found.way), _COLUMNS, choices, hint=hint), chosen)

    def _title(self, way: Way) -> str:
        if way.b.span is None:
            return safe(f"What differs: {way.b.label}, against {way.name}")
        start, end = way.b.span
        begin = self._screen.state.notation.dated(start)
        return safe(f"What changed in {elapsed(end - start)} from {begin}, against {way.name}")

    def _narrow(self, change: Difference) -> None:
        screen = self._screen
        try:
            condition = only(change.field, change.value) if change.value is not None else parse("log:iis")
        except LogError as error:
            screen.fail("cannot filter by this value", error)
            return
        question = replace(screen.state.question.narrowed(condition), view="entries")
        screen.go_down(question, f"added {safe(str(condition))}")


def _other(number: int, way: Way) -> Choice:
    return Choice(f"{_OTHER}{number}", ("compare", safe(f"with {way.name}"), "", "", "", "", ""), ("dim", "accent"))


def _choice(number: int, change: Difference) -> Choice:
    value = ALL_REQUESTS if change.value is None else safe(change.value)
    figures = (_figure(change, change.a), _figure(change, change.b))
    cells = (safe(change.field), value, change.measure, *figures, change.certainty, count(change.b_count))
    tone = "warn" if change.difference > 0 else "good"
    return Choice(str(number), cells, ("dim", "strong", "dim", "dim", tone, "plain", "dim"))


def _figure(change: Difference, figure: float) -> str:
    """A share, a time, or rows per thousand requests."""
    if change.measure == "share":
        return share(figure, 1)
    return duration(figure) if change.measure in ("p50", "p95") else f"{figure:,.3g} ‰"
