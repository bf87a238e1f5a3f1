"""The timeline, driven by keys: the story of an error with what belongs to it, and the ways through it."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from parsing.errors import SourceError
from parsing.index.snapshot import Snapshot
from tests.tui.driving import Driver, explorer
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, append, write
from tui.jobs import correlation
from tui.jobs.engine import Cancelled
from tui.model.options import Options
from tui.model.scene import Scene
from tui.wording import confidence

START = datetime(2026, 6, 15, 10)  # noqa: DTZ001
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
HOSTILE = "/x[red]\x1b]52;c;aGk=\x07"
DROPPED = "Connection_Dropped"


def request(at: timedelta, client: str, uri: str, taken: int) -> str:
    """A request that ended ``at`` after the start, after ``taken`` milliseconds."""
    return f"{START + at:%Y-%m-%d %H:%M:%S} 10.0.0.1 GET {uri} - 443 - {client} Agent - 200 0 0 {taken}\r\n"


def error(at: timedelta, client: str, uri: str, reason: str, port: int) -> str:
    words = f"{client} {port} 10.0.0.1 443 HTTP/1.1 GET {uri} - 1 {reason} Pool"
    return f"{START + at:%Y-%m-%d %H:%M:%S} {words}\r\n"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Twelve clients, two minutes apart, that leave, ask again after 4 s, and are dropped two minutes after they left.

    The first also asks for a hostile path, and has three connections closed by one sweep.
    """
    requests, errors = [], []
    for number in range(12):
        client, left = f"192.0.2.{number + 1}", 2 * number * MINUTE
        requests.append(request(left - 30 * SECOND, client, "/home", 200))
        requests.append(request(left + 6 * SECOND, client, "/reports/export", 2000))
        requests.append(request(left + 60 * SECOND, client, f"/other/{number}", 100))
        errors.append(error(left + 120 * SECOND, client, "/reports/export", DROPPED, 50000 + number))
    requests.append(request(MINUTE + SECOND, "192.0.2.1", HOSTILE, 5))
    errors += [error(150 * SECOND, "192.0.2.1", "-", "Timer_ConnectionIdle", 40000 + number) for number in range(3)]
    write(tmp_path / "logs" / "W3SVC1" / "u_ex260615.log", IIS_HEAD, *sorted(requests))
    write(tmp_path / "logs" / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, *sorted(errors))
    return tmp_path / "logs"


def scene(driver: Driver) -> Scene:
    found = driver.screen.timeline.scene
    assert found is not None
    return found


def shown_line(driver: Driver, text: str) -> str:
    """The line of the screen that has a text."""
    found = [line for line in driver.text.splitlines() if text in line]
    assert found, f"{text!r} is not on the screen:\n{driver.text}"
    return found[-1]


def sure(driver: Driver) -> str:
    """The confidence of the only claim about the error in focus, as it is shown."""
    found = scene(driver).error
    assert found is not None
    (claim,) = found.claims
    assert claim.confidence >= 0.9
    return f"({confidence(claim.confidence)})"


async def story_of_the_first(driver: Driver) -> None:
    """The timeline of the first client's dropped connection."""
    await driver.filter(f"reason:{DROPPED}")
    await driver.press("g")
    await driver.settle()
    await driver.press("r")
    await driver.wait("ended by the client")
    await driver.settle()


