"""Stopping what threads compute, and computing once what several of them need."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from parsing.errors import CancelledError
from parsing.index.memory import Cache
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions import question
from parsing.questions.question import answer, ask, stop_if_cancelled
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


@dataclass(frozen=True)
class EndlesslyMerged(Endless):
    """A question whose merge goes on until it is stopped."""

    def partial(self, snapshot: Snapshot, segment: Segment) -> int:  # noqa: ARG002
        return 0

    def merge(self, snapshot: Snapshot, partials: Sequence[int]) -> int:  # noqa: ARG002
        self.begun.set()
        while not self.given_up.is_set():
            stop_if_cancelled()
        return 0


@dataclass(frozen=True)
class AsksWithin(EndlesslyMerged):
    """A question whose merge asks another that goes on until it is stopped."""

    def merge(self, snapshot: Snapshot, partials: Sequence[int]) -> int:  # noqa: ARG002
        return answer(snapshot, Endless(self.begun, self.given_up))


@pytest.mark.parametrize("kind", [Endless, EndlesslyMerged, AsksWithin])
def test_partials_and_merges_stop_between_their_steps(kind: type[Endless]) -> None:
    endless = kind()
    watchdog = threading.Timer(PATIENCE, endless.given_up.set)
    watchdog.start()
    rows = [{"time": START.isoformat()}]
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], rows)]) as snapshot, pytest.raises(CancelledError):
        list(ask(snapshot, endless, cancelled=endless.begun.is_set))
    watchdog.cancel()
    assert not endless.given_up.is_set(), "it was stopped, and not given up"


def test_nobody_else_is_stopped() -> None:
    """What is computed outside of a question, or in one that goes on, never stops."""
    stop_if_cancelled()
    endless = Endless()
    endless.given_up.set()
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], [{"time": START.isoformat()}])]) as snapshot:
        assert [step.value for step in ask(snapshot, endless)][-1] == 0


@dataclass(frozen=True)
class Together:
    """A question whose first two partials go on until both of them have begun."""

    begun: list[Segment] = field(default_factory=list, compare=False)
    both: threading.Event = field(default_factory=threading.Event, compare=False)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return snapshot.segments

    def partial(self, snapshot: Snapshot, segment: Segment) -> str:  # noqa: ARG002
        self.begun.append(segment)
        if len(self.begun) == 2:
            self.both.set()
        assert self.both.wait(PATIENCE)
        return segment.path.name

    def merge(self, snapshot: Snapshot, partials: Sequence[str]) -> list[str]:  # noqa: ARG002
        return list(partials)


def test_partials_are_computed_side_by_side_and_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "_AT_ONCE", 2)
    monkeypatch.setattr(question, "_turns", threading.BoundedSemaphore(2))
    rows = [{"time": START.isoformat()}]
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], rows)] * 7) as snapshot:
        *_, last = ask(snapshot, Together())
    assert last.value == [segment.path.name for segment in snapshot.segments]


@pytest.mark.parametrize("cores", [1, 2])
def test_no_more_partials_are_computed_at_a_time_than_there_are_cores(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many ask at the same time."""
    monkeypatch.setattr(question, "_AT_ONCE", cores)
    monkeypatch.setattr(question, "_turns", threading.BoundedSemaphore(cores))
    busy = Busy()
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], [{"time": START.isoformat()}])] * 5) as snapshot:
        askers = [threading.Thread(target=lambda: list(ask(snapshot, busy))) for _ in range(4)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join(PATIENCE)
    assert len(busy.seen) == 4 * 5
    assert max(busy.seen) <= cores


@dataclass(frozen=True)
class Busy:
    """A question that notes how many of its partials are computed at a time."""

    now: list[None] = field(default_factory=list, compare=False)
    seen: list[int] = field(default_factory=list, compare=False)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return snapshot.segments

    def partial(self, snapshot: Snapshot, segment: Segment) -> int:  # noqa: ARG002
        self.now.append(None)
        segment.scan().collect()
        self.seen.append(len(self.now))
        self.now.pop()
        return 0

    def merge(self, snapshot: Snapshot, partials: Sequence[int]) -> int:  # noqa: ARG002
        return sum(partials)


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
