"""What went wrong, worst first, below the set at a glance; beside it the story of the incident under the cursor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from tui.jobs import incidents
from tui.jobs.job import Job, Jobs
from tui.model.entry import Entry
from tui.model.exploration import Exploration
from tui.model.incident import IncidentBars, IncidentSpan
from tui.model.question import ScreenQuestion, Span
from tui.views.incidents.facts import incident_facts
from tui.views.incidents.lines import TONES, columns, glance_line, in_order, line, unread_part, verdict_line
from tui.views.view import CursorCell, FindRow, OrderedListing
from tui.widgets.toned import OneLine
from tui.wording import NO_INCIDENT

if TYPE_CHECKING:
    from textual.timer import Timer

    from parsing.incidents import Incident, Step
    from parsing.report import Glance

GROUP, PICTURE = "incidents", "incident"
"""Groups of jobs: what looks for incidents, and what counts the rows of one."""
BARS = 40
"""Bars of the picture of an incident."""
REST = 3
"""While logs grow, incidents are looked for again after so many times as long as the last look took."""
SOON = 0.05
"""Seconds until incidents are looked for: the rows of the question come first."""
_SECOND = timedelta(seconds=1)


class IncidentsView(OrderedListing):
    """Looks for incidents of the question; of a question that keeps everything also while another view is in sight."""

    labels: ClassVar[Mapping[str, str]] = {"detail": "rows", "timeline": "story", "explain": "reasons"}

    def __init__(self, state: Exploration, jobs: Jobs) -> None:
        super().__init__(state, jobs, id="incidents", empty="looking for incidents")
        self.figures, self.verdict = OneLine(state.glyphs, id="glance"), OneLine(state.glyphs, id="verdict")
        self.head = (self.figures, self.verdict)
        self.found: tuple[Incident, ...] = ()
        """The incidents of the question, the worst first."""
        self._glance: Glance | None = None
        self._rows: object = None
        """The rows in which these were found; ``None`` before any were."""
        self._is_stale = True
        self._job: Job | None = None
        self._timer: Timer | None = None
        self._rests_until = 0.0
        self._awaited: Callable[[], None] | None = None
        self._steps: Mapping[int, Step] = {}
        self._pictures: dict[str, IncidentBars] = {}

    @property
    def is_known(self) -> bool:
        """Whether the incidents of this question are known, of what was read when they were looked for."""
        return self._rows == self.state.question.rows

    @property
    def marked(self) -> tuple[IncidentSpan, ...]:
        """The spans of serious incidents, for the histogram."""
        serious = [one for one in self.found if one.severity != "low"] if self.is_known else []
        return tuple(IncidentSpan(one.begin, one.until, TONES[one.severity]) for one in serious)

    # Called by the screen

    def question_changed(self) -> None:
        if not self.is_known:
            self._rows, self.found, self._glance, self._awaited = None, (), None, None
            self._show()
            self.post_message(self.Updated())
            self._become_stale()

    def snapshot_taken(self) -> None:
        self._become_stale()

    def come_up(self) -> None:
        if not self.is_known:
            self._show()
            self._become_stale()

    def follow(self) -> None:
        """Show the story of the incident under the cursor, and ask for its picture."""
        one: Incident | None = self.record
        if self.state.question.view != "incidents":
            return
        if one is None:
            self._steps = {}
            self.describe((), None)
            return
        picture = self._pictures.get(one.id)
        facts, self._steps = incident_facts(one, picture, self.state.notation)
        self.describe(facts, one.id)
        if picture is None:
            self._draw(one)

    # Looking for incidents

    @property
    def _is_settled(self) -> bool:
        """Whether there are incidents, or none will come of what is being read."""
        return bool(self.found) or not (self._is_stale or self.state.is_reading)

    @property
    def _is_wanted(self) -> bool:
        question = self.state.question
        return question.view == "incidents" or question.rows == ScreenQuestion().rows or self._awaited is not None

    def _become_stale(self) -> None:
        self._is_stale = True
        self._look()

    def _look(self) -> None:
        """Look for incidents once what is shown rests: not while a look is on its way, and not too often."""
        if not (self._is_stale and self._is_wanted) or self.state.snapshot is None:
            return
        if self._job is not None and not self._job.is_finished and self.is_known:
            return
        if self._timer is not None:
            self._timer.stop()
        rest = self._rests_until - time.monotonic() if self.state.is_growing and self.is_known else 0
        self._timer = self.set_timer(max(SOON, rest), self._ask)

    def _ask(self) -> None:
        snapshot, question = self.state.snapshot, self.state.question
        if snapshot is None or not self._is_wanted:
            return
        self._is_stale = False
        where = question.whole(self.state.notation.tz)

        def work(job: Job) -> None:
            began = time.monotonic()
            job.post(self._counted, question, incidents.glance_at(snapshot, where, job.is_cancelled))
            found = incidents.found(snapshot, where, job.is_cancelled)
            job.post(self._came, job, question, found, time.monotonic() - began)

        self._job = self.jobs.start(GROUP, "look for incidents", work)

    def _counted(self, question: ScreenQuestion, known: Glance) -> None:
        if question.rows == self.state.question.rows:
            self._glance = known
            self._show_glance()

    def _came(self, job: Job, question: ScreenQuestion, found: tuple[Incident, ...], took: float) -> None:
        """Incidents have come, unless they are of an earlier look."""
        if question.rows != self.state.question.rows or job is not self._job:
            return
        if found != self.found:
            self._pictures.clear()
        self._rows, self.found = question.rows, found
        self._rests_until = time.monotonic() + REST * took
        self._job = None
        self._show()
        self.post_message(self.Updated())
        if self._awaited is not None and self._is_settled:
            awaited, self._awaited = self._awaited, None
            awaited()
        self._look()

    def give_up(self, group: str) -> None:
        if group == GROUP:
            self._awaited = None
            self.show_empty(self.state.keyed("Incidents could not be looked for. {view_entries} shows the rows."))

    def once_known(self, then: Callable[[], None]) -> None:
        """Do something as soon as the incidents of this question are known."""
        if self.is_known and self._is_settled:
            then()
            return
        self.say("looking for incidents", "dim")
        self._awaited = then
        self._become_stale()

    # What is shown

    def _show(self) -> None:
        notation = self.state.notation
        self.table.set_columns(columns(notation))
        self.table.empty = self.state.emptiness(NO_INCIDENT) if self.is_known else "looking for incidents"
        listed = in_order(self.found, self.table.sorted_by)
        cells = [[CursorCell("queue", one.pools[0])] if one.pools else [] for one in listed]
        self.list([line(one, notation) for one in listed], listed, cells)
        self._show_glance()
        self.follow()

    def _show_glance(self) -> None:
        notation, known = self.state.notation, self._glance
        self.figures.say(glance_line(known, notation) if known is not None else [(" counting", "dim")])
        is_growing = self.state.is_reading
        verdict = (
            verdict_line(self.found, known, is_growing=is_growing)
            if self.is_known
            else [(" looking for incidents", "dim")]
        )
        self.verdict.say(verdict, unread_part(known) if known is not None else ())

    def _draw(self, one: Incident) -> None:
        """Count the rows of an incident over time."""
        snapshot = self.state.snapshot
        if snapshot is None:
            return

        def work(job: Job) -> None:
            job.post(self._drawn, one, incidents.bars(snapshot, one, BARS, job.is_cancelled))

        self.jobs.start(PICTURE, "draw this incident", work)

    def _drawn(self, one: Incident, picture: IncidentBars) -> None:
        self._pictures[one.id] = picture
        if self.record == one:
            self.follow()

    # Keys

    @property
    def commands(self) -> Mapping[str, Callable[[], None]]:
        return {
            **super().commands,
            "detail": self._open,
            "explain": self._reasons,
            "next_burst": lambda: self._go(1),
            "previous_burst": lambda: self._go(-1),
        }

    def _open(self) -> None:
        """The rows of the incident; on a step of its story, the row that shows it."""
        one: Incident | None = self.record
        snapshot = self.state.snapshot
        if one is None or snapshot is None:
            return
        step = self._steps.get(self.side.cursor) if self.side.has_focus else None
        question = replace(self._narrowed(one), view="entries", sort="")
        if step is None or not step.source:
            self._ask_for(question, Entry("", "", 0, one.begin, {}), one)
            return

        def work(job: Job) -> None:
            job.post(self._ask_for, question, incidents.row_at(snapshot, step.source, step.line, job.is_cancelled), one)

        self.jobs.start("placing", "find this row", work)

    def _ask_for(self, question: ScreenQuestion, entry: Entry | None, one: Incident) -> None:
        self.post_message(self.Narrowed(question, f"the rows of this incident: {one.kind}", entry))

    def _reasons(self) -> None:
        """The reasons of its errors; of one without any, the statuses of its requests."""
        one: Incident | None = self.record
        if one is not None:
            by = ("reason",) if one.errors else ("status",)
            question = replace(self._narrowed(one), view="reasons", by=by, order="-count")
            self.post_message(self.Narrowed(question, f"values of {by[0]} in this incident"))

    def _narrowed(self, one: Incident) -> ScreenQuestion:
        rows = incidents.rows_of(one)
        return self.state.question.unfiltered().filtered(str(rows), rows)

    def _go(self, by: int) -> None:
        """To the next incident in order of time, or the one before."""
        here: Incident | None = self.record
        ordered = in_order(self.found, "begin")
        place = ordered.index(here) + by if here in ordered else 0
        if here is not None and 0 <= place < len(ordered):
            self.table.go(self.records.index(ordered[place]))
        else:
            self.say(f"no incident {'after' if by > 0 else 'before'} this one", "dim")

    def sort_by(self, by: str) -> None:
        self.table.sorted_by = by
        self._show()
        self.say(f"sorted by {by.removeprefix('-')}" if by else "the worst first")

    # Under the cursor

    def moment(self) -> datetime | None:
        return self.record.begin if self.record is not None else None

    def span(self) -> Span | None:
        one: Incident | None = self.record
        return (one.begin, one.until + _SECOND) if one is not None else None

    def find_row(self) -> FindRow | None:
        """The first error of the incident, else its first request."""
        one, snapshot = self.record, self.state.snapshot
        if one is None or snapshot is None:
            return None
        return lambda cancelled: incidents.first_row(snapshot, one, cancelled, is_error=True)

    def pairs(self) -> Sequence[tuple[str, Any]]:
        return [("queue", pool) for pool in self.record.pools[:1]] if self.record is not None else ()
