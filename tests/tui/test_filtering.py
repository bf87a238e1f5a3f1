"""The filter bar, and what else changes the question, driven by keys."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parsing.errors import CancelledError
from tests.tui.driving import explorer
from tests.written_logs import IIS_HEAD, write
from tui.jobs import engine
from tui.model.options import Options
from tui.screens.main import filter_input
from tui.widgets.filter_bar import highlighted


async def test_a_filter_keeps_its_rows_and_says_how_many(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        shown = await driver.filter("reason:Connection_Dropped path:/reports/*")
        assert driver.screen.entries.total == 5
        assert "5 of 53" in shown
        assert shown.count("◆ Connection_Dropped") == 5


async def test_a_mistake_is_underlined_and_explained_and_asks_nothing(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        shown = await driver.filter("reasn:Timer_*")
        assert driver.screen.bar.edit.mistake == (0, 5)
        assert "did you mean reason" in shown
        assert driver.screen.entries.total == 53
        assert driver.screen.bar.edit.value == "reasn:Timer_*"


async def test_the_rows_of_what_is_typed_are_counted_while_typing(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("status:500")
        assert "4 rows" in await driver.wait("4 rows")
        assert driver.screen.question.text == ""


async def test_the_count_while_typing_is_of_the_chosen_time_and_log(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("i")
        await driver.settle()
        await driver.press("slash")
        await driver.write("client:192.0.2.1")
        await driver.wait(lambda: driver.text.splitlines()[1].endswith(" 1 row"))
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.entries.total == 1


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Rows are found only while this is set."""
    find, free = engine.find, threading.Event()
    free.set()

    def held_up(*given: Any, **options: Any) -> Iterator[engine.Found]:
        *_, cancelled = given
        while not free.wait(0.01):
            if cancelled():
                raise CancelledError
        yield from find(*given, **options)

    monkeypatch.setattr("tui.jobs.engine.find", held_up)
    return free


async def test_rows_of_the_question_before_are_not_taken_for_the_answer(
    logs: Path, tmp_path: Path, held: threading.Event
) -> None:
    async with explorer(logs, tmp_path) as driver:
        held.clear()
        await driver.press("slash", *"status:500", "enter")
        shown = await driver.wait("not counted yet")
        assert "53" not in shown.splitlines()[1]
        await driver.press("escape")
        await driver.wait("stopped; what is shown answers the question before")
        assert "not counted yet" in driver.text
        held.set()
        await driver.press("u", "U")
        shown = await driver.settle()
        assert "4 of 53" in shown
        assert "not counted yet" not in shown


async def test_columns_stand_over_the_values_that_they_name(logs: Path, tmp_path: Path, held: threading.Event) -> None:
    async with explorer(logs, tmp_path) as driver:
        before = [column.key for column in driver.screen.entries.table.columns]
        held.clear()
        await driver.press("c", *"queue", "enter", "escape")
        await driver.wait(lambda: "queue" in driver.screen.question.columns)
        assert [column.key for column in driver.screen.entries.table.columns] == before
        await driver.press("escape")
        await driver.settle()
        assert [column.key for column in driver.screen.entries.table.columns] == before
        held.set()
        await driver.press("u", "U")
        await driver.settle()
        assert [column.key for column in driver.screen.entries.table.columns] == [*before, "queue"]


