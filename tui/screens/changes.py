"""What changed between a span and the time before it: values ranked by how much their share moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters import only
from parsing.safe_text import safe
from parsing.wording import count, elapsed, share
from tui.breakdowns import NOT_LOGGED
from tui.screens.modal import Choice, Picker
from tui.widgets.cells import Column
from tui.wording import local

if TYPE_CHECKING:
    from tui.jobs.breakdowns import Change
    from tui.screens.main import MainScreen
    from tui.screens.messages import Differed

_COLUMNS = (
    Column("field", "field", 18, 12, 1),
    Column("value", "value", 40, 20, 4),
    Column("moved", "moved", 8, 8, 0, "right"),
    Column("now", "now", 8, 7, 0, "right"),
    Column("before", "before", 8, 7, 0, "right"),
    Column("count", "rows", 10, 8, 0, "right", is_optional=True),
)


class Changes:
    """The command that compares two spans."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def changed(self) -> None:
        screen = self._screen
        span = screen.question.span or screen.spans.from_here()
        if screen.snapshot is None:
            return
        if span is None:
            screen.say(screen.keyed("choose a span first: {brush} brushes one, {zoom_in} zooms in"), "warn")
            return
        screen.say("comparing", "dim")
        screen.answers.changes(screen.snapshot, screen.question, span)

    def show(self, message: Differed) -> None:
        """What has come, unless something else is asked by now, or the keys are wanted elsewhere."""
        screen = self._screen
        if message.question.rows != screen.question.rows:
            return
        if screen.typing.is_typing or not screen.is_current:
            screen.say(screen.keyed("what changed is known now; {changed} shows it"))
            return
        start = local(message.span[0], screen.look.tz)
        when = f"{elapsed(message.span[1] - message.span[0])} from {start:%H:%M:%S}, against before"
        if not message.changes:
            screen.say(f"nothing moved by more than chance in {when}", "dim")
            return
        screen.show_keys()
        choices = [_choice(number, change) for number, change in enumerate(message.changes)]
        title = f"What changed in {when}"

        def narrow(chosen: str | None) -> None:
            if chosen is not None:
                self._narrow(message.changes[int(chosen)])

        screen.app.push_screen(Picker(screen.glyphs, title, _COLUMNS, choices, hint="Enter narrows"), narrow)

    def _narrow(self, change: Change) -> None:
        screen = self._screen
        try:
            condition = only(change.field, change.value)
        except LogError as error:
            screen.fail("cannot filter by this value", error)
            return
        question = replace(screen.question.narrowed(condition), view="entries")
        screen.change(question, f"added {safe(str(condition))}")


def _choice(number: int, change: Change) -> Choice:
    value = NOT_LOGGED if change.value is None else safe(change.value)
    moved = f"{change.moved * 100:+.1f}"
    cells = (
        safe(change.field),
        value,
        moved,
        share(change.share, 1),
        share(change.share_before, 1),
        count(change.count),
    )
    return Choice(str(number), cells, ("dim", "strong", "warn" if change.moved > 0 else "good", "plain", "dim", "dim"))
