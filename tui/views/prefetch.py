"""Caches and prefetches side-pane facts for rows near the cursor, so that a key is painted with all that belongs to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from weakref import ref

from tui.jobs.job import Job
from tui.model.exploration import Exploration

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from parsing.filters import Filter
    from parsing.index import Snapshot

SETTLE = 0.06
"""Seconds after the last move until what is not known is asked for, so that a held key asks once."""
MOST_KNOWN = 200


class ValueKey(NamedTuple):
    """Values of some fields in a snapshot, with a filter that their rows are seen through."""

    snapshot: Snapshot
    by: tuple[str, ...]
    values: tuple[Any, ...]
    where: Filter


class FileKey(NamedTuple):
    """A file of a snapshot."""

    snapshot: Snapshot
    name: str


Key = TypeVar("Key", bound=ValueKey | FileKey)


def near(row: int, page: int, total: int) -> list[int]:
    """Rows that a key can go to from here, the most likely first, after the row itself."""
    half = max(1, page // 2)
    rows = (0, 1, -1, page, half, -half, -page, 2, -2, 3, -3, 4, -4)
    return list(dict.fromkeys(min(max(0, row + by), total - 1) for by in rows)) if total else []


class Prefetch(Generic[Key]):
    """Answers by row, each row named by all that its answer depends on.

    ``ask`` starts the job that answers for some rows; the first of them is to be answered first. The job hands its
    answers to ``learned``. The newest answer is kept of each row: while logs grow, what was found in an earlier snapshot
    stands until that of the newest has come, and is not asked for so often that nothing comes. ``came`` is called when
    an answer for the row under the cursor has come.
    """

    def __init__(
        self,
        widget: Widget,
        state: Exploration,
        ask: Callable[[Sequence[Key]], Job],
        came: Callable[[], None],
    ) -> None:
        self._widget = widget
        self._state = state
        self._ask = ask
        self._came = came
        # Weak references to snapshots: what is known of an earlier one must not keep its files.
        self._known: dict[Hashable, tuple[ref[Snapshot], Any]] = {}
        self._begun: dict[Hashable, tuple[ref[Snapshot], Any]] = {}
        self._wanted: tuple[Key, ...] = ()
        self._asked: tuple[Key, ...] = ()
        self._job: Job | None = None
        self._is_moved = False
        self._settling: Timer | None = None
        self._began = self._rests_until = 0.0

    @property
    def is_asking(self) -> bool:
        """Whether more is to come of the rows that may be looked at."""
        return any(self._lacks(key) for key in self._wanted)

    def _lacks(self, key: Key) -> bool:
        known = self._known.get(key[1:])
        return known is None or known[0]() is not key.snapshot

    def is_growing(self, key: Key) -> bool:
        """Whether what is known of a row is not all: more rows may come, or its answer is of an earlier snapshot."""
        return self._state.is_growing or self._lacks(key)

    def get(self, key: Key) -> Any | None:
        """What is known of a row, also in part or of an earlier snapshot; ``None`` for nothing yet."""
        found = self._known.get(key[1:]) or self._begun.get(key[1:])
        return found[1] if found is not None else None

    def want(self, keys: Sequence[Key]) -> None:
        """The rows that may be looked at now, the one under the cursor first."""
        if self._settling is not None:
            self._settling.stop()
        if tuple(keys) != self._wanted:
            self._wanted, self._is_moved = tuple(keys), True
        if not keys and self._job is not None:
            self._job.cancel()
            self._job, self._asked = None, ()
        if self.is_asking:
            self._wait(SETTLE)

    def _look(self) -> None:
        """Ask for what lacks: at once if nothing is known of the row under the cursor, else when what is asked has come.

        What only is of an earlier snapshot is asked for after a pause as long as the last answers took.
        """
        missing = tuple(key for key in self._wanted if self._lacks(key))
        if not missing:
            return
        is_busy = self._job is not None and not self._job.is_finished
        is_stale = all(key[1:] in self._known for key in missing)
        is_asked = bool(self._asked) and self._asked[0][1:] == missing[0][1:]
        is_urgent = missing[0] == self._wanted[0] and not is_asked and missing[0][1:] not in self._known
        rest = self._rests_until - time.monotonic() if is_stale else 0
        if is_urgent or (self._is_moved and not is_busy and rest <= 0):
            self._asked, self._is_moved, self._began = missing, False, time.monotonic()
            self._job = self._ask(missing)
        elif not is_busy and rest > 0:
            self._wait(rest)

    def _wait(self, seconds: float) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self._widget.set_timer(seconds, self._look)

    def learned(self, answers: Mapping[Key, Any], *, is_whole: bool = True, is_last: bool = False) -> None:
        """Answers have come."""
        into = self._known if is_whole else self._begun
        into.update({key[1:]: (ref(key.snapshot), answer) for key, answer in answers.items()})
        for kept in (self._known, self._begun):
            while len(kept) > MOST_KNOWN:
                del kept[next(iter(kept))]
        if is_last:
            now = time.monotonic()
            self._job, self._asked, self._rests_until = None, (), 2 * now - self._began
            self._look()
        if self._wanted and self._wanted[0][1:] in {key[1:] for key in answers}:
            self._came()


def parts(keys: Sequence[Key]) -> Iterator[tuple[Sequence[Key], bool]]:
    """The first row by itself, then the others together, each with whether it is the last part."""
    yield keys[:1], len(keys) == 1
    if len(keys) > 1:
        yield keys[1:], True
