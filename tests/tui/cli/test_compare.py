"""``compare``: its records, the three ways to say what is compared, and its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parsing.compare.server_day import write_day
from tests.tui.cli.conftest import Run


def test_before_and_after_a_moment(tmp_path: Path, run: Run) -> None:
    logs = write_day(tmp_path / "logs", 1, "new client")
    outcome = run("compare", logs, "--at", "11:00", "--for", "1h", "--format", "ndjson")
    assert outcome.status == 0
    first = outcome.records[0]
    assert list(first) == "field value measure a b a_count b_count difference sure summary".split()
    assert (first["field"], first["value"], first["measure"], first["a_count"]) == ("c-ip", "203.0.113.77", "new", 0)
    assert run("count", logs, "--log", "iis", "--where", "client:203.0.113.77").out.strip() == str(first["b_count"])
    assert "a: before, 1 h from 2026-06-15 10:00:00, 3,000 requests" in outcome.err
    zoned = run("compare", logs, "--at", "2026-06-15T13:00", "--tz", "+02:00", "--for", "1h", "--format", "ndjson")
    assert zoned.records == outcome.records
    table = run("compare", logs, "--at", "11:00", "--for", "1h")
    assert table.lines[1].split()[:2] == ["likely", "new"]


def test_two_filters_and_one_against_the_rest(tmp_path: Path, run: Run) -> None:
    logs = write_day(tmp_path / "logs", 5, "slow server")
    both = run("compare", logs, "--a", "server-name:web01", "--b", "server-name:web02", "--format", "ndjson")
    assert both.records[0]["measure"] in ("p50", "p95")
    assert both.records[0]["difference"] > 0
    rest = run("compare", logs, "--b", "server-name:web02", "--by", "time-taken", "--format", "ndjson")
    assert {record["field"] for record in rest.records} == {"time-taken"}


def test_the_same_span_a_day_earlier(tmp_path: Path, run: Run) -> None:
    logs = write_day(tmp_path / "logs", 1, requests=600)
    today = logs / "web01" / "W3SVC1" / "u_ex260615.log"
    (today.parent / "u_ex260616.log").write_bytes(today.read_bytes().replace(b"2026-06-15", b"2026-06-16"))
    span = ("--since", "2026-06-16T10:30", "--until", "2026-06-16T11:00")
    outcome = run("compare", logs, "--usual", "1d", *span)
    counts = [
        run("count", logs, "--log", "iis", "--where", f"time:2026-06-{day}T10:30..10:59").out.strip()
        for day in (15, 16)
    ]
    assert f"a: a day earlier, 30 min from 2026-06-15 10:30:00, {counts[0]} requests" in outcome.err
    assert f"b: in this span, 30 min from 2026-06-16 10:30:00, {counts[1]} requests" in outcome.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "compare what with what?"),
        (("--at", "11:00", "--b", "method:GET"), "not both"),
        (("--usual", "1d"), "--since or --until"),
        (("--b", "method:GET", "--for", "1h"), "--for"),
        (("--b", "metod:GET"), "did you mean method"),
        (("--at", "03:00"), "the logs have no 03:00"),
        (("--at", "soon"), "soon"),
        (("--b", "method:GET", "--by", "metod"), "unknown field metod"),
    ],
)
def test_mistakes(folder: Path, run: Run, words: tuple[str, ...], said: str) -> None:
    outcome = run("compare", folder, *words)
    assert outcome.status == 2
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_logs_too_small_to_compare_say_so(folder: Path, run: Run) -> None:
    outcome = run("compare", folder, "--at", "10:30")
    assert (outcome.status, len(outcome.lines)) == (0, 1)
    assert "there is nothing to compare" in outcome.err
