"""The explorer, driven by keys on a small log set: state and text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from parsing.errors import IndexStoreError
from tests.tui.driving import HOSTILE_URI, Driver, explorer
from tests.written_logs import append, httperr_lines
from tui.app import Explorer
from tui.jobs import engine
from tui.model.entry import Entry
from tui.model.options import Options


def all_entries(driver: Driver) -> list[Entry]:
    pages = driver.screen.entries.pages
    assert pages is not None
    return [entry for row in range(pages.total) if (entry := pages.entry(row))]


async def test_both_logs_are_one_table_in_order_of_time(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        assert "2 sources · 41 requests · 12 errors" in driver.text
        assert driver.screen.entries.total == 53
        times = [entry.time for entry in all_entries(driver)]
        assert len(times) == 53
        assert times == sorted(times)
        assert {entry.log for entry in all_entries(driver)} == {"iis", "httperr"}


async def test_the_detail_has_the_raw_line_and_every_field_in_words(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, size=(120, 50)) as driver:
        await driver.filter("reason:Connection_Dropped")
        await driver.press("g", "enter")
        await driver.wait(lambda: bool(driver.screen.entries.side.facts))
        await driver.wait(lambda: "ended by the client (" in driver.screen.entries.side.text)
        detail = driver.screen.entries.side.text
        raw = "2026-06-15 10:00:30 192.0.2.0 50000 10.0.0.1 443 HTTP/1.1 GET /reports/0 - 1 Connection_Dropped Pool0"
        assert raw in detail
        assert "c-port 50000" in detail
        await driver.press("j")
        await driver.wait(lambda: "/reports/1 " in driver.screen.entries.side.text)


async def test_a_counted_value_and_a_file_are_cells_like_any_other(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("3")
        await driver.wait("Connection_Dropped")
        await driver.press("l", "minus")
        await driver.settle()
        assert driver.screen.question.text == "-reason=Connection_Dropped"
        await driver.press("x")
        await driver.wait("What it means")
        await driver.press("escape", "backspace", "5")
        await driver.wait("httperr1.log")
        await driver.press("minus")
        await driver.settle()
        assert driver.screen.entries.total == 41


async def test_sources_show_that_every_line_is_accounted_for(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("5")
        await driver.wait("httperr1.log")
        assert "16 lines = 12 rows + 4 directives + 0 blank + 0 rejected" in driver.screen.sources.side.text
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.entries.total == 12


async def test_escape_closes_what_is_open_and_goes_up(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("enter", "tab")
        await driver.settle()
        assert driver.screen.entries.side.has_focus
        await driver.press("escape")
        assert driver.screen.entries.table.has_focus
        await driver.press("escape")
        assert not driver.screen.entries.is_open
        await driver.press("5", "escape")
        assert driver.screen.question.view == "entries"


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
        assert driver.screen.entries.total == 1
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


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 10), (250, 80)])
async def test_every_view_fits_every_size(logs: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    async with explorer(logs, tmp_path, size=size) as driver:
        for key in ("3", "5", "4", "2", "enter", "question_mark", "escape", "p", "escape", "colon", "escape"):
            await driver.press(key)
            shown = await driver.settle()
            assert max(len(line) for line in shown.splitlines()) <= size[0]


async def test_ascii_draws_with_ascii_alone(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(ascii=True)) as driver:
        for key in ("2", "3", "5", "4"):
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
        assert driver.screen.entries.total == 56
        assert driver.screen.entries.is_at_end
        await driver.press("L")
        await driver.wait("no longer following")


@pytest.mark.parametrize(("is_ascii", "head"), [(False, "count ▼"), (True, "count v")])
async def test_the_order_is_told_beside_its_column(logs: Path, tmp_path: Path, is_ascii: bool, head: str) -> None:
    async with explorer(logs, tmp_path, options=Options(ascii=is_ascii)) as driver:
        await driver.press("3")
        assert head in await driver.wait("Never_Seen")
        await driver.press("2", "l", "l", "S")
        assert f"taken {head[-1]}" in await driver.settle()


@pytest.mark.parametrize(
    ("files", "said"),
    [({}, "There is no file here."), ({"notes.txt": "no log\n"}, "No file here has rows"), (None, "No rows match.")],
)
async def test_an_empty_table_says_why_it_is_empty(
    logs: Path, tmp_path: Path, files: dict[str, str] | None, said: str
) -> None:
    folder = logs
    if files is not None:
        folder = tmp_path / "other"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
    async with explorer(folder, tmp_path) as driver:
        if files is None:
            await driver.filter("reason:None_Such")
        assert said in await driver.settle()
        for key in ("v", "z", "t", "right_square_bracket", "m", "M"):
            await driver.press("question_mark", "escape", key)
            assert files is None or "there is no row here" in driver.text, key
            await driver.press("escape")


async def test_logs_that_cannot_be_opened_are_told_until_the_end(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where a folder should be")
    app = Explorer(Options(paths=(str(logs),), index_dir=tmp_path / "index", settings=tmp_path, state=tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        assert "--index-dir" in await driver.wait("The logs cannot be opened")
        await driver.press("escape", "j")
        assert "q leaves" in driver.text
        assert "not open" in driver.text
        await driver.press("L")
        assert "the logs are not open" in driver.text.splitlines()[-1]


async def test_help_is_named_at_the_end_of_the_footer_at_every_width(logs: Path, tmp_path: Path) -> None:
    for width in (60, 80, 120):
        async with explorer(logs, tmp_path, size=(width, 24), view="") as driver:
            assert driver.text.splitlines()[-1].startswith(" ? help  / filter"), "a first hint"
            await driver.press("j")
            footer = driver.text.splitlines()[-1]
            assert footer.endswith("? help")
            assert "Enter rows" in footer


async def test_columns_are_moved_without_control_keys(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("c", "down", "right", "escape")
        await driver.settle()
        assert driver.screen.question.columns[:3] == ("time", "serving", "outcome")


async def test_the_list_of_commands_says_all_of_the_chosen_one(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("colon", *"wrap")
        assert "Wrap long values in the detail, or cut them." in await driver.settle()


async def test_enter_on_a_fact_of_the_detail_explains_it(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:500")
        await driver.press("enter", "enter")
        side = driver.screen.entries.side
        await driver.wait(lambda: bool(side.facts))
        side.go([fact.field for fact in side.facts].index("sc-win32-status"))
        await driver.press("enter")
        assert "What it means" in await driver.wait("What it means")


async def test_what_could_not_be_opened_stays_told_and_is_listed(logs: Path, tmp_path: Path) -> None:
    (logs / "fake.zip").write_bytes(b"no archive")
    (logs / "notes.txt").write_text("what is set aside is no source of rows")
    async with explorer(logs, tmp_path) as driver:
        await driver.press("j")
        title = driver.text.splitlines()[0]
        assert title.startswith(" 2 sources")
        assert "1 file not read whole: 5" in title
        await driver.press("5", "G")
        shown = await driver.wait("failed: is no zip archive")
        assert "fake.zip" in shown


async def test_reading_that_breaks_off_says_so_until_the_end(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = engine.read

    def full(*arguments: Any) -> None:
        read(*arguments)
        raise IndexStoreError("cannot write the index: No space left on device", hint="--index-dir names another")

    monkeypatch.setattr("tui.jobs.engine.read", full)
    async with explorer(logs, tmp_path) as driver:
        shown = await driver.wait("Not all could be read")
        assert "No space left on device" in shown
        assert "--index-dir names another" in shown
        await driver.press("escape", "j")
        assert "not read to the end" in driver.text.splitlines()[0]


async def test_following_that_fails_is_no_longer_live(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise IndexStoreError("cannot write the index: No space left on device")

    async with explorer(logs, tmp_path) as driver:
        monkeypatch.setattr("tui.jobs.engine.follow", full)
        await driver.press("L")
        await driver.wait("cannot follow the logs")
        assert "live" not in driver.text.splitlines()[0]


@pytest.mark.parametrize(
    ("work", "keys", "said"),
    [("open_log_set", (), "not open"), ("read", (), "not read to the end"), ("follow", ("L",), "")],
)
async def test_a_fault_of_ours_ends_what_it_was_in(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str, keys: tuple[str, ...], said: str
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(f"tui.jobs.engine.{work}", broken)
    app = Explorer(Options(paths=(str(logs),), index_dir=tmp_path / "index", settings=tmp_path, state=tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        if keys:
            await driver.wait("41 requests")
            await driver.settle()
            await driver.press(*keys)
        await driver.wait("A fault of dropline")
        title = driver.text.splitlines()[0]
        assert said in title
        assert not any(word in title for word in ("live", "reading", "opening"))
