"""The side panes: the detail of a row, what a value means, how a file was read."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from parsing.errors import LogError
from parsing.filters import EVERYTHING, during
from parsing.safe_text import safe
from tui.breakdowns import Value, value_facts
from tui.details import detail
from tui.files import exactness_facts, in_order, index_fact, source_columns, source_facts, source_line
from tui.pictures import picture_facts
from tui.screens.nearby import SETTLE, FileKey, Nearby, ValueKey, near
from tui.screens.views import Cell
from tui.widgets.facts import Fact
from tui.wording import NO_FILES

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.worker import Worker

    from parsing.index.snapshot import Source
    from tui.screens.main import MainScreen
    from tui.screens.messages import Detailed
    from tui.screens.views import Listing

MOST_DETAILS = 64


class Details:
    """Fills the side panes of the views."""

    def __init__(self, screen: MainScreen) -> None:
        self.screen = screen
        self.shown: Detailed | None = None
        self._settling: Timer | None = None
        self._known: dict[tuple[str, int], Detailed] = {}
        self._told: dict[Listing, Hashable] = {}
        """Of which record each view tells."""
        self.pictures: Nearby[ValueKey] = Nearby(screen, self._correlate)
        self._exact: Nearby[FileKey] = Nearby(screen, self._examine)

    def snapshot_taken(self) -> None:
        """More is read: the files show it, and a row may be of a file that was replaced."""
        self._known.clear()
        if self.screen.question.view == "sources":
            self.show_sources()

    def follow(self) -> None:
        """The cursor has moved: what is open beside it follows."""
        screen = self.screen
        if not screen.view.is_open:
            return
        if screen.question.view in ("entries", "timeline"):
            entry = screen.view.entry()
            if entry is None and not screen.view.table.source.total:
                screen.view.side.show(())
            known = self._known.get(entry.key) if entry is not None else None
            if known is not None:
                self._show(known)
            if self._settling is not None:
                self._settling.stop()
            self._settling = screen.set_timer(SETTLE, self.ask)
        else:
            self.show_record()

    def ask(self) -> None:
        """Fetch the row under the cursor with all its fields, and those near it."""
        screen, view = self.screen, self.screen.view
        if screen.log_set is None or screen.snapshot is None:
            return
        rows = near(view.table.row, view.table.rows_visible, view.table.source.total)
        wanted = [entry for entry in map(view.entry_at, rows) if entry is not None and entry.key not in self._known]
        if wanted:
            screen.answers.details_of(screen.log_set, screen.snapshot, wanted)

    def show_entry(self, message: Detailed) -> None:
        """A detail has come: keep it, and show it if the cursor is there."""
        while len(self._known) >= MOST_DETAILS:
            del self._known[next(iter(self._known))]
        self._known[message.entry.key] = message
        current = self.screen.view.entry()
        if current is not None and current.key == message.entry.key:
            self._show(message)

    def _show(self, message: Detailed) -> None:
        entry, screen = message.entry, self.screen
        self.shown = message
        layouts = self._layouts(message)
        layout = layouts[0] if len(layouts) == 1 else ()
        fields = detail(entry, message.raw, self._fields(message), screen.look, layout)
        mark = screen.marks.get(entry.key)
        note = [Fact("note", ((safe(mark.note), "accent"),))] if mark is not None and mark.note else []
        screen.view.side.show([*note, *screen.view.about(), *fields], keep=True)

    def _layouts(self, message: Detailed) -> tuple[tuple[str, ...], ...]:
        """The layouts of the row's file."""
        snapshot = self.screen.snapshot
        known = {source.name: source.layouts for source in snapshot.sources} if snapshot else {}
        return known.get(message.entry.source, ())

    def _fields(self, message: Detailed) -> list[str]:
        """The fields of the row's layout, in the order of its file; where there are several, those it has."""
        layouts, values = self._layouts(message), message.entry.values
        known = [name for layout in layouts for name in layout]
        names = [name for name in dict.fromkeys([*known, *values]) if name in values]
        return [name for name in names if (len(layouts) == 1 and name in known) or values[name] is not None]

    def show_view(self) -> None:
        """Fill the view that has come up; what was looked for beside the rows of another one is not wanted any more."""
        view = self.screen.question.view
        if view != "reasons":
            self.screen.counting.want(())
            self.pictures.want(())
        if view != "sources":
            self._exact.want(())
        else:
            self.show_sources()
        self.follow()

    def show_sources(self) -> None:
        snapshot = self.screen.snapshot
        if snapshot is None:
            return
        listing = self.screen.sources
        listing.table.empty = self.screen.keyed(NO_FILES)
        listing.table.set_columns(source_columns(self.screen.look))
        known = self.screen.log_set.listed(snapshot) if self.screen.log_set else snapshot.sources
        listed = in_order(known, listing.table.sorted_by)
        lines = [source_line(source, self.screen.look) for source in listed]
        listing.list(lines, listed, [[Cell("source", source.name)] for source in listed])

    def show_record(self) -> None:
        """What is known of the value or file under the cursor; what is not, and of those near it, is asked for."""
        screen = self.screen
        if screen.question.view == "reasons":
            value: Value | None = screen.reasons.record
            values = self._near(screen.reasons)
            screen.counting.want(values)
            self.pictures.want([key for key in map(self._picture_key, values) if key is not None])
            facts = self._value_facts(value) if value is not None else []
            self._tell(screen.reasons, facts, (screen.question.by, value.values) if value is not None else None)
        elif screen.question.view == "sources":
            source: Source | None = screen.sources.record
            if screen.snapshot is not None:
                self._exact.want([FileKey(screen.snapshot, near.name) for near in self._near(screen.sources)])
            facts = self._source_facts(source) if source is not None else []
            self._tell(screen.sources, facts, (source.id, source.name) if source is not None else None)

    def _tell(self, listing: Listing, facts: Sequence[Fact], about: Hashable) -> None:
        """Show what is known of a record, at the line that was read where it is the same record, counted anew or not."""
        listing.side.show(facts, keep=self._told.get(listing) == about)
        self._told[listing] = about

    def _near(self, listing: Listing) -> list[Any]:
        """The record under the cursor and, where they will be the same for a while, those that keys lead to."""
        table = listing.table
        rows = near(table.row, table.rows_visible, len(listing.records))
        return [listing.records[row] for row in (rows[:1] if self.screen.reading.is_growing else rows)]

    def _value_facts(self, value: Value) -> list[Fact]:
        screen = self.screen
        facts = value_facts(value, screen.question.by, screen.look)
        key = self._picture_key(value)
        if key is not None:
            picture, is_growing = self.pictures.get(key), self.pictures.is_growing(key)
            facts[1:1] = picture_facts(picture, screen.look, is_growing=is_growing)
        return [*facts, *screen.counting.tops(value)]

    def _source_facts(self, source: Source) -> list[Fact]:
        """How a file was read, with its gaps and rejects if they are known."""
        snapshot, look = self.screen.snapshot, self.screen.look
        facts = source_facts(source, look)
        key = FileKey(snapshot, source.name) if snapshot is not None else None
        known = self._exact.get(key) if key is not None else None
        if key is None or known is None:
            return facts
        is_growing = self._exact.is_growing(key)
        return [*facts, index_fact(known, is_growing=is_growing), *exactness_facts(known, look, is_growing=is_growing)]

    def _examine(self, keys: Sequence[FileKey]) -> Worker[None]:
        log_set = self.screen.log_set
        assert log_set is not None, "files are examined once the logs are open"
        return self.screen.answers.examine(log_set, self._exact, keys)

    def _correlate(self, keys: Sequence[ValueKey]) -> Worker[None]:
        span, tz = self.screen.question.span, self.screen.look.tz
        return self.screen.answers.pictures(self.pictures, keys, during(*span, tz) if span else EVERYTHING)

    def _picture_key(self, value: Value) -> ValueKey | None:
        """What the picture is of: the errors of the question with this reason; ``None`` for other values."""
        screen = self.screen
        if screen.snapshot is None or screen.question.by != ("reason",) or value.values[0] is None:
            return None
        try:
            where = screen.question.of_values(value.values, screen.look.tz)
        except LogError:
            return None
        return ValueKey(screen.snapshot, screen.question.by, value.values, where)
