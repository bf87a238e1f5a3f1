"""The workers behind the screen: they ask the engine in threads and post what they learn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.message import Message
from textual.worker import Worker, WorkerState

from parsing.errors import LogError
from parsing.filters import Filter
from parsing.safe_text import safe
from parsing.wording import count, counted
from tui.jobs import breakdowns, clipboard, correlation, engine, export
from tui.jobs.engine import Anchor
from tui.model.entry import Entry, entries
from tui.model.page import Rows
from tui.model.question import Question, Span
from tui.scenes import Asked, Scene
from tui.screens.messages import (
    Answered,
    Completed,
    Curved,
    Detailed,
    Differed,
    Drawn,
    Given,
    Grown,
    Laid,
    Learned,
    Located,
    Opened,
    Paged,
    Placed,
    ReadOn,
    ReadToEnd,
    Told,
    Trended,
    Typed,
    Valued,
)
from tui.screens.nearby import FileKey, Nearby, ValueKey, parts
from tui.screens.workers import ASKING, Workers, do_all

if TYPE_CHECKING:
    from textual.screen import Screen

    from parsing.export.redaction import Redaction
    from parsing.index.log_set import LogSet
    from parsing.index.snapshot import Progress, Snapshot
    from tui.jobs.export import Shown
    from tui.model.options import Options

MOST_VALUES = 1000
"""Values of a breakdown that are shown; how many are left out is said."""

AHEAD = 1.0
"""Seconds of correlating from which on no picture is looked for but that under the cursor, and parts of it told."""

OPENING = "opening"
READING = "reading"
FOLLOWING = "following"


class Answers(Workers):
    """Everything that is asked of the engine."""

    def __init__(self, screen: Screen[None], client_port: str | None = None) -> None:
        super().__init__(screen)
        self._client_port = client_port
        self._slow = correlation.SlowPaths()
        self.asked: Worker[None] | None = None

    @property
    def is_asking(self) -> bool:
        return self.asked is not None and self.asked.state in (WorkerState.PENDING, WorkerState.RUNNING)

    # What is asked

    def open(self, options: Options) -> None:
        def work(_: engine.Cancelled) -> None:
            log_set = engine.open_log_set(options)
            if not self._post(Opened(log_set)):
                log_set.close()

        self._start(OPENING, "open the logs", work)

    def read(self, log_set: LogSet) -> None:
        def went_on(progress: Progress) -> None:
            self._post(ReadOn(progress))

        def work(cancelled: engine.Cancelled) -> None:
            engine.read(log_set, went_on, cancelled)
            self._post(ReadToEnd())

        self._start(READING, "read the logs", work)

    def follow(self, log_set: LogSet) -> None:
        """Look for new rows until it is cancelled."""

        def work(cancelled: engine.Cancelled) -> None:
            for _ in engine.follow(log_set, cancelled):
                self._post(Grown())

        self._start(FOLLOWING, "follow the logs", work)

    def ask(
        self,
        snapshot: Snapshot,
        question: Question,
        fields: Sequence[str],
        anchor: Anchor,
        window: int,
        room: int,
        *,
        partial: bool,
    ) -> None:
        """Everything about a question, what is in view first."""

        def work(cancelled: engine.Cancelled) -> None:
            def rows() -> None:
                for found in engine.find(snapshot, question, fields, anchor, window, cancelled, partial=partial):
                    self._post(Answered(found))

            def bars() -> None:
                for drawn in engine.bars(snapshot, question, room, cancelled):
                    self._post(Drawn(question, drawn))

            def values() -> None:
                for tally, kept, is_whole in breakdowns.values(snapshot, question, MOST_VALUES, cancelled):
                    self._post(Valued(question, tally, kept, is_whole))
                self._post(Trended(question, breakdowns.trends(snapshot, question, tally, cancelled)))

            do_all((values, rows, bars) if question.view == "reasons" else (rows, bars))

        self.asked = self._start(ASKING, "answer the question", work)

    def draw(self, snapshot: Snapshot, question: Question, room: int) -> None:
        """The histogram alone, for another width."""

        def work(cancelled: engine.Cancelled) -> None:
            for bars in engine.bars(snapshot, question, room, cancelled):
                self._post(Drawn(question, bars))

        self._start("drawing", "draw the histogram", work)

    def fetch(self, rows: Rows, numbers: Sequence[int], fields: Sequence[str]) -> None:
        def work(cancelled: engine.Cancelled) -> None:
            self._post(Paged(rows, engine.fetch(rows, numbers, fields, cancelled)))

        self._start("paging", "read these rows", work)

    def count(self, snapshot: Snapshot, text: str, where: Filter) -> None:
        self._start(
            "typing", "count", lambda cancelled: self._post(Typed(text, engine.count(snapshot, where, cancelled)))
        )

    def complete(self, snapshot: Snapshot, text: str, cursor: int) -> None:
        def work(cancelled: engine.Cancelled) -> None:
            self._post(Completed(text, cursor, breakdowns.complete(snapshot, text, cursor, cancelled)))

        self._start("completing", "complete the filter", work)

    def tops(self, about: Nearby[ValueKey], keys: Sequence[ValueKey], fields: Sequence[str]) -> Worker[None]:
        """What goes with values of the same fields of the same snapshot: with the first, then with the others."""

        def work(cancelled: engine.Cancelled) -> None:
            for part, is_last in parts(keys):
                snapshot, by, _, where = part[0]
                found = breakdowns.tops(snapshot, where, by, [key.values for key in part], fields, cancelled)
                self._post(Learned(about, {key: found[key.values] for key in part}, is_last=is_last))

        return self._start("tops", "count what goes with this value", work)

    def examine(self, log_set: LogSet, about: Nearby[FileKey], keys: Sequence[FileKey]) -> Worker[None]:
        """How exactly files of the same snapshot were read."""

        def work(cancelled: engine.Cancelled) -> None:
            snapshot = keys[0].snapshot
            found = breakdowns.exactness(log_set, snapshot, [key.name for key in keys], cancelled)
            self._post(Learned(about, {FileKey(snapshot, name): known for name, known in found.items()}, is_last=True))

        return self._start("examining", "look for gaps and rejects", work)

    def changes(self, snapshot: Snapshot, question: Question, span: Span) -> None:
        def work(cancelled: engine.Cancelled) -> None:
            self._post(Differed(question, span, breakdowns.changes(snapshot, question, span, cancelled)))

        self._start("changes", "compare these times", work)

    def place(self, question: Question, rows: Rows, anchor: Anchor, fields: tuple[str, ...] = ()) -> None:
        """Where in the rows a time or an entry is."""

        def work(_: engine.Cancelled) -> None:
            self._post(Placed(question, rows, engine.place(rows, anchor), anchor, fields=fields))

        self._start("placing", "go there", work)

    def stay(self, question: Question, rows: Rows, entry: Entry, moves: int) -> None:
        """Where in newer rows the entry under the cursor is; nobody asked to go there, so it stops no jump or search."""

        def work(_: engine.Cancelled) -> None:
            anchor = Anchor(entry=entry)
            self._post(Placed(question, rows, engine.place(rows, anchor), anchor, moves=moves))

        self._start("staying", "stay with this row", work)

    def find_text(
        self, snapshot: Snapshot, question: Question, rows: Rows, text: str, here: int, by: int, missing: str
    ) -> None:
        """Go to the next row that has a text; ``missing`` is said where there is none."""

        def work(cancelled: engine.Cancelled) -> None:
            row, fields = engine.find_text(snapshot, question, rows, text, here, by, cancelled)
            anchor = Anchor(entry=correlation.numbered(rows, row) if row is not None else None)
            self._post(Placed(question, rows, row, anchor, missing, fields=fields))

        self._start("placing", "find this text", work)

    def details_of(self, log_set: LogSet, snapshot: Snapshot, wanted: Sequence[Entry]) -> None:
        """Rows by their places, one after the other, each with every field and its exact line."""

        def work(cancelled: engine.Cancelled) -> None:
            for row in wanted:
                if not cancelled():
                    entry = entries([engine.row_of(snapshot, row.source, row.line, row.time)])[0]
                    self._post(Detailed(entry, _raw_or_why(log_set, snapshot, entry)))

        self._start("detail", "show the row", work)

    def row(
        self,
        snapshot: Snapshot,
        find: Callable[[], Entry | None],
        names: Sequence[str],
        take: Callable[[dict[str, Any], Entry], None],
    ) -> None:
        """Some values of a row, given to ``take`` on the screen's own thread."""

        def work(_: engine.Cancelled) -> None:
            entry = find()
            if entry is not None:
                values = engine.row_of(snapshot, entry.source, entry.line, entry.time, names)
                self._post(Given(partial(take, values, entry)))

        self._start("row", "read the row", work)

    # The timeline

    def learn(self, snapshot: Snapshot) -> None:
        """What correlation has to know of a large set before it can tell of one error."""
        self._start("learning", "correlate the logs", lambda cancelled: correlation.learn(snapshot, cancelled))

    def lanes(self, snapshot: Snapshot, asked: Asked, points: int, *, is_learned: bool) -> None:
        """A scene; its rows come first where the logs are yet to be correlated, which takes longer."""

        def work(cancelled: engine.Cancelled) -> None:
            resolved, focus = correlation.focus(snapshot, asked)
            if not is_learned:
                rows = correlation.rows_alone(snapshot, resolved, focus, cancelled)
                self._post(Laid(asked, snapshot, rows))
            for number, scene in enumerate(correlation.scenes(snapshot, resolved, focus, self._client_port, cancelled)):
                self._post(Laid(asked, snapshot, scene))
                if not number:
                    self._post(Curved(scene.window, correlation.curve(snapshot, scene, points, cancelled)))

        self._start("lanes", "show the timeline", work)

    def lanes_moved(self, snapshot: Snapshot, scene: Scene, points: int) -> None:
        """What a scene lacks since its window was moved."""

        def work(cancelled: engine.Cancelled) -> None:
            if scene.needs_more:
                for wider in correlation.more(snapshot, scene, self._client_port, cancelled):
                    self._post(Laid(scene, snapshot, wider))
            self._post(Curved(scene.window, correlation.curve(snapshot, scene, points, cancelled)))

        self._start("lanes", "show the timeline", work)

    def locate(
        self, find: Callable[[engine.Cancelled], Entry | None], missing: str, kind: str, *, is_next: bool
    ) -> None:
        def work(cancelled: engine.Cancelled) -> None:
            self._post(Located(find(cancelled), missing, kind, is_next))

        self._start("lanes", "find this row", work)

    def pictures(self, about: Nearby[ValueKey], keys: Sequence[ValueKey], requests: Filter) -> Worker[None]:
        """What correlation finds of the errors of some reasons, of the first and of others as far as that is quick.

        ``requests`` are those that may be compared with them.
        """

        def work(cancelled: engine.Cancelled) -> None:
            first_done = None
            for key in keys:
                if first_done is not None and time.monotonic() - first_done > AHEAD:
                    break
                shown = time.monotonic()
                slow = self._slow.of(key.snapshot, cancelled)
                port = self._client_port
                for picture in correlation.pictures(key.snapshot, key.where, requests, port, slow, cancelled):
                    if picture.is_whole or time.monotonic() - shown > AHEAD:
                        shown = time.monotonic()
                        self._post(Learned(about, {key: picture}, is_whole=picture.is_whole))
                first_done = first_done or time.monotonic()
            self._post(Learned(about, {}, is_last=True))

        return self._start("picture", "correlate these errors", work)

    def line(
        self,
        log_set: LogSet,
        snapshot: Snapshot,
        entry: Entry,
        hiding: Redaction | None,
        take: Callable[[str], None],
    ) -> None:
        """The exact line of an entry, given to ``take`` on the screen's own thread."""

        def work(_: engine.Cancelled) -> None:
            text = clipboard.line(log_set, snapshot, entry, hiding)
            self._post(Given(partial(take, text)))

        self._start("raw", "read the line", work)

    def export(self, shown: Shown, name: str, hiding: Redaction | None, stops: str) -> None:
        """Write what a view shows; ``stops`` says how that is stopped."""

        def work(cancelled: engine.Cancelled) -> None:
            is_wanted = engine.rhythm()

            def told(rows: int, total: int) -> None:
                if is_wanted():
                    self._post(Told(f"exporting: {count(rows)} of {counted(max(rows, total), 'row')}; {stops}"))

            path, rows = export.export(shown, name, hiding, told, cancelled)
            self._post(Told(f"wrote {counted(rows, 'row')} to {safe(str(path))}"))

        self._start("exporting", f"export to {safe(name)}", work)

    def report(
        self, log_set: LogSet, shown: Shown, name: str, tz: tzinfo, hiding: Redaction | None, stops: str
    ) -> None:
        def work(cancelled: engine.Cancelled) -> None:
            path = export.report(log_set, shown, name, tz, hiding, self._client_port, cancelled)
            self._post(Told(f"wrote the report to {safe(str(path))}"))

        self._post_now(Told(f"writing the report; {stops}"))
        self._start("exporting", f"write {safe(name)}", work)

    def _post_now(self, message: Message) -> None:
        self.screen.post_message(message)


def _raw_or_why(log_set: LogSet, snapshot: Snapshot, entry: Entry) -> bytes | LogError:
    try:
        return engine.raw_line(log_set, snapshot, entry)
    except LogError as error:
        return error
