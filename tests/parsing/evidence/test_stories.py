"""What events add to incidents, and which holes of logs they explain."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from parsing.evidence import explained_holes
from parsing.incidents import find_incidents
from parsing.index import LogSet
from tests.parsing.evidence.conftest import Opened, error
from tests.written_events import Written, crash, events_xml, service, was
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, START, write


def _offline() -> list[str]:
    usual = [error(f"{hour:02}:{minute:02}:00", "Timer_EntityBody") for hour in range(24) for minute in (5, 35)]
    crashes = [
        error(f"14:{10 + at}:{second:02}", "Connection_Abandoned_By_ReqQueue") for at in range(5) for second in (20, 21)
    ]
    off = [
        error(f"14:{15 + second // 60}:{second % 60:02}", "AppOffline", client=f"10.0.{second % 30}.7")
        for second in range(120)
    ]
    return usual + crashes + off


def test_the_story_of_an_incident_has_the_events_behind_it(opened: Opened) -> None:
    events = [was(5011, f"2026-06-15T14:{10 + at}:22Z", "Legacy", 4000 + at) for at in range(5)]
    events += [crash(f"2026-06-15T14:{10 + at}:19Z", 4000 + at) for at in range(5)]
    events += [was(5002, "2026-06-15T14:14:23Z", "Legacy"), was(5002, "2026-06-15T14:14:23Z", "Shop")]
    snapshot = opened(_offline(), events)
    [incident] = [one for one in find_incidents(snapshot) if one.kind == "pool-offline"]
    told = {step.text: step for step in incident.story}
    off = told["WAS switched the pool Legacy off after 5 failures of its worker process (System, 5002)"]
    assert (off.source, str(off.time)) == ("System.xml", "2026-06-15 14:14:23")
    assert any("w3wp.exe crashed: exception 0xc0000005 in orders.dll (Application, 1000)" in text for text in told)
    assert not any("Shop" in text for text in told)
    assert [step.time for step in incident.story] == sorted(step.time for step in incident.story)


def test_without_evidence_the_story_is_that_of_the_rows(opened: Opened) -> None:
    [incident] = [one for one in find_incidents(opened(_offline(), [])) if one.kind == "pool-offline"]
    assert {step.source for step in incident.story} == {"httperr1.log"}


def _requests(*spans: tuple[int, int]) -> str:
    """Requests every second of these spans, in seconds from ten o'clock on."""
    times = [START + timedelta(seconds=second) for first, end in spans for second in range(first, end)]
    return "".join(f"{time} 10.0.0.1 GET /a - 443 - 192.0.2.1 A - 200 0 0 5\r\n" for time in times)


def _holes(tmp_path: Path, requests: str, events: list[Written]) -> list[tuple[datetime, datetime, str]]:
    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, requests)
    write(tmp_path / "logs" / "System.xml", events_xml(events))
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        return [(hole.begin, hole.end, hole.text) for hole in explained_holes(log_set.snapshot())]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (service("2026-06-15T10:10:00Z", "W3SVC", 1), "the service W3SVC stopped (System, 7036)"),
        (Written("EventLog", 6006, "2026-06-15T10:10:02Z"), "Windows shuts down"),
        (Written("EventLog", 6008, "2026-06-15T10:19:30Z"), "not shut down in order"),
        (
            Written("Microsoft-Windows-HttpEvent", 15002, "2026-06-15T10:10:01Z", {"LogFile": "C:\\logs"}),
            "cannot write the IIS log of a site C:\\logs",
        ),
        (
            Written(
                "Microsoft-Windows-Kernel-General",
                1,
                "2026-06-15T10:20:00Z",
                {"OldTime": "2026-06-15T10:10:00.5Z", "NewTime": "2026-06-15T10:20:00.000Z"},
            ),
            "the clock was set",
        ),
    ],
    ids=["service", "shutdown", "power", "disk", "clock"],
)
def test_a_hole_is_explained_by_its_event(tmp_path: Path, event: Written, words: str) -> None:
    [(begin, end, text)] = _holes(tmp_path, _requests((0, 601), (1200, 1800)), [event])
    assert (begin, end) == (START + timedelta(minutes=10), START + timedelta(minutes=20))
    assert words in text
    assert text.endswith("no rows for 10 min")


@pytest.mark.parametrize(
    "event",
    [
        service("2026-06-15T10:10:00Z", "Spooler", 1),
        service("2026-06-15T10:10:00Z", "W3SVC", 4),
        service("2026-06-15T10:25:00Z", "W3SVC", 1),
        Written("Microsoft-Windows-HttpEvent", 15012, "2026-06-15T10:10:01Z", {}),
        was(5011, "2026-06-15T10:10:00Z", "Web"),
    ],
    ids=["another service", "a start", "another time", "the other log", "a crash"],
)
def test_a_hole_is_not_explained_by_what_has_nothing_to_do_with_it(tmp_path: Path, event: Written) -> None:
    assert _holes(tmp_path, _requests((0, 601), (1200, 1800)), [event]) == []


def test_a_short_silence_is_no_hole(tmp_path: Path) -> None:
    assert _holes(tmp_path, _requests((0, 601), (640, 1800)), [service("2026-06-15T10:10:00Z", "W3SVC", 1)]) == []


def test_beyond_the_end_of_a_log_nothing_is_said(tmp_path: Path) -> None:
    assert _holes(tmp_path, _requests((0, 601)), [service("2026-06-15T10:10:00Z", "W3SVC", 1)]) == []
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD)
