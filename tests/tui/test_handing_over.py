"""What leaves the explorer: clipboard, command lines, exports and reports, driven by keys."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from parsing.errors import CancelledError, UsageError
from tests.tui.driving import Driver, explorer
from tests.tui.forbidding import forbid
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write
from tui.cli import main
from tui.jobs import engine, export
from tui.model.endings import RECORDS
from tui.model.options import Options
from tui.widgets.line_edit import LineEdit

pytestmark = pytest.mark.slow

SECRETS = ("192.0.2.", "ann", "secret")


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    """Logs that name people."""
    entry = "2026-06-15 10:00:{:02} 10.0.0.1 GET /a token=secret{} 443 CONTOSO\\ann 192.0.2.{} Agent - 500 0 64 {}\r\n"
    error = "2026-06-15 10:01:{:02} 192.0.2.{} 5000 10.0.0.1 443 HTTP/1.1 GET /a?token=secret{} - 1 QueueFull Web\r\n"
    write(tmp_path / "telling" / "u_ex260615.log", IIS_HEAD, *(entry.format(n, n, n, n * 9) for n in range(20)))
    write(tmp_path / "telling" / "httperr1.log", HTTPERR_HEAD, *(error.format(n, n, n) for n in range(5)))
    return tmp_path / "telling"


async def name_file(driver: Driver, text: str, said: str = "wrote") -> None:
    await driver.press("ctrl+k", "ctrl+u")
    await driver.write(text)
    await driver.press("enter")
    await driver.wait(said)


async def command(driver: Driver, word: str) -> None:
    await driver.press("colon", *word, "enter")
    await driver.settle()


def ran(text: str, out: Path) -> list[dict[str, object]]:
    """The records that a copied command line prints."""
    words = shlex.split(text)
    assert words[0] == "dropline"
    assert main([*words[1:], "--quiet", "--format", "ndjson", "--out", str(out)]) == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


async def test_a_value_a_line_and_the_filter_are_sent(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "l", "y")
        assert "sent the value to the terminal, 9 bytes (OSC 52): QueueFull" in await driver.settle()
        assert driver.app.clipboard == "QueueFull"
        await driver.press("Y")
        await driver.wait("sent the line")
        assert driver.app.clipboard == (
            "2026-06-15 10:27:30 192.0.2.9 50009 10.0.0.1 443 HTTP/1.1 GET /other/9 - 1 QueueFull Pool1"
        )
        await driver.press("ctrl+y")
        assert driver.app.clipboard == "reason:QueueFull"


async def test_a_time_is_copied_as_it_is_shown(logs: Path, tmp_path: Path) -> None:
    options = Options(tz=timezone(timedelta(hours=2)), tz_name="+02:00")
    async with explorer(logs, tmp_path, size=(120, 36), options=options) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "0", "y")
        assert driver.app.clipboard == "2026-06-15 12:27:30"
        await driver.filter(f'time:"{driver.app.clipboard}"')
        assert (driver.screen.entries.total, driver.entry.value("reason")) == (1, "QueueFull")


async def test_what_is_too_long_for_a_clipboard_is_in_a_file(tmp_path: Path) -> None:
    path = "/" + "x" * 70_000
    line = f"2026-06-15 10:00:00 10.0.0.1 GET {path} - 443 - 192.0.2.1 Agent - 200 0 0 5"
    write(tmp_path / "long" / "u_ex260615.log", IIS_HEAD, line + "\r\n")
    async with explorer(tmp_path / "long", tmp_path) as driver:
        await driver.press("Y")
        assert "too long for a clipboard" in await driver.wait("too long")
        assert driver.app.clipboard == ""
        assert (tmp_path / "state" / "copied.txt").read_text() == line


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("status:500", ()),
        ("", ("l", "l", "S")),
        ("-reason:Timer_* path:/other/*", ("i",)),
        ("taken>100ms", ("z", "z", "l", "l", "l", "s")),
        ('uri~"re(ports|x)/[0-2]" or \'quoted""text\'', ()),
    ],
)
async def test_the_command_prints_the_rows_that_are_shown(
    logs: Path, tmp_path: Path, text: str, keys: tuple[str, ...]
) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter(text)
        await driver.press(*keys)
        await driver.settle()
        assert driver.screen.question.text == text
        pages = driver.screen.entries.pages
        assert pages is not None
        shown = [pages.entry(row) for row in range(pages.total)]
        await command(driver, "copy command")
        copied = driver.app.clipboard
    records = ran(copied, tmp_path / "out.ndjson")
    assert [(row["source"], row["line"]) for row in records] == [entry.key for entry in shown if entry]
    assert [row["time-taken"] for row in records] == [entry.value("taken") for entry in shown if entry]


async def test_the_command_prints_the_values_that_are_counted(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("status:200")
        await driver.press("l", "l", "l", "b")
        await driver.settle()
        await driver.press("s")
        await driver.settle()
        shown = [(record.values[0], record.count) for record in driver.screen.reasons.records]
        await command(driver, "copy command")
        copied = driver.app.clipboard
    assert [(row["c-ip"], row["count"]) for row in ran(copied, tmp_path / "out.ndjson")] == shown


async def test_the_command_prints_the_timeline_and_the_files(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("g", "r")
        await driver.settle()
        scene = driver.screen.timeline.scene
        assert scene is not None
        await command(driver, "copy command")
        around = driver.app.clipboard
        await driver.press("5")
        await command(driver, "copy command")
        files = driver.app.clipboard
    events = {(row["source"], row["line"]) for row in ran(around, tmp_path / "out.ndjson")}
    assert events == {event.key for event in scene.events}
    assert [row["rows"] for row in ran(files, tmp_path / "files.ndjson")] == [12, 41]


async def test_each_view_is_exported_as_it_is_shown(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with explorer(logs, tmp_path) as driver:
        await driver.filter("reason:QueueFull")
        await driver.press("e")
        await name_file(driver, "rows.csv", "wrote 2 rows to rows.csv")
        assert pl.read_csv("rows.csv")["s-reason"].to_list() == ["QueueFull"] * 2
        await driver.press("g", "r")
        await driver.settle()
        await driver.press("e")
        await name_file(driver, "events.ndjson")
        events = [json.loads(line) for line in Path("events.ndjson").read_text().splitlines()]
        assert ("HTTPERR/httperr1.log", driver.entry.line) in {(event["source"], event["line"]) for event in events}
        await driver.press("3")
        await driver.settle()
        await driver.press("e")
        await name_file(driver, "values.parquet")
        assert pl.read_parquet("values.parquet").select("s-reason", "count").rows() == [("QueueFull", 2)]
        await driver.press("5", "e")
        await name_file(driver, "files.csv")
        assert sorted(pl.read_csv("files.csv")["rows"]) == [12, 41]


async def test_files_that_could_not_be_opened_are_exported_in_the_order_shown(logs: Path, tmp_path: Path) -> None:
    write(logs / "july.zip", "no archive")
    async with explorer(logs, tmp_path) as driver:
        await driver.press("5")
        await driver.wait("july.zip")
        shown = [source.name for source in driver.screen.sources.records]
        await driver.press("e")
        await name_file(driver, str(tmp_path / "files.csv"), "wrote 3 rows")
    written = pl.read_csv(tmp_path / "files.csv")
    assert written["source"].to_list() == shown
    assert written.filter(pl.col("status") == "failed")["source"].to_list() == ["july.zip"]


async def test_a_file_that_is_there_is_never_replaced(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dropline.csv").write_text("mine")
    async with explorer(logs, tmp_path) as driver:
        await driver.press("e")
        assert "dropline-2.csv" in await driver.settle()
        await name_file(driver, "dropline.csv", "there is such a file already")
        await name_file(driver, "none/such.csv", "there is no folder none")
        await name_file(driver, "rows.xls", "has to end in one of")
        await driver.press("escape", "e")
        assert "rows.xls" in driver.text, "what was typed is there again"
    assert Path("dropline.csv").read_text() == "mine"


@pytest.mark.parametrize("name", ["~no-such-user/x.csv", f"{'x' * 300}.csv", "forbidden/x.csv", "x\0.csv"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    forbid(monkeypatch, Path("forbidden"))
    with pytest.raises(UsageError, match="cannot write there"):
        export.check_name(name, RECORDS)


async def test_a_name_that_no_file_can_have_is_said_where_it_is_typed(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("e")
        await name_file(driver, "~no-such-user/x.csv", "cannot write there")
        await driver.press("escape")
        await command(driver, "report")
        await name_file(driver, "~no-such-user/x.html", "cannot write there")


@pytest.mark.skipif(os.name == "nt", reason="permissions are other ones there")
async def test_an_export_has_the_permissions_of_other_new_files(logs: Path, tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        async with explorer(logs, tmp_path) as driver:
            await driver.press("e")
            await name_file(driver, str(tmp_path / "x.csv"))
            await command(driver, "report")
            await name_file(driver, str(tmp_path / "x.md"))
    finally:
        os.umask(mask)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "x.csv", tmp_path / "x.md")} == {0o640}


async def test_an_export_tells_how_far_it_is_and_is_stopped(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    is_told = False

    def endless(
        shown: export.Shown, _: str, __: object, told: export.OnProgress, cancelled: Callable[[], bool]
    ) -> None:
        nonlocal is_told
        told(26, shown.total)
        while not cancelled():
            told(26, shown.total)
        is_told = True
        raise CancelledError

    async with explorer(logs, tmp_path) as driver:
        monkeypatch.setattr(export, "export", endless)
        await driver.press("e", "enter")
        await driver.wait("exporting: 26 of 53 rows; Esc stops it")
        await driver.press("escape")
        assert "stopped; no file was written" in await driver.settle()
        assert is_told
    assert not Path("dropline.csv").exists()


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
async def test_an_export_that_takes_long_is_written_in_any_format(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Polars writes Parquet in threads of its own, from which progress is reported then."""
    monkeypatch.chdir(tmp_path)
    async with explorer(logs, tmp_path) as driver:
        monkeypatch.setattr(engine, "rhythm", lambda: lambda: True)
        await driver.press("e")
        await name_file(driver, name, f"wrote 53 rows to {name}")


