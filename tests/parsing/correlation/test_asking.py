"""Who asks for correlation: can stop it at any step, shares what another learns, keeps what was learned while logs grow."""

from __future__ import annotations

import gc
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from weakref import ref

import pytest

from parsing.correlation import correlate, correlate_one, habits_of
from parsing.correlation.server import habits as learning
from parsing.correlation.server.habits import Habits, learn
from parsing.correlation.stopping import Cancelled
from parsing.errors import CancelledError
from parsing.index.log_set import LogSet
from parsing.index.snapshot import Snapshot
from tests.parsing.correlation.pairs_of_logs import clock, error, request, traffic
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, append, write

PATIENCE = 20


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[LogSet]:
    requests = [*traffic(), *(request(clock(604 + 300 * number)) for number in range(8))]
    errors = [error(clock(600 + 300 * number), port=50_000 + number) for number in range(8)]
    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, *sorted(requests))
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, *errors)
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        yield log_set


def stop_after(looks: int) -> Cancelled:
    left = [looks]

    def cancelled() -> bool:
        left[0] -= 1
        return left[0] < 0

    return cancelled


def test_it_stops_at_every_step(logs: LogSet) -> None:
    looks = 0

    def count() -> bool:
        nonlocal looks
        looks += 1
        return False

    assert sum(len(found) for found in correlate(logs.snapshot(), cancelled=count)) == 8
    assert looks > 12, "segment by segment and step by step"
    for number in range(looks):
        logs.snapshot().memory.habits.clear()
        with pytest.raises(CancelledError):
            list(correlate(logs.snapshot(), cancelled=stop_after(number)))
    logs.snapshot().memory.habits.clear()
    assert sum(len(found) for found in correlate(logs.snapshot(), cancelled=stop_after(looks))) == 8


def test_what_one_thread_learns_another_waits_for(logs: LogSet, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    asked: list[Snapshot] = []

    def slowly(snapshot: Snapshot, *, cancelled: Cancelled) -> Habits:
        asked.append(snapshot)
        begun.set()
        assert go_on.wait(PATIENCE)
        return learn(snapshot, cancelled=cancelled)

    monkeypatch.setattr(learning, "learn", slowly)
    snapshot = logs.snapshot()
    got: list[Habits] = []
    threads = [threading.Thread(target=lambda: got.append(habits_of(snapshot))) for _ in range(2)]
    threads[0].start()
    assert begun.wait(PATIENCE)
    threads[1].start()
    with pytest.raises(CancelledError):
        habits_of(snapshot, cancelled=lambda: True)
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(asked) == 1
    assert got[0].servers is got[1].servers


def test_a_learner_that_is_stopped_leaves_it_to_the_next(logs: LogSet) -> None:
    snapshot = logs.snapshot()
    with pytest.raises(CancelledError):
        habits_of(snapshot, cancelled=stop_after(1))
    assert habits_of(snapshot).servers


def test_what_was_learned_holds_while_the_logs_grow_a_little(
    logs: LogSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live log is another snapshot every second; its servers and clients are the same ones."""
    monkeypatch.setattr(learning, "_MANY", 1)
    habits_of(logs.snapshot())
    append(tmp_path / "logs" / "httperr1.log", error(clock(3_300), port=51_000))
    append(tmp_path / "logs" / "u_ex260615.log", request(clock(3_304)))
    logs.read()
    with monkeypatch.context() as forbidden:
        forbidden.setattr(learning, "learn", lambda *_, **__: pytest.fail("learned anew"))
        found = correlate_one(logs.snapshot(), "httperr1.log", 13)
    assert [claim.time for claim in found.claims if claim.relation == "retry"]
    append(tmp_path / "logs" / "u_ex260615.log", *(request(clock(3_400 + number), "/b") for number in range(100)))
    logs.read()
    with pytest.raises(AssertionError, match="learned anew"):
        _forbidding(monkeypatch, logs.snapshot())


def test_nothing_learned_outlives_the_codes_of_an_index(
    logs: LogSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "_MANY", 1)
    habits_of(logs.snapshot())
    (manifest,) = tmp_path.glob("index/*/manifest.sqlite")
    with closing(sqlite3.connect(manifest)) as database, database:
        database.execute("update about set value = 'damaged' where key = 'revision'")
    logs.read()
    with pytest.raises(AssertionError, match="learned anew"):
        _forbidding(monkeypatch, logs.snapshot())


def test_what_was_learned_goes_when_the_log_set_closes(tmp_path: Path) -> None:
    write(tmp_path / "more" / "httperr1.log", HTTPERR_HEAD, error(clock(600)))
    with LogSet.open([str(tmp_path / "more")], index_dir=tmp_path / "index") as opened:
        opened.read()
        surroundings = ref(habits_of(opened.snapshot()).surroundings)
        snapshot = ref(opened.snapshot())
    del opened
    gc.collect()
    assert snapshot() is None
    assert surroundings() is None


def _forbidding(monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    def fails(*_: object, **__: object) -> Habits:
        raise AssertionError("learned anew")

    monkeypatch.setattr(learning, "learn", fails)
    habits_of(snapshot)
