"""A short queue between two stages of reading that both sides can close."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Closed(Exception):  # noqa: N818
    """The other side will not take any more, or there is no more to take."""


class Channel(Generic[ItemT]):
    """Holds items up to ``room`` by their ``weight``; putting waits, so that a fast stage does not fill the memory.

    ``putters`` is how many threads put items; the end comes when all of them have finished.
    """

    def __init__(self, room: int, weight: Callable[[ItemT], int], putters: int = 1) -> None:
        self._room = room
        self._weight = weight
        self._putters = putters
        self._load = 0
        self._items: deque[ItemT] = deque()
        self._changed = threading.Condition()
        self._is_abandoned = False
        self._error: BaseException | None = None

    def put(self, item: ItemT) -> None:
        """Wait for room; raises ``Closed`` when the taker has left. One item always fits."""
        with self._changed:
            weight = self._weight(item)
            self._changed.wait_for(lambda: self._is_abandoned or not self._items or self._load + weight <= self._room)
            if self._is_abandoned:
                raise Closed
            self._items.append(item)
            self._load += weight
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> ItemT | None:
        """The next item, or ``None`` when none came in time. After the end: ``Closed``, or the error of a putter."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over() or bool(self._items), timeout)
            if self._error is not None:
                raise self._error
            if self._items:
                item = self._items.popleft()
                self._load -= self._weight(item)
                self._changed.notify_all()
                return item
            if self._is_over():
                raise Closed
            return None

    def _is_over(self) -> bool:
        return self._is_abandoned or self._putters == 0 or self._error is not None

    def __iter__(self) -> Iterator[ItemT]:
        while True:
            try:
                item = self.get()
            except Closed:
                return
            if item is not None:
                yield item

    def finish(self, error: BaseException | None = None) -> None:
        """Called by each putter once: what was put can still be taken, then comes the end. An error comes at once."""
        with self._changed:
            self._putters -= 1
            self._error = self._error or error
            self._changed.notify_all()

    def abandon(self) -> None:
        """Called by the taker: it wants no more, and what waits is dropped."""
        with self._changed:
            self._is_abandoned = True
            self._items.clear()
            self._changed.notify_all()
