"""What each command writes: records, their keys, order and types, and the exit status."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from tests.tui.cli.conftest import Run
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, write

INDEX_KEYS = [
    *("source", "format", "bytes", "lines", "rows", "directives", "blank", "rejected", "damaged"),
    *("first", "last", "layouts", "status", "error", "notes"),
]


def test_count_is_one_number_and_nothing_else(run: Run, folder: Path) -> None:
    done = run("count", folder)
    assert (done.status, done.out, done.err) == (0, "8\n", "")


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (["--where", "-reason:Timer_ConnectionIdle"], 7),
        (["--where=-reason:Timer_ConnectionIdle"], 7),
        (["--where", "reason!=Timer_ConnectionIdle"], 4),
        (["--log", "iis"], 3),
        (["--where", "win32:64"], 2),
        (["--where", "status:5xx", "--where", "log:httperr"], 2),
        (["--since", "2026-06-15T10:01:00"], 5),
        (["--until", "2026-06-15T10:01:00"], 3),
        (["--since", "2026-06-15 10:01", "--until", "2026-06-15T10:01:02"], 2),
        (["--since", "-29m"], 1),
        (["--since", "12:01", "--tz", "+02:00"], 5),
        (["--where", "time:12:01", "--tz", "Europe/Oslo"], 3),
        (["--preset", "queue full"], 2),
    ],
)
def test_options_choose_the_rows(run: Run, folder: Path, words: list[str], number: int) -> None:
    done = run("count", folder, *words)
    assert (done.status, done.out) == (0, f"{number}\n")


def test_query_has_every_row_by_time_with_its_fields(run: Run, folder: Path) -> None:
    done = run("query", folder, "--format", "ndjson")
    assert done.status == 0
    records = done.records
    assert [(row["source"], row["line"]) for row in records] == [
        ("u_ex260615.log", 5),
        ("u_ex260615.log", 6),
        ("httperr1.log", 5),
        ("httperr1.log", 6),
        ("u_ex260615.log", 7),
        ("httperr1.log", 7),
        ("httperr1.log", 8),
        ("httperr1.log", 9),
    ]
    assert list(records[0])[:4] == ["log", "source", "line", "time"]
    first, dropped = records[0], records[3]
    assert first["time"] == "2026-06-15T10:00:00Z"
    assert (first["sc-status"], first["time-taken"], first["s-port"]) == (200, 1500, 443)
    assert (first["cs(User-Agent)"], first["cs-uri-stem"]) == ("curl/8.0\x1b[31m", "/a[b]c[/red]")
    assert first["s-reason"] is None
    assert (dropped["s-siteid"], dropped["c-port"], dropped["sc-status"]) == ("1", 50124, None)
    assert {tuple(row) for row in records} == {tuple(first)}


def test_query_of_one_log_has_the_fields_of_that_log(run: Run, folder: Path) -> None:
    fields = HTTPERR_HEAD.splitlines()[-1].split()[3:]
    done = run("query", folder, "--log", "httperr", "--format", "ndjson", "--limit", "1")
    assert list(done.records[0]) == ["log", "source", "line", "time", *fields]


def test_query_chooses_columns_by_any_name_and_gives_wire_names(run: Run, folder: Path) -> None:
    done = run(
        "query", folder, "--columns", "client, status,PATH", "--limit", "2", "--offset", "3", "--format", "ndjson"
    )
    assert [list(row.values())[4:] for row in done.records] == [
        ["192.0.2.2", None, "/slow"],
        ["192.0.2.2", 500, "/upload"],
    ]
    assert list(done.records[0]) == ["log", "source", "line", "time", "c-ip", "sc-status", "path"]


def test_query_sorts_by_a_field_with_the_greatest_first(run: Run, folder: Path) -> None:
    done = run("query", folder, "--sort", "-taken", "--columns", "taken", "--limit", "3", "--format", "ndjson")
    assert [row["time-taken"] for row in done.records] == [94000, 1500, 12]


def test_csv_is_exact_and_has_empty_cells_for_nothing(run: Run, folder: Path) -> None:
    done = run(
        "query", folder, "--columns", "agent,status", "--format", "csv", "--where", "log:iis or reason:Brand_New"
    )
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert rows[0]["cs(User-Agent)"] == "curl/8.0\x1b[31m"
    assert rows[0]["time"] == "2026-06-15T10:00:00Z"
    assert rows[-1]["sc-status"] == ""


def test_parquet_keeps_types_and_times_in_utc(run: Run, folder: Path, tmp_path: Path) -> None:
    done = run("query", folder, "--out", tmp_path / "rows.parquet")
    assert (done.status, done.out) == (0, "")
    frame = pl.read_parquet(tmp_path / "rows.parquet")
    assert frame.height == 8
    assert frame.schema["time"] == pl.Datetime("ms", "UTC")
    assert frame.schema["sc-status"] == pl.UInt16()
    assert frame["line"].to_list() == [5, 6, 5, 6, 7, 7, 8, 9]
    piped = run("query", folder, "--format", "parquet")
    assert pl.read_parquet(piped.raw).equals(frame)


def test_the_name_of_the_file_gives_the_format(run: Run, folder: Path, tmp_path: Path) -> None:
    run("query", folder, "--out", tmp_path / "rows.csv")
    run("query", folder, "--out", tmp_path / "rows.ndjson")
    assert (tmp_path / "rows.csv").read_text().startswith("log,source,line,time,")
    assert (tmp_path / "rows.ndjson").read_text().startswith('{"log":')
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["rows.csv", "rows.ndjson"]


def test_a_table_masks_what_a_terminal_could_obey(run: Run, folder: Path) -> None:
    done = run("query", folder, "--columns", "agent,uri")
    assert "curl/8.0␛[31m" in done.out
    assert "/a[b]c[/red]?q=1" in done.out
    assert "<U+202E>" in done.out
    assert not {"\x1b", "\u202e"} & set(done.out)


def test_a_table_names_the_fields_that_it_leaves_out(run: Run, folder: Path) -> None:
    done = run("query", folder)
    assert "cs-username" not in done.lines[0]
    assert "cs-username" in done.err
    assert run("query", folder, "--quiet").err == ""


def test_index_balances_for_every_source(run: Run, folder: Path) -> None:
    records = run("index", folder, "--format", "ndjson").records
    assert [list(record) for record in records] == [INDEX_KEYS] * 2
    assert [record["source"] for record in records] == ["httperr1.log", "u_ex260615.log"]
    iis = records[1]
    assert (iis["lines"], iis["rows"], iis["directives"], iis["blank"], iis["rejected"]) == (9, 3, 4, 1, 1)
    assert (iis["format"], iis["status"], iis["error"]) == ("iis-w3c", "ok", None)
    assert (iis["first"], iis["last"]) == ("2026-06-15T10:00:00Z", "2026-06-15T10:01:00Z")
    assert iis["bytes"] == (folder / "u_ex260615.log").stat().st_size
    assert iis["layouts"] == [IIS_HEAD.splitlines()[-1].split()[1:]]


def test_index_tells_of_a_line_that_is_still_being_written(run: Run, folder: Path) -> None:
    with (folder / "httperr1.log").open("a") as log:
        log.write("2026-06-15 11:30:01 192")
    done = run("index", folder, "--format", "ndjson")
    assert [record["rejected"] for record in done.records] == [0, 1]
    assert "httperr1.log: its last line, 23 B, waits for its end" in done.err
    assert "waits" not in run("index", folder, "--quiet").err


def test_rejects_say_where_and_why(run: Run, folder: Path) -> None:
    records = run("rejects", folder, "--format", "ndjson").records
    assert [list(record) for record in records] == [["source", "line", "why", "text"]]
    assert records[0]["source"] == "u_ex260615.log"
    assert (records[0]["line"], records[0]["text"]) == (8, "this is no entry")
    assert records[0]["why"]


def test_breakdown_counts_and_says_what_is_left_out(run: Run, folder: Path) -> None:
    done = run("breakdown", folder, "--by", "reason", "--top", "1", "--format", "ndjson")
    assert done.records == [
        {
            "s-reason": "QueueFull",
            "count": 2,
            "share": 0.4,
            "first": "2026-06-15T10:01:02Z",
            "last": "2026-06-15T10:02:59Z",
        }
    ]
    assert "3 more values, in 3 rows" in done.err
    pair = run("breakdown", folder, "--by", "queue,reason", "--format", "ndjson")
    assert list(pair.records[0]) == ["s-queuename", "s-reason", "count", "share", "first", "last"]
    assert sum(record["count"] for record in pair.records) == 5


def test_a_breakdown_by_how_long_requests_took_tells_how_long(run: Run, tmp_path: Path) -> None:
    head = "#Fields: date time cs-uri-stem time-taken\r\n"
    rows = [("/slow", 9000), ("/quick", 5), ("/quick", 7), ("/slow", 20), ("/none", "-")]
    lines = "".join(f"2026-06-15 10:00:0{n} {path} {taken}\r\n" for n, (path, taken) in enumerate(rows))
    folder = write(tmp_path / "logs" / "u_ex260615.log", head, lines).parent
    done = run("breakdown", folder, "--by", "path", "--sort", "-p95", "--format", "ndjson")
    assert [record["path"] for record in done.records] == ["/slow", "/quick", "/none"]
    assert [record["count"] for record in done.records] == [2, 2, 1]
    assert [record["p50"] for record in done.records] == [20, 5, None]
    assert abs(done.records[0]["p95"] - 9000) <= 90
    assert "within 1 %" in done.err
    assert "2 values come last: p95 needs 20 rows" in done.err
    assert run("breakdown", folder, "--by", "path", "--sort", "p96").status == 2


def test_values_of_few_rows_are_left_out_on_demand(run: Run, tmp_path: Path) -> None:
    head = "#Fields: date time cs-uri-stem time-taken\r\n"
    rows = [("/once", 90_000), *(("/often", 100 + n) for n in range(30)), ("/twice", 7), ("/twice", 8)]
    lines = "".join(f"2026-06-15 10:00:{n:02} {path} {taken}\r\n" for n, (path, taken) in enumerate(rows))
    folder = write(tmp_path / "logs" / "u_ex260615.log", head, lines).parent
    words = ("breakdown", folder, "--by", "path", "--sort", "-p95", "--format", "csv")
    paths = {
        least: [line.split(",")[0] for line in run(*words, *least).lines[1:]] for least in ((), ("--least-count", "2"))
    }
    assert paths == {(): ["/often", "/once", "/twice"], ("--least-count", "2"): ["/often", "/twice"]}
    done = run(*words, "--least-count", "2", "--top", "1")
    assert "2 more values, in 3 rows, left out (1 of them as they have fewer than 2 rows)" in done.err
    assert done.lines[1].endswith(",129"), "the greatest is exact"
    assert run("breakdown", folder, "--by", "path", "--least-count", "few").status == 2


def test_shares_have_six_digits(run: Run, tmp_path: Path) -> None:
    lines = "".join(f"2026-06-15 10:00:00 /{min(n, 1)}\r\n" for n in range(117))
    folder = write(tmp_path / "logs" / "u_ex260615.log", "#Fields: date time cs-uri-stem\r\n", lines).parent
    rows = [line.split(",") for line in run("breakdown", folder, "--by", "path", "--format", "csv").lines[1:]]
    assert [row[2] for row in rows] == ["0.991453", "0.008547"]


def test_histogram_has_both_logs(run: Run, folder: Path) -> None:
    records = run("histogram", folder, "--every", "1m", "--format", "ndjson").records
    assert len(records) == 91
    assert records[:2] == [
        {"time": "2026-06-15T10:00:00Z", "iis": 2, "httperr": 1},
        {"time": "2026-06-15T10:01:00Z", "iis": 1, "httperr": 2},
    ]


@pytest.mark.parametrize(
    ("words", "first", "last", "number", "errors"),
    [
        (["--since", "2026-06-15T10:01:02", "--every", "1m"], "10:01", "11:30", 90, 3),
        (["--until", "2026-06-15T10:01:01", "--every", "1m"], "10:00", "10:01", 2, 2),
        (["--since", "2020-01-01", "--until", "2026-06-15T10:03", "--every", "1m"], "10:00", "10:02", 3, 4),
        (["--since", "-10m", "--every", "1m"], "11:20", "11:30", 11, 1),
        (["--since", "12:00", "--tz", "+02:00", "--every", "1m"], "10:00", "11:30", 91, 5),
        (["--where", "time:10:00..10:03", "--every", "1m"], "10:00", "11:30", 91, 4),
    ],
)
def test_histogram_goes_from_since_to_until(
    run: Run, folder: Path, words: list[str], first: str, last: str, number: int, errors: int
) -> None:
    records = run("histogram", folder, *words, "--format", "ndjson").records
    assert [records[0]["time"], records[-1]["time"]] == [f"2026-06-15T{time}:00Z" for time in (first, last)]
    assert (len(records), sum(record["httperr"] for record in records)) == (number, errors)


def test_histogram_of_a_time_without_rows_is_empty(run: Run, folder: Path) -> None:
    done = run("histogram", folder, "--since", "2027-01-01", "--format", "csv")
    assert (done.status, done.lines) == (0, ["time,iis,httperr"])


def test_explain(run: Run) -> None:
    done = run("explain", "connection_dropped", "500.19.64", "--format", "ndjson")
    assert [record["kind"] for record in done.records] == ["reason", "combination", "status", "win32"]
    assert list(done.records[0])[:4] == ["word", "kind", "name", "meaning"]
    assert done.records[0]["ended_by"] == "client"
    assert done.records[0]["first_check"]
    told = run("explain", "QueueFull")
    assert "queueLength" in told.out
    assert "ended by: http.sys" in told.out


def test_an_unknown_word_is_a_mistake_with_a_suggestion(run: Run) -> None:
    done = run("explain", "QueFull")
    assert (done.status, done.out) == (2, "")
    assert "QueueFull" in done.err


def test_presets_are_saved_shown_used_and_deleted(run: Run, folder: Path) -> None:
    assert run("presets", "save", "mine", "--where", "reason:QueueFull", "--note", "full").status == 0
    shown = run("presets", "show", "MINE", "--format", "ndjson").records
    assert (shown[0]["name"], shown[0]["where"], shown[0]["note"], shown[0]["origin"]) == (
        "mine",
        "reason:QueueFull",
        "full",
        "own",
    )
    assert "mine" in [record["name"] for record in run("presets", "list", "--format", "ndjson").records]
    assert run("count", folder, "--preset", "mine", "--where", "time:10:02").out == "1\n"
    assert run("presets", "delete", "mine").status == 0
    gone = run("count", folder, "--preset", "mine")
    assert (gone.status, gone.out) == (2, "")


def test_a_preset_with_an_unknown_field_is_saved_and_that_is_said(run: Run) -> None:
    done = run("presets", "save", "mine", "--where", "reson:QueueFull status:5xx")
    assert done.status == 0
    assert "reson is no known field" in done.err
    assert "status" not in done.err


def test_presets_beside_the_logs_are_found(run: Run, folder: Path) -> None:
    write(folder / ".dropline-presets.toml", '[[preset]]\nname = "ours"\nwhere = "reason:QueueFull"\n')
    assert run("count", folder, "--preset", "ours").out == "2\n"


@pytest.mark.parametrize(
    "words",
    [
        ["presets", "save", "x", "--where", "status:5parsecs"],
        ["presets", "save", "x"],
        ["presets", "show"],
        ["presets", "list", "x"],
        ["presets", "rename", "x"],
        ["count", ".", "--preset", "same client"],
        ["cache", "list", "x"],
        ["cache", "burn"],
        ["cache", "clear", "nothing-there"],
    ],
)
def test_wrong_use_of_presets_and_cache(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert (done.status, done.out) == (2, "")
    assert done.err


def test_an_unknown_action_of_the_cache_is_told_with_paths_too(run: Run, folder: Path) -> None:
    for words in (["burn"], ["remove", folder]):
        assert run("cache", *words).err == f"dropline: cache {words[0]}: unknown action (list, or clear)\n"
    assert "takes no paths" in run("cache", "list", folder).err


def test_the_cache_is_listed_and_cleared(run: Run, folder: Path, tmp_path: Path) -> None:
    there = ["--index-dir", str(tmp_path / "indexes")]
    run("count", folder, *there)
    listed = run("cache", "list", *there, "--format", "ndjson").records
    assert [list(record) for record in listed] == [["folder", "bytes", "used", "paths"]]
    assert listed[0]["paths"] == [str(folder)]
    assert listed[0]["bytes"] > 0
    told = run("cache", "list", *there)
    assert "1 index in" in told.err
    assert told.lines[1].endswith(f"  {folder}")
    assert run("cache", "clear", folder, *there).status == 0
    assert run("cache", "list", *there, "--format", "ndjson").records == []


def test_no_cache_keeps_nothing(run: Run, folder: Path, tmp_path: Path) -> None:
    assert run("count", folder, "--no-cache", "--index-dir", tmp_path / "indexes").out == "8\n"
    assert not (tmp_path / "indexes").exists()


def test_redacted_rows_tell_no_address_user_or_value(run: Run, folder: Path) -> None:
    done = run("query", folder, "--format", "ndjson", "--redact")
    for secret in ("192.0.2", "10.0.0.1", "ann", "Ann", "CONTOSO"):
        assert secret not in done.out
    records = done.records
    assert records[1]["c-ip"] == records[2]["c-ip"]
    assert records[0]["c-ip"] != records[1]["c-ip"]
    assert records[4]["cs-uri-query"].startswith("name=v-")
    assert records[4]["cs-uri-stem"] == "/upload"
    again = run("query", folder, "--format", "ndjson", "--redact")
    assert again.out == done.out


def test_a_source_can_be_told_from_one_of_the_same_name_in_a_folder(run: Run, folder: Path) -> None:
    other = "2026-06-15 12:00:00 192.0.2.77 50999 10.0.0.1 443 HTTP/1.1 GET /other - 1 Connection_Dropped Other\r\n"
    write(folder / "old" / "httperr1.log", HTTPERR_HEAD, other)
    assert run("count", folder, "--where", "source=httperr1.log").out == "5\n"
    assert run("count", folder, "--where", "source:httperr1.log").out == "6\n"
    for source, client in (("httperr1.log", "192.0.2.2"), ("old/httperr1.log", "192.0.2.77")):
        found = run("timeline", folder, "--around", f"{source}:5", "--format", "ndjson").records
        assert (source, 5, client) in [(row["source"], row["line"], row["c-ip"]) for row in found]


def test_timeline_around_a_row_of_a_source_that_is_named_by_its_base_name(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "logs" / "a" / "httperr1.log", HTTPERR_HEAD, httperr_lines(3))
    found = run("timeline", tmp_path / "logs", "--around", "httperr1.log:5", "--format", "ndjson")
    assert (found.status, found.records[0]["source"]) == (0, "a/httperr1.log")
    write(tmp_path / "logs" / "b" / "httperr1.log", HTTPERR_HEAD, httperr_lines(4))
    found = run("timeline", tmp_path / "logs", "--around", "httperr1.log:5")
    assert found.status == 2
    assert "a/httperr1.log, b/httperr1.log" in found.err
