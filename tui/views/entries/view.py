"""The rows of both logs in order of time, or of a column: which are asked for, and where the cursor goes among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual import on

from parsing.knowledge import field_of
from parsing.safe_text import cells, safe
from tui.jobs import correlation, engine
from tui.jobs.engine import Anchor, Found
from tui.jobs.job import Job, Jobs
from tui.model.column import fitted
from tui.model.entry import OUTCOME, SERVING, USUAL, Entry, cell, condition, grid_columns, needed_fields, sorted_column
from tui.model.exploration import Exploration
from tui.model.page import Pages
from tui.model.question import ScreenQuestion
from tui.views.side_pane import DetailView
from tui.views.view import CursorCell, Part
from tui.widgets.rows import RowWindow
from tui.wording import NO_ROWS, NO_ROWS_YET

if TYPE_CHECKING:
    from datetime import datetime

    from parsing.index import Snapshot
    from tui.model.page import Rows


@dataclass(frozen=True, slots=True)
class Goal:
    """Where the cursor is to go: ``anchor`` finds it also in newer rows of the question, ``missing`` is said without it.

    With ``moves``, it only holds while the cursor was not moved since. ``fields`` are those of the row in which the text
    is that was looked for.
    """

    anchor: Anchor
    missing: str = ""
    moves: int | None = None
    fields: tuple[str, ...] = ()


class EntriesView(DetailView):
    """Both logs in one table. The cursor stays on its row while others come, until the user moves it."""

    def __init__(self, state: Exploration, jobs: Jobs) -> None:
        super().__init__(state, jobs, id="entries", empty=NO_ROWS_YET)
        self.pages: Pages | None = None
        self.answered: ScreenQuestion | None = None
        """What the rows that are shown are the answer to."""
        self.wanted: tuple[str, ...] = USUAL
        self.total: int | None = None
        self.is_whole = False
        self.is_moved = False
        """Whether the user has chosen a row; until then the newest is in view."""
        self.moves = 0
        self._moves_asked = 0
        self._row_asked: int | None = None
        """Row that a refresh was anchored to; rows inserted above it shift it."""
        self.places: dict[ScreenQuestion, Entry] = {}
        """The rows that were left when another question was asked."""
        self.remembered: Entry | None = None
        """The row that was left when the program ended, until it is found again or the user goes elsewhere."""
        self._needs: dict[str, int] = {}
        """Cells that each column needs for the rows that have come."""
        self.side.label = len("sc-win32-status")

    # Called by the screen

    def count_move(self) -> None:
        """The user has moved the cursor: answers on their way do not move it again."""
        self.is_moved = True
        self.remembered = None
        self.moves += 1

    # Asking

    @property
    def is_counted(self) -> bool:
        """Whether the total is that of the question, and not yet of the one before."""
        return self.answered is not None and self.answered.rows == self.state.question.rows

    @property
    def is_answered(self) -> bool:
        """Whether the rows that are shown are of the question, and not yet of the one before."""
        known = self.answered
        return self.is_counted and known is not None and known.sort == self.state.question.sort

    def remember_place(self) -> None:
        entry = self.entry()
        if entry is not None:
            self.places[self.state.question] = entry

    def ask(self, *, is_refresh: bool, is_return: bool) -> Part:
        """The rows of the question in what is read by now; the cursor stays on its row, or returns to the one left."""
        question, snapshot = self.state.question, self.state.snapshot
        assert snapshot is not None, "nothing is asked before the logs are open"
        self._moves_asked = self.moves
        self.choose(question.columns)
        entry = self.remembered or self.entry()
        if is_return:
            entry = self.places.get(question) or entry
        is_at_end = not self.is_moved or (self.state.is_following and self.is_at_end)
        anchor = Anchor(at_end=True) if is_at_end else Anchor(entry=entry, row=self.table.row)
        if question.sort not in ("", self.answered.sort if self.answered else "") and not is_return:
            # A user who sorts looks for the first rows, not for where this one has gone.
            self.is_moved, anchor = True, Anchor()
        self._row_asked = anchor.row if is_refresh and anchor.entry is not None else None
        fields, window = self.fields(), self.table.rows_visible

        def work(job: Job) -> None:
            partial = not is_refresh
            for found in engine.find(snapshot, question, fields, anchor, window, job.is_cancelled, partial=partial):
                job.post(self._answered, found)

        return work

    def _answered(self, found: Found) -> None:
        asked, now = (replace(known, view="", preset="") for known in (found.question, self.state.question))
        if asked != now:
            return
        self.total, self.is_whole = found.rows.count, found.is_whole
        entry = self.entry()
        if self.moves != self._moves_asked:
            # The cursor was moved while this was asked: where it should be is where it is now, as far from what was
            # asked about as it is.
            shift = found.row - self._row_asked if self._row_asked is not None else 0
            found = replace(found, row=min(max(0, self.table.row + shift), max(0, self.total - 1)))
        self.take(found, self.state.emptiness(NO_ROWS))
        if not self.state.is_reading:
            self.remembered = None
        if self.moves != self._moves_asked and entry is not None:
            self._place(found.rows, Goal(Anchor(entry=entry), moves=self.moves))
        self.post_message(self.Updated())

    @on(RowWindow.Wanted)
    def _fetch(self, message: RowWindow.Wanted) -> None:
        """Read rows that are about to be shown."""
        pages = self.pages
        numbers = pages.missing(message.first, message.last) if pages is not None else []
        if pages is None or not numbers:
            return

        def work(job: Job) -> None:
            job.post(self._put, pages.rows, engine.fetch(pages.rows, numbers, pages.fields, job.is_cancelled))

        self.jobs.start("paging", "read these rows", work)

    def _put(self, rows: Rows, chunks: dict[int, list[Entry]]) -> None:
        """Rows that were asked for have come."""
        if self.pages is None or self.pages.rows is not rows:
            return
        for number, chunk in chunks.items():
            self.pages.put(number, chunk)
        self._lay_out(chunks)
        self.table.arrived()
        self.post_message(self.Updated())

    # Going somewhere

    def go_to(self, anchor: Anchor) -> None:
        """Go to a time or an entry among the rows."""
        self.is_moved = True
        self.remembered = None
        if self.pages is not None:
            self._place(self.pages.rows, Goal(anchor))

    def _place(self, rows: Rows, goal: Goal) -> None:
        """Find where in the rows a time or an entry is, and go there.

        A goal that only holds while the cursor is not moved is one that nobody asked for: it stops no jump or search.
        """
        question, is_asked_for = self.state.question, goal.moves is None

        def work(job: Job) -> None:
            job.post(self._placed, question, rows, engine.place(rows, goal.anchor), goal)

        group, what = ("placing", "go there") if is_asked_for else ("staying", "stay with this row")
        self.jobs.start(group, what, work)

    def find_text(self, text: str, by: int, missing: str) -> None:
        """Go to the next row that has a text; ``missing`` is said where there is none."""
        pages, snapshot, question, here = self.pages, self.state.snapshot, self.state.question, self.table.row
        if pages is None or not pages.total or snapshot is None:
            return

        def work(job: Job) -> None:
            row, fields = engine.find_text(snapshot, question, pages.rows, text, here, by, job.is_cancelled)
            anchor = Anchor(entry=correlation.numbered(pages.rows, row) if row is not None else None)
            job.post(self._placed, question, pages.rows, row, Goal(anchor, missing, fields=fields))

        self.jobs.start("placing", "find this text", work)

    def _placed(self, question: ScreenQuestion, rows: Rows, row: int | None, goal: Goal) -> None:
        pages = self.pages
        if pages is None or question.rows != self.state.question.rows or goal.moves not in (None, self.moves):
            return
        if row is None:
            self.say(goal.missing, "dim")
        elif pages.rows is not rows:
            if goal.moves is None:  # else the newer rows were placed for themselves
                self._place(pages.rows, goal)
        else:
            self.table.go(row)
            hidden = self.hidden(goal.fields)
            if goal.fields and len(hidden) == len(goal.fields):
                keys = self.state.keyed("{detail} shows it, {columns} adds it")
                self.say(f"found in {safe(', '.join(hidden))}, which is no column here; {keys}")

    def row_values(
        self,
        snapshot: Snapshot,
        names: Sequence[str],
        take: Callable[[dict[str, Any], Entry], None],
        known: Entry | None,
    ) -> bool:
        """Have ``take`` called with some values of a row; without one, of that under the cursor, which may be unread.

        ``False`` where there is no row.
        """
        pages, row = self.pages, self.table.row
        if known is None and (pages is None or not pages.total):
            return False

        def work(job: Job) -> None:
            entry = known or (correlation.numbered(pages.rows, row) if pages is not None else None)
            if entry is not None:
                values = engine.row_of(snapshot, entry.source, entry.line, entry.time, names)
                job.post(take, values, entry)

        self.jobs.start("row", "read the row", work)
        return True

    # What is shown

    def fields(self) -> tuple[str, ...]:
        """What to ask for so that the chosen columns can be shown."""
        return needed_fields(self.wanted)

    def hidden(self, fields: Sequence[str]) -> list[str]:
        """Those of some wire fields that no column shows."""
        columns = self.pages.columns if self.pages is not None else self.wanted
        shown = {*needed_fields(columns), *(field_of(name).name for name in columns)}
        shown |= {"cs-uri", "cs-uri-stem", "cs-uri-query"} if "uri" in columns else set()
        return [name for name in fields if name not in shown]

    def choose(self, columns: Sequence[str]) -> None:
        """Choose the columns; rows that are shown keep theirs until others come."""
        self.wanted = tuple(columns) or USUAL
        if self.pages is None:
            self.table.set_columns(grid_columns(self.wanted, self.state.notation))

    def take(self, found: Found, empty: str) -> None:
        """Show the rows of an answer; ``empty`` is said where it has none."""
        old = self.table.source
        pages = Pages(found.rows, self.wanted, self.state.notation)
        for number, chunk in found.chunks.items():
            pages.put(number, chunk)
        before = self.answered
        self.pages, self.answered = pages, found.question
        self.table.empty = empty if found.is_whole else NO_ROWS_YET
        same_place = old.total and self.table.row - self.table.top
        if before is None or (before.rows, before.columns) != (found.question.rows, found.question.columns):
            self._needs = {}
        self._lay_out(found.chunks)
        self.table.sorted_by = sorted_column(found.question.sort, pages.columns)
        self.table.show(pages, row=found.row, offset=same_place or None)

    def _lay_out(self, chunks: Mapping[int, Sequence[Entry]]) -> None:
        """Columns as wide as the rows that have come need, and never narrower than before for the same question."""
        notation = self.state.notation
        wanted = self.pages.columns if self.pages is not None else self.wanted
        columns = grid_columns(wanted, notation)
        rows = [entry for chunk in chunks.values() for entry in chunk]
        if SERVING in wanted and any(entry.is_error for entry in rows):
            self._needs[SERVING] = max(len("taken/pool"), self._needs.get(SERVING, 0))  # no queue under "taken"
        for column in columns:
            if column.grow <= 1:
                shown = (cells(cell(entry, column.key, notation)[0]) for entry in rows)
                self._needs[column.key] = max(self._needs.get(column.key, 0), *shown, 0)
        columns = fitted(columns, self._needs)
        if columns != self.table.columns:
            self.table.set_columns(columns)

    # Under the cursor

    def entry_at(self, row: int) -> Entry | None:
        return self.pages.entry(row) if self.pages is not None and 0 <= row < self.pages.total else None

    def moment(self) -> datetime | None:
        entry = self.entry()
        return entry.time if entry else None

    def table_cell(self) -> CursorCell | None:
        entry, column = self.entry(), self.table.current_column
        return CursorCell(*condition(entry, column.key)) if entry and column else None

    def field(self) -> str:
        cell, column = self.cell(), self.table.current_column
        if cell is not None or column is None or self.side.has_focus:
            return cell.field if cell else ""
        return {OUTCOME: "reason", SERVING: "queue"}.get(column.key, column.key)

    @property
    def is_at_end(self) -> bool:
        return self.table.row >= self.table.source.total - 1
