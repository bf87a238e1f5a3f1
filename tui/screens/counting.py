"""The counted values: their rows, how they came over time, and what goes with the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsing.errors import LogError
from parsing.filters.grammar import both, only, without_conditions_on
from tui.breakdowns import Trend, Value, top_facts, value_columns, value_lines, value_records
from tui.screens.views import Cell
from tui.widgets.facts import Fact
from tui.wording import NOTHING_COUNTED, counted

if TYPE_CHECKING:
    from textual.timer import Timer

    from parsing.filters.tree import Filter
    from parsing.index.snapshot import Snapshot
    from tui.engine import Tops
    from tui.question import Question
    from tui.screens.main import MainScreen
    from tui.screens.messages import Topped, Trended, Valued

SETTLE = 0.12
"""Seconds that the cursor stays on a value until what goes with it is looked for."""

MOST_KNOWN = 200

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
        self._tops: dict[object, Tops] = {}
        self._settling: Timer | None = None

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
        if self.left_out:
            rows = counted(message.tally.rows_left_out, "row")
            screen.say(f"{counted(self.left_out, 'value')} more with {rows} are not shown", "warn")
        screen.moved()

    def trended(self, message: Trended) -> None:
        self.trends = message.trends
        self._show()

    def _show(self) -> None:
        screen, by = self.screen, self.screen.question.by
        cells = [[Cell(*pair) for pair in zip(by, record.values, strict=True)] for record in self.records]
        screen.reasons.list(value_lines(self.records, by, self.trends, screen.look), self.records, cells)

    # What goes with a value

    def tops(self, value: Value | None) -> list[Fact]:
        """The most frequent values of other fields among its rows; what is not known is asked for."""
        if self._settling is not None:
            self._settling.stop()
        key = self._key(value)
        if key is None or value is None:
            return []
        known = self._tops.get(key)
        if known is None:
            self._settling = self.screen.set_timer(SETTLE, lambda: self.screen.answers.tops(*key, self._fields(), key))
            return []
        return top_facts(known, value.count)

    def _fields(self) -> tuple[str, ...]:
        by = self.screen.question.by
        wanted = BESIDE.get(by[0], USUAL_BESIDE)
        return tuple(name for name in wanted if name not in by)

    def _key(self, value: Value | None) -> tuple[Snapshot, Filter] | None:
        screen = self.screen
        if screen.snapshot is None or value is None:
            return None
        try:
            return screen.snapshot, self.condition(value)
        except LogError:
            return None

    def condition(self, value: Value) -> Filter:
        """The rows of a value, whatever else the filter says of its fields. Raises ``LogError`` for a strange value."""
        screen = self.screen
        filter_ = screen.question.whole(screen.look.tz)
        for name in screen.question.by:
            filter_ = without_conditions_on(filter_, name)
        for name, one in zip(screen.question.by, value.values, strict=True):
            filter_ = both(filter_, only(name, one))
        return filter_

    def topped(self, message: Topped) -> None:
        if len(self._tops) > MOST_KNOWN:
            self._tops.clear()
        self._tops[message.key] = message.tops
        if self.screen.question.view == "reasons":
            self.screen.details.show_record()
