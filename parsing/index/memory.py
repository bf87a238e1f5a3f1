"""What was read or computed of a segment once need not be again, because segments never change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl

from parsing.index.snapshot import Snapshot

_SMALL = 512
_UNUSED = 20.0


class Cache:
    """Results on one log set, in at most ``limit`` bytes. Any thread may use it.

    Those unused for the longest go first. With ``patience`` they go only after so many seconds without use, and new
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


class _Caches:
    """Caches by log set; they go with the last snapshot of it, of which a few are kept until others take their place."""

    def __init__(self, limit: int, patience: float = 0.0) -> None:
        self._limit = limit
        self._patience = patience
        self._lock = threading.Lock()
        self._caches: WeakKeyDictionary[object, Cache] = WeakKeyDictionary()

    def of(self, snapshot: Snapshot) -> Cache:
        """Codes mean something in one log set only, and its dictionaries are what all of its snapshots share."""
        owner = getattr(snapshot.load_dictionary, "__self__", snapshot.load_dictionary)
        with self._lock:
            known = self._caches.get(owner)
            if known is None:
                known = self._caches[owner] = Cache(self._limit, self._patience)
            return known


_scans = _Caches(32 << 20)
_columns = _Caches(192 << 20, _UNUSED)
_partials = _Caches(96 << 20)
_blocks = _Caches(32 << 20)
_values = _Caches(96 << 20)
_sorted_rows = _Caches(2 << 30)


def scans(snapshot: Snapshot) -> Cache:
    """Files of segments with what Polars learned of them."""
    return _scans.of(snapshot)


def columns(snapshot: Snapshot) -> Cache:
    """Columns of segments as they are in memory."""
    return _columns.of(snapshot)


def partials(snapshot: Snapshot) -> Cache:
    """Results of questions on segments."""
    return _partials.of(snapshot)


def blocks(snapshot: Snapshot) -> Cache:
    """Where times are in segments, whatever the filter."""
    return _blocks.of(snapshot)


def values(snapshot: Snapshot) -> Cache:
    """What was found in dictionaries."""
    return _values.of(snapshot)


def sorted_rows(snapshot: Snapshot) -> Cache:
    """Sorted rows of segments, which are on disk."""
    return _sorted_rows.of(snapshot)
