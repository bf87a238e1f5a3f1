"""``evidence``: its record in every form, alone and next to logs, and what it says of what is missing."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.tui.cli.conftest import Run
from tests.written_events import crash, events_xml, evtx_bytes, was
from tests.written_logs import HTTPERR_HEAD, write

EVENTS = [
    crash("2026-06-15T14:10:10.250000Z", 28828),
    was(5011, "2026-06-15T14:10:23Z", "Legacy", 28828),
    was(5074, "2026-06-15T16:00:00Z", "Shop", 99),
]
_ERROR = (
    "2026-06-15 14:10:21 10.0.0.7 50123 10.0.0.1 80 HTTP/1.1 GET /a - 1 Connection_Abandoned_By_ReqQueue Legacy\r\n"
)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write(tmp_path / "case" / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, _ERROR)
    write(tmp_path / "case" / "System.evtx", evtx_bytes(EVENTS))
    return tmp_path / "case"


def test_the_record(bundle: Path, run: Run) -> None:
    outcome = run("evidence", bundle, "--format", "ndjson")
    assert outcome.status == 0
    assert outcome.records[1] == {
        "time": "2026-06-15T14:10:23Z",
        "kind": "event",
        "event": 5011,
        "pool": "Legacy",
        "site": None,
        "pid": 28828,
        "text": "the worker process 28828 of Legacy broke its connection to WAS, as it does when it crashes",
        "source": "System.evtx",
        "explains": {"source": "HTTPERR/httperr1.log", "line": 5, "count": 1},
    }
    assert outcome.records[0]["time"] == "2026-06-15T14:10:10.250Z"
    assert outcome.records[2]["explains"] is None


def test_every_form_has_the_same_records(bundle: Path, run: Run) -> None:
    table = run("evidence", bundle)
    assert "1 from HTTPERR/httperr1.log:5" in table.out
    csv = pl.read_csv(io.BytesIO(run("evidence", bundle, "--format", "csv").raw))
    parquet = pl.read_parquet(io.BytesIO(run("evidence", bundle, "--format", "parquet").raw))
    assert csv["event"].to_list() == parquet["event"].to_list() == [1000, 5011, 5074]


def test_a_span_and_only_what_explains_something(bundle: Path, run: Run) -> None:
    def events(*words: str) -> list[int]:
        return [record["event"] for record in run("evidence", bundle, "--format", "ndjson", *words).records]

    assert events("--explaining") == [1000, 5011]
    assert events("--since", "2026-06-15T14:10:23", "--until", "2026-06-15T16:00") == [5011]
    assert events("--since", "-1h") == [5074]
    assert run("evidence", bundle, "--since", "10:00").status == 2


def test_what_a_source_covers_is_said(bundle: Path, run: Run) -> None:
    told = run("evidence", bundle).err
    assert "System.evtx: 3 events, 2026-06-15 14:10:10 to 2026-06-15 16:00:00 UTC" in told


def test_evidence_alone_is_shown_and_is_no_log(tmp_path: Path, run: Run) -> None:
    alone = write(tmp_path / "System.xml", events_xml(EVENTS))
    assert len(run("evidence", alone, "--format", "ndjson").records) == 3
    counted = run("count", alone)
    assert counted.status == 3
    assert "dropline evidence" in counted.err


def test_without_any_evidence_the_status_is_3(folder: Path, run: Run) -> None:
    outcome = run("evidence", folder)
    assert (outcome.status, outcome.out) == (3, "")
    assert "no evidence" in outcome.err


def test_other_commands_go_on_as_without_evidence(bundle: Path, run: Run) -> None:
    outcome = run("count", bundle)
    assert (outcome.out.strip(), outcome.status) == ("1", 0)
    assert "set aside" not in outcome.err


def test_without_the_library_one_line_says_how_to_get_it(
    bundle: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "evtx", None)
        outcome = run("evidence", bundle, "--format", "ndjson")
        assert (outcome.out, outcome.status) == ("", 3)
        assert outcome.err.count("pip install 'dropline[evtx]'") == 1
        counted = run("count", bundle)
        assert (counted.out.strip(), counted.status) == ("1", 0)
        assert counted.err.count("dropline[evtx]") == 1
    assert len(run("evidence", bundle, "--format", "ndjson").records) == 3


def test_a_cut_event_log_is_told_with_what_is_lost(bundle: Path, run: Run) -> None:
    log = bundle / "System.evtx"
    log.write_bytes(evtx_bytes(EVENTS * 10)[: 4096 + 65536])
    outcome = run("evidence", bundle, "--format", "ndjson")
    assert outcome.status == 3
    assert len(outcome.records) == 20
    assert "System.evtx: is cut: 1 of its 2 chunks are missing; 10 of 30 records could not be read" in outcome.err


def test_what_is_hostile_in_an_event_reaches_no_terminal(tmp_path: Path, run: Run) -> None:
    hostile = write(tmp_path / "a.xml", events_xml([was(5011, "2026-06-15T14:10:23Z", "x\u202e\u009b31m", 1)]))
    assert "\u202e" not in run("evidence", hostile).out
    assert "\u009b" not in run("evidence", hostile).out


def test_explain_names_the_values_that_govern_a_reason_here(tmp_path: Path, run: Run) -> None:
    config = (
        "<configuration><system.applicationHost><applicationPools><add name='Web' queueLength='77'/></applicationPools>"
        "</system.applicationHost></configuration>"
    )
    write(tmp_path / "case" / "applicationHost.config", config)
    shown = run("explain", "QueueFull", "--settings", tmp_path / "case")
    assert "here: queueLength is 77 for Web" in shown.out
    [record] = run("explain", "QueueFull", "--settings", tmp_path / "case", "--format", "ndjson").records
    assert record["settings_here"][0].startswith("queueLength is 77 for Web")
    assert "settings_here" not in run("explain", "QueueFull", "--format", "ndjson").records[0]
    assert run("explain", "QueueFull", "--settings", tmp_path / "nothing").status == 3
