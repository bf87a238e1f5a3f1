"""The views of the main screen: what each shows, and what the cell under its cursor stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from parsing.knowledge.fields import field_of
from tui.glyphs import Glyphs
from tui.model.entry import OUTCOME, USUAL, Entry, Look, condition, grid_columns, needed_fields
from tui.model.page import Pages
from tui.widgets.facts import Fact, Facts
from tui.widgets.panes import Panes
from tui.widgets.rows import Line, Lines
from tui.wording import NO_ROWS_YET

if TYPE_CHECKING:
    from tui.jobs.engine import Found
    from tui.model.page import Rows
    from tui.model.question import Question


@dataclass(frozen=True, slots=True)
class Cell:
    """What is under the cursor, as the field and value of a filter."""

    field: str
    value: Any


class View(Panes):
    """A table with its side pane; what the commands ask of every view."""

    def cell(self) -> Cell | None:
        """The field and value under the cursor, in the pane that has the focus."""
        if isinstance(self.focused, Facts):
            fact = self.side.current
            return Cell(fact.field, fact.value) if fact and fact.field else None
        return self.table_cell()

    def table_cell(self) -> Cell | None:
        return None

    def field(self) -> str:
        """The field under the cursor, also where its row is still to come; empty where there is none."""
        cell = self.cell()
        return cell.field if cell else ""

    def moment(self) -> datetime | None:
        """The time of what is under the cursor."""
        return None

    @property
    def record(self) -> Any | None:
        """What the row under the cursor stands for, where rows are values or files."""
        return None

    def entry(self) -> Entry | None:
        """The row under the cursor, where rows are entries."""
        return self.entry_at(self.table.row)

    def entry_at(self, row: int) -> Entry | None:  # noqa: ARG002
        """A row by its number, where rows are entries and it is here."""
        return None

    def about(self) -> list[Fact]:
        """What is known of the row under the cursor beside its own fields."""
        return []


class Entries(View):
    """Both logs in order of time."""

    def __init__(self, glyphs: Glyphs, look: Look) -> None:
        super().__init__(glyphs, id="entries", empty=NO_ROWS_YET)
        self.look = look
        self.pages: Pages | None = None
        self.answered: Question | None = None
        """What the rows that are shown are the answer to."""
        self.wanted: tuple[str, ...] = USUAL
        self.side.title = "detail"
        self.side.label = len("sc-win32-status")

    def fields(self) -> tuple[str, ...]:
        """What to ask for so that the chosen columns can be shown."""
        return needed_fields(self.wanted)

    def hidden(self, fields: Sequence[str]) -> list[str]:
        """Those of some wire fields that no column shows."""
        columns = self.pages.columns if self.pages is not None else self.wanted
        shown = {*needed_fields(columns), *(field_of(name).name for name in columns)}
        shown |= {"cs-uri", "cs-uri-stem", "cs-uri-query"} if "uri" in columns else set()
        return [name for name in fields if name not in shown]

    def choose(self, columns: Sequence[str], look: Look) -> None:
        """Choose the columns and how they are written; rows that are shown keep theirs until others come."""
        self.wanted = tuple(columns) or USUAL
        self.look = look
        if self.pages is None:
            self.table.set_columns(grid_columns(self.wanted, look))

    def take(self, found: Found, empty: str) -> None:
        """Show the rows of an answer; ``empty`` is said where it has none."""
        old = self.table.source
        pages = Pages(found.rows, self.wanted, self.look)
        for number, chunk in found.chunks.items():
            pages.put(number, chunk)
        self.pages, self.answered = pages, found.question
        self.table.empty = empty if found.is_whole else NO_ROWS_YET
        same_place = old.total and self.table.row - self.table.top
        columns = grid_columns(pages.columns, self.look)
        if columns != self.table.columns:
            self.table.set_columns(columns)
        self.table.sorted_by = found.question.sort
        self.table.show(pages, row=found.row, offset=same_place or None)

    def put(self, rows: Rows, chunks: dict[int, list[Entry]]) -> None:
        """Rows that were asked for have come."""
        if self.pages is None or self.pages.rows is not rows:
            return
        for number, chunk in chunks.items():
            self.pages.put(number, chunk)
        self.table.arrived()

    def entry_at(self, row: int) -> Entry | None:
        return self.pages.entry(row) if self.pages is not None and 0 <= row < self.pages.total else None

    def moment(self) -> datetime | None:
        entry = self.entry()
        return entry.time if entry else None

    def table_cell(self) -> Cell | None:
        entry, column = self.entry(), self.table.current_column
        return Cell(*condition(entry, column.key)) if entry and column else None

    def field(self) -> str:
        cell, column = self.cell(), self.table.current_column
        if cell is not None or column is None or self.side.has_focus:
            return cell.field if cell else ""
        return "reason" if column.key == OUTCOME else column.key

    @property
    def is_at_end(self) -> bool:
        return self.table.row >= self.table.source.total - 1


class Listing(View):
    """A view whose rows are all here: each has a record behind it."""

    def __init__(self, glyphs: Glyphs, *, id: str, empty: str = "") -> None:  # noqa: A002
        super().__init__(glyphs, id=id, empty=empty)
        self.records: tuple[Any, ...] = ()
        self.cells: tuple[Sequence[Cell], ...] = ()

    def list(self, lines: Sequence[Line], records: Sequence[Any], cells: Sequence[Sequence[Cell]]) -> None:
        """Show lines with their records, and the fields and values that each stands for.

        The cursor stays on its record where that is still there.
        """
        current = self.table.current_line
        keys = [line.key for line in lines]
        self.records, self.cells = tuple(records), tuple(cells)
        row = keys.index(current.key) if current is not None and current.key in keys else None
        self.table.show(Lines(tuple(lines)), row=row, offset=self.table.row - self.table.top)

    def table_cell(self) -> Cell | None:
        """What is in this column; in a column of figures, what they are about."""
        cells = self.cells[self.table.row] if self.table.row < len(self.cells) else ()
        column = self.table.current_column
        here = [cell for cell in cells if column is not None and cell.field == column.key]
        return next(iter([*here, *cells]), None)

    @property
    def record(self) -> Any | None:
        return self.records[self.table.row] if self.table.row < len(self.records) else None
