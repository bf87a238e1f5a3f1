"""``fields``: what there is to ask for, and with paths what of it these logs have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from parsing.filters import names
from tests.tui.cli.conftest import Run


def _by_name(run: Run, *words: str | Path) -> dict[str, dict[str, Any]]:
    outcome = run("fields", *words, "--format", "ndjson")
    assert outcome.status == 0, outcome.err
    return {record["field"]: record for record in outcome.records}


def test_without_paths_every_name_of_the_filter_language_is_there_with_its_meaning(run: Run) -> None:
    known = _by_name(run)
    called = {name for record in known.values() for name in (record["field"], record["short"])}
    assert set(names()) <= called
    assert all(record["meaning"] for record in known.values())
    assert known["time-taken"] == {
        "field": "time-taken",
        "short": "taken",
        "kind": "number",
        "unit": "ms",
        "log": "both",
        "meaning": "from the first byte of the request to the end of the response",
    }
    assert known["s-reason"]["log"] == "httperr"
    assert known["cs-uri-stem"]["log"] == "iis"


def test_with_paths_only_fields_of_these_logs_are_counted(folder: Path, run: Run) -> None:
    found = _by_name(run, folder)
    figures = {
        name: (found[name]["log"], found[name]["rows"], found[name]["logged"], found[name]["values"])
        for name in ("cs-uri-query", "c-ip", "s-reason", "s-queuename", "path", "log", "line")
    }
    assert figures == {
        "cs-uri-query": ("iis", 3, 2, 2),
        "c-ip": ("both", 8, 8, 4),
        "s-reason": ("httperr", 5, 5, 4),
        "s-queuename": ("httperr", 5, 4, 1),
        "path": ("both", 8, 7, 5),
        "log": ("both", 8, 8, 2),
        "line": ("both", 8, 8, 5),
    }
    assert not {"cs-host", "transport", "server-name"} & set(found)


def test_a_filter_and_a_log_narrow_what_is_counted(folder: Path, run: Run) -> None:
    kept = _by_name(run, folder, "--where", "method:GET", "--log", "httperr")
    assert (kept["cs-uri"]["rows"], kept["cs-uri"]["values"]) == (4, 3)
    assert kept["path"]["log"] == "httperr"
    assert "cs-uri-stem" not in kept
    assert run("fields", "--where", "method:GET").status == 2


def test_a_withheld_value_is_none_and_a_custom_field_is_counted(tmp_path: Path, run: Run) -> None:
    log = tmp_path / "u_ex260615.log"
    head = "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time cs-uri-stem X-Trace sc-status\r\n"
    log.write_text(
        head + "".join(f"2026-06-15 10:00:0{n} /a {value} 200\r\n" for n, value in enumerate("... - x".split()))
    )
    trace = _by_name(run, log)["X-Trace"]
    assert (trace["rows"], trace["logged"], trace["values"]) == (3, 1, 1)
    assert (trace["short"], trace["meaning"]) == (None, "custom field")


def test_every_format_has_the_records_and_the_table_the_share(folder: Path, tmp_path: Path, run: Run) -> None:
    records = [json.dumps(record) for record in _by_name(run, folder).values()]
    assert run("fields", folder, "--out", tmp_path / "f.parquet").status == 0
    assert pl.read_parquet(tmp_path / "f.parquet").height == len(records)
    assert len(run("fields", folder, "--format", "csv").lines) == len(records) + 1
    table = run("fields", folder)
    assert any(line.split()[:5] == ["s-queuename", "queue", "httperr", "80.0", "%"] for line in table.lines)
    assert "share" in table.err
