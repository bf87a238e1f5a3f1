"""What was read or computed of a segment once need not be again, because segments never change: the memory of a log set."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from time import monotonic
from typing import Any

import polars as pl

_SMALL = 512
_UNUSED = 20.0


class Cache:
    """Results on one log set, in at most ``limit`` bytes. Any thread may use it.

    Those unused for the longest go first. With ``patience`` they go only after that many seconds without use, and new
    results find no room until then: of more segments than fit, asked in turns, a part is then always there.
    """

    def __init__(self, limit: int, patience: float = 0.0, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._patience = patience
        self._clock = clock
        self._used = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int, float]] = OrderedDict()
        self._lock = threading.Lock()
        self._gates: dict[Hashable, threading.RLock] = {}

    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """The result kept under a key, else that of ``compute``; a second thread waits for the first to compute it."""
        known = self._find(key)
        if known is not None:
            return known[0]
        with self._lock:
            gate = self._gates.setdefault(key, threading.RLock())
        try:
            with gate:
                known = self._find(key)
                if known is not None:
                    return known[0]
                result = compute()
                self.put(key, result)
                return result
        finally:
            with self._lock:
                self._gates.pop(key, None)

    def find(self, key: Hashable) -> Any:
        """The result kept under a key, else ``None``."""
        known = self._find(key)
        return None if known is None else known[0]

    def _find(self, key: Hashable) -> tuple[Any, int, float] | None:
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept[key] = (known[0], known[1], self._clock())
                self._kept.move_to_end(key)
            return known

    def put(self, key: Hashable, result: Any) -> None:
        """Keep a result if there is room for it."""
        cost = size(result)
        with self._lock:
            if key in self._kept or not self._has_room(cost):
                return
            self._kept[key] = (result, cost, self._clock())
            self._used += cost

    def replace(self, key: Hashable, result: Any) -> None:
        """Keep a result, if there is room for it, instead of the one that was kept under the key."""
        with self._lock:
            _, freed, _ = self._kept.pop(key, (None, 0, 0.0))
            self._used -= freed
        self.put(key, result)

    def clear(self) -> None:
        """Empty it."""
        with self._lock:
            self._kept.clear()
            self._used = 0

    def _has_room(self, cost: int) -> bool:
        if cost > self._limit // 2:
            return False
        while self._used + cost > self._limit:
            oldest, (_, freed, used) = next(iter(self._kept.items()))
            if self._clock() - used < self._patience:
                return False
            del self._kept[oldest]
            self._used -= freed
        return True


def size(result: Any) -> int:
    """Roughly the bytes that a result takes."""
    if isinstance(result, pl.DataFrame | pl.Series):
        return int(result.estimated_size()) + _SMALL
    if isinstance(result, Mapping):
        return _SMALL + sum(map(size, result.values()))
    found = getattr(result, "bytes", 0)
    return _SMALL + (found if isinstance(found, int) else 0)


class Memory:
    """What one log set remembers, in bounded room for each kind. Its snapshots share it, and it goes when it closes.

    Nothing in it may hold a snapshot: what a snapshot alone needs, it keeps itself (``Snapshot.once``).
    """

    def __init__(self) -> None:
        self.scans = Cache(32 << 20)
        """Files of segments with what Polars learned of them."""
        self.columns = Cache(192 << 20, _UNUSED)
        """Columns of segments as they are in memory."""
        self.partials = Cache(96 << 20)
        """Results of questions on segments."""
        self.blocks = Cache(32 << 20)
        """Where times are in segments, whatever the filter."""
        self.dictionaries = Cache(96 << 20)
        """What was computed over whole dictionaries, a value for each code."""
        self.values = Cache(96 << 20)
        """What was found in dictionaries."""
        self.sorted_rows = Cache(2 << 30)
        """Sorted rows of segments, which are on disk."""
        self.habits = Cache(4 << 20)
        """What the last snapshots show of the servers that wrote the logs."""

    def forget_results(self) -> None:
        """Empty all but the columns, what is known of files, and what was computed over dictionaries."""
        for cache in (self.partials, self.blocks, self.values, self.sorted_rows, self.habits):
            cache.clear()

    def clear(self) -> None:
        """Empty it; sorted rows leave the disk."""
        self.forget_results()
        self.dictionaries.clear()
        self.scans.clear()
        self.columns.clear()
