"""What was learned of a log set, kept while it grows."""

from __future__ import annotations

import threading
from collections import OrderedDict

from parsing.correlation.server.habits import Habits, learn, renewed
from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.index.snapshot import Snapshot
from parsing.questions.question import damage_worded

_habits: OrderedDict[int, tuple[Snapshot, Habits]] = OrderedDict()
_GROWN = 1.1
_MANY = 100_000
"""What a log set of so many rows has shown holds while it grows by a tenth."""
_KEPT = 2
_learned: dict[int, tuple[Snapshot, Habits]] = {}
"""What was last learned from scratch."""
_learning: set[int] = set()
_changed = threading.Condition()
_WAIT = 0.03
"""Seconds between two looks, by who waits for another thread that learns, at whether it is still wanted."""


@damage_worded()
def habits_of(snapshot: Snapshot, *, cancelled: Cancelled = never) -> Habits:
    """``learn``, done once for a snapshot: who asks while another thread learns waits for that one."""
    with _changed:
        while True:
            known = _habits.get(id(snapshot))
            if known is not None and known[0] is snapshot:
                return known[1]
            if id(snapshot) not in _learning:
                break
            stop_if(cancelled)
            _changed.wait(_WAIT)
        _learning.add(id(snapshot))
    try:
        habits = _of_smaller(snapshot, cancelled)
        is_learned = habits is None
        habits = habits or learn(snapshot, cancelled=cancelled)
        with _changed:
            if is_learned:
                _learned.clear()
                _learned[id(snapshot)] = (snapshot, habits)
            _habits[id(snapshot)] = (snapshot, habits)
            while len(_habits) > _KEPT:
                _habits.popitem(last=False)
        return habits
    finally:
        with _changed:
            _learning.discard(id(snapshot))
            _changed.notify_all()


def _of_smaller(snapshot: Snapshot, cancelled: Cancelled) -> Habits | None:
    """The habits learned of the same log set when it had a few rows less."""
    rows = sum(segment.rows for segment in snapshot.segments)
    names = {(source.id, source.name) for source in snapshot.sources}
    with _changed:
        known = list(_learned.values())
    for before, habits in reversed(known):
        had = sum(segment.rows for segment in before.segments)
        # Other sets have files of the same names, and a set that was built anew has other codes: not these dictionaries.
        is_same = before.load_dictionary == snapshot.load_dictionary
        is_part = is_same and {(source.id, source.name) for source in before.sources} <= names
        if is_part and _MANY <= had <= rows <= had * _GROWN:
            return renewed(habits, snapshot, cancelled)
    return None
