"""The side panes: the detail of a row, what a value means, how a file was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters.grammar import EVERYTHING, both, during, only
from parsing.safe_text import safe
from tui.breakdowns import Value, value_facts
from tui.details import detail
from tui.files import Exactness, exactness_facts, index_fact, source_columns, source_facts, source_line
from tui.pictures import Picture, picture_facts
from tui.screens.views import Cell
from tui.widgets.facts import Fact
from tui.wording import NO_FILES

if TYPE_CHECKING:
    from textual.timer import Timer

    from parsing.filters.tree import Filter
    from parsing.index.snapshot import Snapshot, Source
    from tui.screens.main import MainScreen
    from tui.screens.messages import Detailed, Examined, Pictured

MOST_PICTURES = 100

SETTLE = 0.06
"""Seconds after the last move until a detail that is not known is asked for, so that a held key asks for one."""
NEAR = (1, -1, 2, -2, 3, -3, 4, -4)
"""Rows beside the cursor, and a page from it, whose details are read ahead: a key there is painted with its detail."""
MOST_DETAILS = 64


class Details:
    """Fills the side panes of the views."""

    def __init__(self, screen: MainScreen) -> None:
        self.screen = screen
        self.shown: Detailed | None = None
        self._settling: Timer | None = None
        self._known: dict[tuple[str, int], Detailed] = {}
        self._record: Value | None = None
        self._asked: object = None
        self._pictures: dict[object, Picture] = {}
        self._exact: dict[object, Exactness] = {}

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
        row, page = view.table.row, view.table.rows_visible
        near = [view.entry_at(row + by) for by in (0, *NEAR, page, -page)]
        wanted = [entry for entry in near if entry is not None and entry.key not in self._known]
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
        """Fill the view that has come up."""
        if self.screen.question.view == "sources":
            self.show_sources()
        self.follow()

    def show_sources(self) -> None:
        snapshot = self.screen.snapshot
        if snapshot is None:
            return
        listing = self.screen.sources
        listing.table.empty = self.screen.keyed(NO_FILES)
        listing.table.set_columns(source_columns(self.screen.look))
        listed = self.screen.log_set.listed(snapshot) if self.screen.log_set else snapshot.sources
        lines = [source_line(source, self.screen.look) for source in listed]
        listing.list(lines, listed, [[Cell("source", source.name)] for source in listed])

    def show_record(self) -> None:
        """What is known of the value or file under the cursor."""
        screen = self.screen
        if screen.question.view == "reasons":
            value: Value | None = screen.reasons.record
            facts = value_facts(value, screen.question.by, screen.look) if value else []
            screen.reasons.side.show(
                [*facts[:1], *self._picture(value), *facts[1:], *screen.counting.tops(value)],
                keep=value is self._record,
            )
            self._record = value
        elif screen.question.view == "sources":
            source: Source | None = screen.sources.record
            facts = [*source_facts(source, screen.look), *self._exactness(source)] if source else []
            screen.sources.side.show(facts)

    def _exactness(self, source: Source) -> list[Fact]:
        """Gaps and rejects; what is not known is asked for when the cursor stays."""
        screen = self.screen
        if self._settling is not None:
            self._settling.stop()
        key = (screen.snapshot, source.id)
        known = self._exact.get(key)
        if known is None:
            self._settling = screen.set_timer(SETTLE, lambda: self._examine(source, key))
            return []
        assert screen.snapshot is not None
        logs = sum(one.bytes for one in screen.snapshot.sources)
        return [index_fact(known, logs), *exactness_facts(source, known, screen.look)]

    def _examine(self, source: Source, key: object) -> None:
        if self.screen.log_set is not None and self.screen.snapshot is not None:
            self.screen.answers.examine(self.screen.log_set, self.screen.snapshot, source.name, key)

    def examined(self, message: Examined) -> None:
        if len(self._exact) > MOST_PICTURES:
            self._exact.clear()
        self._exact[message.key] = message.exactness
        if self.screen.question.view == "sources":
            self.show_record()

    # What correlation finds of the errors of a reason

    def _picture(self, value: Value | None) -> list[Fact]:
        """What is known of them by now; what is not known is asked for when the cursor stays."""
        screen = self.screen
        if self._settling is not None:
            self._settling.stop()
        key = self._picture_key(value)
        if key is None:
            screen.answers.cancel("picture")
            return []
        known = self._pictures.get(key)
        if (known is None or not known.is_whole) and key != self._asked:
            self._asked = None
            screen.answers.cancel("picture")
            self._settling = screen.set_timer(SETTLE, lambda: self._ask_picture(key))
        return picture_facts(known)

    def _picture_key(self, value: Value | None) -> tuple[Snapshot, Filter] | None:
        """What the picture is of: the errors of the question with this reason."""
        screen = self.screen
        if screen.snapshot is None or value is None or screen.question.by != ("reason",) or value.values[0] is None:
            return None
        try:
            reason = only("reason", value.values[0])
        except LogError:
            return None
        return screen.snapshot, both(screen.question.whole(screen.look.tz), reason)

    def _ask_picture(self, key: tuple[Snapshot, Filter]) -> None:
        self._asked = key
        span, tz = self.screen.question.span, self.screen.look.tz
        requests = during(*span, tz) if span else EVERYTHING
        self.screen.answers.picture(*key, requests, key)

    def show_picture(self, message: Pictured) -> None:
        """A picture has come, or more of one."""
        if len(self._pictures) > MOST_PICTURES:
            self._pictures.clear()
        self._pictures[message.key] = message.picture
        if message.picture.is_whole and message.key == self._asked:
            self._asked = None
        if self.screen.question.view == "reasons":
            self.show_record()
