"""Views whose rows are entries, with the detail of the one under the cursor as side pane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from parsing.errors import LogError
from parsing.safe_text import safe
from tui.jobs import correlation, engine
from tui.jobs.job import Job, Jobs
from tui.model.entry import Entry, entries
from tui.model.exploration import Exploration
from tui.model.fact import Fact
from tui.views.entries.detail import detail
from tui.views.prefetch import SETTLE, near
from tui.views.view import View

if TYPE_CHECKING:
    from textual.timer import Timer

    from parsing.correlation import Correlated
    from parsing.index import LogSet, Snapshot

MOST_DETAILS = 64
"""Rows whose detail is kept, so that going back and forth asks for nothing."""
_NEAREST = 4
"""Rows that are correlated when the cursor rests: the one under it, and where the next key most likely leads."""


class RowDetail:
    """Fills the side pane of a view with the row under the cursor: every field, and its exact line."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.shown: Entry | None = None
        """The row that is shown, with all its fields."""
        self._settling: Timer | None = None
        self._known: dict[tuple[str, int], tuple[Entry, bytes | LogError]] = {}
        self._stories: dict[tuple[str, int], Correlated] = {}
        """What correlation found of errors."""

    def forget(self) -> None:
        """More is read: a row may be of a file that was replaced, and what belongs to an error may have come."""
        self._known.clear()
        if not self._view.state.is_following:
            self._stories.clear()

    def story(self, entry: Entry | None) -> Correlated | None:
        """What correlation knows of an error, where that is known by now."""
        return self._stories.get(entry.key) if entry is not None else None

    def follow(self) -> None:
        """The cursor has moved: show its row, or ask for it once the cursor rests."""
        view = self._view
        if not view.is_open:
            return
        entry = view.entry()
        if entry is None and not view.table.source.total:
            view.side.show(())
        if entry is not None and entry.key in self._known:
            self._show(*self._known[entry.key])
        if self._settling is not None:
            self._settling.stop()
        self._settling = view.set_timer(SETTLE, self.ask)

    def ask(self) -> None:
        """Fetch the row under the cursor with all its fields, and those near it."""
        view, log_set, snapshot = self._view, self._view.state.log_set, self._view.state.snapshot
        if log_set is None or snapshot is None:
            return
        rows = near(view.table.row, view.table.rows_visible, view.table.source.total)
        wanted = [entry for entry in map(view.entry_at, rows) if entry is not None and entry.key not in self._known]
        if wanted:
            view.jobs.start("detail", "show the row", lambda job: self._fetch(job, log_set, snapshot, wanted))
        self._correlate(snapshot, rows)

    def _correlate(self, snapshot: Snapshot, rows: Sequence[int]) -> None:
        """Ask what the other log knows of the errors here; not of rows that are still being read."""
        view = self._view
        nearest = rows[: 1 if view.state.is_following else _NEAREST]
        errors = [entry for entry in map(view.entry_at, nearest) if entry is not None and entry.is_error]
        wanted = [entry for entry in errors if entry.key not in self._stories]
        if not wanted or view.state.is_reading:
            return
        port = view.state.options.port_field or None

        def work(job: Job) -> None:
            for entry, found in correlation.stories(snapshot, wanted, port, job.is_cancelled):
                job.post(self._learn, entry, found)

        view.jobs.start("story", "correlate this row", work)

    def _learn(self, entry: Entry, found: Correlated) -> None:
        """What is known of an error has come: keep it, and show it if the cursor is there."""
        while len(self._stories) >= MOST_DETAILS:
            del self._stories[next(iter(self._stories))]
        self._stories[entry.key] = found
        current = self._view.entry()
        if current is not None and current.key == entry.key and entry.key in self._known and self._view.is_open:
            self._show(*self._known[entry.key])

    def _fetch(self, job: Job, log_set: LogSet, snapshot: Snapshot, wanted: Sequence[Entry]) -> None:
        for row in wanted:
            if not job.is_cancelled():
                entry = entries([engine.row_of(snapshot, row.source, row.line, row.time)])[0]
                job.post(self._take, entry, _raw_or_why(log_set, snapshot, entry))

    def _take(self, entry: Entry, raw: bytes | LogError) -> None:
        """A detail has come: keep it, and show it if the cursor is there."""
        while len(self._known) >= MOST_DETAILS:
            del self._known[next(iter(self._known))]
        self._known[entry.key] = entry, raw
        current = self._view.entry()
        if current is not None and current.key == entry.key:
            self._show(entry, raw)

    def _show(self, entry: Entry, raw: bytes | LogError) -> None:
        view, state = self._view, self._view.state
        self.shown = entry
        layouts = self._layouts(entry)
        layout = layouts[0] if len(layouts) == 1 else ()
        mark = state.marks.get(entry.key)
        note = [Fact("note", ((safe(mark.note), "accent"),))] if mark is not None and mark.note else []
        story = view.known_error()
        facts = detail(entry, raw, self._fields(entry), state.notation, layout, story=story, about=view.about())
        view.side.show([*note, *facts], keep=True)

    def _layouts(self, entry: Entry) -> tuple[tuple[str, ...], ...]:
        """The layouts of the row's file."""
        snapshot = self._view.state.snapshot
        known = {source.name: source.layouts for source in snapshot.sources} if snapshot else {}
        return known.get(entry.source, ())

    def _fields(self, entry: Entry) -> list[str]:
        """The fields of the row's layout, in the order of its file; where there are several, those it has."""
        layouts, values = self._layouts(entry), entry.values
        known = [name for layout in layouts for name in layout]
        names = [name for name in dict.fromkeys([*known, *values]) if name in values]
        return [name for name in names if (len(layouts) == 1 and name in known) or values[name] is not None]


def _raw_or_why(log_set: LogSet, snapshot: Snapshot, entry: Entry) -> bytes | LogError:
    try:
        return engine.raw_line(log_set, snapshot, entry)
    except LogError as error:
        return error


class DetailView(View):
    """A view whose rows are entries: it shows the one under the cursor next to them, with all that is known of it."""

    is_of_entries: ClassVar[bool] = True

    def __init__(self, state: Exploration, jobs: Jobs, *, id: str, empty: str = "") -> None:  # noqa: A002
        super().__init__(state, jobs, id=id, empty=empty)
        self.detail = RowDetail(self)
        self.side.title = "detail"

    def snapshot_taken(self) -> None:
        self.detail.forget()

    def follow(self) -> None:
        self.detail.follow()

    def open_detail(self) -> None:
        self.open_side()
        self.detail.ask()

    def known_error(self) -> Correlated | None:
        return self.detail.story(self.entry())

    def values(self) -> dict[str, Any]:
        shown, entry = self.detail.shown, self.entry()
        full = shown.values if shown is not None and entry is not None and shown.key == entry.key else {}
        return {**full, **super().values()}
