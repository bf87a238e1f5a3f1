"""The view of the timeline: a story, requests in flight, and the lanes of both logs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from parsing.wording import brief_duration, short
from tui.glyphs import Glyphs
from tui.model.entry import Entry, Look
from tui.scenes import Row, Scene, drawn, entry_of, path_of, rows
from tui.screens.views import Cell, View
from tui.stories import headline, said_of, story_facts
from tui.widgets.facts import Fact
from tui.widgets.lanes import LABEL, NOTE, Curve, Lanes, Story
from tui.widgets.rows import Lines
from tui.wording import NO_TIME, NO_TIMELINE, zone

if TYPE_CHECKING:
    from parsing.correlation.timeline import Event
    from parsing.questions import InFlightCurve


class Timeline(View):
    """Draws a scene; which one is decided by the commands."""

    def __init__(self, glyphs: Glyphs, look: Look, keyed: Callable[[str], str]) -> None:
        super().__init__(glyphs, id="timeline")
        self._keyed = keyed
        self.lanes = Lanes(glyphs, id="timeline-table", empty=keyed(NO_TIMELINE))
        self.table = self.lanes
        self.story = Story(glyphs, id="story")
        self.curve = Curve(glyphs, id="curve")
        self.head = (self.story, self.curve)
        self.look = look
        self.scene: Scene | None = None
        self.rows: Sequence[Row] = ()
        self.side.title = "detail"

    def lay(self, scene: Scene, look: Look, log: str | None, key: object) -> None:
        """Show a scene, or as much of it as is of one log, with the cursor on a line, or near where that was."""
        here = self.moment()
        self.scene, self.look = scene, look
        self.rows = rows(scene, look, log)
        self.lanes.zone = zone(scene.window[0], look.tz)
        self.lanes.empty = self._keyed(NO_TIME)
        self.story.tell(headline(scene, look), said_of(scene))
        row = self._row_of(key, here)
        self.lanes.show(drawn(self.rows, scene), row=row, offset=self.lanes.row - self.lanes.top)

    def clear(self) -> None:
        """Show nothing, as at first."""
        self.scene, self.rows = None, ()
        self.lanes.empty = self._keyed(NO_TIMELINE)
        self.lanes.show(Lines())
        self.story.tell((), "")
        self.curve.show((), "", None)

    def _row_of(self, key: object, here: datetime | None) -> int:
        keys = [row.line.key for row in self.rows]
        if key in keys:
            return keys.index(key)
        if here is None:
            return 0
        near = [abs(row.moment - here) for row in self.rows]
        return near.index(min(near)) if near else 0

    @property
    def points(self) -> int:
        """How many points of the curve fit, also before the view is first shown."""
        return max(1, self.screen.size.width - LABEL - NOTE)

    def show_curve(self, curve: InFlightCurve) -> None:
        """Requests in flight over the window of the scene."""
        assert self.scene is not None
        length = brief_duration((self.scene.window[1] - self.scene.window[0]) / timedelta(milliseconds=1))
        note = f"max {short(max(curve.counts, default=0))} in {length}"
        if curve.without_start and not any(curve.counts):
            note = "no time-taken"
        error = self.scene.error
        self.curve.show(curve.counts, note, self.scene.part(error.time) if error else None)

    @property
    def row(self) -> Row | None:
        return self.rows[self.table.row] if self.table.row < len(self.rows) else None

    @property
    def event(self) -> Event | None:
        return self.row.event if self.row else None

    def entry_at(self, row: int) -> Entry | None:
        event = self.rows[row].event if 0 <= row < len(self.rows) else None
        return entry_of(event) if event else None

    def moment(self) -> datetime | None:
        return self.row.moment if self.row else None

    def about(self) -> list[Fact]:
        return story_facts(self.scene, self.event, self.look) if self.scene and self.event else []

    def table_cell(self) -> Cell | None:
        event = self.event
        if event is None:
            return None
        return Cell("reason", event.values.get("reason")) if event.is_error else Cell("path", path_of(event))
