"""The counted values: their rows, how they came over time, and what goes with the one under the cursor."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsing.errors import LogError
from parsing.filters import EVERYTHING, during
from parsing.wording import counted
from tui.jobs import breakdowns, correlation
from tui.jobs.job import Job, Jobs
from tui.model.counted import Trend, Value
from tui.model.exploration import Exploration
from tui.model.fact import Fact
from tui.model.question import ScreenQuestion
from tui.views.breakdown.correlation_facts import picture_facts
from tui.views.breakdown.facts import top_facts, value_facts
from tui.views.breakdown.lines import value_columns, value_lines, value_records
from tui.views.prefetch import Prefetch, ValueKey, near, parts
from tui.views.view import ASKING, CursorCell, Listing, Part
from tui.wording import NOT_COUNTED, NOTHING_COUNTED

if TYPE_CHECKING:
    from parsing.questions import BreakdownTable

TOP_FIELDS = {"reason": ("queue", "path", "client")}
USUAL_TOP_FIELDS = ("reason", "status", "path", "client")
"""The fields whose most frequent values are shown for a value."""

MOST_VALUES = 1000
"""Values of a breakdown that are shown; how many are left out is said."""

MOST_SPLIT = 100
"""Reasons, the first ones, of which the table says who ended their errors; there are about fifty in all."""

SLOW_CORRELATION = 1.0
"""Seconds of correlating from which on only the errors under the cursor are correlated, and partial figures shown."""


class BreakdownView(Listing):
    """Counts the values of a field; at first the reasons."""

    def __init__(self, state: Exploration, jobs: Jobs) -> None:
        super().__init__(state, jobs, id="reasons")
        self.trends: dict[tuple[Any, ...], Trend] = {}
        self.left_out = 0
        """Values that are not shown, beyond the most frequent ones."""
        self._answered: ScreenQuestion | None = None
        self._said_of: object = None
        """What values were counted of when it was last said that some are not shown."""
        self.tops: Prefetch[ValueKey] = Prefetch(self, state, self._ask_tops, self.follow)
        self.pictures: Prefetch[ValueKey] = Prefetch(self, state, self._correlate, self.follow)
        self._slow = correlation.SlowPaths()
        self._splits: dict[tuple[Any, ...], tuple[tuple[str, int], ...]] = {}
        """Who ended the errors with some values, where they are correlated."""

    @property
    def is_answered(self) -> bool:
        """Whether the values that are shown are of this question, and not yet of the one before."""
        known, now = self._answered, self.state.question
        return known is not None and (known.rows, known.by, known.order) == (now.rows, now.by, now.order)

    # Called by the screen

    def question_changed(self) -> None:
        """Values of other fields than are asked for now are no longer shown."""
        if self._answered is not None and self._answered.by != self.state.question.by:
            self._answered = None
            self.trends, self.left_out = {}, 0
            self.table.empty = "counting"
            self.list((), (), ())
            self.side.show(())

    def go_down(self) -> None:
        self.tops.want(())
        self.pictures.want(())

    def come_up(self) -> None:
        self.follow()

    def give_up(self, group: str) -> None:
        """The values could not be counted."""
        if group == ASKING and not self.is_answered:
            self.table.empty = self.state.keyed(NOT_COUNTED)
            self.table.refresh()

    def snapshot_taken(self) -> None:
        """What was said to be so far may be all by now: the logs are not followed any more."""
        self.follow()

    def follow(self) -> None:
        """Show what is known of the value under the cursor; what is not, and of those near it, is asked for."""
        if self.state.question.view != "reasons":
            return
        value: Value | None = self.record
        rows = near(self.table.row, self.table.rows_visible, len(self.records))
        values = [self.records[row] for row in (rows[:1] if self.state.is_growing else rows)]
        self.tops.want([key for key in map(self._key, values) if key is not None])
        self.pictures.want([key for key in map(self._picture_key, values) if key is not None])
        facts = self._facts(value) if value is not None else []
        self.describe(facts, (self.state.question.by, value.values) if value is not None else None)

    # Counting

    def parts(self) -> Sequence[Part]:
        snapshot, question = self.state.snapshot, self.state.question
        if snapshot is None:
            return ()

        def work(job: Job) -> None:
            tally = None
            for tally, kept, is_whole in breakdowns.values(snapshot, question, MOST_VALUES, job.is_cancelled):
                job.post(self._counted, question, tally, kept, is_whole)
            if tally is not None:
                job.post(self._came_over_time, question, breakdowns.trends(snapshot, question, tally, job.is_cancelled))

        return (work,)

    def _is_asked(self, question: ScreenQuestion) -> bool:
        now = self.state.question
        return (question.rows, question.by) == (now.rows, now.by)

    def _counted(
        self, question: ScreenQuestion, tally: BreakdownTable, kept: frozenset[tuple[Any, ...]] | None, is_whole: bool
    ) -> None:
        """The values have come; how they came over time follows once they are whole."""
        if not self._is_asked(question):
            return
        by, is_new = question.by, self._answered != question
        if is_new:
            self.trends, self._splits = {}, {}
            self._answered = question
        self.table.set_columns(value_columns(by, self.state.notation))
        self.table.empty = self.state.emptiness(NOTHING_COUNTED) if is_whole else "counting"
        self.table.sorted_by = question.order.replace("value", by[0])
        self._show(value_records(tally, by, kept))
        if is_new and kept is not None and not (self.record and self.record.is_kept):
            rows = [row for row, record in enumerate(self.records) if record.is_kept]
            self.table.go(rows[0] if rows else 0)
        self.left_out = tally.left_out
        if is_whole:
            self._say_left_out(question, tally.rows_left_out)
        self.post_message(self.Updated())

    def _say_left_out(self, question: ScreenQuestion, rows: int) -> None:
        """Once for what is counted, where it is looked at; how many there are stays next to the tabs."""
        asked = question.rows, question.by
        is_said, self._said_of = self._said_of == asked, asked
        if self.left_out and not is_said and self.state.question.view == "reasons":
            self.say(f"{counted(self.left_out, 'value')} more with {counted(rows, 'row')} are not shown", "warn")

    def _came_over_time(self, question: ScreenQuestion, trends: dict[tuple[Any, ...], Trend]) -> None:
        if self._is_asked(question):
            self.trends = trends
            self._show(self.records)

    def _show(self, records: Sequence[Value]) -> None:
        by = self.state.question.by
        cells = [[CursorCell(*pair) for pair in zip(by, record.values, strict=True)] for record in records]
        self._learn_splits(records)
        self.list(value_lines(records, by, self.trends, self._splits, self.state.notation), records, cells)

    # What goes with a value

    def _facts(self, value: Value) -> list[Fact]:
        notation, key, picture_key = self.state.notation, self._key(value), self._picture_key(value)
        facts = value_facts(value, self.state.question.by, notation)
        if picture_key is not None:
            picture, is_growing = self.pictures.get(picture_key), self.pictures.is_growing(picture_key)
            facts[1:1] = picture_facts(picture, notation, is_growing=is_growing)
        known = self.tops.get(key) if key is not None else None
        if key is not None and known is not None:
            facts += top_facts(known, notation, is_growing=self.tops.is_growing(key))
        return facts

    def _ask_tops(self, keys: Sequence[ValueKey]) -> Job:
        """The most frequent values of other fields: of the first value, then of the others."""
        by = keys[0].by
        fields = [name for name in TOP_FIELDS.get(by[0], USUAL_TOP_FIELDS) if name not in by]

        def work(job: Job) -> None:
            for part, is_last in parts(keys):
                snapshot, by, _, where = part[0]
                found = breakdowns.tops(snapshot, where, by, [key.values for key in part], fields, job.is_cancelled)
                job.post(self.tops.learned, {key: found[key.values] for key in part}, is_last=is_last)

        return self.jobs.start("tops", "count what goes with this value", work)

    def _correlate(self, keys: Sequence[ValueKey]) -> Job:
        """What correlation finds of the errors of some reasons: of the first, and of others as far as that is quick."""
        span, port = self.state.question.span, self.state.options.port_field or None
        requests = during(*span, self.state.notation.tz) if span else EVERYTHING

        def work(job: Job) -> None:
            first_done = None
            for key in keys:
                if first_done is not None and time.monotonic() - first_done > SLOW_CORRELATION:
                    break
                shown = time.monotonic()
                slow = self._slow.of(key.snapshot, job.is_cancelled)
                for picture in correlation.pictures(key.snapshot, key.where, requests, port, slow, job.is_cancelled):
                    if picture.is_whole or time.monotonic() - shown > SLOW_CORRELATION:
                        shown = time.monotonic()
                        job.post(self._pictured, key, picture)
                first_done = first_done or time.monotonic()
            job.post(self.pictures.learned, {}, is_last=True)

        return self.jobs.start("picture", "correlate these errors", work)

    def _pictured(self, key: ValueKey, picture: correlation.Picture) -> None:
        """Some errors are correlated: the table says who ended them, as their facts do."""
        self.pictures.learned({key: picture}, is_whole=picture.is_whole)
        if picture.is_whole and self.state.question.view == "reasons":
            self._show(self.records)

    def _learn_splits(self, records: Sequence[Value]) -> None:
        """Take over who ended the errors of each reason, from what is correlated of all of them."""
        if self.state.question.by == ("reason",):
            for record in records[:MOST_SPLIT]:
                key = self._picture_key(record)
                picture = self.pictures.get(key) if key is not None else None
                if picture is not None and picture.is_whole and picture.errors == record.count:
                    self._splits[record.values] = picture.ended_by

    def _key(self, value: Value) -> ValueKey | None:
        """What the answers about a value depend on; ``None`` before anything is read."""
        snapshot, question = self.state.snapshot, self.state.question
        if snapshot is None:
            return None
        where = question.uncounted(question.whole(self.state.notation.tz))
        return ValueKey(snapshot, question.by, value.values, where)

    def _picture_key(self, value: Value) -> ValueKey | None:
        """What the picture is of: the errors of the question with this reason; ``None`` for other values."""
        snapshot, question = self.state.snapshot, self.state.question
        if snapshot is None or question.by != ("reason",) or value.values[0] is None:
            return None
        try:
            where = question.of_values(value.values, self.state.notation.tz)
        except LogError:
            return None
        return ValueKey(snapshot, question.by, value.values, where)

    # Under the cursor

    def pairs(self) -> Sequence[tuple[str, Any]]:
        value = self.record
        return list(zip(self.state.question.by, value.values, strict=True)) if value is not None else ()
