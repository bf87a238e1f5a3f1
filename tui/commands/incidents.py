"""From incident to incident, in every view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsing.safe_text import safe
from tui.commands.protocols import Computes
from tui.jobs import incidents
from tui.jobs.engine import Anchor
from tui.jobs.job import Job
from tui.model.entry import Entry
from tui.model.question import ScreenQuestion
from tui.wording import NOTHING_HERE

if TYPE_CHECKING:
    from parsing.incidents import Incident


class IncidentCommands:
    """The commands that go to an incident; each is named after its action."""

    def __init__(self, screen: Computes) -> None:
        self._screen = screen
        self._landed: tuple[Incident, tuple[str, int]] | None = None
        """The incident that was gone to last, and its first row."""

    def next_burst(self) -> None:
        self._go(1)

    def previous_burst(self) -> None:
        self._go(-1)

    def _go(self, by: int) -> None:
        snapshot = self._screen.state.snapshot
        if snapshot is None or snapshot.oldest is None:
            self._screen.say(NOTHING_HERE, "dim")
        else:
            self._screen.incidents.once_known(lambda: self._go_to_incident(by))

    def _go_to_incident(self, by: int) -> None:
        """To the first row of the next incident in order of time, or of the one before."""
        screen, snapshot, asked = self._screen, self._screen.state.snapshot, self._screen.state.question
        one = self._incident(by)
        if one is None or snapshot is None:
            which = f"{'after' if by > 0 else 'before'} this row" if screen.incidents.found else "in these rows"
            screen.say(f"no incident {which}", "dim")
            return
        is_timeline = asked.view == "timeline"

        def work(job: Job) -> None:
            found = incidents.first_row(snapshot, one, job.is_cancelled, is_error=is_timeline)
            job.post(self._land, asked, one, found)

        screen.jobs.start("placing", "go to this incident", work)

    def _incident(self, by: int) -> Incident | None:
        """The incident that begins next after the row under the cursor, or last before it."""
        screen, entry, here = self._screen, self._screen.view.entry(), self._screen.view.moment()
        if screen.view is screen.entries and not screen.entries.is_moved:
            here = None  # nobody has chosen the newest row, which is in view at first
        ordered = sorted(screen.incidents.found, key=lambda one: one.begin)
        if (
            self._landed is not None
            and entry is not None
            and entry.key == self._landed[1]
            and self._landed[0] in ordered
        ):
            place = ordered.index(self._landed[0]) + by
        elif by > 0:
            place = sum(here is not None and one.begin <= here for one in ordered)
        else:
            place = sum(here is None or one.begin < here for one in ordered) - 1
        return ordered[place] if 0 <= place < len(ordered) else None

    def _land(self, asked: ScreenQuestion, one: Incident, entry: Entry | None) -> None:
        """The first row of an incident has been found: go there, unless something else is looked at by now."""
        screen = self._screen
        if entry is None or asked != screen.state.question:
            return
        self._landed, text = (one, entry.key), safe(f"{one.severity}: {one.summary}")
        if asked.view == "timeline":
            screen.timeline.begin(entry, is_next=True, text=text)
        else:
            screen.go_to(Anchor(entry=entry))
            screen.say(text)
