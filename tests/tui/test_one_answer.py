"""Who ended an error: the detail, the timeline, an explanation and the table of reasons give one and the same answer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from parsing.correlation import Correlated, correlate
from parsing.filters import parse
from parsing.httpsys.demo import write_demo
from parsing.index import LogSet
from tests.tui.driving import explorer
from tui.wording import ended_by

pytestmark = pytest.mark.slow

SIZES = [(80, 24), (120, 36)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one-answer") / "logs"
    write_demo(folder, seed=7, requests=3_000)
    return folder


@pytest.fixture(scope="module")
def drops(demo: Path) -> list[Correlated]:
    """The drops of the demo, most of which clients left, and some of which the application closed."""
    with LogSet.open((str(demo),), index_dir=demo.parent / "index") as log_set:
        log_set.read()
        return [error for found in correlate(log_set.snapshot(), parse("reason:Connection_Dropped")) for error in found]


@pytest.mark.parametrize("size", SIZES)
async def test_of_a_drop_that_the_application_closed(
    demo: Path, drops: list[Correlated], tmp_path: Path, size: tuple[int, int]
) -> None:
    drop = next(error for error in drops if error.ended_by == "worker")
    who = f"ended by {ended_by('worker', drop.ended_by_confidence)}"
    assert "0." in who or drop.ended_by_confidence == 1
    async with explorer(demo, tmp_path, size=size, index=demo.parent / "index") as driver:
        await driver.filter(f"reason:Connection_Dropped line:{drop.line}")
        await driver.press("enter")
        side = driver.screen.view.side
        await driver.wait(lambda: who in side.text)
        assert drop.verdict in side.text
        assert side.text.index(drop.verdict) < side.text.index("in general"), "the general meaning is called general"
        assert "ended by the client" not in side.text
        await driver.press("x")
        await driver.wait("What it means")
        assert "the worker process" in driver.text
        assert "in general" in driver.text
        await driver.press("escape", "r")
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        await driver.settle()
        assert who in " ".join(driver.text.split()) or who[:60] in driver.text
        await driver.press("enter")
        await driver.wait(lambda: who in driver.screen.view.side.text)
        assert "ended by the client" not in driver.screen.view.side.text


@pytest.mark.parametrize("size", SIZES)
async def test_reasons_say_who_ended_the_drops_once_they_are_correlated(
    demo: Path, drops: list[Correlated], tmp_path: Path, size: tuple[int, int]
) -> None:
    split = Counter(error.ended_by for error in drops)
    assert set(split) == {"client", "worker"}
    async with explorer(demo, tmp_path, size=size, index=demo.parent / "index") as driver:
        await driver.press("3", "f")
        await driver.write("Connection_Dropped")
        await driver.press("enter")
        cell = f"client {split['client']}, worker {split['worker']}"
        await driver.wait(cell)
        side = driver.screen.reasons.side.text
        assert f"ended by {ended_by('client')} {split['client']}, {ended_by('worker')} {split['worker']}" in side
        assert "in general ended by the client" in side


async def test_a_reason_that_is_not_correlated_yet_says_what_is_usual(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.jobs import correlation

    monkeypatch.setattr(correlation, "pictures", lambda *_: iter(()))
    monkeypatch.setattr(correlation, "stories", lambda *_: iter(()))
    async with explorer(demo, tmp_path, index=demo.parent / "index") as driver:
        await driver.filter("reason:Connection_Dropped")
        await driver.press("enter")
        await driver.settle()
        assert "in general ended by the client; not yet correlated" in driver.screen.view.side.text
        await driver.press("3")
        await driver.wait("usually client")
