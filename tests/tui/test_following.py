"""Files that go while they are followed: every view tells the same."""

from __future__ import annotations

import bz2
import gc
from dataclasses import replace
from pathlib import Path

import pytest

from parsing.errors import LogError
from parsing.index import Snapshot
from tests.tui.driving import explorer
from tests.tui.gate import Gate
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, append, httperr_lines, iis_lines, write
from tui.jobs import correlation
from tui.jobs.engine import raw_line
from tui.model.options import Options

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("view", ["2", "3", "4", "5"])
async def test_a_file_that_is_gone_takes_its_rows_out_of_every_view(tmp_path: Path, view: str) -> None:
    file = tmp_path / "logs" / "u_ex260615.log"
    write(file, IIS_HEAD, iis_lines(30))
    notes = tmp_path / "logs" / "notes.txt"
    write(notes, "set aside")
    async with explorer(tmp_path / "logs", tmp_path) as driver:
        await driver.press("enter")
        await driver.wait("The request was answered")
        await driver.press("L", view)
        await driver.wait("4 Timeline" if view != "4" else "in flight")
        notes.unlink()
        file.unlink()
        await driver.wait("0 sources · 0 requests · 0 errors")
        await driver.wait("u_ex260615.log is gone, and 30 rows with it")
        await driver.wait("There is no file here.")
        await driver.wait(lambda: driver.screen.histogram.bars is None)
        assert "u_ex260615.log" not in "\n".join(driver.text.splitlines()[:-1])
        await driver.press("4")
        await driver.wait("there is no row under the cursor")
        assert driver.screen.timeline.scene is None
        write(file, IIS_HEAD, iis_lines(20))
        await driver.wait("1 source · 20 requests")
        await driver.wait(lambda: driver.screen.histogram.bars is not None)


async def test_of_many_snapshots_only_those_that_the_five_views_show_stay_alive(tmp_path: Path) -> None:
    """A view that is not shown keeps what it last showed; the newest may be of none of them yet."""
    log = write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(10))

    def alive() -> list[Snapshot]:
        gc.collect()
        return [each for each in gc.get_objects() if isinstance(each, Snapshot) and each.segments]

    before = {id(each) for each in alive()}
    async with explorer(tmp_path / "logs", tmp_path) as driver:
        await driver.press("enter", "L")
        await driver.wait("live")
        for number in range(10, 22):
            append(log, httperr_lines(1, first=number))
            await driver.wait(f"{number + 1} errors")
            await driver.press("12345"[number % 5])
        await driver.wait(lambda: sum(id(each) not in before for each in alive()) <= 6)


async def test_a_file_that_is_only_compressed_is_not_said_to_be_gone(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(10))
    old = tmp_path / "logs" / "u_ex260615.log"
    write(old, IIS_HEAD, iis_lines(30))
    async with explorer(tmp_path / "logs", tmp_path) as driver:
        await driver.press("5", "L")
        await driver.wait("live")
        write(tmp_path / "u_ex260615.log.bz2", bz2.compress(old.read_bytes()))
        (tmp_path / "u_ex260615.log.bz2").rename(tmp_path / "logs" / "u_ex260615.log.bz2")
        old.unlink()
        await driver.wait("u_ex260615.log.bz2")
        await driver.wait("2 sources · 30 requests · 10 errors")
        assert "gone" not in driver.text


async def test_a_file_that_is_gone_takes_its_rows_out_of_timelines_around_others(tmp_path: Path) -> None:
    errors = write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(3))
    requests = write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, iis_lines(30, path="/e"))
    async with explorer(tmp_path / "logs", tmp_path, size=(120, 36)) as driver:
        await driver.filter("reason:*")
        await driver.press("r")
        await driver.wait("GET /e/2 ")
        await driver.settle()
        await driver.press("enter")
        await driver.wait("retry by the same client")
        await driver.press("L")
        await driver.wait("live")
        requests.unlink()
        await driver.wait("u_ex260615.log is gone, and 30 rows with it")
        scene = driver.screen.timeline.scene
        assert scene is not None
        assert {event.source for event in scene.events} == {errors.name}
        await driver.wait(lambda: "u_ex260615.log" not in "\n".join(driver.text.splitlines()[:-1]))
        assert driver.screen.question.view == "timeline"
        assert "retry by" not in driver.text


