"""Asking: what changes the question."""

from __future__ import annotations

from dataclasses import replace

from parsing.errors import LogError
from parsing.filters import Filter, only, widened, without
from parsing.safe_text import safe
from tui.commands.protocols import Asks
from tui.model.counted import Value
from tui.model.question import ORDERS, TAKEN, Log
from tui.views.view import CursorCell

_LOGS: tuple[Log | None, ...] = (None, "httperr", "iis")


class Asking:
    """The commands of the group "Asking"; each is named after its action."""

    def __init__(self, screen: Asks) -> None:
        self._screen = screen

    def filter(self) -> None:
        self._screen.type_filter()

    def only(self) -> None:
        """Keep the rows of the value under the cursor; of one that the filter leaves out, as well as what it keeps."""
        record = self._left_out()
        if record is None:
            self._narrow(is_wanted=True)
            return
        question = self._screen.state.question
        pairs = list(zip(question.by, record.values, strict=True))
        try:
            filter_ = widened(question.filter, pairs)
            added = " ".join(str(only(*pair)) for pair in pairs)
        except LogError as error:
            self._screen.fail("cannot filter by this value", error)
            return
        self._screen.change(question.filtered(str(filter_), filter_), f"widened: or {safe(added)}")

    def without(self) -> None:
        if self._left_out() is not None:
            self._screen.say("the filter leaves these rows out already", "dim")
        else:
            self._narrow(is_wanted=False)

    def _left_out(self) -> Value | None:
        """The counted value under the cursor, where the filter leaves its rows out."""
        view = self._screen.view
        record = None if view.side.has_focus else view.record
        return record if isinstance(record, Value) and not record.is_kept else None

    def _narrow(self, *, is_wanted: bool) -> None:
        cell = self._screen.view.cell()
        if cell is None:
            self._screen.say("there is no value under the cursor", "warn")
            return
        condition = self._condition(cell, is_wanted=is_wanted)
        if condition is not None:
            self._screen.go_down(self._screen.state.question.narrowed(condition), f"added {safe(str(condition))}")

    def _condition(self, cell: CursorCell, *, is_wanted: bool) -> Filter | None:
        try:
            return (only if is_wanted else without)(cell.field, cell.value)
        except LogError as error:
            self._screen.fail("cannot filter by this value", error)
            return None

    def undo(self) -> None:
        if self._screen.undo():
            self._say_filter("undone")
        else:
            self._screen.say("nothing to undo", "dim")

    def redo(self) -> None:
        if self._screen.redo():
            self._say_filter("redone")
        else:
            self._screen.say("nothing to redo", "dim")

    def _say_filter(self, what: str) -> None:
        text = self._screen.state.question.as_text(self._screen.state.notation.tz)
        self._screen.say(f"{what}: {safe(text) or 'every row'}")

    def clear(self) -> None:
        question = self._screen.state.question
        cleared = question.unfiltered()
        if cleared == question:
            self._screen.show_filter()
            self._screen.say("there is no filter to clear", "dim")
        else:
            self._screen.change(cleared, self._screen.state.keyed("cleared; {undo} brings it back"))

    def log(self) -> None:
        question = self._screen.state.question
        following = _LOGS[(_LOGS.index(question.log) + 1) % len(_LOGS)]
        said = f"log:{following}" if following else "both logs"
        self._screen.change(replace(question, log=following), said, is_same_level=True)

    def sort(self) -> None:
        """By this column, then the other way round, then by time again."""
        column = self._screen.view.table.current_column
        if column is None:
            return
        question = self._screen.state.question
        if question.view == "reasons":
            self._order(column.key)
            return
        known = question.sort
        following = {column.key: f"-{column.key}", f"-{column.key}": ""}.get(known, column.key)
        self._sort("" if column.key == "time" else following)

    def sort_down(self) -> None:
        column = self._screen.view.table.current_column
        if column is None:
            return
        if self._screen.state.question.view == "reasons":
            self._order(column.key, is_down=True)
        else:
            self._sort("" if column.key == "time" else f"-{column.key}")

    def _sort(self, by: str) -> None:
        key = by.lstrip("-")
        title = next((column.title for column in self._screen.view.table.columns if column.key == key), key)
        named = f"sorted by {safe(title)}, {'largest' if by.startswith('-') else 'smallest'} first"
        said = named if by else "in order of time"
        self._screen.change(replace(self._screen.state.question, sort=by), said, is_same_level=True)

    def _order(self, key: str, *, is_down: bool = False) -> None:
        question = self._screen.state.question
        if key == "ended-by":
            self._screen.say("reasons can be sorted by name, count, first or last", "dim")
            return
        key = {"share": "count", "trend": "count"}.get(key, key)
        key = key if key in ORDERS else "value"
        turned = is_down or question.order == key
        named = ", ".join(question.by) if key == "value" else f"{key} of taken" if key in TAKEN else key
        said = f"sorted by {safe(named)}, {'largest' if turned else 'smallest'} first"
        said += "; too few rows for it: last" if key in TAKEN and key != "max" else ""
        self._screen.change(replace(question, order=f"-{key}" if turned else key), said, is_same_level=True)

    def breakdown(self) -> None:
        """Count the values of the column under the cursor."""
        field = self._screen.view.field()
        if not field:
            self._screen.say("nothing here can be counted: move to a column or a field", "warn")
            return
        question = replace(self._screen.state.question, view="reasons", by=(field,), order="-count")
        self._screen.go_down(question, f"values of {safe(*question.by)}")

    def follow(self) -> None:
        """Keep reading what is added to the logs, with the newest row in view."""
        if self._screen.state.is_following:
            self._screen.stop_following()
            self._screen.say("no longer following")
        elif self._screen.follow():
            self._screen.say("following: new rows appear as they are written")
        else:
            self._screen.say("the logs are not open", "warn")
