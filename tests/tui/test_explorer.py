"""The explorer, driven by keys on a small log set: state and text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import HOSTILE_URI, Driver, explorer, small_logs
from tests.written_logs import append, httperr_lines
from tui.entries import Entry
from tui.options import Options


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return small_logs(tmp_path / "logs")


def shown_entry(driver: Driver) -> Entry:
    entry = driver.screen.entries.entry()
    assert entry is not None
    return entry


def all_entries(driver: Driver) -> list[Entry]:
    pages = driver.screen.entries.pages
    assert pages is not None
    return [entry for row in range(pages.total) if (entry := pages.entry(row))]


async def test_both_logs_are_one_table_in_order_of_time(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        assert "2 sources · 41 requests · 12 errors" in driver.text
        assert driver.screen.total == 53
        times = [entry.time for entry in all_entries(driver)]
        assert len(times) == 53
        assert times == sorted(times)
        assert {entry.log for entry in all_entries(driver)} == {"iis", "httperr"}


async def test_a_filter_keeps_its_rows_and_says_how_many(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        shown = await driver.filter("reason:Connection_Dropped path:/reports/*")
        assert driver.screen.total == 5
        assert "5 of 53" in shown
        assert shown.count("◆ Connection_Dropped") == 5


async def test_a_mistake_is_underlined_and_explained_and_asks_nothing(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        shown = await driver.filter("reasn:Timer_*")
        assert driver.screen.bar.edit.mistake == (0, 5)
        assert "did you mean reason" in shown
        assert driver.screen.total == 53
        assert driver.screen.bar.edit.value == "reasn:Timer_*"


async def test_the_rows_of_what_is_typed_are_counted_while_typing(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("slash")
        await driver.write("status:500")
        assert "4 rows" in await driver.wait("4 rows")
        assert driver.screen.question.text == ""


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
        assert driver.screen.total == 2
        assert not driver.screen.suggestions.is_open


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
        assert driver.screen.total == 53
        await driver.press("slash", "enter")
        await driver.settle()
        assert driver.screen.total == 1


async def test_only_and_not_say_the_filter_they_made(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:*")
        await driver.press("g", "l", "plus")
        shown = await driver.settle()
        assert "reason=Connection_Dropped" in driver.screen.question.text
        assert "added reason=Connection_Dropped" in shown
        assert driver.screen.total == 5
        await driver.press("u")
        await driver.settle()
        await driver.press("minus")
        await driver.settle()
        assert driver.screen.total == 7


async def test_undo_and_redo_go_back_and_forth(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.filter("status:200")
        totals = []
        for key in ("u", "u", "U", "U"):
            await driver.press(key)
            await driver.settle()
            totals.append(driver.screen.total)
        assert totals == [4, 53, 4, 36]
        assert driver.screen.bar.edit.value == "status:200"


async def test_backspace_clears_the_question(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.press("backspace")
        await driver.settle()
        assert driver.screen.total == 53
        assert driver.screen.bar.edit.value == ""


async def test_the_cursor_stays_on_its_row_when_the_filter_changes(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.press("g", "j")
        before = shown_entry(driver)
        await driver.press("backspace")
        await driver.settle()
        assert shown_entry(driver).key == before.key
        assert driver.screen.entries.table.row > 1


async def test_the_detail_has_the_raw_line_and_every_field_in_words(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 50)) as driver:
        await driver.filter("reason:Connection_Dropped")
        await driver.press("g", "enter")
        await driver.wait(lambda: bool(driver.screen.entries.side.facts))
        detail = driver.screen.entries.side.text
        raw = "2026-06-15 10:00:30 192.0.2.0 50000 10.0.0.1 443 HTTP/1.1 GET /reports/0 - 1 Connection_Dropped Pool0"
        assert raw in detail
        assert "ended by the client" in detail
        assert "c-port 50000" in detail
        await driver.press("j")
        await driver.wait(lambda: "/reports/1 " in driver.screen.entries.side.text)


async def test_reasons_are_counted_and_explained_and_enter_narrows(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("2")
        shown = await driver.wait("Connection_Dropped")
        lines = [line.split()[:2] for line in shown.splitlines() if " % " in line]
        assert lines[:3] == [["Connection_Dropped", "5"], ["Timer_ConnectionIdle", "4"], ["QueueFull", "2"]]
        assert "ended by" in driver.screen.reasons.side.text
        await driver.press("j", "j", "enter")
        await driver.settle()
        assert driver.screen.question.view == "entries"
        assert driver.screen.question.text == "reason=QueueFull"
        assert driver.screen.total == 2
        await driver.press("u")
        await driver.settle()
        assert driver.screen.question.view == "reasons"


async def test_a_counted_value_and_a_file_are_cells_like_any_other(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("2")
        await driver.wait("Connection_Dropped")
        await driver.press("l", "minus")
        await driver.settle()
        assert driver.screen.question.text == "-reason=Connection_Dropped"
        await driver.press("x")
        await driver.wait("What it means")
        await driver.press("escape", "backspace", "4")
        await driver.wait("httperr1.log")
        await driver.press("minus")
        await driver.settle()
        assert driver.screen.total == 41


async def test_sorting_goes_to_what_comes_first(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "S")
        await driver.settle()
        assert shown_entry(driver).value("time-taken") == 975
        await driver.press("u")
        await driver.settle()
        assert driver.screen.entries.table.row == 52


async def test_an_unknown_reason_is_a_reason_like_any_other(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("2")
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


async def test_sources_show_that_every_line_is_accounted_for(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("4")
        await driver.wait("httperr1.log")
        assert "16 lines = 12 rows + 4 directives + 0 blank + 0 rejected" in driver.screen.sources.side.text
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.total == 12


async def test_sorting_by_a_column_and_back(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "S")
        await driver.settle()
        await driver.press("g")
        assert shown_entry(driver).value("time-taken") == 975
        await driver.press("s")
        await driver.settle()
        assert driver.screen.question.sort == ""


async def test_zooming_in_and_out(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        totals = []
        for key in ("z", "z", "Z", "Z"):
            await driver.press(key)
            await driver.settle()
            totals.append(driver.screen.total or 0)
        assert 53 > totals[0] > totals[1] < totals[2] < totals[3] == 53


async def test_the_brush_makes_a_span_of_the_question(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "v", *["right"] * 9, "enter")
        await driver.settle()
        assert driver.screen.question.span is not None
        assert "time:2026-06-15T10:00" in driver.screen.question.as_text(driver.screen.look.tz)
        assert 0 < (driver.screen.total or 0) < 53


async def test_jumping_to_a_time(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("t")
        await driver.write("10:20")
        await driver.press("enter")
        await driver.wait(lambda: shown_entry(driver).time.minute == 20)
        await driver.press("t")
        await driver.write("25:99")
        await driver.press("enter")
        assert "a time like" in await driver.wait("a time like")


async def test_finding_text_without_filtering(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "f")
        await driver.write("reports/3")
        await driver.press("enter")
        await driver.wait(lambda: "reports/3" in str(shown_entry(driver).value("uri")))
        assert driver.screen.total == 53
        await driver.press("n")
        await driver.wait("no further row")


async def test_marks_are_kept_and_found_again(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "j", "j")
        marked = shown_entry(driver).key
        await driver.press("m", "G", "apostrophe")
        await driver.wait(lambda: shown_entry(driver).key == marked)
        assert "●" in driver.text


async def test_a_preset_is_saved_and_recalled_by_name(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.press("P")
        await driver.write("mine")
        await driver.press("enter", *"my note", "enter")
        await driver.wait("saved mine")
        await driver.press("backspace")
        await driver.settle()
        await driver.press("p", *"mine", "enter")
        await driver.settle()
        assert driver.screen.question.text == "status:500"
        assert driver.screen.question.preset == "mine"
        assert driver.screen.total == 4
        assert (tmp_path / "settings" / "presets.toml").exists()


async def test_a_preset_is_recalled_by_number(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("p", "1", "enter")
        await driver.settle()
        assert driver.screen.question.preset == "client drops"
        assert driver.screen.total == 9


async def test_hostile_text_is_shown_as_plain_text(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 50)) as driver:
        await driver.filter("status:404")
        assert HOSTILE_URI in driver.text
        await driver.press("enter")
        await driver.wait(lambda: "␛[31m" in driver.screen.entries.side.text)
        for shown in (driver.text, driver.screen.entries.side.text):
            assert not [char for char in shown if char in "\x1b\x07\x9b‮"]
        await driver.press("tab", *["j"] * 25)
        driver.screen.entries.side.go([fact.field for fact in driver.screen.entries.side.facts].index("cs(User-Agent)"))
        await driver.press("plus")
        await driver.settle()
        assert driver.screen.total == 1
        assert "\x1b" in driver.screen.question.text
        assert not [char for char in driver.text if char in "\x1b\x07\x9b‮"]


async def test_columns_are_chosen(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        await driver.press("c")
        await driver.write("queue")
        await driver.press("enter", "escape")
        await driver.settle()
        assert driver.screen.question.columns[-1] == "queue"
        assert "Pool1" in driver.text


async def test_the_program_is_started_with_a_filter_and_a_preset(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(where="status:500")) as driver:
        assert driver.screen.total == 4
        assert driver.screen.bar.edit.value == "status:500"
    async with explorer(logs, tmp_path, options=Options(preset="client drops")) as driver:
        assert driver.screen.total == 9


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 10), (250, 80)])
async def test_every_view_fits_every_size(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        for key in ("2", "4", "3", "1", "enter", "question_mark", "escape", "p", "escape", "colon", "escape"):
            await driver.press(key)
            shown = await driver.settle()
            assert max(len(line) for line in shown.splitlines()) <= size[0]


async def test_ascii_draws_with_ascii_alone(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(ascii=True)) as driver:
        for key in ("1", "2", "4", "3"):
            await driver.press(key)
            shown = await driver.settle()
            assert shown.isascii(), [char for char in shown if not char.isascii()]


async def test_the_theme_is_chosen(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(theme="light")) as driver:
        assert driver.app.theme == "light"
        await driver.press("colon", *"theme", "enter", *"contrast", "enter")
        await driver.wait(lambda: driver.app.theme == "contrast")


async def test_rows_that_are_written_while_following_appear_at_once(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("L")
        await driver.wait("live")
        append(logs / "HTTPERR" / "httperr1.log", httperr_lines(3, first=3000, path="/fresh"))
        await driver.wait("/fresh/3002")
        assert driver.screen.total == 56
        assert driver.screen.entries.is_at_end
        await driver.press("L")
        await driver.wait("no longer following")


async def test_the_session_comes_back(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:200")
        await driver.press("g", "j", "j", "m", "k", "2")
        left = shown_entry(driver).key
        marks = set(driver.screen.marks)
        await driver.press("q")
    async with explorer(logs, tmp_path) as driver:
        assert driver.screen.question.text == "status:200"
        assert driver.screen.question.view == "reasons"
        assert set(driver.screen.marks) == marks
        await driver.press("1")
        await driver.settle()
        assert shown_entry(driver).key == left
    async with explorer(logs, tmp_path, options=Options(where="status:500")) as driver:
        assert driver.screen.question.text == "status:500", "what the command line asks for comes first"
        assert driver.screen.question.view == "entries"


async def test_times_of_the_command_line_are_conditions(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(where="status:200", since="10:10", until="10:20")) as driver:
        assert driver.screen.total == 9
