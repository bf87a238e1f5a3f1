"""Logs of several servers: each row knows its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write

COMPUTER_HEAD = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-computername cs-method\n"


@pytest.fixture
def farm(tmp_path: Path) -> Path:
    folder = tmp_path / "farm"
    for number, server in enumerate(("web01", "web02"), 1):
        write(folder / server / "W3SVC1" / "u_ex260615.log", IIS_HEAD, iis_lines(10 * number))
        write(folder / server / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, httperr_lines(number))
    return folder


def test_rows_know_their_server_by_its_folder(farm: Path, run: Run) -> None:
    records = run("breakdown", str(farm), "--by", "server-name", "--format", "ndjson").records
    assert {record["server-name"]: record["count"] for record in records} == {"web01": 11, "web02": 22}
    assert run("count", str(farm), "--where", "server-name:WEB02 log:httperr").out == "2\n"
    rows = run("query", str(farm), "--where", "server-name=web01 log:httperr", "--format", "ndjson").records
    assert [(row["source"], row["server-name"]) for row in rows] == [("web01/HTTPERR/httperr1.log", "web01")]


def test_a_logged_name_comes_before_that_of_the_folder_whose_spelling_is_kept(farm: Path, run: Run) -> None:
    rows = [f"2026-06-15 10:00:00 {name} GET\n" for name in ("WEB01", "OTHER", "-")]
    write(farm / "web01" / "W3SVC2" / "u_ex260615.log", COMPUTER_HEAD, *rows)
    found = run("query", str(farm), "--where", "source:*W3SVC2*", "--format", "ndjson").records
    assert [row["server-name"] for row in found] == ["web01", "OTHER", "web01"]
    assert [row["s-computername"] for row in found] == ["WEB01", "OTHER", None]


def test_logs_in_no_folder_of_a_server_have_none_but_may_log_it(tmp_path: Path, run: Run) -> None:
    logs = write(tmp_path / "LogFiles" / "u_ex260615.log", COMPUTER_HEAD, "2026-06-15 10:00:00 WEB09 GET\n").parent
    write(logs / "httperr1.log", HTTPERR_HEAD, httperr_lines(1))
    (found,) = run("query", str(logs), "--log", "iis", "--format", "ndjson").records
    assert found["server-name"] == "WEB09"
    assert run("count", str(logs), "--where", "server-name:*").out == "1\n"


def test_a_folder_that_gets_another_name_is_another_server(farm: Path, run: Run) -> None:
    assert run("count", str(farm), "--where", "server-name:web01").out == "11\n"
    (farm / "web01").rename(farm / "web03")
    assert run("count", str(farm), "--where", "server-name:web01").out == "0\n"
    assert run("count", str(farm), "--where", "server-name:web03").out == "11\n"


def test_a_field_of_a_log_that_is_called_so_keeps_its_values_apart(farm: Path, run: Run) -> None:
    head = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs-method server-name\n"
    write(farm / "web01" / "W3SVC2" / "u_ex260615.log", head, "2026-06-15 10:00:00 GET own\n")
    (found,) = run("query", str(farm), "--where", "source:*W3SVC2*", "--format", "ndjson").records
    assert (found["server-name"], found["server-name#2"]) == ("web01", "own")
