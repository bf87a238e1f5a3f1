"""What is told beside rows: kept by row, and asked for ahead, so that a key is painted with all that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.worker import Worker

    from parsing.filters.tree import Filter
    from parsing.index.snapshot import Snapshot
    from tui.screens.main import MainScreen
    from tui.screens.messages import Learned

SETTLE = 0.06
"""Seconds after the last move until what is not known is asked for, so that a held key asks once."""
MOST_KNOWN = 200


class ValueKey(NamedTuple):
    """Values of some fields in a snapshot, with the filter that keeps their rows."""

    snapshot: Snapshot
    by: tuple[str, ...]
    values: tuple[Any, ...]
    where: Filter


Key = TypeVar("Key", bound=Hashable)


def near(row: int, page: int, total: int) -> list[int]:
    """Rows that a key can go to from here, the likeliest first; the row itself before all."""
    half = max(1, page // 2)
    rows = (0, 1, -1, page, half, -half, -page, 2, -2, 3, -3, 4, -4)
    return list(dict.fromkeys(min(max(0, row + by), total - 1) for by in rows)) if total else []


class Nearby(Generic[Key]):
    """Answers by row, each row named by all that its answer depends on.

    ``ask`` starts what answers for some rows; the first of them is to be answered first. Its answers come as messages
    whose ``about`` is this, the last one marked.
    """

    def __init__(self, screen: MainScreen, ask: Callable[[Sequence[Key]], Worker[None]]) -> None:
        self._screen = screen
        self._ask = ask
        self._known: dict[Key, Any] = {}
        self._begun: dict[Key, Any] = {}
        self._wanted: tuple[Key, ...] = ()
        self._asked: tuple[Key, ...] = ()
        self._worker: Worker[None] | None = None
        self._is_moved = False
        self._settling: Timer | None = None

    @property
    def is_asking(self) -> bool:
        """Whether more is to come of the rows that may be looked at."""
        return any(key not in self._known for key in self._wanted)

    def get(self, key: Key) -> Any | None:
        """What is known of a row, also in part; ``None`` for nothing yet."""
        return self._known.get(key, self._begun.get(key))

    def want(self, keys: Sequence[Key]) -> None:
        """The rows that may be looked at now, the one under the cursor first."""
        if self._settling is not None:
            self._settling.stop()
        if tuple(keys) != self._wanted:
            self._wanted, self._is_moved = tuple(keys), True
        if not keys and self._worker is not None:
            self._worker.cancel()
        if self.is_asking:
            self._settling = self._screen.set_timer(SETTLE, self._look)

    def _look(self) -> None:
        """Ask for what lacks: at once if it is the row under the cursor, else when what is asked has come."""
        missing = tuple(key for key in self._wanted if key not in self._known)
        if not missing:
            return
        is_busy = self._worker is not None and not self._worker.is_finished
        is_urgent = missing[0] == self._wanted[0] and self._asked[:1] != missing[:1]
        if is_urgent or (self._is_moved and not is_busy):
            self._asked, self._is_moved = missing, False
            self._worker = self._ask(missing)

    def learned(self, message: Learned) -> bool:
        """Answers have come; whether that of the row under the cursor is among them."""
        (self._known if message.is_whole else self._begun).update(message.answers)
        for kept in (self._known, self._begun):
            while len(kept) > MOST_KNOWN:
                del kept[next(iter(kept))]
        if message.is_last:
            self._worker, self._asked = None, ()
            self._look()
        return bool(self._wanted) and self._wanted[0] in message.answers


def parts(keys: Sequence[Key]) -> Iterator[tuple[Sequence[Key], bool]]:
    """The first row by itself, then the others together, each with whether it is the last part."""
    yield keys[:1], len(keys) == 1
    if len(keys) > 1:
        yield keys[1:], True
