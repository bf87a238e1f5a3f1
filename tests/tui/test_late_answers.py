"""Answers that come when the user has gone on: they change nothing under the hands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parsing.compare import Difference
from tests.tui.driving import Driver, explorer
from tests.tui.gate import Gate
from tests.written_logs import append, httperr_lines
from tui.app import Explorer
from tui.jobs import clipboard, comparison, correlation, engine
from tui.model.options import Options
from tui.model.scene import Asked

pytestmark = pytest.mark.slow


async def correlate(driver: Driver, gate: Gate) -> None:
    """Ask for a timeline that does not come before the gate is opened."""
    await driver.filter("reason:Connection_Dropped")
    gate.before(correlation, "focus")
    await driver.press("r")
    await driver.wait(lambda: gate.is_reached)


async def test_a_timeline_that_comes_leaves_the_keys_to_the_filter(logs: Path, tmp_path: Path, gate: Gate) -> None:
    async with explorer(logs, tmp_path) as driver:
        await correlate(driver, gate)
        await driver.press("slash", "ctrl+k", "ctrl+u")
        await driver.write("re")
        gate.open()
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        await driver.settle()
        await driver.write("q:1")
        assert driver.screen.bar.edit.value == "req:1"


async def test_a_session_that_comes_back_leaves_the_keys_to_the_filter(logs: Path, tmp_path: Path, gate: Gate) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:200")
        await driver.press("q")
    gate.before(engine, "open_log_set")
    index, settings, state = tmp_path / "index", tmp_path / "settings", tmp_path / "state"
    app = Explorer(Options(paths=(str(logs),), index_dir=index, settings=settings, state=state))
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.press("slash")
        await driver.write("re")
        gate.open()
        await driver.wait(lambda: driver.screen.entries.total == 36)
        await driver.write("q")
        assert driver.screen.bar.edit.value == "req"
        assert driver.screen.question.text == "status:200"
        assert app.is_running


@pytest.mark.parametrize(
    ("given", "total"),
    [
        (Options(where="status:200"), 36),
        (Options(preset="queue full"), 2),
        (Options(where="reason:QueueFull", preset="queue full"), 2),
    ],
)
async def test_a_filter_of_the_command_line_leaves_the_keys_to_the_one_that_is_typed(
    logs: Path, tmp_path: Path, gate: Gate, given: Options, total: int
) -> None:
    gate.before(engine, "open_log_set")
    app = Explorer(
        replace(
            given,
            paths=(str(logs),),
            index_dir=tmp_path / "index",
            settings=tmp_path / "settings",
            state=tmp_path / "state",
        )
    )
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.press("slash")
        await driver.write("re")
        gate.open()
        await driver.wait(lambda: driver.screen.entries.total == total)
        await driver.write("q:/p/1")
        assert driver.screen.bar.edit.value == "req:/p/1"
        assert driver.screen.question.text
        assert app.is_running
        while driver.screen.typing.is_typing:
            await driver.press("escape")
        assert driver.screen.bar.edit.value == driver.screen.question.text, "what was typed is mistaken"
        assert "that filter was not applied" in driver.text
        await driver.press("slash", "up")
        assert driver.screen.bar.edit.value == "req:/p/1"


@pytest.mark.parametrize("keys", [("2",), ("5",), ("backspace",)])
async def test_a_timeline_is_only_told_of_where_one_has_gone_on(
    logs: Path, tmp_path: Path, gate: Gate, keys: tuple[str, ...]
) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("Connection_Dropped")
        await correlate(driver, gate)
        await driver.press(*keys)
        view = driver.screen.question.view
        gate.open()
        await driver.wait("the timeline is here now; 4 shows it")
        assert driver.screen.question.view == view
        await driver.settle()
        await driver.press("4")
        await driver.wait("in flight")


@pytest.mark.parametrize("view", ["2", "3"])
async def test_escape_stops_a_timeline_that_is_to_come(logs: Path, tmp_path: Path, gate: Gate, view: str) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press(view)
        await correlate(driver, gate)
        await driver.press(view, "r")
        await driver.press("escape")
        assert "stopped" in driver.text
        before = driver.screen.question.view
        gate.open()
        await driver.settle()
        assert driver.screen.question.view == before
        assert driver.screen.timeline.scene is None


async def test_a_timeline_is_not_taken_for_one_that_was_asked_for_since(
    logs: Path, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is on its way to the screen already when the second is asked for elsewhere."""
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:Connection_Dropped")
        timeline, snapshot = driver.screen.timeline, driver.screen.state.snapshot
        assert snapshot is not None
        asked: list[Asked] = []
        with monkeypatch.context() as held:
            held.setattr(timeline, "ask_for", asked.append)
            await driver.press("g", "r")
        wanted = asked[0]
        gate.before(correlation, "newest")
        await driver.press("3", "r")
        await driver.wait(lambda: gate.is_reached)
        resolved, focus = correlation.focus(snapshot, wanted)
        scene = correlation.rows_alone(snapshot, resolved, focus, lambda: False)
        timeline.came(wanted, snapshot, scene)
        await driver.pilot.pause()
        assert driver.screen.question.view == "reasons"
        gate.open()
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        assert driver.screen.timeline.scene is not None
        assert driver.screen.timeline.scene.key != scene.key


