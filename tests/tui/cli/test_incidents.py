"""``incidents``: its records, what they count, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from xxhash import xxh3_128_hexdigest

from tests.tui.cli.conftest import Run
from tests.written_logs import HTTPERR_HEAD, append, write

_ERROR = "2026-06-15 {time} 10.0.{client}.7 50123 10.0.0.1 80 HTTP/1.1 GET /shop/{page} 503 1 AppOffline Shop\r\n"


def _day(tmp_path: Path) -> Path:
    """A day with a client that is dropped now and then, and a pool that is offline for two minutes."""
    usual = [
        f"2026-06-15 {hour:02}:{minute:02}:00 10.0.0.9 50000 10.0.0.1 80 HTTP/1.1 GET /a - 1 Timer_EntityBody Shop\r\n"
        for hour in range(24)
        for minute in (5, 35)
    ]
    offline = [
        _ERROR.format(time=f"14:{15 + second // 60:02}:{second % 60:02}", client=second % 30, page=second % 7)
        for second in range(120)
    ]
    return write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, *sorted(usual + offline))


def test_a_pool_that_is_offline_is_an_incident_whose_filter_keeps_what_it_counts(tmp_path: Path, run: Run) -> None:
    log = _day(tmp_path)
    outcome = run("incidents", log, "--format", "ndjson")
    assert outcome.status == 0
    records = [json.loads(line) for line in outcome.out.splitlines()]
    [offline] = [record for record in records if record["kind"] == "pool-offline"]
    assert offline["s-queuename"] == ["Shop"]
    assert offline["s-reason"] == ["AppOffline"]
    assert offline["begin"].startswith("2026-06-15T14:15:0")
    assert offline["until"] == "2026-06-15T14:16:59Z"
    assert offline["errors"] == 120
    assert sum(offline["ended_by"].values()) == 120
    assert run("count", log, "--where", offline["filter"]).out.strip() == "120"
    assert offline["story"]
    assert all(step["source"] == "httperr1.log" and step["line"] > 0 for step in offline["story"])


def test_fail_on_is_exit_status_4_only_where_one_of_that_level_is_found(tmp_path: Path, run: Run) -> None:
    log = _day(tmp_path)
    assert run("incidents", log, "--fail-on", "low").status == 4
    assert run("incidents", log, "--fail-on", "low", "--until", "2026-06-15T10:00").status == 0


def test_a_table_for_people_names_where_the_rest_is(tmp_path: Path, run: Run) -> None:
    outcome = run("incidents", _day(tmp_path), "--least", "low")
    assert "pool-offline" in outcome.out
    assert "ndjson" in outcome.err


def test_a_table_is_the_same_in_a_file(tmp_path: Path, run: Run) -> None:
    log, goal = _day(tmp_path), tmp_path / "found.txt"
    assert run("incidents", log, "--format", "table", "--out", goal).out == ""
    assert goal.read_text("utf-8") == run("incidents", log).out


def test_follow_writes_what_is_new_and_ends_with_what_fail_on_names(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _day(tmp_path)
    content = log.read_bytes()
    log.write_bytes(content[: content.index(b"2026-06-15 14:15")])
    later = [content]

    def grow(seconds: float) -> None:
        assert 0 < seconds <= 5
        log.write_bytes(later.pop())

    monkeypatch.setattr("tui.cli.commands.incidents.time.sleep", grow)
    outcome = run("incidents", log, "--follow", "--least", "medium", "--fail-on", "high")
    assert outcome.status == 4
    [record] = [json.loads(line) for line in outcome.out.splitlines()]
    assert (record["kind"], record["errors"]) == ("pool-offline", 120)
    assert run("incidents", log, "--follow", "--format", "table").status == 2


def test_redacted_incidents_name_no_address(tmp_path: Path, run: Run) -> None:
    log = _day(tmp_path)
    assert "10.0." in run("incidents", log, "--format", "ndjson").out
    hidden = run("incidents", log, "--format", "ndjson", "--redact").out
    assert "10.0." not in hidden
    assert json.loads(hidden.splitlines()[0])["c-ip"][0].startswith("ip-")


def test_what_was_found_is_kept_with_the_index_and_forgotten_when_the_log_grows(tmp_path: Path, run: Run) -> None:
    log = _day(tmp_path)
    index = tmp_path / "kept"
    first = run("incidents", log, "--format", "ndjson", "--index-dir", index)
    [kept] = index.rglob("incidents.json")
    assert b"pool-offline" in kept.read_bytes()
    text = kept.read_bytes().partition(b"\n")[2].replace(b"got no answer", b"were kept back")
    kept.write_bytes(xxh3_128_hexdigest(text).encode() + b"\n" + text)
    assert "were kept back" in run("incidents", log, "--format", "ndjson", "--index-dir", index).out
    kept.write_bytes(kept.read_bytes().replace(b"were kept back", b"were kept book"))
    assert run("incidents", log, "--format", "ndjson", "--index-dir", index).out == first.out, (
        "what is damaged is not shown"
    )
    append(log, "2026-06-15 23:59:00 10.0.0.9 50000 10.0.0.1 80 HTTP/1.1 GET /a - 1 Timer_EntityBody Shop\r\n")
    assert run("incidents", log, "--format", "ndjson", "--index-dir", index).out == first.out
    kept.write_bytes(b"{")
    assert run("incidents", log, "--format", "ndjson", "--index-dir", index).out == first.out


def test_what_is_usual_is_known_from_the_whole_log_when_a_part_of_it_is_asked_for(tmp_path: Path, run: Run) -> None:
    """Twenty drops in ten minutes are this server's usual way, be it that only the last ten minutes are asked for."""
    usual = [
        f"2026-06-15 {minute // 60:02}:{minute % 60:02}:{second:02} 10.0.{second}.9 50000 10.0.0.1 80 HTTP/1.1 GET /a - 1"
        " Client_Reset Shop\r\n"
        for minute in range(12 * 60)
        for second in (7, 41)
    ]
    log = write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, *usual)
    assert run("incidents", log, "--since", "2026-06-15T11:50", "--format", "ndjson").out == ""
    day = _day(tmp_path / "day")
    [part] = run("incidents", day, "--since", "2026-06-15T14:16", "--format", "ndjson").records
    assert (part["begin"], part["errors"]) == ("2026-06-15T14:16:00Z", 60)
    assert run("count", day, "--where", part["filter"]).out.strip() == "60"