async def test_fields_and_values_are_completed_with_their_counts(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("reas")
        await driver.wait(lambda: driver.screen.suggestions.is_open)
        await driver.press("tab")
        assert driver.screen.bar.edit.value == "reason:"
        await driver.wait("Timer_ConnectionIdle")
        known = {found.text: found.count for found in driver.screen.suggestions.suggestions}
        assert known["Connection_Dropped"] == 5
        assert known["QueueFull"] == 2
        await driver.write("queue")
        await driver.wait(lambda: [found.text for found in driver.screen.suggestions.suggestions][:1] == ["QueueFull"])
        await driver.press("down", "enter")
        assert driver.screen.bar.edit.value == "reason:QueueFull"
        assert driver.screen.question.text == "", "choosing a suggestion applies nothing yet"
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.entries.total == 2
        assert not driver.screen.suggestions.is_open


@pytest.mark.parametrize(("typed", "completed"), [("reason", "reason:"), ("status", "status"), ("r", "reason:")])
async def test_a_suggestion_for_what_was_typed_before_completes_only_what_it_fits(
    logs: Path, tmp_path: Path, typed: str, completed: str
) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("reas")
        await driver.wait(lambda: [found.text for found in driver.screen.suggestions.suggestions][:1] == ["reason:"])
        driver.screen.bar.edit.write(typed, len(typed))
        await driver.press("tab")
        assert driver.screen.bar.edit.value == completed


async def test_earlier_filters_are_recalled(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.filter("status:404")
        await driver.press("slash", "ctrl+u")
        await driver.write("dra")
        await driver.press("up")
        assert driver.screen.bar.edit.value == "status:404"
        await driver.press("up")
        assert driver.screen.bar.edit.value == "status:500"
        await driver.press("down", "down")
        assert driver.screen.bar.edit.value == "dra"


async def test_escape_keeps_what_was_typed(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("status:4xx")
        await driver.settle()
        await driver.press("escape", "escape")
        assert "status:4xx" in await driver.wait("not applied")
        assert driver.screen.entries.total == 53
        await driver.press("slash", "enter")
        await driver.settle()
        assert driver.screen.entries.total == 1


async def test_only_and_not_say_the_filter_they_made(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:*")
        await driver.press("g", "l", "plus")
        shown = await driver.settle()
        assert "reason=Connection_Dropped" in driver.screen.question.text
        assert "added reason=Connection_Dropped" in shown
        assert driver.screen.entries.total == 5
        await driver.press("u")
        await driver.settle()
        await driver.press("minus")
        await driver.settle()
        assert driver.screen.entries.total == 7


async def test_undo_and_redo_go_back_and_forth(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.filter("status:200")
        totals = []
        for key in ("u", "u", "U", "U"):
            await driver.press(key)
            await driver.settle()
            totals.append(driver.screen.entries.total)
        assert totals == [4, 53, 4, 36]
        assert driver.screen.bar.edit.value == "status:200"


async def test_backspace_clears_the_question(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.press("backspace")
        await driver.settle()
        assert driver.screen.entries.total == 53
        assert driver.screen.bar.edit.value == ""


async def test_the_cursor_stays_on_its_row_when_the_filter_changes(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.press("g", "j")
        before = driver.entry
        await driver.press("backspace")
        await driver.settle()
        assert driver.entry.key == before.key
        assert driver.screen.entries.table.row > 1


def custom_logs(folder: Path) -> Path:
    head = IIS_HEAD.replace("time-taken", "time-taken X-Forwarded-For")
    rows = [
        f"2026-06-15 10:0{number}:00 10.0.0.1 GET /x - 443 - 192.0.2.1 Agent - 200 0 0 5 203.0.113.{number % 2}\r\n"
        for number in range(4)
    ]
    write(folder / "u_ex260615.log", head, *rows)
    return folder


async def test_a_filter_may_be_about_a_custom_field_of_logs_that_were_never_read(tmp_path: Path) -> None:
    logs = custom_logs(tmp_path / "custom")
    async with explorer(logs, tmp_path, options=Options(where="x-forwarded-for:203.0.113.1")) as driver:
        assert driver.screen.entries.total == 2
        await driver.press("q")
    async with explorer(logs, tmp_path, index=tmp_path / "another") as driver:
        assert driver.screen.question.text == "x-forwarded-for:203.0.113.1", "the session comes back without its index"
        assert driver.screen.entries.total == 2


async def test_a_field_that_no_log_turned_out_to_have_is_told_when_all_is_read(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(where="reasn:QueueFull")) as driver:
        assert "did you mean reason" in await driver.wait("did you mean")
        assert driver.screen.bar.edit.mistake == (0, 5)


async def test_what_was_typed_is_recalled_after_another_question_took_its_place(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("status:4xx")
        await driver.settle()
        await driver.press("escape", "escape", "g", "z")
        await driver.settle()
        assert driver.screen.bar.edit.value == ""
        await driver.press("slash", "up")
        assert driver.screen.bar.edit.value == "status:4xx"


def test_a_filter_is_in_the_colours_of_its_tokens() -> None:
    parts = highlighted('reason:Timer_* and taken>5s or "open')
    tones = {text: tone for text, tone in parts if text.strip()}
    assert "".join(text for text, _ in parts) == 'reason:Timer_* and taken>5s or "open'
    assert (tones["reason"], tones["and"], tones["5s"], tones['"open']) == ("accent", "key", "good", "error")
    assert dict(highlighted("reasn:x"))["reasn"] == "accent", "what is typed is no mistake yet"


async def test_a_span_leaves_the_counts_whole_on_a_narrow_screen(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("method:GET and path:/p/* and status:(200, 500)")
        await driver.press("z")
        shown = await driver.settle()
        line = shown.splitlines()[1]
        assert re.search(r"time:10:\d\d:\d\d\.\.10:\d\d:\d\d +\d+ of 53$", line.rstrip()), line
        assert "method:GET and" in line


async def test_what_people_call_a_field_is_told_by_its_name_here(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("pool:Pool1")
        await driver.wait("did you mean queue?")


async def test_why_nothing_is_kept_is_said_while_typing(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("reason=Connection_* ")
        assert "0 rows" in await driver.wait("keeps nothing; try reason:Connection_* (")
        await driver.press("ctrl+u")
        await driver.wait(lambda: "keeps nothing" not in driver.text)


async def test_a_filter_that_is_applied_and_keeps_nothing_is_explained(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter may come before typing pauses, and a filter may be given when the program is started."""
    monkeypatch.setattr(filter_input, "PAUSE", 60)
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        driver.screen.typing.edit.write("reason=Connection_*")
        await driver.press("enter")
        await driver.wait("keeps nothing; try reason:Connection_* (")
        assert "No rows match" in driver.text
    async with explorer(logs, tmp_path, options=Options(where="method=G*")) as driver:
        await driver.wait("keeps nothing; try method:G* (")
