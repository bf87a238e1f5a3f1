"""Stopping what threads compute, and computing once what several of them need."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from parsing.errors import CancelledError
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.cache import Cache
from parsing.questions.question import ask, stop_if_cancelled
from tests.parsing.questions.plain import START, snapshot_of

PATIENCE = 30


@dataclass(frozen=True)
class Endless:
    """A question whose partial goes on until it is stopped."""

    begun: threading.Event = field(default_factory=threading.Event, compare=False)
    given_up: threading.Event = field(default_factory=threading.Event, compare=False)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return snapshot.segments

    def partial(self, snapshot: Snapshot, segment: Segment) -> int:  # noqa: ARG002
        self.begun.set()
        while not self.given_up.is_set():
            stop_if_cancelled()
        return 0

    def merge(self, snapshot: Snapshot, partials: Sequence[int]) -> int:  # noqa: ARG002
        return sum(partials)


def test_a_partial_stops_between_its_steps() -> None:
    question = Endless()
    watchdog = threading.Timer(PATIENCE, question.given_up.set)
    watchdog.start()
    rows = [{"time": START.isoformat()}]
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], rows)]) as snapshot, pytest.raises(CancelledError):
        list(ask(snapshot, question, cancelled=question.begun.is_set))
    watchdog.cancel()
    assert not question.given_up.is_set(), "it was stopped, and not given up"


def test_nobody_else_is_stopped() -> None:
    """What is computed outside of a question, or in one that goes on, never stops."""
    stop_if_cancelled()
    question = Endless()
    question.given_up.set()
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], [{"time": START.isoformat()}])]) as snapshot:
        assert [step.value for step in ask(snapshot, question)][-1] == 0


def test_a_second_thread_waits_for_the_result_of_the_first() -> None:
    cache, begun, may_end = Cache(1 << 20), threading.Event(), threading.Event()
    found: list[str] = []

    def slow() -> str:
        begun.set()
        assert may_end.wait(PATIENCE)
        return "first"

    first = threading.Thread(target=lambda: found.append(cache.get("key", slow)))
    first.start()
    assert begun.wait(PATIENCE)
    second = threading.Thread(target=lambda: found.append(cache.get("key", lambda: "second")))
    second.start()
    second.join(0.2)
    assert found == [], "the second has nothing to give before the first"
    may_end.set()
    first.join()
    second.join()
    assert found == ["first", "first"]


def test_what_failed_is_computed_by_the_next() -> None:
    cache = Cache(1 << 20)
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 // 0)
    assert cache.get("key", lambda: 2) == 2
