"""The lanes of both logs: starts, ends, beginnings and links in both directions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from parsing.correlation import neighbours
from parsing.correlation.correlate import correlate
from parsing.correlation.correlated import Correlated
from parsing.correlation.event_records import event_record
from parsing.correlation.neighbours import with_neighbours
from parsing.correlation.timeline import Event, focus_on, lanes, timeline
from parsing.errors import UsageError
from parsing.filters import parse
from parsing.index.snapshot import Snapshot
from parsing.questions.rows.all_rows import rows_in_order
from tests.small_sets import small_snapshot

IIS = ["s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "c-ip", "sc-status", "sc-substatus",
       "sc-win32-status", "time-taken"]  # fmt: skip
HTTPERR = ["c-ip", "c-port", "s-ip", "s-port", "cs-version", "cs-method", "cs-uri", "sc-status", "s-siteid", "s-reason",
           "s-queuename"]  # fmt: skip


def request(clock: str, client: str, path: str, taken: int | None, win32: int = 0) -> dict[str, Any]:
    return {
        "time": f"2026-06-15T{clock}", "s-ip": "10.0.0.1", "cs-method": "GET", "cs-uri-stem": path, "s-port": 80,
        "c-ip": client, "sc-status": 200, "sc-substatus": 0, "sc-win32-status": win32, "time-taken": taken,
    }  # fmt: skip


def dropped(clock: str, client: str, uri: str) -> dict[str, Any]:
    return {
        "time": f"2026-06-15T{clock}", "c-ip": client, "c-port": 50123, "s-ip": "10.0.0.1", "s-port": 80,
        "cs-version": "HTTP/1.1", "cs-method": "GET", "cs-uri": uri, "s-siteid": "1",
        "s-reason": "Connection_Dropped", "s-queuename": "DefaultAppPool",
    }  # fmt: skip


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """A client loses a slow report and asks again at once; another client asks for other things all the time."""
    others = [request(f"10:{minute:02}:30", "10.9.9.9", "/other", 200) for minute in range(25, 36)]
    mine = [request("10:29:10", "10.1.1.1", "/home", 40), request("10:29:44", "10.1.1.1", "/report.aspx", 1_200)]
    return small_snapshot(
        tmp_path,
        [
            ("iis", "u_ex260615.log", IIS, mine + others),
            ("httperr", "httperr1.log", HTTPERR, [dropped("10:30:50", "10.1.1.1", "/report.aspx")]),
        ],
    )


def error_row() -> dict[str, Any]:
    when = datetime(2026, 6, 15, 10, 30, 50, tzinfo=UTC).replace(tzinfo=None)
    return {"log": "httperr", "source": "httperr1.log", "line": 1, "time": when, "client": "10.1.1.1", "port": 50123,
            "path": "/report.aspx", "queue": "DefaultAppPool"}  # fmt: skip


def by_key(events: tuple[Event, ...]) -> dict[tuple[str, int], Event]:
    return {event.key: event for event in events}


def test_around_an_error_its_client_and_its_requests_are_shown(snapshot: Snapshot) -> None:
    shown = timeline(snapshot, focus_on("error", error_row()))
    events = by_key(shown.events)
    assert [event.end for event in shown.events] == sorted(event.end for event in shown.events)
    error, retry = events["httperr1.log", 1], events["u_ex260615.log", 2]
    assert error.began is not None
    assert error.began.earliest < error.end
    assert error.ended_by == "client"
    assert shown.error is not None
    assert shown.error.verdict
    assert retry.start == retry.end - timedelta(milliseconds=1_200)
    assert [(link.source, link.line) for link in retry.links if link.relation == "retry"] == [("httperr1.log", 1)]
    assert any(link.relation == "retry" and link.line == 2 for link in error.links)


def test_a_lane_of_a_client_leaves_out_the_others(snapshot: Snapshot) -> None:
    shown = timeline(snapshot, focus_on("client", error_row() | {"source": "u_ex260615.log", "line": 2}))
    assert {event.values["client"] for event in shown.events} == {"10.1.1.1"}


@pytest.mark.parametrize("taken", [10**14, 2**63 - 1])
def test_a_request_that_took_longer_than_there_are_years_has_no_start(tmp_path: Path, taken: int) -> None:
    tables: Any = [("iis", "u_ex260615.log", IIS, [request("10:30:00", "10.1.1.1", "/", taken)])]
    (event,) = (event for batch in lanes(small_snapshot(tmp_path, tables)) for event in batch)
    assert (event.start, event.values["taken"]) == (None, taken)


def test_a_focus_needs_its_value(snapshot: Snapshot) -> None:  # noqa: ARG001 - the row is from there
    with pytest.raises(UsageError, match="client port") as raised:
        focus_on("connection", error_row() | {"port": None})
    assert "REMOTE_PORT" in raised.value.hint
    with pytest.raises(UsageError, match="queue"):
        focus_on("queue", error_row() | {"queue": None})


def test_all_rows_in_order_with_their_links_for_scripts(snapshot: Snapshot) -> None:
    events = [event for batch in lanes(snapshot, parse("client:10.1.1.1")) for event in batch]
    records: list[dict[str, Any]] = [event_record(event, lambda _, value: value) for event in events]
    assert [record["end"] for record in records] == sorted(record["end"] for record in records)
    assert [(record["log"], record["line"]) for record in records] == [("iis", 1), ("iis", 2), ("httperr", 1)]
    home, retry, error = records
    assert home["start"] == datetime.fromisoformat("2026-06-15T10:29:09.960")
    assert home["links"] == []
    assert [link["source"] for link in retry["links"]] == ["httperr1.log"]
    assert error["start"] == error["began"]["earliest"]
    assert {link["relation"] for link in error["links"]} == {"retry"}


def test_errors_are_correlated_as_far_as_the_rows_have_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [request(f"{hour:02}:29:44", "10.1.1.1", "/report.aspx", 1_200) for hour in range(24)]
    errors = [dropped(f"{hour:02}:30:50", "10.1.1.1", "/report.aspx") for hour in range(24)]
    tables: Any = [("iis", "u_ex260615.log", IIS, requests), ("httperr", "httperr1.log", HTTPERR, errors)]
    found = small_snapshot(tmp_path, tables)
    whole = [event for batch in lanes(found) for event in batch]
    assert sum(len(event.links) for event in whole if not event.is_error) >= 20
    correlated = []

    def one_by_one(*given: Any, **named: Any) -> Iterator[list[Correlated]]:
        for error in [error for batch in correlate(*given, **named) for error in batch]:
            correlated.append(error)
            yield [error]

    def by_the_hour(*given: Any, **named: Any) -> Iterator[pl.DataFrame]:
        for frame in rows_in_order(*given, **named):
            yield from frame.iter_slices(2)

    monkeypatch.setattr(sys.modules[lanes.__module__], "correlate", one_by_one)
    monkeypatch.setattr(sys.modules[lanes.__module__], "rows_in_order", by_the_hour)
    events, far = [], []
    for batch in lanes(found):
        events += batch
        far.append(len(correlated))
    assert events == whole
    assert far[0] < 6, "hours that are not reached yet are not correlated"
    assert far[-1] == 24


def test_the_other_errors_have_their_claims_too(tmp_path: Path) -> None:
    """Two errors of one client, each with its retry: around the first, the second is linked as well."""
    quiet = [request(f"10:{minute:02}:30", "10.9.9.9", "/other", 200) for minute in range(25, 36)]
    mine = [request("10:30:04", "10.1.1.1", "/a.asp", 900), request("10:31:05", "10.1.1.1", "/b.asp", 900)]
    resets = [
        dropped("10:30:00", "10.1.1.1", "/a.asp") | {"s-reason": "Client_Reset"},
        dropped("10:31:00", "10.1.1.1", "/b.asp") | {"s-reason": "Client_Reset"},
    ]
    tables: Any = [("iis", "u_ex260615.log", IIS, mine + quiet), ("httperr", "httperr1.log", HTTPERR, resets)]
    found = small_snapshot(tmp_path, tables)
    row = error_row() | {"time": error_row()["time"].replace(minute=30, second=0)}
    alone = timeline(found, focus_on("error", row))
    assert by_key(alone.events)["httperr1.log", 2].links == ()
    shown = by_key(with_neighbours(found, alone).events)
    assert [(link.relation, link.line) for link in shown["httperr1.log", 2].links] == [("retry", 2)]
    assert shown["httperr1.log", 2].ended_by == "client"
    assert ("retry", 2) in [(link.relation, link.line) for link in shown["u_ex260615.log", 2].links]
    assert [link.relation for link in shown["httperr1.log", 1].links].count("retry") == 1


def test_a_queue_shows_the_requests_for_what_its_errors_name(snapshot: Snapshot) -> None:
    """The IIS log names no queue; other paths are not of it, and what is shown is said."""
    lanes_alone = timeline(snapshot, focus_on("queue", error_row()))
    found = with_neighbours(snapshot, lanes_alone)
    paths = {event.values["uri"] for event in found.events if not event.is_error}
    assert paths == {"/report.aspx", *(event.values["uri"] for event in lanes_alone.events if not event.is_error)}
    assert "/other" not in paths
    assert "the path that its errors name most" in found.note


def test_too_many_errors_at_once_are_not_correlated_and_that_is_said(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "MOST_REQUESTS", 0)
    row = error_row() | {"source": "u_ex260615.log", "line": 2}
    found = with_neighbours(snapshot, timeline(snapshot, focus_on("client", row)))
    assert "zoom in" in found.note
