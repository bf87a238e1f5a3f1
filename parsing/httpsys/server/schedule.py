"""The events of a simulation in time order, and the sweep on which HTTP.sys looks at its timers."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

Action = Callable[[Any], object]


class Schedule:
    """A queue of ``(time, action, subject)``; equal times run in the order they were added."""

    __slots__ = ("_heap", "_serial", "now")

    def __init__(self, now: int) -> None:
        self.now = now
        self._heap: list[tuple[int, int, Action, Any]] = []
        self._serial = 0

    def at(self, time: int, action: Action, subject: Any) -> None:
        self._serial += 1
        heappush(self._heap, (time, self._serial, action, subject))

    def run(self) -> None:
        heap = self._heap
        while heap:
            self.now, _, action, subject = heappop(heap)
            action(subject)


class Sweep:
    """A periodic look at deadlines: what is due shows at the first look at or after its deadline."""

    __slots__ = ("_due", "_period", "_phase", "_schedule")

    def __init__(self, schedule: Schedule, period: int, phase: int) -> None:
        self._schedule = schedule
        self._period = period
        self._phase = phase
        self._due: dict[int, list[tuple[Action, Any]]] = {}

    def watch(self, deadline: int, look: Action, subject: Any) -> None:
        """Calls ``look(subject)`` at the first sweep from ``deadline`` on; it may watch again."""
        tick = deadline + (self._phase - deadline) % self._period
        bucket = self._due.get(tick)
        if bucket is None:
            bucket = self._due[tick] = []
            self._schedule.at(tick, self._look, tick)
        bucket.append((look, subject))

    def _look(self, tick: int) -> None:
        for look, subject in self._due.pop(tick):
            look(subject)
