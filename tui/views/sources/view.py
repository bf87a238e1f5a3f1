"""The files that are open: in which order they stand, and how exactly the one under the cursor was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui.jobs import breakdowns
from tui.jobs.job import Job, Jobs
from tui.model.exploration import Exploration
from tui.model.fact import Fact
from tui.views.prefetch import FileKey, Prefetch, near
from tui.views.sources.facts import (
    clock_facts,
    exactness_facts,
    in_order,
    index_fact,
    source_columns,
    source_facts,
    source_line,
)
from tui.views.view import CursorCell, OrderedListing
from tui.wording import NO_FILES

if TYPE_CHECKING:
    from parsing.index import Source


class SourcesView(OrderedListing):
    """Lists the files, and tells beside them how exactly the one under the cursor was read."""

    def __init__(self, state: Exploration, jobs: Jobs) -> None:
        super().__init__(state, jobs, id="sources")
        self.exactness: Prefetch[FileKey] = Prefetch(self, state, self._examine, self.follow)

    def snapshot_taken(self) -> None:
        if self.state.question.view == "sources":
            self.show()

    def come_up(self) -> None:
        self.show()
        self.follow()

    def go_down(self) -> None:
        self.exactness.want(())

    def show(self) -> None:
        """List the files of what is read by now."""
        snapshot, log_set, notation = self.state.snapshot, self.state.log_set, self.state.notation
        if snapshot is None:
            return
        self.table.empty = self.state.keyed(NO_FILES)
        self.table.set_columns(source_columns(notation))
        listed = in_order(log_set.listed(snapshot) if log_set else snapshot.sources, self.table.sorted_by)
        lines = [source_line(source, notation) for source in listed]
        self.list(lines, listed, [[CursorCell("source", source.name)] for source in listed])

    def follow(self) -> None:
        """Show how the file under the cursor was read; what is not known, also of those near it, is asked for."""
        snapshot = self.state.snapshot
        if self.state.question.view != "sources":
            return
        source: Source | None = self.record
        rows = near(self.table.row, self.table.rows_visible, len(self.records))
        files = [self.records[row] for row in (rows[:1] if self.state.is_growing else rows)]
        if snapshot is not None:
            self.exactness.want([FileKey(snapshot, file.name) for file in files])
        facts = self._facts(source) if source is not None else []
        self.describe(facts, (source.number, source.name) if source is not None else None)

    def _facts(self, source: Source) -> list[Fact]:
        """How a file was read, with its gaps and rejects if they are known."""
        snapshot, notation = self.state.snapshot, self.state.notation
        facts = source_facts(source, notation)
        key = FileKey(snapshot, source.name) if snapshot is not None else None
        known = self.exactness.get(key) if key is not None else None
        if key is None or known is None:
            return facts
        is_growing = self.exactness.is_growing(key)
        return [
            *facts[:2],
            *clock_facts(known),
            *facts[2:],
            index_fact(known, is_growing=is_growing),
            *exactness_facts(known, notation, is_growing=is_growing),
        ]

    def _examine(self, keys: Sequence[FileKey]) -> Job:
        log_set = self.state.log_set
        assert log_set is not None, "files are examined once the logs are open"

        def work(job: Job) -> None:
            snapshot = keys[0].snapshot
            found = breakdowns.exactness(log_set, snapshot, [key.name for key in keys], job.is_cancelled)
            answers = {FileKey(snapshot, name): known for name, known in found.items()}
            job.post(self.exactness.learned, answers, is_last=True)

        return self.jobs.start("examining", "look for gaps and rejects", work)

    # Keys

    def sort_by(self, by: str) -> None:
        column = self.table.current_column
        self.table.sorted_by = by
        self.show()
        title = column.title if column is not None else ""
        order = "largest" if by.startswith("-") else "smallest"
        self.say(f"sorted by {title}, {order} first" if by else "sorted by name")

    # Under the cursor

    def pairs(self) -> Sequence[tuple[str, Any]]:
        return [("source", self.record.name)] if self.record is not None else ()
