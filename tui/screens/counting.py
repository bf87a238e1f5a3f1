"""The counted values: their rows, how they came over time, and what goes with the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsing.filters import without_conditions_on
from parsing.wording import counted
from tui.breakdowns import Trend, Value, top_facts, value_columns, value_lines, value_records
from tui.screens.nearby import Nearby, ValueKey
from tui.screens.views import Cell
from tui.widgets.facts import Fact
from tui.wording import NOTHING_COUNTED

if TYPE_CHECKING:
    from textual.worker import Worker

    from parsing.filters import Filter
    from tui.model.question import Question
    from tui.screens.main import MainScreen
    from tui.screens.messages import Trended, Valued

BESIDE = {"reason": ("queue", "path", "client")}
USUAL_BESIDE = ("reason", "status", "path", "client")
"""The fields whose most frequent values are shown beside a value."""


class Counting:
    """Fills the view of the counted values."""

    def __init__(self, screen: MainScreen) -> None:
        self.screen = screen
        self.records: list[Value] = []
        self.trends: dict[tuple[Any, ...], Trend] = {}
        self.left_out = 0
        """Values that are not shown, beyond the most frequent ones."""
        self._counted: Question | None = None
        self._told: object = None
        """What values were counted of when it was last said that some are not shown."""
        self.beside = Nearby(screen, self._ask)

    @property
    def is_answered(self) -> bool:
        """Whether the values that are shown are of this question, and not yet of the one before."""
        known, now = self._counted, self.screen.question
        return known is not None and (known.rows, known.by, known.order) == (now.rows, now.by, now.order)

    def asked_anew(self) -> None:
        """Values of other fields than are asked for now are no longer shown."""
        if self._counted is not None and self._counted.by != self.screen.question.by:
            self._counted = None
            self.records, self.trends, self.left_out = [], {}, 0
            self.screen.reasons.table.empty = "counting"
            self.screen.reasons.list((), (), ())
            self.screen.reasons.side.show(())

    def counted(self, message: Valued) -> None:
        """The values have come; how they came over time is asked for once they are whole."""
        screen, by = self.screen, message.question.by
        is_new = self._counted != message.question
        if is_new:
            self.trends = {}
            self._counted = message.question
        self.records = value_records(message.tally, by, message.kept)
        table = screen.reasons.table
        table.set_columns(value_columns(by, screen.look))
        table.empty = screen.emptiness(NOTHING_COUNTED) if message.is_whole else "counting"
        table.sorted_by = message.question.order.replace("value", by[0])
        self._show()
        if is_new and message.kept is not None and not (screen.reasons.record and screen.reasons.record.is_kept):
            kept = [row for row, record in enumerate(self.records) if record.is_kept]
            table.go(kept[0] if kept else 0)
        self.left_out = message.tally.left_out
        if message.is_whole:
            self._say_left_out(message)
        screen.moved()

    def _say_left_out(self, message: Valued) -> None:
        """Once for what is counted, where it is looked at; how many there are stays beside the tabs."""
        asked = message.question.rows, message.question.by
        is_told, self._told = self._told == asked, asked
        if self.left_out and not is_told and self.screen.question.view == "reasons":
            rows = counted(message.tally.rows_left_out, "row")
            self.screen.say(f"{counted(self.left_out, 'value')} more with {rows} are not shown", "warn")

    def trended(self, message: Trended) -> None:
        self.trends = message.trends
        self._show()

    def _show(self) -> None:
        screen, by = self.screen, self.screen.question.by
        cells = [[Cell(*pair) for pair in zip(by, record.values, strict=True)] for record in self.records]
        screen.reasons.list(value_lines(self.records, by, self.trends, screen.look), self.records, cells)

    # What goes with a value

    def tops(self, value: Value) -> list[Fact]:
        """The most frequent values of other fields among its rows, if they are known."""
        key = self.key(value)
        known = self.beside.get(key) if key is not None else None
        if key is None or known is None:
            return []
        return top_facts(known, self.screen.look, is_growing=self.beside.is_growing(key))

    def want(self, values: Sequence[Value]) -> None:
        """What goes with these is about to be shown, with the first of them now."""
        self.beside.want([key for key in map(self.key, values) if key is not None])

    def _ask(self, keys: Sequence[ValueKey]) -> Worker[None]:
        by = keys[0].by
        fields = [name for name in BESIDE.get(by[0], USUAL_BESIDE) if name not in by]
        return self.screen.answers.tops(self.beside, keys, fields)

    def key(self, value: Value) -> ValueKey | None:
        """What the answers about a value depend on; ``None`` before anything is read."""
        screen = self.screen
        if screen.snapshot is None:
            return None
        return ValueKey(screen.snapshot, screen.question.by, value.values, self._around())

    def _around(self) -> Filter:
        """The rows of all values that are counted, whatever else the filter says of their fields."""
        filter_ = self.screen.question.whole(self.screen.look.tz)
        for name in self.screen.question.by:
            filter_ = without_conditions_on(filter_, name)
        return filter_