def test_a_story_has_each_step_once_and_ends_with_the_last_row(tmp_path: Path, run: Run) -> None:
    [offline] = run("incidents", _day(tmp_path), "--format", "ndjson").records
    texts = [step["text"] for step in offline["story"]]
    assert texts == ["the pool of Shop was offline: 120 requests refused within 119 s", "the last error of it"]
    assert offline["story"][-1]["time"] == offline["until"]


def test_the_crash_of_a_pool_seconds_before_it_was_offline_is_part_of_its_story(tmp_path: Path, run: Run) -> None:
    log = _day(tmp_path)
    crash = _ERROR.format(time="14:14:43", client=40, page=1).replace(
        "503 1 AppOffline", "- 1 Connection_Abandoned_By_ReqQueue"
    )
    lines = log.read_text("ascii").splitlines(keepends=True)
    later = next(place for place, line in enumerate(lines) if line.startswith("2026-06-15 14:15"))
    log.write_text("".join([*lines[:later], crash, *lines[later:]]), "ascii", newline="")
    [offline] = run("incidents", log, "--format", "ndjson").records
    assert offline["begin"] == "2026-06-15T14:14:43Z"
    assert offline["s-reason"] == ["AppOffline", "Connection_Abandoned_By_ReqQueue"]
    assert offline["story"][0]["line"] == later + 1
