"""The view Incidents: the first thing one sees, its story, and the ways from an incident to its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from parsing.errors import LogError
from parsing.httpsys.demo import write_demo
from parsing.incidents import by_severity, find_incidents
from parsing.index import LogSet
from tests.tui.driving import Driver, explorer, small_logs
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write
from tui.glyphs import UNICODE
from tui.jobs import incidents
from tui.keymap import ACTIONS, VIEWS
from tui.model.options import Options
from tui.screens.main.screen import MainScreen


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("incidents") / "logs"
    write_demo(folder, seed=7, requests=12_000)
    return folder


@pytest.fixture(scope="module")
def known(demo: Path) -> list[Any]:
    """The incidents of the demo, the worst first, as the engine finds them."""
    with LogSet.open((str(demo),), cache=False) as logs:
        logs.read()
        return by_severity(find_incidents(logs.snapshot()))


async def opened(driver: Driver) -> None:
    await driver.wait(lambda: driver.screen.incidents.is_known)
    await driver.settle()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_it_is_what_a_new_user_sees(demo: Path, known: list[Any], tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(demo, tmp_path, size=size, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        view = driver.screen.incidents
        assert driver.screen.view is view
        assert [one.id for one in view.records] == [one.id for one in known]
        shown = driver.text
        assert "1 Incidents" in shown
        worst = known[0]
        assert f"{worst.begin:%H:%M:%S}" in shown
        assert worst.kind.replace("-", " ") in shown
        assert worst.pools[0] in shown
        assert worst.summary in view.side.text
        assert worst.story[0].text in view.side.text
        assert worst.check_first in view.side.text
        serious = sum(one.severity != "low" for one in known)
        assert f"{serious} incidents" in shown
        assert "apart" in shown  # idle closes are no errors


async def test_the_figures_above_are_those_of_the_logs(demo: Path, tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        logs = {
            folder: [line for file in (demo / folder).iterdir() for line in file.read_text("utf-8").splitlines()]
            for folder in ("W3SVC1", "HTTPERR")
        }
        requests = sum(not line.startswith("#") for line in logs["W3SVC1"])
        errors = [line for line in logs["HTTPERR"] if not line.startswith("#")]
        idle = sum("Timer_ConnectionIdle" in line for line in errors)
        assert f"{requests:,} requests: " in driver.text
        assert f"{len(errors) - idle:,} errors, {idle:,} idle closes apart" in driver.text


async def test_enter_opens_its_rows_and_escape_comes_back(demo: Path, known: list[Any], tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.press("j", "enter")
        await driver.settle()
        chosen = known[1]
        assert driver.screen.question.view == "entries"
        assert driver.screen.entries.total == chosen.errors + chosen.requests
        assert driver.screen.entries.table.row == 0
        await driver.press("escape")
        await opened(driver)
        assert driver.screen.question.view == "incidents"
        assert driver.screen.question.text == ""


async def test_a_step_of_its_story_leads_to_its_row(demo: Path, known: list[Any], tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.press("tab")
        side, step = driver.screen.incidents.side, known[0].story[1]
        while side.current is None or step.text not in side.current.parts[0][0]:
            await driver.press("j")
        await driver.press("enter")
        await driver.settle()
        assert (driver.entry.source, driver.entry.line) == (step.source, step.line)


async def test_r_shows_the_timeline_of_its_first_error(demo: Path, known: list[Any], tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.press("r")
        await driver.wait(lambda: driver.screen.question.view == "timeline")
        await driver.settle()
        scene = driver.screen.timeline.scene
        assert scene is not None
        focus = scene.asked.entry
        assert focus.is_error
        assert focus.value("queue") == known[0].pools[0]
        assert focus.value("reason") in known[0].reasons


async def test_x_counts_its_reasons(demo: Path, known: list[Any], tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.press("x")
        await driver.settle()
        assert driver.screen.question.view == "reasons"
        assert {record.values[0] for record in driver.screen.reasons.records} == set(known[0].reasons)


async def test_w_compares_it_with_the_time_before(demo: Path, known: list[Any], tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.press("w")
        await driver.wait("What changed in")
        assert f"{known[0].begin:%H:%M:%S}, against the time before" in driver.text


@pytest.mark.parametrize("view", VIEWS[1:])
async def test_brackets_go_from_incident_to_incident(demo: Path, known: list[Any], tmp_path: Path, view: str) -> None:
    """In every view, in order of time, also where one of them began before the first row of the one before it."""
    in_time = sorted(known, key=lambda one: one.begin)
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        driver.screen.look_at("entries")
        await driver.settle()
        await driver.press("g")
        if view == "timeline":
            await driver.press("r")
            await driver.wait(lambda: driver.screen.question.view == "timeline")
        else:
            driver.screen.look_at(view)
        await driver.settle()
        steps = [("right_square_bracket", one) for one in in_time]
        for key, one in [*steps, ("left_square_bracket", in_time[-2])]:
            await driver.press(key)
            await driver.settle()
            shown = driver.screen.view.entry()
            assert shown is not None
            assert one.summary[:30] in driver.screen.speaking.said
            assert one.begin <= shown.time <= one.until
        for _ in range(2):
            await driver.press("right_square_bracket")
            await driver.settle()
        assert "no incident after this row" in driver.text


async def test_right_after_the_start_it_waits_until_they_are_known(demo: Path, tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index") as driver:
        screen = driver.screen
        await driver.filter("log:httperr")
        assert not screen.incidents.is_known
        await driver.press("g", "right_square_bracket")
        await driver.wait(lambda: "low: " in screen.speaking.said)
        assert screen.incidents.is_known


async def test_of_a_span_only_its_incidents_are_shown(demo: Path, known: list[Any], tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.press("z", "z")
        await opened(driver)
        span = driver.screen.question.span
        assert span is not None
        shown = {one.kind for one in driver.screen.incidents.records}
        assert shown
        assert shown <= {one.kind for one in known if one.until >= span[0] and one.begin <= span[1]}


async def test_who_filters_there_sees_rows(demo: Path, tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.filter("reason:AppOffline")
        assert driver.screen.question.view == "entries"
        await driver.press("u")
        await opened(driver)
        assert driver.screen.question.view == "incidents"


async def test_its_spans_are_a_line_over_the_histogram(demo: Path, known: list[Any], tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, size=(120, 36), index=demo.parent / "index") as driver:
        await opened(driver)
        histogram = driver.screen.histogram
        assert histogram.bars is not None
        line = driver.text.splitlines()[2]
        assert line.startswith("incident")
        drawn = {number - 9 for number, char in enumerate(line) if char == "━"}
        buckets: set[int] = set()
        for one in known:
            if one.severity != "low":
                buckets |= set(range(histogram.bars.bucket(one.begin), histogram.bars.bucket(one.until) + 1))
        assert drawn == buckets
        await driver.filter("path:/nothing/like/this")
        assert not driver.text.splitlines()[2].startswith("incident")


async def test_where_nothing_went_wrong_it_says_so(tmp_path: Path) -> None:
    requests = [
        f"2026-06-15 {10 + number // 60:02}:{number % 60:02}:00 10.0.0.1 GET /p - 443 - 192.0.2.{number % 5} A - 200 0 0 9\r\n"
        for number in range(600)
    ]
    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, *requests)
    async with explorer(tmp_path / "logs", tmp_path, view="") as driver:
        await opened(driver)
        assert "No incident in 9 h 59 min" in driver.text
        await driver.press("enter", "r", "x", "w", "y", "plus")
        await driver.settle()
        assert driver.screen.question.view == "incidents"


async def test_the_first_view_is_another_where_rows_are_asked_for(tmp_path: Path) -> None:
    logs = small_logs(tmp_path / "logs")
    async with explorer(logs, tmp_path, options=Options(where="status:5xx"), view="") as driver:
        assert driver.screen.question.view == "entries"
    assert MainScreen(Options(follow=True), UNICODE, ACTIONS).question.view == "entries"
    assert MainScreen(Options(), UNICODE, ACTIONS).question.view == "incidents"


async def test_they_are_exported_as_the_command_prints_them(demo: Path, known: list[Any], tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.press("e", "ctrl+u")
        await driver.write(str(tmp_path / "found.ndjson"))
        await driver.press("enter")
        await driver.settle()
    written = [json.loads(line) for line in (tmp_path / "found.ndjson").read_text("utf-8").splitlines()]
    assert [record["id"] for record in written] == [one.id for one in known]
    assert written[0]["story"][0]["text"] == known[0].story[0].text


async def test_new_rows_bring_new_incidents_while_following(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    quiet = [
        f"2026-06-15 {10 + number // 60:02}:{number % 60:02}:00 10.0.0.1 GET /p - 443 - 192.0.2.{number % 5} A - 200 0 0 9\r\n"
        for number in range(240)
    ]
    write(logs / "u_ex260615.log", IIS_HEAD, *quiet)
    errors = write(logs / "httperr1.log", HTTPERR_HEAD)
    async with explorer(logs, tmp_path, view="") as driver:
        await opened(driver)
        assert not driver.screen.incidents.records
        await driver.press("L")
        with errors.open("ab") as file:
            for number in range(60):
                file.write(
                    f"2026-06-15 13:30:{number:02} 192.0.2.{number} {50000 + number} 10.0.0.1 443 HTTP/1.1 GET /p "
                    f"503 1 AppOffline Legacy\r\n".encode()
                )
        await driver.wait(lambda: bool(driver.screen.incidents.records))
        assert [one.kind for one in driver.screen.incidents.records] == ["pool-offline"]
        await driver.press("L")


def test_the_records_have_the_schema_of_the_command(known: list[Any]) -> None:
    from parsing.incidents import incident_records

    frame = incident_records(known)
    assert frame.height == len(known)
    assert frame.schema["begin"] == pl.Datetime("ms")


async def test_w_also_compares_with_everything_else(demo: Path, tmp_path: Path) -> None:
    async with explorer(demo, tmp_path, index=demo.parent / "index", view="") as driver:
        await opened(driver)
        await driver.press("w")
        await driver.wait("What changed in")
        await driver.write("everything else")
        await driver.press("enter")
        await driver.wait("against everything else")


async def test_two_times_around_a_moment_are_compared(tmp_path: Path) -> None:
    """A path that became slow at eleven is the first thing that differs."""

    def line(minute: int, number: int) -> str:
        path = ("/slow", "/other")[number % 2]
        taken = (30 if minute < 60 or path == "/other" else 900) + number % 7
        return (
            f"2026-06-15 {10 + minute // 60:02}:{minute % 60:02}:{number:02} 10.0.0.1 GET {path} - 443 - "
            f"192.0.2.{number % 9} A - 200 0 0 {taken}\r\n"
        )

    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, *(line(m, n) for m in range(120) for n in range(0, 60, 3)))
    async with explorer(tmp_path / "logs", tmp_path, size=(120, 36), view="") as driver:
        await opened(driver)
        await driver.press("colon")
        await driver.write("before and after")
        await driver.press("enter")
        await driver.wait("Before and after which moment?")
        await driver.write("11:00")
        await driver.press("enter")
        shown = await driver.wait("against the time before")
        first = next(line for line in shown.splitlines() if "sure" in line and "/slow" in line)
        assert "p50" in first or "p95" in first


async def test_a_server_is_compared_with_the_others(tmp_path: Path) -> None:
    def rows(server: str, failing: bool) -> list[str]:
        return [
            f"2026-06-15 10:{number // 10 % 60:02}:{number % 60:02} {server} 10.0.0.1 GET /p - 443 - "
            f"192.0.2.{number % 50} A - {500 if failing and number % 3 == 0 else 200} 0 0 {20 + number % 7}\r\n"
            for number in range(600)
        ]

    head = IIS_HEAD.replace("s-ip", "s-computername s-ip")
    for server, failing in (("WEB01", True), ("WEB02", False)):
        write(tmp_path / "logs" / server / "u_ex260615.log", head, *sorted(rows(server, failing)))
    async with explorer(tmp_path / "logs", tmp_path, size=(120, 36)) as driver:
        await driver.press("g", "z", "w")
        await driver.wait("What changed in")
        await driver.write("WEB01")
        await driver.press("enter")
        shown = await driver.wait("server WEB01 with the others")
        assert any("status" in line and "500" in line and "sure" in line for line in shown.splitlines())


async def test_incidents_that_cannot_be_looked_for_leave_the_rows(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> object:
        raise LogError("a part of the index cannot be read")

    monkeypatch.setattr(incidents, "found", refuse)
    async with explorer(demo, tmp_path, size=(120, 36), index=demo.parent / "index", view="") as driver:
        await driver.wait("Incidents could not be looked for. 2 shows the rows.")
        await driver.press("2")
        await driver.wait(lambda: driver.screen.entries.entry() is not None)
