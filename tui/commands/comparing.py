"""What changed between a span and the time before it: values that are more or less frequent, new or gone, and times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters import only, parse
from parsing.safe_text import safe
from parsing.wording import count, duration, elapsed, share
from tui.commands.protocols import Computes
from tui.commands.spans import span_from_here
from tui.dialogs import Choice, Picker
from tui.jobs import breakdowns
from tui.jobs.job import Job
from tui.model.column import Column
from tui.model.question import ScreenQuestion, Span
from tui.wording import local

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


class Comparing:
    """The command that compares two spans."""

    def __init__(self, screen: Computes) -> None:
        self._screen = screen

    def changed(self) -> None:
        screen = self._screen
        span = screen.state.question.span or span_from_here(screen)
        if screen.state.snapshot is None:
            return
        if span is None:
            screen.say(screen.state.keyed("choose a span first: {brush} marks one, {zoom_in} zooms in"), "warn")
            return
        screen.say("comparing", "dim")
        snapshot, question = screen.state.snapshot, screen.state.question

        def work(job: Job) -> None:
            job.post(self._show, question, span, breakdowns.changes(snapshot, question, span, job.is_cancelled))

        screen.jobs.start("changes", "compare these times", work)

    def _show(self, question: ScreenQuestion, span: Span, changes: Sequence[Difference]) -> None:
        """Show the answer, unless the question is another one by now, or keys go elsewhere, as into a dialog."""
        screen = self._screen
        if question.rows != screen.state.question.rows:
            return
        if screen.is_typing or not screen.is_current:
            screen.say(screen.state.keyed("the comparison is ready; {changed} shows it"))
            return
        start = local(span[0], screen.state.notation.tz)
        when = f"{elapsed(span[1] - span[0])} from {start:%H:%M:%S}, against before"
        if not changes:
            screen.say(f"nothing differs by more than chance in {when}", "dim")
            return
        screen.show_keys()
        choices = [_choice(number, change) for number, change in enumerate(changes)]
        title = f"What changed in {when}"

        def narrow(chosen: str | None) -> None:
            if chosen is not None:
                self._narrow(changes[int(chosen)])

        screen.push(Picker(screen.state.glyphs, title, _COLUMNS, choices, hint="Enter narrows"), narrow)

    def _narrow(self, change: Difference) -> None:
        screen = self._screen
        try:
            condition = only(change.field, change.value) if change.value is not None else parse("log:iis")
        except LogError as error:
            screen.fail("cannot filter by this value", error)
            return
        question = replace(screen.state.question.narrowed(condition), view="entries")
        screen.go_down(question, f"added {safe(str(condition))}")


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