async def test_an_error_shows_its_beginning_its_retry_and_who_ended_it(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await story_of_the_first(driver)
        assert driver.screen.question.view == "timeline"
        assert "192.0.2.1 port 50000" in driver.text
        assert "The client left about 2 min earlier" in driver.text
        again = shown_line(driver, f"retry after ~4 s {sure(driver)}")
        began, dropped = shown_line(driver, "began:"), shown_line(driver, "…s/export")
        assert "│09:59:54│░ began: here the client left" in began
        assert "/export" in again
        assert "2 s│10:00:04│░" in again
        assert "━" in again
        assert f"│10:02:00│◆ {DROPPED}" in dropped
        assert "░" not in shown_line(driver, "09:59:29"), "nothing waits before it began"
        current = driver.screen.view.entry()
        assert current is not None
        assert (current.log, current.line) == ("httperr", 5), "the cursor is on the error"
        assert "IIS: what the application answered│  UTC   │HTTPERR" in driver.text
        assert "in flight" in driver.text
        assert "max 1 in" in driver.text


async def test_wide_lanes_say_it_in_full(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await story_of_the_first(driver)
        assert f"retry by the same client after ~4 s {sure(driver)}" in driver.text
        assert "began: about here the client left" in driver.text
        assert "GET /reports/export" in shown_line(driver, "10:00:04")
        assert "HTTPERR: what HTTP.sys ended by itself" in driver.text


async def test_zoom_and_move_change_the_time_that_is_shown(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await story_of_the_first(driver)
        first = scene(driver).window
        assert "/home" in driver.text
        await driver.press("z")
        await driver.settle()
        near = scene(driver).window
        assert near[1] - near[0] == (first[1] - first[0]) / 2
        assert near[0] < START + 2 * MINUTE < near[1], "around the row"
        assert "/home" not in driver.text
        await driver.press("Z", "Z")
        await driver.settle()
        assert "/home" in driver.text
        length = scene(driver).window[1] - scene(driver).window[0]
        before = scene(driver).window[0]
        await driver.press("l")
        await driver.settle()
        assert scene(driver).window[0] == before + length / 4
        await driver.press("h", "less_than_sign")
        await driver.settle()
        assert scene(driver).window[0] == before - length / 2
        for _ in range(3):
            await driver.press("z")
        await driver.settle()
        assert scene(driver).window[1] - scene(driver).window[0] == length / 8


async def test_rows_that_come_into_the_window_are_read(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await story_of_the_first(driver)
        await driver.press("c")
        await driver.write("path")
        await driver.press("enter")
        await driver.wait("path /reports/export")
        await driver.settle()
        assert "192.0.2.12" not in driver.text
        for _ in range(8):
            await driver.press("greater_than_sign")
            await driver.settle()
        assert "192.0.2.12" in shown_line(driver, "10:22:04")


async def test_the_next_error_is_that_of_the_question(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await story_of_the_first(driver)
        await driver.press("n")
        await driver.wait("192.0.2.2 port 50001")
        await driver.press("n")
        await driver.wait("192.0.2.3 port 50002")
        await driver.press("N", "N")
        await driver.wait("192.0.2.1 port 50000")
        await driver.press("N")
        await driver.wait("no error before this one")
        assert "192.0.2.1 port 50000" in driver.text
        await driver.press("escape")
        await driver.settle()
        assert driver.screen.question.view == "entries", "a step to another error is nothing to go back through"


async def test_a_step_that_fails_is_not_counted(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a worker that failed the next step is one error further, not two."""
    async with explorer(logs, tmp_path) as driver:
        await story_of_the_first(driver)
        with monkeypatch.context() as broken:
            broken.setattr(correlation, "next_error", _unreadable)
            await driver.press("n")
            await driver.wait("cannot find this row")
        await driver.press("n")
        await driver.wait("192.0.2.2 port 50001")


def _unreadable(*_: object) -> None:
    raise SourceError("it cannot be read", where="httperr1.log")


async def test_around_a_queue_it_is_said_which_requests_are_shown(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await story_of_the_first(driver)
        await driver.press("c")
        await driver.write("queue")
        await driver.press("enter")
        await driver.wait("The IIS log names no queue")
        assert "/export" in shown_line(driver, "10:00:04"), "the retry is there by the path of the error"


async def test_the_detail_of_an_error_says_how_to_log_the_port(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await story_of_the_first(driver)
        await driver.press("enter")
        await driver.wait(lambda: "REMOTE_PORT" in driver.screen.timeline.side.text)


async def test_the_field_with_the_port_can_be_named(logs: Path, tmp_path: Path) -> None:
    log = logs / "W3SVC1" / "u_ex260615.log"
    text = log.read_text("utf-8").replace("time-taken\n", "time-taken my-socket\n")
    rows = [line if line.startswith("#") else f"{line} 50000" for line in text.splitlines()]
    log.write_bytes("\r\n".join([*rows, ""]).encode())
    async with explorer(logs, tmp_path, size=(120, 36), options=Options(port_field="my-socket")) as driver:
        await story_of_the_first(driver)
        await driver.press("enter")
        await driver.wait("same connection")
        assert "REMOTE_PORT" not in driver.text


async def test_esc_goes_back_to_where_one_came_from(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter(f"reason:{DROPPED}")
        await driver.press("g", "j", "j", "j")
        await driver.settle()
        row = driver.screen.entries.table.row
        await driver.press("r")
        await driver.wait("192.0.2.4 port 50003")
        await driver.settle()
        await driver.press("g", "j", "j")
        at = driver.screen.view.table.current_line
        await driver.press("r")
        await driver.wait("client 192.0.2.4 · 3 requests, 1 error")
        await driver.settle()
        await driver.press("escape")
        await driver.wait("192.0.2.4 port 50003")
        assert driver.screen.view.table.current_line == at
        await driver.press("escape")
        await driver.settle()
        assert driver.screen.question.view == "entries"
        assert driver.screen.entries.table.row == row


async def test_enter_opens_the_row_of_either_side(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await story_of_the_first(driver)
        await driver.press("enter")
        await driver.wait(lambda: f"GET /reports/export - 1 {DROPPED}" in driver.screen.timeline.side.text)
        said = driver.screen.timeline.side.text
        assert "The client left about 2 min earlier" in said
        assert f"retry by the same client {sure(driver)}" in said
        while "retry" not in str(driver.screen.timeline.table.current_line):
            await driver.press("k")
        await driver.wait(lambda: "GET /reports/export - 443 - 192.0.2.1 Agent" in driver.screen.timeline.side.text)
        assert "same client, same URI" in driver.screen.timeline.side.text
        await driver.press("escape")
        assert driver.screen.question.view == "timeline", "the detail is closed first"


async def test_rows_of_one_sweep_are_said_to_be_one_event(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.filter("reason:Timer_ConnectionIdle")
        await driver.press("r")
        await driver.wait("which is one event")
        assert "Timer_ConnectionIdle, 3 of 3 in one sweep" in driver.text
        assert "ended by HTTP.sys" in driver.text


async def test_log_text_is_plain_text_in_the_lanes(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await story_of_the_first(driver)
        assert "/x[red]␛]52;c;aGk=␇" in driver.text


async def test_one_log_can_be_shown_alone(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await story_of_the_first(driver)
        await driver.press("i")
        await driver.settle()
        assert {row.event.log for row in driver.screen.timeline.rows if row.event} == {"httperr"}
        await driver.press("i")
        await driver.settle()
        assert {row.event.log for row in driver.screen.timeline.rows if row.event} == {"iis"}


async def test_a_time_can_be_jumped_to(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await story_of_the_first(driver)
        await driver.press("t")
        await driver.write("10:20")
        await driver.press("enter")
        await driver.settle()
        window = scene(driver).window
        assert window[0] + (window[1] - window[0]) / 2 == START + 20 * MINUTE
        assert driver.screen.question.view == "timeline"


async def test_the_reasons_show_what_the_other_log_knows(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press("3")
        await driver.wait(lambda: "correlated      12 errors\n" in driver.screen.reasons.side.text)
        said = driver.screen.reasons.side.text
        assert "own request       0 in the IIS log" in said
        assert "retried      12 by the same client" in said
        assert "slow path       0 with p95 10 s or more" in said
        await driver.press("j")
        await driver.wait(lambda: "correlated       3 errors\n" in driver.screen.reasons.side.text)
        assert "in sweeps       3 closed together: each sweep is one event" in driver.screen.reasons.side.text
        await driver.press("k", "r")
        await driver.wait("192.0.2.12 port 50011")
        await driver.press("escape")
        await driver.settle()
        assert driver.screen.question.view == "reasons"


async def test_a_path_that_is_often_slow_is_one_however_it_is_written(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found out once for all reasons."""
    find, asked = correlation.slow_paths, []

    def noted(snapshot: Snapshot, cancelled: Cancelled) -> frozenset[str]:
        asked.append(snapshot)
        return find(snapshot, cancelled)

    monkeypatch.setattr(correlation, "slow_paths", noted)
    append(logs / "W3SVC1" / "u_ex260615.log", request(MINUTE, "192.0.2.99", "/Reports/Export", 12_000))
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press("3")
        await driver.wait(lambda: "slow path      12 with p95 10 s or more" in driver.screen.reasons.side.text)
        await driver.wait(lambda: not driver.screen.reasons.pictures.is_asking)
        assert len(driver.screen.reasons.records) > 1
        assert len(asked) == 1


async def test_the_reasons_tell_what_else_clients_left(logs: Path, tmp_path: Path) -> None:
    """A request that ended in time although its client had gone is in the IIS log alone; the drops are in the other."""
    left = request(30 * MINUTE, "198.51.100.9", "/reports/export", 9_000).replace("200 0 0", "200 0 64")
    append(logs / "W3SVC1" / "u_ex260615.log", left)
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press("3")
        told = "/reports/export clients left 13 requests: 1 finished in time, 12 did not; median 9 s"
        await driver.wait(lambda: told in " ".join(driver.screen.reasons.side.text.split()))
        await driver.press("j")
        await driver.wait(lambda: "correlated       3 errors\n" in driver.screen.reasons.side.text)
        assert "clients left" not in driver.screen.reasons.side.text, "idle connections are left by nobody"


async def test_ascii_needs_no_other_character(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(ascii=True)) as driver:
        await story_of_the_first(driver)
        lanes = driver.text.splitlines()[5:-1]
        assert "".join(lanes).replace("␛", "").replace("␇", "").isascii()
        assert f"retry after ~4 s {sure(driver)}" in driver.text
        assert "=" in shown_line(driver, "10:00:04")


if sys.platform != "win32":
    from tests.terminal import Terminal

    @pytest.mark.slow
    @pytest.mark.parametrize("extra", [{}, {"NO_COLOR": "1"}])
    def test_in_a_terminal_of_80_by_24(logs: Path, tmp_path: Path, extra: dict[str, str]) -> None:
        names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
        environment = {name: str(tmp_path / name.lower()) for name in names} | extra
        with Terminal(["--index-dir", str(tmp_path / "index"), str(logs)], env=environment) as terminal:
            terminal.wait("37 requests · 15 errors")
            terminal.press("2")
            terminal.wait(lambda text: "reading" not in text)
            terminal.settle()
            terminal.press("/", f"reason:{DROPPED}", "enter")
            terminal.wait("12 of 52")
            terminal.press("g", "r")
            terminal.wait("retry after ~4 s (")
            terminal.settle()
            terminal.press("k")
            terminal.settle()
            for key in ("k", "k", "j", "j", "k"):
                terminal.press(key)
                assert 0 < terminal.settle() <= 1000, key
            terminal.press("n")
            terminal.wait("192.0.2.2 port 50001")
            terminal.press("escape")
            terminal.wait("status / reason")
            assert b"\x1b]52;c;aGk=" not in terminal.output
            if extra:
                assert b"38;2;" not in terminal.output
