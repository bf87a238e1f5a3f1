"""Opening, reading and following the logs: what is committed is asked anew, not too often."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from parsing.knowledge.fields import CLIENT_PORT_NAMES
from parsing.safe_text import safe
from tui.jobs import correlation
from tui.screens import headlines
from tui.screens.answers import FOLLOWING, OPENING, READING
from tui.wording import BROKEN_OFF, NOT_OPENED, gone, problem

if TYPE_CHECKING:
    from textual.timer import Timer

    from parsing.errors import LogError
    from parsing.index.log_set import LogSet
    from parsing.index.snapshot import Progress, Snapshot
    from tui.screens.main import MainScreen

CALM = 1.0
"""Seconds between two refreshes of the answers while logs are read."""
CALM_LIVE = 0.4
"""The same while rows are added to what is read: few, and awaited."""


LEARN_AFTER = 0.5
"""Seconds after all is read until what correlation needs is learned: what is on the screen comes first."""

TITLE_EVERY = 0.25
"""Seconds between two paints of the title while logs are read."""


class Reading:
    """What happens between the files and the screen's snapshot."""

    def __init__(self, screen: MainScreen) -> None:
        self.screen = screen
        self.is_following = False
        self.is_reading = False
        self.is_stale = False
        self.has_failed = False
        self.is_broken_off = False
        self.began = time.monotonic()
        self._titled = 0.0
        self._asked = 0.0
        self._calm: Timer | None = None
        self._clock: Timer | None = None

    @property
    def is_growing(self) -> bool:
        """Whether more rows may come at any moment."""
        return self.is_reading or self.is_following

    def give_up(self, group: str) -> None:
        """Work of a group has failed: what it was to do does not go on, and that is said until the end."""
        screen = self.screen
        if group == OPENING:
            self.has_failed = True
            screen.entries.table.empty = screen.keyed(NOT_OPENED)
            screen.entries.table.refresh()
        elif group == READING:
            self.is_broken_off, self.is_reading, screen.progress = True, False, None
        elif group == FOLLOWING:
            self.stop_following()
        headlines.show_title(screen)

    def tell(self, group: str, error: LogError) -> bool:
        """Say over the screen why the logs cannot be opened, or read on; whether that was the work of the group."""
        screen = self.screen
        if group == OPENING:
            screen.tell_failure("the logs cannot be opened", error, screen.keyed(NOT_OPENED))
        elif group == READING:
            screen.tell_failure("not all could be read", error, BROKEN_OFF)
        return group in (OPENING, READING)

    def opened(self, log_set: LogSet) -> None:
        """The index is open: show what it has, and read what is new."""
        screen = self.screen
        screen.log_set = log_set
        self.is_reading = True
        self.began = time.monotonic()
        screen.remembering.restore()
        self.take_snapshot()
        screen.remembering.resume()
        screen.typing.start()
        if screen.options.preset:
            screen.presets.recall(screen.options.preset, is_beside=True)
        screen.answers.read(log_set)

    def went_on(self, progress: Progress) -> None:
        self.screen.progress = progress
        self.take_snapshot()
        now = time.monotonic()
        if now - self._titled >= TITLE_EVERY:
            self._titled = now
            headlines.show_title(self.screen)

    def ended(self) -> None:
        """All is read."""
        screen = self.screen
        self.is_reading = False
        screen.progress = None
        self.take_snapshot(is_last=True)
        headlines.show_title(screen)
        self._check_port()
        screen.typing.check()
        if screen.log_set is not None and screen.log_set.problems:
            first = screen.log_set.problems[0]
            screen.say(problem(first.name, first.reason, len(screen.log_set.problems) - 1), "error")
        if screen.snapshot is not None and correlation.is_slow_to_learn(screen.snapshot):
            screen.set_timer(LEARN_AFTER, self._learn)
        if screen.options.follow and not self.is_following:
            self.follow()

    def _check_port(self) -> None:
        """A field for the client's port that no request has, under this name or a usual one, leaves all without it."""
        name, snapshot = self.screen.options.port_field, self.screen.snapshot
        if not name or snapshot is None:
            return
        fields = {field.lower() for segment in snapshot.segments if segment.log == "iis" for field in segment.fields}
        if fields and fields.isdisjoint(map(str.lower, (name, *CLIENT_PORT_NAMES))):
            self.screen.say(
                f"no IIS log here has the field {safe(name)}: requests are without the client's port", "warn"
            )

    def _learn(self) -> None:
        if self.screen.snapshot is not None:
            self.screen.answers.learn(self.screen.snapshot)

    def grown(self) -> None:
        """Rows were added while following."""
        self.take_snapshot()
        headlines.show_title(self.screen)

    @property
    def seconds_left(self) -> float | None:
        """How long reading will still take, at the rate so far; ``None`` while that cannot be told."""
        progress, elapsed = self.screen.progress, time.monotonic() - self.began
        if progress is None or elapsed < 1 or progress.done <= 0:
            return None
        return elapsed * (progress.total - progress.done) / progress.done

    def take_snapshot(self, *, is_last: bool = False) -> None:
        """Look at what is committed now, and ask the question of it: at once, or when the answer on its way is here."""
        screen = self.screen
        if screen.log_set is None:
            return
        snapshot = screen.log_set.snapshot()
        if snapshot is screen.snapshot and not is_last:
            return
        is_first = screen.snapshot is None or not screen.snapshot.segments
        before = screen.snapshot
        screen.take(snapshot)
        if before is not None:
            self._tell_gone(before, snapshot)
        screen.details.snapshot_taken()
        self.is_stale = True
        if is_first or is_last:
            self._asked = 0.0
        self.refresh()

    def _tell_gone(self, before: Snapshot, now: Snapshot) -> None:
        """Files that are no more take their rows along; one that was renamed, rotated or compressed is none of them."""
        ids, names = {source.id for source in now.sources}, {source.name for source in now.sources}
        lost = [known for known in before.sources if known.rows and known.id not in ids and known.name not in names]
        if lost:
            self.screen.timelines.forget({source.name for source in lost})
            self.screen.say(gone(lost[0].name, len(lost) - 1, sum(source.rows for source in lost)), "warn")

    def refresh(self) -> None:
        """Ask anew if there is news, nothing is on its way, and the last time is not too near."""
        if not self.is_stale or self.screen.answers.is_asking:
            return
        wait = self._asked + (CALM if self.is_reading else CALM_LIVE) - time.monotonic()
        if wait <= 0 or not self.screen.total:
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
        if screen.log_set is None:
            return False
        if self.is_following:
            return True
        self.is_following = True
        screen.entries.table.go(screen.entries.table.source.total)
        screen.answers.follow(screen.log_set)
        self._clock = screen.set_interval(1.0, lambda: headlines.show_title(screen))
        headlines.show_title(screen)
        return True

    def stop_following(self) -> None:
        self.is_following = False
        self.screen.answers.cancel(FOLLOWING)
        if self._clock is not None:
            self._clock.stop()
        headlines.show_title(self.screen)
        self.screen.details.show_record()
