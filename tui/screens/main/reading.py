"""Opening, reading and following the logs: questions are asked again of what is new, not too often."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from textual.timer import Timer

from parsing.knowledge import CLIENT_PORT_NAMES
from parsing.safe_text import safe
from tui.jobs import correlation, engine
from tui.jobs.job import Job, Jobs
from tui.model.exploration import Exploration
from tui.views.entries.view import EntriesView
from tui.views.timeline.view import TimelineView
from tui.views.view import View
from tui.wording import BROKEN_OFF, NOT_OPENED, gone, problem

if TYPE_CHECKING:
    from parsing.errors import LogError
    from parsing.index import LogSet, Progress, Snapshot

CALM = 1.0
"""Seconds between two refreshes of the answers while logs are read."""
CALM_LIVE = 0.4
"""The same while rows are added to what is read: few, and awaited."""


LEARN_AFTER = 0.5
"""Seconds after all is read until what correlation needs is learned: what is on the screen comes first."""

TITLE_EVERY = 0.25
"""Seconds between two paints of the title while logs are read."""


OPENING, READING, FOLLOWING = "opening", "reading", "following"
"""Groups of jobs."""


class HasReading(Protocol):
    """The screen that shows what is read."""

    @property
    def state(self) -> Exploration: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def entries(self) -> EntriesView: ...

    @property
    def view(self) -> View: ...

    @property
    def timeline(self) -> TimelineView: ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer: ...

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer: ...

    def say(self, text: str, tone: str = "accent") -> None: ...

    def read_failure(self, what: str, error: LogError, *remarks: str) -> None: ...

    def opened(self) -> None: ...

    def read_to_end(self) -> None: ...

    def snapshot_taken(self) -> None: ...

    def ask(self, *, is_refresh: bool = False, is_return: bool = False) -> None: ...

    def show_title(self) -> None: ...


class Reading:
    """What happens between the files and the screen's snapshot."""

    def __init__(self, screen: HasReading) -> None:
        self.screen = screen
        self.progress: Progress | None = None
        self.is_stale = False
        self.has_failed = False
        self.is_broken_off = False
        self.began = time.monotonic()
        self._titled = 0.0
        self._asked = 0.0
        self._calm: Timer | None = None
        self._clock: Timer | None = None

    # Jobs

    def open(self) -> None:
        options = self.screen.state.options

        def work(job: Job) -> None:
            log_set = engine.open_log_set(options)
            if not job.post(self._opened, log_set):
                log_set.close()

        self.screen.jobs.start(OPENING, "open the logs", work)

    def _read(self, log_set: LogSet) -> None:
        def work(job: Job) -> None:
            def went_on(progress: Progress) -> None:
                job.post(self._went_on, progress)

            engine.read(log_set, went_on, job.is_cancelled)
            job.post(self._ended)

        self.screen.jobs.start(READING, "read the logs", work)

    def _follow(self, log_set: LogSet) -> None:
        """Look for new rows until it is cancelled."""

        def work(job: Job) -> None:
            for _ in engine.follow(log_set, job.is_cancelled):
                job.post(self._grown)

        self.screen.jobs.start(FOLLOWING, "follow the logs", work)

    def give_up(self, group: str) -> None:
        """Work of a group has failed: what it was to do does not go on, and that is said until the end."""
        screen = self.screen
        if group == OPENING:
            self.has_failed = True
            screen.view.show_empty(screen.state.keyed(NOT_OPENED))
        elif group == READING:
            self.is_broken_off, screen.state.is_reading, self.progress = True, False, None
        elif group == FOLLOWING:
            self.stop_following()
        screen.show_title()

    def tell(self, group: str, error: LogError) -> bool:
        """Say in a dialog why the logs cannot be opened, or not be read to the end; whether that was the work of the group."""
        screen = self.screen
        if group == OPENING:
            screen.read_failure("the logs cannot be opened", error, screen.state.keyed(NOT_OPENED))
        elif group == READING:
            screen.read_failure("not all could be read", error, BROKEN_OFF)
        return group in (OPENING, READING)

    def _opened(self, log_set: LogSet) -> None:
        """The index is open: show what it has, and read what is new."""
        screen = self.screen
        screen.state.log_set = log_set
        screen.state.is_reading = True
        self.began = time.monotonic()
        screen.opened()
        self._read(log_set)

    def _went_on(self, progress: Progress) -> None:
        self.progress = progress
        self.take_snapshot()
        now = time.monotonic()
        if now - self._titled >= TITLE_EVERY:
            self._titled = now
            self.screen.show_title()

    def _ended(self) -> None:
        """All is read."""
        screen, state = self.screen, self.screen.state
        state.is_reading = False
        self.progress = None
        self.take_snapshot(is_last=True)
        screen.show_title()
        self._check_port()
        screen.read_to_end()
        if state.log_set is not None and state.log_set.problems:
            first = state.log_set.problems[0]
            screen.say(problem(first.name, first.reason, len(state.log_set.problems) - 1), "error")
        if state.snapshot is not None and correlation.is_slow_to_learn(state.snapshot):
            screen.set_timer(LEARN_AFTER, self._learn)
        if state.options.follow and not state.is_following:
            self.follow()

    def _check_port(self) -> None:
        """A field for the client's port that no request has, under this name or a usual one, leaves all without it."""
        name, snapshot = self.screen.state.options.port_field, self.screen.state.snapshot
        if not name or snapshot is None:
            return
        fields = {field.lower() for segment in snapshot.segments if segment.log == "iis" for field in segment.fields}
        if fields and fields.isdisjoint(map(str.lower, (name, *CLIENT_PORT_NAMES))):
            self.screen.say(
                f"no IIS log here has the field {safe(name)}: requests are without the client's port", "warn"
            )

    def _learn(self) -> None:
        if self.screen.state.snapshot is not None:
            self.screen.timeline.learn(self.screen.state.snapshot)

    def _grown(self) -> None:
        """Rows were added while following."""
        self.take_snapshot()
        self.screen.show_title()

    @property
    def seconds_left(self) -> float | None:
        """How long reading will still take, at the rate so far; ``None`` while it is not known."""
        progress, elapsed = self.progress, time.monotonic() - self.began
        if progress is None or elapsed < 1 or progress.done <= 0:
            return None
        return elapsed * (progress.total - progress.done) / progress.done

    def take_snapshot(self, *, is_last: bool = False) -> None:
        """Look at what is committed now, and ask the question of it: at once, or when the answer on its way is here."""
        screen = self.screen
        if screen.state.log_set is None:
            return
        snapshot = screen.state.log_set.snapshot()
        if snapshot is screen.state.snapshot and not is_last:
            return
        is_first = screen.state.snapshot is None or not screen.state.snapshot.segments
        before = screen.state.snapshot
        screen.state.take(snapshot)
        if before is not None:
            self._tell_gone(before, snapshot)
        screen.snapshot_taken()
        self.is_stale = True
        if is_first or is_last:
            self._asked = 0.0
        self.refresh()

    def _tell_gone(self, before: Snapshot, now: Snapshot) -> None:
        """Say which files are gone, and their rows with them; not one that was renamed, rotated or compressed."""
        numbers, names = {source.number for source in now.sources}, {source.name for source in now.sources}
        lost = [one for one in before.sources if one.rows and one.number not in numbers and one.name not in names]
        if lost:
            self.screen.timeline.forget({source.name for source in lost})
            self.screen.say(gone(lost[0].name, len(lost) - 1, sum(source.rows for source in lost)), "warn")

    def refresh(self) -> None:
        """Ask again if there is something new, no answer is on its way, and the last time is long enough ago."""
        if not self.is_stale or self.screen.jobs.is_running("asking"):
            return
        wait = self._asked + (CALM if self.screen.state.is_reading else CALM_LIVE) - time.monotonic()
        if wait <= 0 or not self.screen.entries.total:
            self.is_stale = False
            self._asked = time.monotonic()
            self.screen.ask(is_refresh=True)
        elif self._calm is None:
            self._calm = self.screen.set_timer(wait, self._calmed)

    def _calmed(self) -> None:
        self._calm = None
        self.refresh()

    # Following

    def follow(self) -> bool:
        """Follow the logs as they grow, with the newest row in view; whether there are any to follow."""
        screen = self.screen
        if screen.state.log_set is None:
            return False
        if screen.state.is_following:
            return True
        screen.state.is_following = True
        screen.entries.table.go(screen.entries.table.source.total)
        self._follow(screen.state.log_set)
        self._clock = screen.set_interval(1.0, screen.show_title)
        screen.show_title()
        return True

    def stop_following(self) -> None:
        self.screen.state.is_following = False
        self.screen.jobs.cancel(FOLLOWING)
        if self._clock is not None:
            self._clock.stop()
        self.screen.show_title()
        self.screen.snapshot_taken()
