"""A short queue between two stages of reading that both sides can close."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Closed(Exception):  # noqa: N818
    """The other side will not take any more."""


class Channel(Generic[ItemT]):
    """Holds up to ``size`` items; putting waits for room, so that a fast stage does not fill the memory."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: deque[ItemT] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._error: BaseException | None = None

    def put(self, item: ItemT) -> None:
        """Wait for room; raises ``Closed`` when nobody will take the item."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or len(self._items) < self._size)
            if self._is_closed:
                raise Closed
            self._items.append(item)
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> ItemT | None:
        """The next item, or ``None`` when none came in time. After the end: ``Closed``, or the error of the putter."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or bool(self._items), timeout)
            if self._items:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._error is not None:
                raise self._error
            if self._is_closed:
                raise Closed
            return None

    def __iter__(self) -> Iterator[ItemT]:
        while True:
            try:
                item = self.get()
            except Closed:
                return
            if item is not None:
                yield item

    def finish(self, error: BaseException | None = None) -> None:
        """Called by the putter: what was put can still be taken, then comes the end or the error."""
        with self._changed:
            self._is_closed = True
            self._error = self._error or error
            self._changed.notify_all()

    def abandon(self) -> None:
        """Called by the taker: it wants no more, and what waits is dropped."""
        with self._changed:
            self._is_closed = True
            self._items.clear()
            self._changed.notify_all()
