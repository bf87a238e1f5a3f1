"""Going to rows: by order, time, text and marks, driven by keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import pytest

from tests.tui.driving import explorer
from tests.written_logs import IIS_HEAD, write
from tui.model.times import moment, zoomed
from tui.widgets.histogram import LEFT


async def test_sorting_goes_to_what_comes_first(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "S")
        await driver.settle()
        assert driver.entry.value("time-taken") == 975
        await driver.press("u")
        await driver.settle()
        assert driver.screen.entries.table.row == 52


async def test_sorting_by_a_column_and_back(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "S")
        await driver.settle()
        await driver.press("g")
        assert driver.entry.value("time-taken") == 975
        await driver.press("s")
        await driver.settle()
        assert driver.screen.question.sort == ""


@pytest.mark.parametrize("tz", [UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=2))])
@pytest.mark.parametrize(
    "text", ["-9999999d", "-99999999999999d", "0001-01-01", "9999-12-31 23:59", "1600-12-31", "24:00"]
)
def test_a_time_that_no_log_has_is_none(text: str, tz: tzinfo) -> None:
    here = datetime(2026, 6, 15, 10)  # noqa: DTZ001
    assert moment(text, here, here, tz) is None


async def test_a_time_that_no_log_has_is_refused_where_it_is_typed(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("r")
        await driver.settle()
        await driver.press("t")
        for text in ("0001-01-01", "-9999999d"):
            await driver.press("ctrl+k", "ctrl+u")
            await driver.write(text)
            await driver.press("enter")
            await driver.wait("a time like")
        await driver.press("ctrl+k", "ctrl+u")
        await driver.write("1601-01-01")
        await driver.press("enter")
        await driver.settle()
        scene = driver.screen.timeline.scene
        assert scene is not None
        assert scene.window[1].year == 1601


async def test_zooming_in_and_out(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        totals = []
        for key in ("z", "z", "Z", "Z"):
            await driver.press(key)
            await driver.settle()
            totals.append(driver.screen.entries.total or 0)
        assert 53 > totals[0] > totals[1] < totals[2] < totals[3] == 53


@pytest.mark.parametrize("seconds", [59, 60, 601, 24_529])
def test_zooming_out_as_often_as_in_shows_the_whole_again(seconds: int) -> None:
    start = datetime(2026, 6, 15, 6, 30)  # noqa: DTZ001
    whole = start, start + timedelta(seconds=seconds)
    first = zoomed(whole, whole, whole[1], 0.5)
    assert first is not None
    second = zoomed(first, whole, whole[1], 0.5)
    assert second is not None
    assert second[1] - second[0] < first[1] - first[0] < whole[1] - whole[0]
    middle = second[0] + (second[1] - second[0]) / 2
    again = zoomed(second, whole, middle, 2)
    assert again is not None
    assert zoomed(again, whole, middle, 2) is None


async def test_the_brush_tells_both_days_of_its_span(tmp_path: Path) -> None:
    days = [f"2026-06-{day} 10:00:00 10.0.0.1 GET /p - 443 - 192.0.2.3 A - 200 0 0 20\r\n" for day in (15, 16, 18)]
    write(tmp_path / "logs" / "u_ex.log", IIS_HEAD, *days)
    async with explorer(tmp_path / "logs", tmp_path) as driver:
        await driver.press("g", "v")
        await driver.wait("06-15 10:00 to 12:00")
        await driver.press(*["right"] * 13)
        await driver.wait("06-15 10:00 to 06-16 14:00")


async def test_the_brush_makes_a_span_of_the_question(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "v", *["right"] * 9, "enter")
        await driver.settle()
        assert driver.screen.question.span is not None
        assert "time:2026-06-15T10:00" in driver.screen.question.as_text(driver.screen.state.notation.tz)
        assert 0 < (driver.screen.entries.total or 0) < 53


async def test_the_brush_keeps_its_times_when_other_bars_come(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "j", "j", "v", *["right"] * 9)
        before = driver.screen.histogram.bars
        assert before is not None
        first = before.bucket(driver.entry.time)
        await driver.pilot.resize_terminal(140, 24)
        await driver.wait(lambda: driver.screen.histogram.bars not in (before, None))
        after = driver.screen.histogram.bars
        assert after is not None
        assert after.every != before.every
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.question.span == (before.begin(first), before.begin(first + 10))


async def test_jumping_to_a_time(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("t")
        await driver.write("10:20")
        await driver.press("enter")
        await driver.wait(lambda: driver.entry.time.minute == 20)
        await driver.press("t")
        await driver.write("25:99")
        await driver.press("enter")
        assert "a time like" in await driver.wait("a time like")


async def test_finding_text_without_filtering(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "f")
        await driver.write("reports/3")
        await driver.press("enter")
        await driver.wait(lambda: "reports/3" in str(driver.entry.value("uri")))
        assert driver.screen.entries.total == 53
        await driver.press("n")
        await driver.wait("no further row")
        await driver.wait("N looks before this one")


async def test_digits_are_found_in_numbers(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "f", *"500", "enter")
        await driver.wait("found in c-port")
        await driver.filter("log:iis")
        await driver.press("g", "n")
        await driver.wait(lambda: driver.entry.value("status") == 500)
        await driver.press("n")
        await driver.wait(lambda: driver.entry.line == 24 and driver.entry.value("status") == 500)
        await driver.press("n")
        await driver.wait(lambda: driver.entry.value("taken") == 500)


async def test_marks_are_kept_and_found_again(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "j", "j")
        marked = driver.entry.key
        await driver.press("m", "G", "apostrophe")
        await driver.wait(lambda: driver.entry.key == marked)
        assert "●" in driver.text


async def test_a_note_is_on_the_row_that_was_marked(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "j", "j")
        marked = driver.entry.key
        await driver.press("m")
        assert driver.entry.key == marked, "the cursor stays"
        await driver.press("M")
        await driver.write("look here")
        await driver.press("enter")
        await driver.settle()
        assert {key: mark.note for key, mark in driver.screen.state.marks.items()} == {marked: "look here"}


async def test_found_text_stands_out_where_it_is_shown(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "f")
        await driver.write("REPORTS/3")
        await driver.press("enter")
        await driver.wait(lambda: "reports/3" in str(driver.entry.value("uri")))
        table = driver.screen.entries.table
        strip = table.render_line(table.row - table.top + 1)
        lit = [segment.text for segment in strip if segment.style is not None and segment.style.underline]
        assert lit == ["reports/3"]
        await driver.press("escape")
        strip = table.render_line(table.row - table.top + 1)
        assert not [segment for segment in strip if segment.style is not None and segment.style.underline]


async def test_text_that_no_column_shows_is_found_and_its_field_is_named(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "f")
        await driver.write("agent/2")
        await driver.press("enter")
        await driver.wait("found in cs(User-Agent)")
        assert driver.entry.value("uri") == "/p/2?q=2"


async def test_finding_goes_on_from_a_row_that_has_not_come_yet(logs: Path, tmp_path: Path) -> None:
    many = [
        f"2026-06-15 1{number // 3600}:{number // 60 % 60:02}:{number % 60:02} 10.0.0.1 GET /many/{number} - 443 - "
        "192.0.2.1 A - 200 0 0 5\r\n"
        for number in range(3000)
    ]
    write(logs / "many.log", IIS_HEAD, *many)
    async with explorer(logs, tmp_path) as driver:
        await driver.press("f")
        await driver.write("many/7")
        await driver.press("enter")
        await driver.settle()
        driver.screen.entries.table.go(0)
        assert driver.screen.entries.entry() is None, "the first rows have not been read yet"
        driver.screen.dispatch.commands["find_next"]()
        await driver.wait(lambda: driver.screen.entries.table.row > 0 and bool(driver.screen.entries.entry()))
        assert driver.entry.value("uri") == "/many/7"


async def test_a_column_is_counted_before_its_rows_have_come(logs: Path, tmp_path: Path) -> None:
    write(
        logs / "many.log", IIS_HEAD, *["2026-06-15 12:00:00 10.0.0.1 GET /m - 443 - 192.0.2.1 A - 200 0 0 5\r\n"] * 3000
    )
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "l")
        driver.screen.entries.table.go(0)
        assert driver.screen.entries.entry() is None, "the first rows have not been read yet"
        driver.screen.dispatch.commands["breakdown"]()
        await driver.settle()
        assert driver.screen.question.by == ("client",)


async def test_a_click_on_a_bar_goes_to_its_time(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        bars = driver.screen.histogram.bars
        assert bars is not None
        bucket = bars.count // 2
        cells = driver.screen.histogram.cells_of
        await driver.pilot.click("#histogram", offset=(LEFT + cells(bucket).start, 0))
        await driver.wait(lambda: driver.entry.time >= bars.begin(bucket))
        await driver.settle()
        assert driver.entry.time < bars.begin(bucket + 2)
        await driver.press("v")
        await driver.pilot.click("#histogram", offset=(LEFT + cells(2).start, 0))
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.question.span is not None
        assert driver.screen.question.span[0] == bars.begin(2)


async def test_notes_are_shown_with_their_rows_and_listed(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("g", "j", "M", *"odd", "enter", "enter")
        noted = driver.entry.key
        await driver.wait(lambda: "note odd" in driver.screen.entries.side.text)
        await driver.press("G", "colon", *"marks", "enter")
        shown = await driver.wait("Marked rows")
        assert "odd" in shown
        await driver.press("enter")
        await driver.wait(lambda: driver.entry.key == noted)


async def test_finding_follows_the_order_that_is_shown(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("l", "l", "S", "g")
        await driver.settle()
        pages = driver.screen.entries.pages
        assert pages is not None
        uris = [str(entry.value("uri")) if (entry := pages.entry(row)) else "" for row in range(pages.total)]
        wanted = [row for row, uri in enumerate(uris) if "/p/3" in uri]
        await driver.press("f", *"/p/3", "enter")
        await driver.settle()
        reached = [driver.screen.entries.table.row]
        for key in ("n", "n", "N"):
            await driver.press(key)
            await driver.settle()
            reached.append(driver.screen.entries.table.row)
        start = 1 if wanted[0] == 0 else 0
        assert reached == [wanted[start], wanted[start + 1], wanted[start + 2], wanted[start + 1]]
