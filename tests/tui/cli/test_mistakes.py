"""Exit statuses, mistakes shown with a caret, unreadable input, and words that look like other things."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from parsing.index import LogSet
from tests.tui.cli.conftest import Run
from tests.tui.forbidding import forbid
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write


@pytest.mark.parametrize(
    ("words", "reason", "carets"),
    [
        (["--where", "status:5xx statu:404"], "did you mean status?", "             ^^^^^"),
        (["--where", "client:10.2.0.0/40"], "10.2.0.0/40", "         ^^^^^^^^^^^"),
        (["--where", "taken>5parsecs"], "5parsecs", "        ^^^^^^^^"),
        (["--since", "25:99"], "25:99", "  ^^^^^"),
        (["--until", "yesterday"], "yesterday", "  ^^^^^^^^^"),
        (["--since", "10:00 or 11:00"], "not a time", "  ^^^^^^^^^^^^^^"),
    ],
)
def test_a_mistake_in_a_filter_is_shown_with_a_caret(
    run: Run, folder: Path, words: list[str], reason: str, carets: str
) -> None:
    done = run("count", folder, *words)
    assert (done.status, done.out) == (2, "")
    assert reason in done.err
    assert f"dropline: {carets}\n" in done.err


@pytest.mark.parametrize(
    ("words", "told", "usage"),
    [
        (["count", "logs", "--wher", "x"], "count: takes no option --wher (did you mean --where?)", "count PATH..."),
        (["logs", "--folow"], "takes no option --folow (did you mean --follow?)", "[PATH...]"),
        (["demo", "logs"], "demo: does not take the word logs (dropline demo --help lists what it takes)", "demo"),
        (["qurey", "logs"], "qurey: no such file or folder (did you mean the command query?)", "[PATH...]"),
        (["breakdwon"], "breakdwon: no such file or folder (did you mean the command breakdown?)", "[PATH...]"),
        (["breakdown", "logs"], "breakdown: the following arguments are required: --by", "breakdown PATH..."),
        (["count", "logs", "--where"], "count: argument --where: expected one argument", "count PATH..."),
    ],
)
def test_a_misspelt_word_is_told_with_what_was_meant_and_the_usage_of_the_command(
    run: Run, words: list[str], told: str, usage: str
) -> None:
    done = run(*words)
    assert (done.status, done.out, done.err) == (2, "", f"dropline: {told}\nusage: dropline {usage} [options]\n")


def test_a_folder_that_is_named_like_a_misspelt_command_is_opened(run: Run, folder: Path) -> None:
    (folder.parent / "qurey").mkdir()
    assert "4 errors and 1 idle close" in run("qurey", "logs").out


def test_help_can_be_asked_for_as_a_command(run: Run) -> None:
    assert run("help").out == run("--help").out
    assert run("help", "count").out == run("count", "--help").out
    wrong = run("help", "coutn")
    assert (wrong.status, wrong.err) == (2, "dropline: help: there is no command coutn (did you mean count?)\n")


def test_the_help_tells_the_options_of_the_explorer(run: Run) -> None:
    told = run("--help").out
    assert told.index("client-gone") < told.index("--follow")


def test_a_mistake_is_found_before_anything_is_read(run: Run, tmp_path: Path) -> None:
    done = run("count", "missing.log", "--where", "status:(", "--index-dir", tmp_path / "indexes")
    assert done.status == 2
    assert "missing.log" not in done.err
    assert not (tmp_path / "indexes").exists()


def test_custom_fields_of_the_logs_are_fields(run: Run, tmp_path: Path) -> None:
    head = (
        "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time cs-method sc-status X-Trace\r\n"
    )
    log = write(tmp_path / "u_ex1.log", head, "2026-06-15 10:00:00 GET 200 abc\r\n")
    assert run("count", log, "--where", "x-trace:ABC").out == "1\n"
    assert run("query", log, "--format", "ndjson").records[0]["X-Trace"] == "abc"
    refused = run("count", log, "--where", "x-other:abc")
    assert (refused.status, refused.out) == (2, "")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense", "--frobnicate"],
        ["count"],
        ["breakdown", "."],
        ["breakdown", ".", "--by", ","],
        ["count", ""],
        ["report", ".", "--out", "x.csv"],
        ["query", ".", "--out", "x.json"],
        ["breakdown", ".", "--by", "statuss"],
        ["query", ".", "--columns", "nothing"],
        ["query", ".", "--sort", "-nothing"],
        ["query", ".", "--limit", "-1"],
        ["query", ".", "--limit", "many"],
        ["query", ".", "--log", "both"],
        ["query", ".", "--format", "xml"],
        ["histogram", ".", "--every", "5parsecs"],
        ["histogram", ".", "--every", "0s"],
        ["count", ".", "--tz", "Mars/Olympus"],
        ["count", ".", "--out", "no/such/folder/x.txt"],
        ["demo", "--seed", "x"],
        ["query", "--where"],
    ],
)
def test_wrong_usage_is_status_2_and_no_data(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert (done.status, done.raw) == (2, b"")
    assert done.err


def test_input_that_cannot_be_read_is_status_3_and_the_rest_is_counted(run: Run, folder: Path) -> None:
    done = run("count", folder, "missing.log")
    assert (done.status, done.out) == (3, "8\n")
    assert done.err.count("\n") == 1
    assert "missing.log" in done.err


def test_a_corrupt_archive_is_status_3(run: Run, folder: Path) -> None:
    write(folder / "broken.log.gz", b"\x1f\x8b\x08\x00 this is not deflate data")
    done = run("count", folder)
    assert (done.status, done.out) == (3, "8\n")
    assert "broken.log.gz" in done.err


def test_files_can_be_left_out(run: Run, folder: Path) -> None:
    write(folder / "old" / "httperr1.log", HTTPERR_HEAD, httperr_lines(7))
    assert run("count", folder).out == "15\n"
    for glob in ("OLD", "old/*", "old\\httperr1.log"):
        assert run("count", folder, "--exclude", glob).out == "8\n"
    assert run("count", folder, "--exclude", "httperr*").out == "3\n"


def test_csv_can_be_made_safe_for_a_spreadsheet(run: Run, folder: Path) -> None:
    write(folder / "u_ex9.log", "#Fields: date time cs-method X-Note\r\n", "2026-06-15 10:00:00 GET =1+1\r\n")
    words = ["query", folder, "--where", "X-Note:*", "--columns", "X-Note"]
    assert run(*words, "--format", "csv").lines[1].endswith(",=1+1")
    assert run(*words, "--format", "csv", "--csv-safe").lines[1].endswith(",'=1+1")
    assert run(*words, "--csv-safe").status == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_forbidden_file_is_status_3(run: Run, folder: Path) -> None:
    (folder / "httperr1.log").chmod(0)
    assert run("count", folder).status == 3


def test_a_file_of_another_family_is_named_and_no_error(run: Run, folder: Path) -> None:
    write(folder / "readme.txt", "hello\n")
    done = run("count", folder)
    assert (done.status, done.out) == (0, "8\n")
    assert done.err == "dropline: 1 file is set aside, not a log of IIS or HTTP.sys (dropline index names them)\n"
    report = run("report", folder).out
    assert "  2 sources," in report
    assert "  readme.txt: set aside" in report


@pytest.mark.parametrize("command", ["count", "query", "report", "histogram", "rejects"])
def test_paths_without_any_log_are_status_3_with_a_word_and_no_data(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "other" / "readme.txt", "hello\n")
    for place in ("empty", "other", "missing"):
        done = run(command, tmp_path / place)
        assert (done.status, done.out) == (3, ""), place
        assert "no log of IIS or HTTP.sys" in done.err
    assert run("index", tmp_path / "other").status == 0
    done = run("index", tmp_path / "empty")
    assert (done.status, done.out) == (3, "")


def test_a_path_named_like_a_command(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "count", HTTPERR_HEAD, httperr_lines(7))
    for words in (["./count"], ["--", "count"], ["report", "count"], ["report", "--", "count"]):
        done = run(*words)
        assert done.status == 0
        assert "7 errors" in done.out


@pytest.mark.parametrize("words", [["--version"], ["-V"], ["count", "-V"], ["x.log", "-q", "--version"]])
def test_the_version_is_told_wherever_it_is_asked_for(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert done.status == 0
    assert done.out.startswith("dropline ")


@pytest.mark.parametrize("command", ["", "query", "explain", "demo", "presets", "cache", "correlate", "report"])
def test_every_command_has_help(run: Run, command: str) -> None:
    done = run(*([command] if command else []), "--help")
    assert (done.status, done.err) == (0, "")
    assert f"usage: dropline {command}".rstrip() in done.out


def test_quiet_has_a_short_name(run: Run, folder: Path) -> None:
    write(folder / "readme.txt", "hello\n")
    assert run("count", folder).err
    assert run("count", folder, "-q").err == ""


def test_options_may_stand_before_the_command(run: Run, folder: Path) -> None:
    assert run("--where", "-reason:QueueFull", "count", folder).out == "6\n"


def test_a_path_that_begins_with_a_dash(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "-odd.log", HTTPERR_HEAD, httperr_lines(3))
    assert run("count", "--", "-odd.log").out == "3\n"


def test_a_file_that_was_to_be_written_is_whole_or_not_there(run: Run, folder: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "rows.csv", "before")
    assert run("query", folder, "--columns", "nothing", "--out", target).status == 2
    assert target.read_text() == "before"
    refused = run("query", "missing.log", "--out", target)
    assert (refused.status, target.read_text()) == (2, "before")
    assert "--force replaces it" in refused.err
    assert run("query", folder, "--out", target, "--force").status == 0
    assert target.read_text().startswith("log,")
    assert not list(tmp_path.glob(".rows*"))


@pytest.mark.parametrize("name", ["forbidden/x.csv", f"{'x' * 300}.csv", "u_ex260615.log/x.csv", "none/x.csv"])
def test_a_file_that_cannot_be_begun_is_wrong_usage(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    forbid(monkeypatch, folder / "forbidden")
    done = run("count", folder, "--out", folder / name, "--index-dir", folder.parent / "index")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "cannot write: " in done.err
    assert sorted(path.name for path in folder.iterdir()) == ["httperr1.log", "u_ex260615.log"]


def test_a_folder_that_may_not_be_entered_is_input_that_cannot_be_read(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch, folder / "forbidden")
    hidden = folder / "forbidden" / "a.log"
    for words in (["count", hidden, folder, "--preset", "queue full"], [hidden, folder]):
        done = run(*words)
        assert (done.status, "permission denied" in done.err, "Traceback" in done.err) == (3, True, False)


@pytest.mark.skipif(os.name == "nt", reason="permissions are other ones there")
def test_a_new_file_has_the_permissions_of_other_new_files(run: Run, folder: Path, tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        run("count", folder, "--out", tmp_path / "rows.csv")
    finally:
        os.umask(mask)
    assert (tmp_path / "rows.csv").stat().st_mode & 0o777 == 0o640


def test_a_fault_of_ours_is_status_1_and_safe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(words: object) -> None:
        raise RuntimeError(f"\x1b[2J {words}")

    monkeypatch.setattr("tui.cli.commands.explain.explain_all", broken)
    done = run("explain", "64")
    assert (done.status, done.out) == (1, "")
    assert "RuntimeError" in done.err
    assert "\x1b" not in done.err


def test_hostile_words_are_shown_safely(run: Run) -> None:
    done = run("explain", "\x1b]0;x\x07")
    assert done.status == 2
    assert "\x1b" not in done.err
    assert "\x1b" not in run("count", ".", "--where", "\x1b[31m:x").err


def test_more_buckets_than_memory_could_hold_are_refused(run: Run, folder: Path) -> None:
    write(folder / "u_ex270615.log", IIS_HEAD, iis_lines(1).replace("2026", "2027"))
    done = run("histogram", folder, "--every", "1ms")
    assert (done.status, done.out) == (2, "")
    assert "--every" in done.err
    assert run("histogram", folder, "--every", "1h").status == 0


def test_what_could_not_be_opened_is_a_record_too(run: Run, folder: Path) -> None:
    (folder / "fake.zip").write_bytes(b"no archive")
    done = run("index", folder, "missing.log", "--format", "ndjson")
    assert done.status == 3
    told = {record["source"]: (record["status"], record["error"], record["lines"]) for record in done.records}
    assert told["fake.zip"] == ("failed", "is no zip archive, or a damaged one", 0)
    assert told["missing.log"] == ("failed", "no such file or folder", 0)
    assert len(told) == 4


def test_a_panic_of_polars_is_one_line(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: object) -> None:
        raise pl.exceptions.PanicException("called `Option::unwrap()` on a `None` value\nsecond line")

    monkeypatch.setattr(LogSet, "read", lambda *_, **__: panic())
    done = run("count", folder)
    assert (done.status, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "Polars failed: called `Option::unwrap()`" in done.err


def test_a_filter_that_keeps_nothing_says_why_on_standard_error(run: Run, folder: Path) -> None:
    for command in (["count"], ["query"], ["breakdown", "--by", "status"], ["histogram"], ["report"], ["correlate"]):
        done = run(command[0], folder, *command[1:], "--where", "port:443 status:200")
        assert done.status == 0
        assert "dropline: port:443 keeps nothing" in done.err, command
    assert run("count", folder, "--where", "port:443", "--quiet").err == ""
    assert run("count", folder, "--where", "status:200").err == ""


def test_a_hint_is_safe_for_a_terminal(run: Run, folder: Path) -> None:
    done = run("count", folder, "--where", "path:\x1b[31mred")
    assert done.out == "0\n"
    assert "keeps nothing" in done.err
    assert "\x1b" not in done.err


def test_several_numbers_stand_in_parentheses(run: Run, folder: Path) -> None:
    done = run("count", folder, "--where", "status:404,500")
    assert done.status == 2
    assert "several values stand in parentheses: status:(404, 500)" in done.err
