"""The question that stays in view while the views change: an immutable value, with a way back and forth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from parsing.filters import EVERYTHING, Filter, both, during, only, parse, without_conditions_on
from parsing.knowledge import short_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

Log = Literal["iis", "httperr"]
Span = tuple[datetime, datetime]

TAKEN = ("p50", "p90", "p95", "p99", "max")
ORDERS = ("count", "first", "last", "value", *TAKEN)
"""What counted values can be in order of, after ``-`` for the greatest first."""

MOST_KEPT = 200
"""Questions that can be undone."""


@dataclass(frozen=True, slots=True)
class ScreenQuestion:
    """What is asked. ``span`` includes its start but not its end (UTC without zone).

    ``columns`` are those of the entries, empty for the usual ones; ``sort`` is one of them, after ``-`` for the
    greatest first, empty for order of time. ``by`` are the fields that are counted, ``order`` orders their values.
    A field may be given by any of its names, and goes by its short one.
    """

    filter: Filter = EVERYTHING
    text: str = ""
    log: Log | None = None
    span: Span | None = None
    view: str = "entries"
    columns: tuple[str, ...] = ()
    sort: str = ""
    by: tuple[str, ...] = ("reason",)
    order: str = "-count"
    preset: str = ""

    def __post_init__(self) -> None:
        sign = "-" if self.sort.startswith("-") else ""
        object.__setattr__(self, "columns", _called(self.columns))
        object.__setattr__(self, "by", _called(self.by))
        object.__setattr__(self, "sort", sign + short_name(self.sort.removeprefix("-")))

    @property
    def rows(self) -> tuple[Filter, Log | None, Span | None]:
        """What decides which rows there are."""
        return self.filter, self.log, self.span

    def filtered(self, text: str, filter_: Filter) -> ScreenQuestion:
        """The question with another filter; who filters wants to see rows, not the incidents among them."""
        view = "entries" if self.view == "incidents" else self.view
        return replace(self, filter=filter_, text=text, preset="", view=view)

    def unfiltered(self) -> ScreenQuestion:
        """The question without all that keeps some rows from it."""
        return replace(self, filter=EVERYTHING, text="", span=None, log=None, preset="")

    def narrowed(self, condition: Filter) -> ScreenQuestion:
        """The question with one more condition."""
        filter_ = both(self.filter, condition)
        return self.filtered(str(filter_), filter_)

    def whole(self, tz: tzinfo) -> Filter:
        """The whole question as a filter: log and time span are conditions like any other."""
        filter_ = both(self.filter, parse(f"log:{self.log}")) if self.log else self.filter
        return both(filter_, during(*self.span, tz)) if self.span else filter_

    def of_values(self, values: Sequence[Any], tz: tzinfo) -> Filter:
        """The rows that have these values of the counted fields. Raises ``LogError`` for values that no filter can name."""
        filter_ = self.whole(tz)
        for name, value in zip(self.by, values, strict=True):
            filter_ = both(filter_, only(name, value))
        return filter_

    def uncounted(self, filter_: Filter) -> Filter:
        """A filter without what it says of the counted fields: the rows of all their values, so that one can widen again."""
        for name in self.by:
            filter_ = without_conditions_on(filter_, name)
        return filter_

    def as_text(self, tz: tzinfo) -> str:
        """The whole question as filter text; what was typed stays as it was."""
        return self.text if not (self.log or self.span) else str(self.whole(tz))


def _called(names: tuple[str, ...]) -> tuple[str, ...]:
    """Fields by their short names, each once."""
    return tuple(dict.fromkeys(map(short_name, names)))


@dataclass(slots=True)
class History:
    """The question now, those before it, and those that were undone."""

    now: ScreenQuestion = field(default_factory=ScreenQuestion)
    before: list[ScreenQuestion] = field(default_factory=list)
    after: list[ScreenQuestion] = field(default_factory=list)

    def ask(self, question: ScreenQuestion) -> bool:
        """Make a question the current one; whether it differs from the one before."""
        if question == self.now:
            return False
        self.before.append(self.now)
        del self.before[:-MOST_KEPT]
        self.after.clear()
        self.now = question
        return True

    def look(self, view: str) -> None:
        """Another view of the same question: nothing to undo."""
        self.now = replace(self.now, view=view)

    def rename(self, preset: str) -> None:
        """The question now goes by the name of another preset, or of none: nothing to undo."""
        self.now = replace(self.now, preset=preset)

    def undo(self) -> bool:
        if not self.before:
            return False
        self.after.append(self.now)
        self.now = self.before.pop()
        return True

    def redo(self) -> bool:
        if not self.after:
            return False
        self.before.append(self.now)
        self.now = self.after.pop()
        return True