@pytest.mark.parametrize(("keys", "held"), [(("r",), "focus"), (("3", "r"), "newest")])
async def test_a_timeline_that_is_to_come_does_so_though_another_file_goes(
    tmp_path: Path, gate: Gate, keys: tuple[str, ...], held: str
) -> None:
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(3))
    requests = write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, iis_lines(30, path="/e"))
    async with explorer(tmp_path / "logs", tmp_path, size=(120, 36)) as driver:
        await driver.filter("reason:*")
        await driver.press("L")
        await driver.wait("live")
        gate.before(correlation, held)
        await driver.press(*keys)
        await driver.wait(lambda: gate.is_reached)
        requests.unlink()
        await driver.wait("u_ex260615.log is gone, and 30 rows with it")
        gate.open()
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        scene = driver.screen.timeline.scene
        assert scene is not None
        assert scene.key[0] == "httperr1.log"


async def test_the_line_of_a_row_that_is_gone_is_refused_in_words(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        log_set, snapshot = driver.screen.state.log_set, driver.screen.state.snapshot
        assert log_set is not None
        assert snapshot is not None
        with pytest.raises(LogError, match="no longer there"):
            raw_line(log_set, snapshot, replace(driver.entry, source="elsewhere.log"))


def drops(count: int) -> str:
    return httperr_lines(count, first=3600, path="/reports")


async def test_what_stands_beside_a_value_stays_until_it_is_known_anew(logs: Path, tmp_path: Path, gate: Gate) -> None:
    """However often more rows come, what is being found out is found out to the end."""
    file = logs / "HTTPERR" / "httperr1.log"
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press("3")
        side = driver.screen.reasons.side
        await driver.wait(lambda: "correlated       5 errors\n" in side.text)
        await driver.wait(lambda: not driver.screen.reasons.pictures.is_asking)
        gate.before(correlation, "pictures")
        await driver.press("L")
        append(file, drops(1))
        await driver.wait(lambda: gate.is_reached)
        for total in (14, 15):
            append(file, drops(1))
            await driver.wait(f"{total} errors")
            await driver.wait(lambda total=total: f"seen {total - 7} times" in side.text)  # type: ignore[misc]
            assert "correlated       5 errors so far\n" in side.text
        assert gate.reached == 1
        gate.open()
        await driver.wait(lambda: "correlated       8 errors so far\n" in side.text)
        await driver.press("L")
        await driver.wait(lambda: "correlated       8 errors\n" in side.text)


async def test_what_stands_beside_a_value_is_not_looked_for_in_another_view(
    logs: Path, tmp_path: Path, gate: Gate
) -> None:
    gate.before(correlation, "pictures")
    async with explorer(logs, tmp_path, options=Options(where="log:httperr")) as driver:
        await driver.press("3")
        await driver.wait(lambda: gate.is_reached)
        await driver.press("2")
        await driver.wait(lambda: not any(worker.is_running for worker in driver.app.workers))
        await driver.press("3")
        await driver.wait(lambda: gate.reached == 2)


@pytest.mark.parametrize("view", ["3", "5"])
async def test_what_is_read_beside_a_row_stays_in_place_when_more_rows_come(
    logs: Path, tmp_path: Path, view: str
) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press(view)
        await driver.settle()
        await driver.press("g", "L", "tab", *"jjjj")
        side = driver.screen.view.side
        assert side.cursor == 4
        before = side.text
        append(logs / "HTTPERR" / "httperr1.log", drops(2))
        await driver.wait("14 errors")
        await driver.wait(lambda: side.text != before)
        assert side.cursor == 4
        await driver.press("tab", "j")
        await driver.wait(lambda: side.cursor == 0)
