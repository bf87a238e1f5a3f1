"""What was computed on a segment once need not be computed again, because segments never change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import polars as pl

from parsing.index.snapshot import Segment, Snapshot

_SMALL = 512


class Cache:
    """Least recently used results, kept while they fit in ``limit`` bytes. Safe to use from any thread.

    Results are kept apart by log set (by its dictionaries, which give the codes their meaning).
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._used = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, snapshot: Snapshot, segment: Segment, what: Hashable, compute: Callable[[], Any]) -> Any:
        """The result kept under ``what``, else that of ``compute``. Two threads may compute it at the same time."""
        key = (snapshot.load_dictionary, segment.path, segment.rows, what)
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


PARTIALS = Cache(192 << 20)
"""Results of questions on segments."""

BLOCKS = Cache(64 << 20)
"""Times and counts of blocks of rows, which every page needs."""
