"""What was computed on a segment once need not be computed again, because segments never change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl

from parsing.index.snapshot import Segment, Snapshot

_SMALL = 512


class Cache:
    """The least recently used results on the segments of one log set go first once they exceed ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._used = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, segment: Segment, what: Hashable, compute: Callable[[], Any]) -> Any:
        """The result kept under ``what``, else that of ``compute``. Any thread may ask; two may compute the same."""
        key = (segment.path, segment.rows, what)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known[0]
        result = compute()
        self._keep(key, result, size(result))
        return result

    def _keep(self, key: Hashable, result: Any, cost: int) -> None:
        if cost > self.limit // 4:
            return
        with self._lock:
            previous = self._kept.pop(key, None)
            self._used += cost - (previous[1] if previous else 0)
            self._kept[key] = (result, cost)
            while self._used > self.limit:
                _, (_, freed) = self._kept.popitem(last=False)
                self._used -= freed


def size(result: Any) -> int:
    """Roughly the bytes that a result takes."""
    if isinstance(result, pl.DataFrame | pl.Series):
        return int(result.estimated_size()) + _SMALL
    if isinstance(result, tuple):
        return sum(size(part) for part in result) + _SMALL
    return _SMALL


_PARTIALS = 192 << 20
_BLOCKS = 64 << 20


class _Caches:
    """Caches by log set; they go when the log set goes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._caches: WeakKeyDictionary[object, Cache] = WeakKeyDictionary()

    def of(self, snapshot: Snapshot) -> Cache:
        """Codes mean something in one log set only, and it is its dictionaries that all its snapshots share."""
        owner = getattr(snapshot.load_dictionary, "__self__", snapshot.load_dictionary)
        with self._lock:
            return self._caches.setdefault(owner, Cache(self._limit))


_partials = _Caches(_PARTIALS)
_blocks = _Caches(_BLOCKS)


def partials(snapshot: Snapshot) -> Cache:
    """Results of questions on segments."""
    return _partials.of(snapshot)


def blocks(snapshot: Snapshot) -> Cache:
    """Times and counts of blocks of rows, which every page needs."""
    return _blocks.of(snapshot)