async def compare(driver: Driver, gate: Gate) -> None:
    """Ask what changed; the answer does not come before the gate is opened."""
    gate.before(comparison, "compared")
    await driver.press("g", *"jjjjjjjjjjjjjjj", "z", "w")
    await driver.wait(lambda: gate.is_reached)


def one_change(_: object, way: comparison.Way, *__: object) -> comparison.Compared:
    found = Difference("s-reason", "QueueFull", "rate", 0.1, 0.5, 1, 2, 0.4, 0.99, "more of them", "httperr")
    return comparison.Compared(way, (found,), ())


async def test_what_changed_comes_up_only_where_it_was_asked(
    logs: Path, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "compared", one_change)
    async with explorer(logs, tmp_path) as driver:
        await compare(driver, gate)
        await driver.press("slash", "ctrl+k", "ctrl+u")
        await driver.write("re")
        gate.open()
        await driver.wait("the comparison is ready; w shows it")
        await driver.write("q")
        assert driver.screen.bar.edit.value == "req"
        while driver.screen.typing.is_typing:
            await driver.press("escape")
        await driver.press("w")
        await driver.wait("What changed in")


async def test_what_changed_in_another_question_is_not_shown(
    logs: Path, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "compared", one_change)
    async with explorer(logs, tmp_path) as driver:
        await compare(driver, gate)
        await driver.press("backspace")
        gate.open()
        await driver.settle()
        assert "What changed" not in driver.text
        assert driver.screen.is_current


async def test_the_line_that_was_asked_for_last_is_in_the_clipboard(logs: Path, tmp_path: Path, gate: Gate) -> None:
    async with explorer(logs, tmp_path) as driver:
        gate.before(clipboard, "line", only_first=True)
        await driver.filter("reason:QueueFull")
        await driver.press("g", "Y")
        await driver.wait(lambda: gate.is_reached)
        await driver.press("j", "Y")
        await driver.wait("sent the line to the terminal")
        last = driver.app.clipboard
        assert last.startswith("2026-06-15 10:30:30 ")
        gate.open()
        await driver.wait(lambda: gate.passed == 2)
        await driver.press("k")
        await driver.settle()
        assert driver.app.clipboard == last


async def test_a_jump_ends_among_the_rows_that_have_come_in_the_meantime(
    logs: Path, tmp_path: Path, gate: Gate
) -> None:
    async with explorer(logs, tmp_path) as driver:
        gate.before(engine, "place", only_first=True)
        await driver.press("L", "t")
        await driver.write("10:20")
        await driver.press("enter")
        await driver.wait(lambda: gate.is_reached)
        append(logs / "HTTPERR" / "httperr1.log", httperr_lines(3))
        await driver.wait(lambda: driver.screen.entries.total == 56)
        gate.open()
        await driver.wait(lambda: driver.screen.entries.entry() is not None and driver.entry.time.minute == 20)


async def test_a_search_ends_among_the_rows_that_have_come_in_the_meantime(
    logs: Path, tmp_path: Path, gate: Gate
) -> None:
    async with explorer(logs, tmp_path) as driver:
        gate.before(engine, "find_text", only_first=True)
        await driver.press("g", "L", "g", "f")
        await driver.write("reports/3")
        await driver.press("enter")
        await driver.wait(lambda: gate.is_reached)
        append(logs / "HTTPERR" / "httperr1.log", httperr_lines(3))
        await driver.wait(lambda: driver.screen.entries.total == 56)
        gate.open()
        await driver.wait(lambda: "reports/3" in str(driver.entry.value("uri")))


async def test_a_search_goes_on_while_newer_rows_come_under_a_moved_cursor(
    logs: Path, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Gate(monkeypatch)
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "L", "g")
        answers.before(engine, "find", only_first=True)
        append(logs / "HTTPERR" / "httperr1.log", httperr_lines(3))
        await driver.wait(lambda: answers.is_reached)
        gate.before(engine, "find_text", only_first=True)
        await driver.press("j", "f")
        await driver.write("reports/3")
        await driver.press("enter")
        await driver.wait(lambda: gate.is_reached)
        answers.open()
        await driver.wait(lambda: driver.screen.entries.total == 56)
        gate.open()
        await driver.wait(lambda: "reports/3" in str(driver.entry.value("uri")))