@pytest.mark.parametrize("form", ["md", "html", "json"])
async def test_a_report_is_written_of_the_question(
    telling: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    async with explorer(telling, tmp_path) as driver:
        await driver.filter("client:192.0.2.3")
        for name in ("plain", "hidden"):
            await command(driver, "report")
            if name == "hidden":
                await driver.press("tab", "space", "tab")
            await name_file(driver, f"{name}.{form}", f"wrote the report to {name}.{form}")
    plain, hidden = (Path(f"{name}.{form}").read_text() for name in ("plain", "hidden"))
    assert "192.0.2.3" in plain
    assert not [secret for secret in SECRETS if secret in hidden]
    if form == "html":
        assert "<svg" in plain
        assert not [outside for outside in ("src=", "href=", "url(", "@import") if outside in plain]


async def test_a_report_knows_the_field_with_the_port(
    telling: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = telling / "u_ex260615.log"
    log.write_bytes(log.read_bytes().replace(b"time-taken\r\n", b"my-socket\r\n"))
    async with explorer(telling, tmp_path, options=Options(port_field="My-Socket")) as driver:
        assert "has the field" not in driver.text
        await command(driver, "report")
        await name_file(driver, "port.md", "wrote the report to port.md")
    assert "REMOTE_PORT" not in Path("port.md").read_text()


async def test_a_field_for_the_port_that_no_log_has_is_told(telling: Path, tmp_path: Path) -> None:
    async with explorer(telling, tmp_path, options=Options(port_field="my-sockt")) as driver:
        await driver.wait("no IIS log here has the field my-sockt")


async def test_a_field_for_the_port_that_no_log_has_is_not_missed_where_a_usual_one_is(
    telling: Path, tmp_path: Path
) -> None:
    log = telling / "u_ex260615.log"
    log.write_bytes(log.read_bytes().replace(b"time-taken\r\n", b"REMOTE_PORT\r\n"))
    async with explorer(telling, tmp_path, options=Options(port_field="my-sockt")) as driver:
        assert "has the field" not in driver.text


async def test_pseudonyms_stand_in_all_that_is_handed_over(
    telling: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    where = 'client:192.0.2.3 or query:token=secret1* or user="CONTOSO\\ann" or secret'
    copied = []
    async with explorer(telling, tmp_path, options=Options(redact=True)) as driver:
        await driver.press("g", "l", "l", "l", "y")
        copied.append(driver.app.clipboard)
        await driver.press("l", "l", "y", "Y")
        await driver.wait("sent the line with pseudonyms")
        copied.append(driver.app.clipboard)
        await driver.filter(where)
        await driver.press("ctrl+y")
        copied.append(driver.app.clipboard)
        await command(driver, "copy command")
        copied.append(driver.app.clipboard)
        await driver.press("G", "Y")
        await driver.wait("sent the line with pseudonyms")
        copied.append(driver.app.clipboard)
        await driver.press("l", "b")
        await driver.settle()
        await driver.press("Y")
        await driver.settle()
        copied.append(driver.app.clipboard)
        await driver.press("e", "enter")
        await driver.wait("wrote")
        copied.append(Path("dropline.csv").read_text())
        await command(driver, "pseudonyms")
        await driver.press("2", "ctrl+y")
        assert driver.app.clipboard == where
    assert copied[0].startswith("ip-")
    assert copied[0] in copied[1], "the same address has the same pseudonym"
    assert " GET /a token=v-" in copied[1]
    for text in copied:
        assert not [secret for secret in SECRETS if secret in text], text


async def test_a_line_of_uncertain_layout_is_told_by_its_values(tmp_path: Path) -> None:
    one = "#Fields: date time c-ip cs-username cs-method\r\n2026-06-15 10:00:00 192.0.2.1 ann GET\r\n"
    other = "#Fields: date time cs-username c-ip cs-method\r\n2026-06-15 10:00:01 ann 192.0.2.1 GET\r\n"
    write(
        tmp_path / "two" / "u_ex260615.log", "#Software: Microsoft Internet Information Services 10.0\r\n", one, other
    )
    async with explorer(tmp_path / "two", tmp_path, options=Options(redact=True)) as driver:
        assert driver.screen.entries.total == 2
        await driver.press("G", "Y")
        await driver.wait("sent the line with pseudonyms")
        assert "cs-username=user-" in driver.app.clipboard
        assert not [secret for secret in SECRETS if secret in driver.app.clipboard]


async def test_what_escape_leaves_in_a_line_is_there_again(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("t")
        await driver.write("10:2")
        await driver.press("escape", "j", "t")
        assert "10:2" in await driver.settle()
        await driver.write("0")
        await driver.press("enter")
        await driver.wait(lambda: driver.entry.time.minute == 20)
        await driver.press("t")
        await driver.settle()
        assert driver.app.screen.query_one(LineEdit).value == ""


async def test_a_hostile_name_that_was_pasted_is_shown_as_pictures(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("e")
        driver.app.screen.query_one(LineEdit).write("no\x1b[31m/such.csv")
        await driver.press("enter")
        assert "there is no folder no␛[31m" in await driver.wait("there is no folder")
        assert "\x1b" not in driver.text


async def test_a_proposed_name_gives_way_to_what_is_typed(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path) as driver:
        await driver.press("e")
        await driver.write(str(tmp_path / "rows.csv"))
        await driver.press("enter")
        await driver.wait(lambda: (tmp_path / "rows.csv").exists())
        await driver.press("e", "tab", "space", "escape", "e")
        await driver.wait("[x] pseudonyms")
