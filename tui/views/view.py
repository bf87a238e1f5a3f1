"""What all views have in common: a table with a side pane, what is under the cursor, and messages to the screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

from tui.jobs.job import Job, Jobs
from tui.model.entry import Entry
from tui.model.exploration import Exploration
from tui.model.fact import Fact
from tui.model.line import Line, Lines
from tui.model.question import ScreenQuestion, Span
from tui.widgets.facts import Facts
from tui.widgets.panes import Panes

if TYPE_CHECKING:
    from parsing.correlation import Correlated


@dataclass(frozen=True, slots=True)
class CursorCell:
    """What is under the cursor, as the field and value of a filter."""

    field: str
    value: Any


FindRow = Callable[[Callable[[], bool]], Entry | None]
"""Finds a row unless it is cancelled, as the argument says."""

Part = Callable[[Job], None]
"""A part of what a question asks for: runs in the thread of a job, and posts what it finds."""

ASKING = "asking"
"""The group of jobs that answer the question, by the parts of the view in sight among others."""


class View(Panes):
    """A view owns its state, its keys and what it asks. The screen calls it; it answers by messages."""

    is_of_entries: ClassVar[bool] = False
    """Whether rows are entries of a log, with the detail of one as side pane that opens and closes."""

    labels: ClassVar[Mapping[str, str]] = {}
    """What actions are called here, by their ids, where that is not what the key table says."""

    @dataclass
    class Said(Message):
        """A line for the user. Log text in it must be safe."""

        text: str
        tone: str = "accent"

    @dataclass
    class Updated(Message):
        """Its rows, or what is under the cursor, have changed: the lines of the screen are to be updated."""

    @dataclass
    class Turned(Message):
        """Another view of the same question is to be shown."""

        view: str

    @dataclass
    class Narrowed(Message):
        """A question one level below this one is to be asked, with the cursor on ``entry`` or near its time."""

        question: ScreenQuestion
        text: str
        entry: Entry | None = None

    def __init__(self, state: Exploration, jobs: Jobs, *, id: str, empty: str = "") -> None:  # noqa: A002
        super().__init__(state.glyphs, id=id, empty=empty)
        self.state = state
        self.jobs = jobs
        self.side.label = 0

    # Called by the screen

    def question_changed(self) -> None:
        """The question is another one."""

    def snapshot_taken(self) -> None:
        """More is read."""

    def come_up(self) -> None:
        """The view has come into sight."""

    def go_down(self) -> None:
        """Another view has come into sight: what was looked for next to the rows of this one is not wanted any more."""

    def follow(self) -> None:
        """The cursor is on another row: the side pane follows."""

    def parts(self) -> Sequence[Part]:
        """What this view asks of a new question or snapshot; the rows of the entries are asked in any case."""
        return ()

    def give_up(self, group: str) -> None:
        """A job of a group has failed: what it was to find will not come."""

    @property
    def commands(self) -> Mapping[str, Callable[[], None]]:
        """What actions do here in place of what they do elsewhere, by the ids of the actions."""
        return {}

    def one_up(self) -> bool:
        """Go one level up inside the view; whether there was one."""
        return False

    def show_empty(self, text: str) -> None:
        """Say why there are no rows."""
        self.table.empty = text
        self.table.refresh()

    def open_detail(self) -> None:
        """Show the side pane."""
        self.open_side()
        self.follow()

    # Messages to the screen

    def say(self, text: str, tone: str = "accent") -> None:
        self.post_message(self.Said(text, tone))

    # What commands ask of every view

    def cell(self) -> CursorCell | None:
        """The field and value under the cursor, in the pane that has the focus."""
        if isinstance(self.focused, Facts):
            fact = self.side.current
            return CursorCell(fact.field, fact.value) if fact and fact.field else None
        return self.table_cell()

    def table_cell(self) -> CursorCell | None:
        return None

    def field(self) -> str:
        """The field under the cursor, also where its row is still to come; empty where there is none."""
        cell = self.cell()
        return cell.field if cell else ""

    def moment(self) -> datetime | None:
        """The time of what is under the cursor."""
        return None

    def span(self) -> Span | None:
        """The times of what is under the cursor, where it lasts."""
        return None

    def find_row(self) -> FindRow | None:
        """Finds the row with which the story of what is under the cursor begins, where it is no entry; blocks."""
        return None

    @property
    def record(self) -> Any | None:
        """What the row under the cursor stands for, where rows are values or files."""
        return None

    def pairs(self) -> Sequence[tuple[str, Any]]:
        """The fields and values that the row under the cursor stands for, where rows are values or files."""
        return ()

    def entry(self) -> Entry | None:
        """The row under the cursor, where rows are entries."""
        return self.entry_at(self.table.row)

    def entry_at(self, row: int) -> Entry | None:  # noqa: ARG002
        """A row by its number, where rows are entries and it is here."""
        return None

    def values(self) -> dict[str, Any]:
        """The values of the row under the cursor, as far as they are known, by wire and virtual names."""
        entry = self.entry()
        if entry is None:
            return {}
        return {**entry.values, "time": entry.time, "log": entry.log, "source": entry.source, "line": entry.line}

    def known_error(self) -> Correlated | None:
        """What correlation knows of the error under the cursor, where that is known by now."""
        return None

    def about(self) -> list[Fact]:
        """What is known of the row under the cursor that is no field of it."""
        return []


class Listing(View):
    """A view whose rows are all here: each has a record behind it."""

    labels: ClassVar[Mapping[str, str]] = {"detail": "narrow"}

    def __init__(self, state: Exploration, jobs: Jobs, *, id: str, empty: str = "") -> None:  # noqa: A002
        super().__init__(state, jobs, id=id, empty=empty)
        self.records: tuple[Any, ...] = ()
        self.cells: tuple[Sequence[CursorCell], ...] = ()
        self.side.label = len("clients gone")
        self._described: object = None
        """Which record the side pane is about."""

    def on_mount(self) -> None:
        self.open_side()

    def list(self, lines: Sequence[Line], records: Sequence[Any], cells: Sequence[Sequence[CursorCell]]) -> None:
        """Show lines with their records, and the fields and values that each stands for.

        The cursor stays on its record where that is still there.
        """
        current = self.table.current_line
        keys = [line.key for line in lines]
        self.records, self.cells = tuple(records), tuple(cells)
        row = keys.index(current.key) if current is not None and current.key in keys else None
        self.table.show(Lines(tuple(lines)), row=row, offset=self.table.row - self.table.top)

    def describe(self, facts: Sequence[Fact], about: object) -> None:
        """Show facts of a record, at the line that was read where it is the same record."""
        self.side.show(facts, keep=self._described == about)
        self._described = about

    def table_cell(self) -> CursorCell | None:
        """What is in this column; in a column of figures, what they are about."""
        cells = self.cells[self.table.row] if self.table.row < len(self.cells) else ()
        column = self.table.current_column
        here = [cell for cell in cells if column is not None and cell.field == column.key]
        return next(iter([*here, *cells]), None)

    @property
    def record(self) -> Any | None:
        return self.records[self.table.row] if self.table.row < len(self.records) else None


class OrderedListing(Listing):
    """A listing whose rows are put in order here alone: the order is no part of the question."""

    @property
    def commands(self) -> Mapping[str, Callable[[], None]]:
        return {"sort": self._sort, "sort_down": self._sort_down}

    def sort_by(self, by: str) -> None:
        """Show the rows ordered by a column, largest first after ``-``, or as at first where it is empty; and say so."""
        raise NotImplementedError

    def _sort(self) -> None:
        """By this column, then the other way round, then as at first again."""
        column = self.table.current_column
        if column is not None:
            self.sort_by({column.key: f"-{column.key}", f"-{column.key}": ""}.get(self.table.sorted_by, column.key))

    def _sort_down(self) -> None:
        column = self.table.current_column
        if column is not None:
            self.sort_by(f"-{column.key}")
