"""What the explorer is told, and the demo."""

from __future__ import annotations

import errno
import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Result, Run
from tui.model.options import Options
from tui.presets import Presets
from tui.settings import settings_folder


class Explorer:
    """In place of the explorer: remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Options] = []

    def __call__(self, options: Options) -> int:
        self.told.append(options)
        return 0


@pytest.fixture
def explorer(monkeypatch: pytest.MonkeyPatch) -> Explorer:
    """A terminal with an explorer that only listens."""
    listening = Explorer()
    monkeypatch.setattr("tui.cli.commands.explorer._has_terminal", lambda: True)
    monkeypatch.setattr("tui.app.run", listening)
    return listening


def test_paths_and_options_reach_the_explorer(run: Run, folder: Path, explorer: Explorer) -> None:
    words = [
        "--where",
        "-reason:QueueFull",
        "--no-cache",
        "--ascii",
        "--no-mouse",
        "--fresh",
        "--follow",
        "--tz",
        "+02:00",
    ]
    assert run(folder, "other.log", *words, "--preset", "queue full", "--theme", "light").status == 0
    (options,) = explorer.told
    assert options.paths == (str(folder), "other.log")
    assert options.where == "-reason:QueueFull"
    assert (options.preset, options.theme, options.cache) == ("queue full", "light", False)
    assert (options.ascii, options.mouse, options.fresh, options.follow) == (True, False, True, True)
    assert options.tz.utcoffset(None) == timedelta(hours=2)


def test_all_conditions_become_one_text_for_the_filter_bar(run: Run, folder: Path, explorer: Explorer) -> None:
    words = ["--where", "status:5xx or status:404", "--where", "X-Custom:a", "--since", "10:00", "--until", "-5m"]
    run(folder, *words)
    where = explorer.told[0].where
    assert where.startswith("(status:5xx or status:404)")
    assert "X-Custom:a" in where
    assert "time>=10:00" in where
    assert where.endswith("time<-5m")


def test_settings_hold_where_nothing_is_said(run: Run, folder: Path, explorer: Explorer) -> None:
    settings_folder().mkdir(parents=True)
    text = (
        'theme = "light"\nmouse = false\nascii = true\ntz = "+01:00"\nclient_port = "my-socket"\n[keys]\nquit = "x"\n'
    )
    (settings_folder() / "settings.toml").write_text(text)
    run(folder)
    run(folder, "--theme", "dark", "--tz", "UTC", "--port-field", "X-Port")
    first, second = explorer.told
    assert (first.theme, first.mouse, first.ascii, first.keys) == ("light", False, True, {"quit": "x"})
    assert first.tz.utcoffset(None) == timedelta(hours=1)
    assert (first.port_field, second.port_field) == ("my-socket", "X-Port")
    assert second.theme == "dark"
    assert second.tz.utcoffset(None) == timedelta(0)


@pytest.mark.parametrize(
    "words",
    [["--where", "status:("], ["--preset", "nothing"], ["--theme", "pink"], ["--tz", "Mars"], ["--since", "25:99"]],
)
def test_mistakes_are_told_before_the_screen_is_taken(
    run: Run, folder: Path, explorer: Explorer, words: list[str]
) -> None:
    done = run(folder, *words)
    assert done.status == 2
    assert done.err
    assert explorer.told == []


def test_presets_beside_the_logs_are_those_of_the_explorer_too(run: Run, folder: Path, explorer: Explorer) -> None:
    (folder / ".dropline-presets.toml").write_text('[[preset]]\nname = "ours"\nwhere = "status:500"\n')
    assert run(f"{folder}/*/u_ex*.log", "--preset", "ours").status == 0
    assert Presets(logs=explorer.told[0].project).find("ours").where == "status:500"


def test_a_mistake_in_the_settings_is_told_with_their_file(run: Run, folder: Path, explorer: Explorer) -> None:
    settings_folder().mkdir(parents=True)
    (settings_folder() / "settings.toml").write_text('tz = "Mars"\n')
    done = run(folder)
    assert done.status == 2
    assert "settings.toml: Mars is no time zone" in done.err
    assert explorer.told == []
    assert run(folder, "--tz", "UTC").status == 0, "what is said now comes before the settings"


def demo(run: Run, *words: str | Path) -> Result:
    return run("demo", "--requests", "300", *words)


def test_the_demo_without_a_terminal_is_its_report(run: Run, tmp_path: Path) -> None:
    done = demo(run)
    assert done.status == 0
    assert "worst kind first" in done.out
    assert list(tmp_path.iterdir()) == []


def test_the_demo_is_kept_where_it_is_asked_for_and_the_same_again(run: Run, tmp_path: Path) -> None:
    demo(run, "--out", tmp_path / "one", "--seed", "7")
    demo(run, "--out", tmp_path / "two", "--seed", "7")
    demo(run, "--out", tmp_path / "three", "--seed", "8")
    one, two, three = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "two", "three")
    )
    assert Path("truth.ndjson") in one
    assert one == two
    assert one != three


def test_a_quiet_demo_is_a_day_on_which_nothing_was_planned(run: Run, tmp_path: Path) -> None:
    demo(run, "--out", tmp_path / "usual")
    demo(run, "--out", tmp_path / "quiet", "--quiet")
    told, nothing = ((tmp_path / name / "incidents.ndjson").read_text() for name in ("usual", "quiet"))
    assert [json.loads(line)["kind"] for line in told.splitlines()] == ["scan", "slow-application", "scan"]
    assert nothing == ""


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 1), (errno.EACCES, 2), (errno.EEXIST, 2)])
def test_a_demo_that_cannot_be_written_is_wrong_usage_unless_the_disk_is_full(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("parsing.httpsys.write_demo", failing)
    done = run("demo", "--out", tmp_path / "demo")
    assert (done.status, done.err) == (status, f"dropline: {tmp_path / 'demo'}: cannot write: {os.strerror(number)}\n")


def test_the_demo_logs_the_clients_port_if_asked(run: Run, tmp_path: Path) -> None:
    demo(run, "--out", tmp_path / "demo", "--client-port")
    records = run("query", tmp_path / "demo", "--log", "iis", "--limit", "1", "--format", "ndjson").records
    port = run("query", tmp_path / "demo", "--log", "iis", "--limit", "1", "--columns", "port", "--format", "ndjson")
    assert isinstance(port.records[0]["port"], int)
    assert any("port" in name.lower() and name != "s-port" for name in records[0])


def test_the_demo_opens_in_the_explorer(run: Run, tmp_path: Path, explorer: Explorer) -> None:
    demo(run, "--out", tmp_path / "demo", "--ascii")
    assert explorer.told[0].paths == (str(tmp_path / "demo"),)
    assert explorer.told[0].ascii


def test_timeline_has_every_row_with_start_end_and_links(run: Run, tmp_path: Path) -> None:
    demo(run, "--out", tmp_path / "demo")
    records = run("timeline", tmp_path / "demo", "--format", "ndjson").records
    assert len(records) == int(run("count", tmp_path / "demo").out)
    assert list(records[0])[:6] == ["log", "source", "line", "start", "end", "began"]
    assert {"c-ip", "cs-method", "uri", "sc-status", "time-taken", "s-reason", "ended_by", "links"} <= set(records[0])
    assert [record["end"] for record in records] == sorted(record["end"] for record in records)
    assert all(record["start"] <= record["end"] for record in records if record["start"])
    tied = {(record["source"], record["line"]): record for record in records if record["links"]}
    for record in tied.values():
        for link in record["links"]:
            back = tied[link["source"], link["line"]]["links"]
            assert (record["source"], record["line"]) in [(other["source"], other["line"]) for other in back]
    only = run("timeline", tmp_path / "demo", "--where", "log:httperr", "--format", "ndjson").records
    assert {record["log"] for record in only} == {"httperr"}


def test_timeline_around_one_error_has_its_requests(run: Run, tmp_path: Path) -> None:
    demo(run, "--out", tmp_path / "demo", "--client-port")
    found = run("correlate", tmp_path / "demo", "--where", "client:*", "--format", "ndjson").records
    error = next(record for record in found if record["related"])
    around = f"{error['source']}:{error['line']}"
    records = run("timeline", tmp_path / "demo", "--around", around, "--format", "ndjson").records
    shown = {(record["source"], record["line"]): record for record in records}
    assert shown[error["source"], error["line"]]["ended_by"] == error["ended_by"]
    assert {(request["source"], request["line"]) for request in error["related"]} <= set(shown)
    for mistake in ("nothing", f"{error['source']}:0", f"{error['source']}:x", ":5"):
        assert run("timeline", tmp_path / "demo", "--around", mistake).status == 2
    assert run("timeline", tmp_path / "demo", "--around", around, "--since", "10:00", "--where", "status:5xx").err == (
        "dropline: --around: takes no --where or --since (what belongs to a row is shown whole)\n"
    )
    table = run("timeline", tmp_path / "demo", "--around", around).lines
    assert [name for name in table[0].split() if name in ("source", "line")] == ["source", "line"]
    assert any(f"{error['source']}" in line and f"{error['line']}" in line for line in table[1:])


def test_correlate_has_the_record_of_the_design(run: Run, tmp_path: Path) -> None:
    demo(run, "--out", tmp_path / "demo")
    records = run("correlate", tmp_path / "demo", "--format", "ndjson").records
    errors = int(run("count", tmp_path / "demo", "--log", "httperr").out)
    assert len(records) == errors > 0
    keys = "source line time s-reason c-ip c-port cs-method cs-uri s-queuename began ended_by ended_by_confidence verdict related"
    assert {tuple(record) for record in records} == {tuple(keys.split())}
    assert {record["ended_by"] for record in records} <= {"client", "http.sys", "worker", "administrator", "unknown"}
    began = [record["began"] for record in records if record["began"]]
    assert {tuple(span) for span in began} == {("earliest", "latest")}
    assert all(span["earliest"] <= span["latest"] and span["latest"].endswith("Z") for span in began)
    related = [request for record in records for request in record["related"]]
    assert {tuple(request) for request in related} == {("relation", "source", "line", "time", "confidence", "evidence")}
    assert len(run("correlate", tmp_path / "demo", "--limit", "3", "--format", "ndjson").records) == 3
    assert run("correlate", tmp_path / "demo", "--port-field", "nothing").status == 2
    hidden = run("correlate", tmp_path / "demo", "--redact", "--format", "ndjson").records
    assert {record["c-ip"][:3] for record in hidden if record["c-ip"]} == {"ip-"}
    assert "verdict" in run("correlate", tmp_path / "demo").lines[0]


def test_clients_that_left_are_told_by_path(run: Run, tmp_path: Path) -> None:
    demo(run, "--out", tmp_path / "demo")
    outcome = run("client-gone", tmp_path / "demo", "--format", "ndjson")
    assert outcome.status == 0
    assert list(outcome.records[0]) == [
        "path", "in_time", "broken_writes", "outlived", "list_full", "closed_by_application", "undecided",
        "median_taken", "p95_taken", "longest_taken", "verdict",
    ]  # fmt: skip
    codes = "(64, 995, 1229, 1236, 121, 10053, 10054)"
    left = run("count", tmp_path / "demo", "--where", f"win32:{codes}").lines
    found = sum(one["in_time"] + one["broken_writes"] for one in outcome.records)
    assert 0.8 * int(left[0]) < found <= int(left[0])
    top = run("client-gone", tmp_path / "demo", "--top", "1", "--redact", "--format", "ndjson")
    assert len(top.records) == 1
    assert "more paths" in top.err


def test_correlate_says_how_to_log_the_port_where_it_is_missing(run: Run, tmp_path: Path) -> None:
    for flag in ((), ("--client-port",)):
        demo(run, "--out", tmp_path / "demo", *flag)
        outcome = run("correlate", tmp_path / "demo", "--format", "ndjson")
        assert ("REMOTE_PORT" in outcome.err) == (not flag)
    assert "REMOTE_PORT" not in run("correlate", tmp_path / "demo", "--quiet").err


def test_timeline_around_a_client_ties_its_errors_to_their_requests(run: Run, tmp_path: Path) -> None:
    """Around a request there is no error in focus, yet those of its client have their claims."""
    demo(run, "--out", tmp_path / "demo", "--client-port")
    found = run("correlate", tmp_path / "demo", "--format", "ndjson").records
    claimed = [
        (error, request)
        for error in found
        for request in error["related"]
        if request["relation"] in ("retry", "same-connection") and request["confidence"] >= 0.9
    ]
    error, request = min(
        claimed, key=lambda pair: abs(datetime.fromisoformat(pair[0]["time"]) - datetime.fromisoformat(pair[1]["time"]))
    )
    around = f"{request['source']}:{request['line']}"
    records = run("timeline", tmp_path / "demo", "--around", around, "--format", "ndjson").records
    shown = {(record["source"], record["line"]): record for record in records}
    tied = [(link["source"], link["line"]) for link in shown[error["source"], error["line"]]["links"]]
    assert (request["source"], request["line"]) in tied
