"""Which errors an event explains, and which it does not."""

from __future__ import annotations

import pytest

from parsing.evidence import events_of_rows, evidence_of, evidence_records
from tests.parsing.evidence.conftest import Opened, error, place_of
from tests.written_events import Written, crash, service, was

ABANDONED = "Connection_Abandoned_By_ReqQueue"


def explained(snapshot: object) -> list[tuple[int, int, int]]:
    """Of each event that explains something its id, the line of its first row and how many rows there are."""
    records = evidence_records(snapshot, only_explaining=True)  # type: ignore[arg-type]
    return [(row["event"], row["explains"]["line"], row["explains"]["count"]) for row in records.iter_rows(named=True)]


def test_a_crash_and_was_are_linked_by_process_id_and_explain_the_same_rows(opened: Opened) -> None:
    errors = [error("14:10:20", ABANDONED), error("14:10:21", ABANDONED), error("14:10:21", ABANDONED, "Other")]
    events = [crash("2026-06-15T14:10:10Z", 28828), was(5011, "2026-06-15T14:10:23Z", "Legacy", 28828)]
    snapshot = opened(errors, events)
    assert evidence_of(snapshot)["pool"].to_list() == ["Legacy", "Legacy"]
    assert explained(snapshot) == [(1000, 5, 2), (5011, 5, 2)]


def test_a_crash_of_another_process_or_another_day_gets_no_pool_and_explains_nothing(opened: Opened) -> None:
    events = [
        crash("2026-06-15T14:10:10Z", 4000),
        crash("2026-06-14T14:10:10Z", 28828),
        crash("2026-06-15T14:10:10Z", 28828, process="other.exe"),
        was(5011, "2026-06-15T14:30:00Z", "Legacy", 4000),
    ]
    snapshot = opened([error("14:10:12", ABANDONED)], events)
    assert evidence_of(snapshot).filter(provider="Application Error")["pool"].to_list() == [None] * 3
    assert explained(snapshot) == []


@pytest.mark.parametrize(
    ("time", "is_linked"),
    [("14:09:29", False), ("14:09:30", True), ("14:10:05", True), ("14:10:06", False)],
)
def test_nothing_outside_of_its_window_is_linked(opened: Opened, time: str, is_linked: bool) -> None:
    snapshot = opened([error(time, ABANDONED)], [was(5011, "2026-06-15T14:10:00Z", "Legacy")])
    assert bool(explained(snapshot)) is is_linked


def test_nothing_of_another_pool_or_reason_is_linked(opened: Opened) -> None:
    errors = [error("14:10:00", ABANDONED, "Shop"), error("14:10:00", "QueueFull"), error("14:10:01", ABANDONED, "-")]
    assert explained(opened(errors, [was(5011, "2026-06-15T14:10:00Z", "Legacy")])) == []


def test_pools_are_compared_as_httperr_writes_them(opened: Opened) -> None:
    errors = [error("14:10:00", ABANDONED, "my+legacy+POOL")]
    assert explained(opened(errors, [was(5011, "2026-06-15T14:10:00Z", "My Legacy Pool")])) == [(5011, 5, 1)]


def test_a_pool_that_was_switched_off_explains_its_503s_until_the_service_starts_again(opened: Opened) -> None:
    errors = [error(f"14:{minute}:00", "AppOffline") for minute in (10, 30, 59)] + [error("15:10:00", "AppOffline")]
    events = [was(5002, "2026-06-15T14:20:00Z", "Legacy"), service("2026-06-15T15:00:00Z", "W3SVC", 4)]
    assert explained(opened(errors, events)) == [(5002, 6, 2)]


def test_each_row_of_a_pool_that_was_switched_off_twice_belongs_to_the_last_time(opened: Opened) -> None:
    errors = [error(f"14:{minute}:00", "AppOffline") for minute in (25, 35, 45, 55)]
    events = [was(5002, f"2026-06-15T14:{minute}:00Z", "Legacy") for minute in (20, 40)]
    assert explained(opened(errors, events)) == [(5002, 5, 2), (5002, 7, 2)]


def test_how_often_the_worker_failed_before_is_counted(opened: Opened) -> None:
    failures = [was(5011, f"2026-06-15T14:1{minute}:00Z", "Legacy") for minute in range(5)]
    others = [was(5011, "2026-06-15T14:14:00Z", "Shop"), was(5011, "2026-06-15T13:00:00Z", "Legacy")]
    off = was(5002, "2026-06-15T14:14:01Z", "Legacy")
    snapshot = opened([error("14:15:00", "AppOffline")], [*failures, *others, off])
    [event] = events_of_rows(snapshot, place_of(snapshot.sources[0].id, 5))
    assert event.text == "WAS switched the pool Legacy off after 5 failures of its worker process (System, 5002)"
    assert event.explained.count == 1
    assert event.proves_not


def test_where_the_event_log_ends_a_cause_is_claimed_only_as_long_as_errors_follow_each_other(opened: Opened) -> None:
    """Nothing is known of what happened after the last event: the pool may have been started and have failed again."""
    errors = [error(f"14:{minute:02}:00", "AppOffline") for minute in range(20, 30)] + [error("15:05:00", "AppOffline")]
    assert explained(opened(errors, [was(5002, "2026-06-15T14:19:00Z", "Legacy")])) == [(5002, 5, 10)]
    covered = [was(5002, "2026-06-15T14:19:00Z", "Legacy"), service("2026-06-15T16:00:00Z", "Spooler", 4)]
    assert explained(opened(errors, covered, "covered")) == [(5002, 5, 11)]


def test_an_event_of_the_whole_server_explains_rows_of_every_pool(opened: Opened) -> None:
    errors = [error("14:20:01", "Disabled", pool) for pool in ("Legacy", "Shop", "-")] + [error("14:31:00", "Disabled")]
    events = [service("2026-06-15T14:20:00Z", "W3SVC", 1), service("2026-06-15T14:30:00Z", "W3SVC", 4)]
    assert explained(opened(errors, events)) == [(7036, 5, 3)]


def test_on_many_servers_an_event_explains_rows_of_its_own_server_only(opened: Opened) -> None:
    for name in ("web01", "web02"):
        rows = [error(time, ABANDONED, client=f"192.0.2.{name[-1]}") for time in ("14:10:00", "14:10:01")]
        opened(rows, [], f"all/{name}/HTTPERR")
        opened([], [], f"all/{name}/HTTPERR")
    event = Written(
        "Microsoft-Windows-WAS", 5011, "2026-06-15T14:10:00Z", {"AppPoolID": "Legacy"}, computer="WEB02.shop.example"
    )
    snapshot = opened([], [event], "all")
    records = evidence_records(snapshot, only_explaining=True)
    assert [row["count"] for row in records["explains"]] == [2]
    assert records["explains"][0]["source"] == "web02/HTTPERR/httperr1.log"


def test_what_an_event_says_is_no_template(opened: Opened) -> None:
    snapshot = opened([], [was(5011, "2026-06-15T14:10:00Z", "{pid}{0.__class__}", 7)])
    assert "{pid}{0.__class__}" in evidence_records(snapshot)["text"][0]
