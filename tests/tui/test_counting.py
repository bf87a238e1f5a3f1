"""The counted values: trends, what goes with a value, what changed, and how exactly files were read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from weakref import ref

import pytest

from tests.small_sets import small_snapshot
from tests.tui.driving import Driver, explorer
from tests.tui.gate import Gate
from tests.written_logs import IIS_HEAD, append, write
from tui.jobs import breakdowns as value_jobs
from tui.jobs import correlation
from tui.model.counted import Value
from tui.views.prefetch import FileKey, Prefetch

DROPPED = "2026-06-15 11:00:0{} 192.0.2.1 5 10.0.0.1 443 HTTP/1.1 GET /x - 1 Connection_Dropped Pool0\r\n"


def values(driver: Driver) -> dict[object, Value]:
    return {record.values[0]: record for record in driver.screen.reasons.records}


async def test_a_value_shows_when_it_came(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press("3")
        await driver.wait(lambda: bool(driver.screen.reasons.trends))
        trend = driver.screen.reasons.trends["Connection_Dropped",]
        assert sum(trend.counts) == 5
        assert trend.counts[0] > 0
        assert trend.counts[-1] == 0
        assert "█" in driver.text


async def test_a_value_shows_how_long_its_requests_took(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.filter("log:iis")
        await driver.press("l", "l", "l", "b")
        await driver.wait(lambda: any(trend.high for trend in driver.screen.reasons.trends.values()))
        trend = driver.screen.reasons.trends["192.0.2.4",]
        assert trend.median == pytest.approx(475, rel=0.02)
        assert "p95 taken ±1%" in driver.text


async def test_how_many_values_are_not_shown_stays_told(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.views.breakdown.view.MOST_VALUES", 2)
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("Connection_Dropped")
        await driver.settle()
        await driver.press("j", "k")
        await driver.wait("1 of 2, 2 not shown")
        position = driver.screen.query_one("#position")
        await driver.wait(lambda: position.size.width > len("1 of 2, 2 not shown"))


async def test_that_values_are_not_shown_is_said_once(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.views.breakdown.view.MOST_VALUES", 2)
    monkeypatch.setattr("tui.screens.main.speaking.READ_AFTER", 0)
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("2 values more with 3 rows are not shown")
        await driver.press("L")
        await driver.wait("live")
        await driver.press("j")
        await driver.wait(lambda: not driver.screen.speaking.said)
        with (logs / "HTTPERR" / "httperr1.log").open("a", newline="") as log:
            log.write("2026-06-15 11:00:00 192.0.2.1 5 10.0.0.1 443 HTTP/1.1 GET /x - 1 Connection_Dropped P\r\n")
        await driver.wait(lambda: driver.screen.reasons.records[0].count == 6)
        assert not driver.screen.speaking.said


async def test_beside_a_reason_stand_its_queues_paths_and_clients(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 50)) as driver:
        await driver.press("3")
        await driver.wait("Connection_Dropped")
        await driver.wait(lambda: "Pool0" in driver.screen.reasons.side.text)
        side = driver.screen.reasons.side.text
        assert "queue Pool0  3  60.0 %" in side
        assert "path /reports/0  1  20.0 %" in side


async def test_figures_of_a_moment_ago_are_so_far_until_those_of_all_rows_come(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    async with explorer(logs, tmp_path, size=(120, 50)) as driver:
        await driver.press("3")
        await driver.wait("Connection_Dropped")
        side = driver.screen.reasons.side
        await driver.wait(lambda: "queue Pool0  3  60.0 %\n" in side.text and "5 errors\n" in side.text)
        gate.before(value_jobs, "tops")
        gate.before(correlation, "pictures")
        await driver.press("L")
        await driver.wait("live")
        append(logs / "HTTPERR" / "httperr1.log", *(DROPPED.format(number) for number in range(5)))
        await driver.wait(lambda: driver.screen.reasons.records[0].count == 10)
        await driver.press("L")
        await driver.wait(lambda: not driver.screen.state.is_growing)
        assert "queue Pool0  3  60.0 % so far" in side.text
        assert "5 errors so far" in side.text
        gate.open()
        await driver.wait(lambda: "queue Pool0  8  80.0 %\n" in side.text and "10 errors\n" in side.text)


def test_what_is_known_of_a_row_keeps_no_files_of_an_earlier_moment(tmp_path: Path) -> None:
    known: Prefetch[FileKey] = Prefetch(*cast("Any", [None] * 4))
    snapshot = small_snapshot(tmp_path, [])
    held, key = ref(snapshot), FileKey(snapshot, "a.log")
    for is_whole in (False, True):
        known.learned({key: "told"}, is_whole=is_whole)
    del snapshot, key
    assert held() is None
    assert known.get(FileKey(small_snapshot(tmp_path / "later", []), "a.log")) == "told"


async def test_values_that_the_filter_leaves_out_can_be_chosen_again(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("3")
        await driver.wait("Connection_Dropped")
        found = values(driver)
        assert found["QueueFull"].is_kept
        assert not found["Connection_Dropped"].is_kept
        assert found["Connection_Dropped"].count == 5
        assert " (5) " in driver.text
        assert "left out by the filter" not in driver.screen.reasons.side.text
        await driver.press("g")
        await driver.wait(lambda: "left out by the filter" in driver.screen.reasons.side.text)
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.question.text == "reason=Connection_Dropped"
        assert driver.screen.entries.total == 5


async def test_what_changed_is_ranked_and_narrows(tmp_path: Path) -> None:
    morning = [
        f"2026-06-15 0{8 + number // 200}:{number // 4 % 60:02}:00 10.0.0.1 GET /{'new' if number >= 300 else 'old'} - 443 "
        f"- 192.0.2.1 Agent - 200 0 0 5\r\n"
        for number in range(400)
    ]
    write(tmp_path / "changed" / "u_ex260615.log", IIS_HEAD, *morning)
    async with explorer(tmp_path / "changed", tmp_path) as driver:
        await driver.press("t", *"09:15", "enter")
        await driver.settle()
        await driver.press("w")
        shown = await driver.wait("What changed")
        assert "09:15:00, against the time before" in shown
        assert "/new" in shown
        await driver.press("escape", "z")
        await driver.settle()
        await driver.press("w")
        shown = await driver.wait("What changed")
        assert "/new" in shown
        assert "100.0 %" in shown
        await driver.press("enter")
        await driver.settle()
        assert "template=/" in driver.screen.question.text


async def test_rejects_and_gaps_of_a_file_are_told(tmp_path: Path) -> None:
    row = "2026-06-15 {}:00:00 10.0.0.1 GET /x - 443 - 192.0.2.1 Agent - 200 0 0 5\r\n"
    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, row.format("08"), "no entry \x1b[31m\r\n", row.format("12"))
    async with explorer(tmp_path / "logs", tmp_path, size=(120, 40)) as driver:
        await driver.press("5")
        await driver.wait(lambda: "no entry" in driver.screen.sources.side.text)
        side = driver.screen.sources.side.text
        assert "line 6" in side
        assert "␛[31m" in side
        assert "06-15 08:00:00 to 06-15 12:00:00  4 h without rows" in side


async def test_rejects_that_are_not_listed_are_counted_as_far_as_they_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    file = write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, "no entry\r\n" * (value_jobs.MOST_REJECTS + 3))
    async with explorer(tmp_path / "logs", tmp_path, size=(120, 40)) as driver:
        await driver.press("5")
        side = driver.screen.sources.side
        await driver.wait(lambda: "3 rejects more: dropline rejects" in side.text)
        gate.before(value_jobs, "exactness")
        await driver.press("L")
        await driver.wait("live")
        append(file, "no entry\r\n" * 2)
        await driver.wait(lambda: "55 rejected" in side.text)
        await driver.press("L")
        await driver.wait(lambda: not driver.screen.state.is_growing)
        assert "3 rejects more so far: dropline rejects" in side.text
        gate.open()
        await driver.wait(lambda: "5 rejects more: dropline rejects" in side.text)


async def test_reasons_are_counted_and_explained_and_enter_narrows(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        shown = await driver.wait("Connection_Dropped")
        lines = [line.split()[:2] for line in shown.splitlines() if " % " in line]
        assert lines[:3] == [["Connection_Dropped", "5"], ["Timer_ConnectionIdle", "4"], ["QueueFull", "2"]]
        assert "ended by" in driver.screen.reasons.side.text
        await driver.press("j", "j", "enter")
        await driver.settle()
        assert driver.screen.question.view == "entries"
        assert driver.screen.question.text == "reason=QueueFull"
        assert driver.screen.entries.total == 2
        await driver.press("u")
        await driver.settle()
        assert driver.screen.question.view == "reasons"


async def test_an_unknown_reason_is_a_reason_like_any_other(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("Never_Seen")
        await driver.press("G")
        assert "Never_Seen" in driver.screen.reasons.side.text
        assert "ended by unknown" in driver.screen.reasons.side.text


async def test_any_column_can_be_broken_down(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:200")
        await driver.press("l", "l", "l")
        assert driver.screen.entries.table.current_column is not None
        assert driver.screen.entries.table.current_column.key == "client"
        await driver.press("b")
        await driver.settle()
        assert driver.screen.question.by == ("client",)
        assert [record.count for record in driver.screen.reasons.records] == [8, 8, 8, 8, 4]


async def test_a_value_that_the_filter_leaves_out_widens_it(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull log:httperr")
        await driver.press("3")
        await driver.wait("Connection_Dropped")
        await driver.press("g", "plus")
        shown = await driver.settle()
        assert driver.screen.question.text == "(reason:QueueFull or reason=Connection_Dropped) and log:httperr"
        assert "widened" in shown
        assert driver.screen.entries.total == 7
        found = values(driver)
        assert found["Connection_Dropped"].is_kept
        assert not found["Never_Seen"].is_kept
        record = driver.screen.reasons.record
        assert record is not None
        assert record.values == ("Connection_Dropped",)


async def test_a_value_that_was_taken_out_is_taken_in_again(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("Connection_Dropped")
        await driver.press("g", "minus")
        await driver.settle()
        await driver.press("g", "minus")
        assert "leaves these rows out already" in await driver.wait("already")
        assert driver.screen.question.text == "-reason=Connection_Dropped"
        await driver.press("plus")
        await driver.settle()
        assert driver.screen.question.text == ""
        assert driver.screen.entries.total == 53


async def test_the_size_of_the_index_is_shown(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("5")
        await driver.wait(lambda: "index" in driver.screen.sources.side.text)
        size = driver.screen.state.log_set.size() if driver.screen.state.log_set else 0
        assert f"index {size / 1000:.1f} kB for all files" in driver.screen.sources.side.text


async def test_pairs_of_fields_are_counted(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3", "c", *"queue", "right")
        await driver.settle()
        assert driver.screen.question.by == ("reason", "queue")
        found = values_of_pairs(driver)
        assert found["Connection_Dropped", "Pool0"] == 3
        assert found["Connection_Dropped", "Pool1"] == 2
        await driver.press("g", "enter")
        await driver.settle()
        assert driver.screen.question.text == "reason=Connection_Dropped and queue=Pool0"
        assert driver.screen.entries.total == 3


async def break_down_in_the_detail(driver: Driver, field: str) -> None:
    await driver.press("enter", "tab")
    side = driver.screen.entries.side
    await driver.wait(lambda: field in [fact.field for fact in side.facts])
    side.go([fact.field for fact in side.facts].index(field))
    await driver.press("b")
    await driver.settle()


async def test_a_reason_of_the_detail_is_counted_as_in_its_own_view(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await break_down_in_the_detail(driver, "s-reason")
        assert "Reasons" in driver.text
        assert [column.key for column in driver.screen.reasons.table.columns][:2] == ["reason", "count"]
        assert "ended-by" in [column.key for column in driver.screen.reasons.table.columns]
        assert "check first" in driver.screen.reasons.side.text


async def test_no_field_is_counted_beside_itself_by_another_name(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await break_down_in_the_detail(driver, "c-ip")
        await driver.press("c", *"client", "right")
        await driver.wait("client is counted already")
        assert driver.screen.question.by == ("client",)


def values_of_pairs(driver: Driver) -> dict[tuple[object, ...], int]:
    return {record.values: record.count for record in driver.screen.reasons.records}


async def test_a_value_beside_a_reason_narrows_to_both(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 50)) as driver:
        await driver.press("3")
        await driver.wait(lambda: "Pool0" in driver.screen.reasons.side.text)
        assert "Enter narrow" in driver.text
        side = driver.screen.reasons.side
        await driver.press("tab")
        side.go([fact.field for fact in side.facts].index("queue"))
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.question.text == "reason=Connection_Dropped and queue=Pool0"
        assert driver.screen.entries.total == 3


async def test_logs_without_errors_show_their_statuses_instead_of_reasons(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs / "W3SVC1", tmp_path) as driver:
        await driver.press("3")
        assert "no Httperr.log is open here" in await driver.settle()
        assert {record.values[0]: record.count for record in driver.screen.reasons.records} == {200: 36, 500: 4, 404: 1}


async def test_what_stands_beside_near_rows_comes_with_the_key(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read ahead: nothing more needs to be asked."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("what is near is known")

    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait(lambda: "queue Pool" in driver.screen.reasons.side.text)
        for about in (driver.screen.reasons.tops, driver.screen.reasons.pictures):
            await driver.wait(lambda about=about: not about.is_asking)  # type: ignore[misc]
        monkeypatch.setattr(driver.screen.jobs, "start", never)
        for key, reason, errors in (("j", "Timer_ConnectionIdle", 4), ("j", "QueueFull", 2), ("k", "Timer_", 4)):
            await driver.press(key)
            side = driver.screen.reasons.side.text
            assert side.startswith(reason)
            assert f"correlated       {errors} errors\n" in side
            assert "queue Pool" in side
