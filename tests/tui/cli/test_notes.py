"""What was guessed about a log is said: in its record, and next to the answers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write

NATIVE = "192.0.2.5, -, 6/15/26, 13:17:37, W3SVC1, WEB01, 198.51.100.1, 90, 42, 7, 200, 0, GET, /a, -,\n"


def test_the_layout_of_rows_without_header_is_said_to_be_a_guess(tmp_path: Path, run: Run) -> None:
    write(tmp_path / "rows.log", iis_lines(3))
    done = run("index", "rows.log", "--format", "ndjson")
    assert "guessed" in done.records[0]["notes"][0]
    assert "rows.log: no #Fields" in run("count", "rows.log").err
    assert "guessed" not in run("count", "rows.log", "--quiet").err
    write(tmp_path / "httperr1.log", HTTPERR_HEAD, httperr_lines(3))
    assert run("index", "httperr1.log", "--format", "ndjson").records[0]["notes"] == []


@pytest.mark.parametrize(
    ("zones", "time", "is_warned"),
    [
        ((), "2026-06-15T13:17:37Z", True),
        (("--tz", "+02:00"), "2026-06-15T13:17:37Z", True),
        (("--log-tz", "+02:00"), "2026-06-15T11:17:37Z", False),
        (("--log-tz", "+02:00", "--tz", "+05:00"), "2026-06-15T11:17:37Z", False),
    ],
)
def test_local_times_are_those_of_the_zone_of_the_log(
    tmp_path: Path, run: Run, zones: tuple[str, ...], time: str, is_warned: bool
) -> None:
    write(tmp_path / "in260615.log", NATIVE)
    done = run("query", "in260615.log", "--format", "ndjson", *zones)
    assert done.records[0]["time"] == time
    assert ("--log-tz" in done.err) is is_warned


def test_a_zone_of_logs_that_is_none_is_named(tmp_path: Path, run: Run) -> None:
    write(tmp_path / "in260615.log", NATIVE)
    done = run("count", "in260615.log", "--log-tz", "Mars")
    assert done.status == 2
    assert "--log-tz" in done.err


def test_a_code_page_is_named_and_one_that_is_none_is_refused(tmp_path: Path, run: Run) -> None:
    write(tmp_path / "u_ex1.log", IIS_HEAD, iis_lines(1, path="/\u043e\u0442\u0447\u0451\u0442").encode("cp1251"))
    done = run("query", "u_ex1.log", "--format", "ndjson", "--encoding", "windows-1251")
    assert done.records[0]["cs-uri-stem"] == "/\u043e\u0442\u0447\u0451\u0442/0"
    for name in ("no-such", "utf-16", "cp037", "hex"):
        done = run("count", "u_ex1.log", "--encoding", name)
        assert (done.status, done.out) == (2, "")
        assert "--encoding" in done.err


def test_damage_is_listed_row_by_row_and_field_by_field(tmp_path: Path, run: Run) -> None:
    write(tmp_path / "u_ex1.log", IIS_HEAD, iis_lines(1).replace(" 200 ", " 2x0 "))
    done = run("rejects", "u_ex1.log", "--damaged", "--format", "ndjson")
    line = IIS_HEAD.count("\n") + 1
    assert done.records == [{"source": "u_ex1.log", "line": line, "field": "sc-status", "value": "2x0"}]
    assert run("rejects", "u_ex1.log", "--format", "csv").out == "source,line,why,text\n"


def test_notes_are_said_once_for_all_sources_and_stand_in_the_report(run: Run, tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / "logs" / f"inetsv{number}.log", NATIVE.replace("/a,", f"/{number},"))
    write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD, iis_lines(3))
    write(tmp_path / "logs" / "u_ex1.log.gz", gzip.compress((IIS_HEAD + iis_lines(3)).encode()))
    done = run("count", tmp_path / "logs")
    assert done.out == "6\n"
    local, doubled = done.err.splitlines()
    assert local.startswith("dropline: inetsv0.log and 2 more: its times are those of the server's own clock")
    assert doubled == "dropline: u_ex1.log.gz: its lines are in u_ex1.log too, and are counted there"
    text = run("report", tmp_path / "logs").out
    assert "u_ex1.log.gz: its lines are in u_ex1.log too" in text
    assert "inetsv0.log and 2 more: its times are" in text
    sources = json.loads(run("report", tmp_path / "logs", "--format", "json").out)["sources"]
    assert next(one["notes"] for one in sources if one["name"] == "u_ex1.log.gz")


def test_the_zone_that_the_logs_show_is_proposed_wherever_notes_stand(run: Run, tmp_path: Path) -> None:
    moments = range(1, 9)
    native = "".join(NATIVE.replace("13:17:37", f"12:0{n}:00").replace("/a,", f"/{n},") for n in moments)
    head = "#Fields: date time c-ip cs-uri s-reason\r\n"
    errors = "".join(f"2026-06-15 10:0{n}:30 192.0.2.5 /{n} Connection_Dropped\r\n" for n in moments)
    logs = write(tmp_path / "logs" / "in260615.log", native).parent
    write(logs / "httperr1.log", "#Software: Microsoft HTTP API 2.0\r\n", head, errors)
    record = next(one for one in run("index", logs, "--format", "ndjson").records if one["format"] == "iis-native")
    assert "--log-tz +02:00" in record["notes"][1]
    assert "--log-tz +02:00" in run("correlate", logs).err
    assert "--log-tz +02:00" in run("report", logs).out
    for named in ("+02:00", "UTC"):
        assert "--log-tz" not in run("count", logs, "--log-tz", named).err
