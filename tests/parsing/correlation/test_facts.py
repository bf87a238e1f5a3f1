"""What single facts in the rows mean for correlation, on a few rows each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from parsing.correlation import correlate, habits_of
from parsing.correlation.correlated import Correlated
from parsing.correlation.logs.windows import parts_of_seconds
from tests.parsing.correlation.other_server import ERROR_FIELDS, ERRORS, IIS, IIS_FIELDS, SERVER
from tests.small_sets import small_snapshot

CLIENT = "10.1.2.3"


def request(time: str, line: int, path: str, taken: int, ended: tuple[int, int, int] = (200, 0, 0)) -> dict[str, Any]:
    return {
        "time": f"2024-03-05T{time}", "line": line, "s-ip": SERVER, "s-port": 443, "cs-method": "GET",
        "cs-uri-stem": path, "c-ip": CLIENT, "cs(User-Agent)": "Agent/1", "sc-status": ended[0],
        "sc-substatus": ended[1], "sc-win32-status": ended[2], "time-taken": taken,
    }  # fmt: skip


def clock(seconds: int) -> str:
    return f"10:{seconds // 60:02}:{seconds % 60:02}"


def error(time: str, line: int, reason: str, path: str | None, status: int | None = None) -> dict[str, Any]:
    return {
        "time": f"2024-03-05T{time}", "line": line, "c-ip": CLIENT, "c-port": 50_000 + line, "s-ip": SERVER,
        "s-port": 443, "cs-version": path and "HTTP/1.1", "cs-method": path and "GET", "cs-uri": path,
        "sc-status": status, "s-reason": reason, "s-queuename": path and "Pool",
    }  # fmt: skip


def correlated(folder: Path, requests: list[dict[str, Any]], errors: list[dict[str, Any]]) -> list[Correlated]:
    tables = [("iis", IIS, IIS_FIELDS, requests), ("httperr", ERRORS, ERROR_FIELDS, errors)]
    return [found for part in correlate(small_snapshot(folder, tables)) for found in part]  # type: ignore[arg-type]


def found(of: Correlated, relation: str) -> dict[int, float]:
    return {request.line: request.confidence for request in of.related if request.relation == relation}


def test_a_timer_row_without_uri_takes_that_of_the_request_it_cut_off(tmp_path: Path) -> None:
    requests = [
        request("10:04:58", 11, "/brochure.pdf", 90_000, (200, 0, 64)),
        request("10:05:02", 12, "/brochure.pdf", 800),
    ]
    [slow] = correlated(tmp_path, requests, [error("10:04:58", 5, "Timer_MinBytesPerSecond", None)])
    assert found(slow, "same-request").keys() == {11}
    assert found(slow, "retry")[12] >= 0.5
    assert slow.uri is None


def test_a_timer_row_without_uri_beside_two_requests_cut_off_takes_none(tmp_path: Path) -> None:
    requests = [
        request("10:04:58", 11, "/brochure.pdf", 90_000, (200, 0, 64)),
        request("10:04:58", 12, "/price.pdf", 80_000, (200, 0, 64)),
        request("10:05:02", 13, "/brochure.pdf", 800),
    ]
    [slow] = correlated(tmp_path, requests, [error("10:04:58", 5, "Timer_MinBytesPerSecond", None)])
    assert not found(slow, "retry")


def test_a_row_behind_younger_ones_tells_no_part_of_its_second() -> None:
    rows = pl.DataFrame({"source": [0] * 5, "t": [0, 0, 0, 1000, 1000], "line": [1, 2, 5, 3, 4]})
    assert parts_of_seconds(rows).rows() == [(250, 500), (750, 500), (500, 1000), (250, 500), (750, 500)]


def test_a_lone_drop_is_linked_to_a_retry_nearly_two_minutes_before_it(tmp_path: Path) -> None:
    requests = [request("10:29:45", 11, "/export.ashx", 1_200), request("10:20:00", 10, "/", 30)]
    [drop] = correlated(tmp_path, requests, [error("10:31:40", 5, "Connection_Dropped", "/export.ashx")])
    assert found(drop, "retry")[11] >= 0.5
    assert drop.began is not None
    assert drop.began.earliest.isoformat() <= "2024-03-05T10:29:40"


def test_a_refusal_inside_the_uncertain_moment_of_a_drop_is_what_the_client_did_next(tmp_path: Path) -> None:
    requests = [request("10:31:00", 11, "/export.ashx", 500), request("10:20:00", 10, "/", 30)]
    errors = [
        error("10:30:30", 5, "QueueFull", "/export.ashx", 503),
        error("10:31:40", 6, "Connection_Dropped", "/export.ashx"),
    ]
    refusal, drop = correlated(tmp_path, requests, errors)
    assert found(refusal, "retry").get(11, 0.0) >= 0.5
    assert found(drop, "retry").get(11, 0.0) < 0.5


def test_a_client_may_ask_again_at_the_other_port_of_the_server(tmp_path: Path) -> None:
    requests = [{**request("10:30:05", 11, "/export.ashx", 500), "s-port": 80}, request("10:20:00", 10, "/", 30)]
    [refusal] = correlated(tmp_path, requests, [error("10:30:00", 5, "QueueFull", "/export.ashx", 503)])
    assert found(refusal, "retry")[11] >= 0.5


def test_the_first_leg_of_a_sign_in_that_was_refused_is_no_retry_of_the_next_refusal(tmp_path: Path) -> None:
    """The leg is the last of ten rows of its second, the next refusal the first of ten: a tenth of a second apart."""
    requests = [
        *(request("10:30:00", 2 + number, f"/other/{number}", 5) for number in range(9)),
        request("10:30:00", 11, "/reports/", 8, (401, 2, 5)),
        request("10:30:09", 13, "/reports/", 400),
    ]
    errors = [
        error("10:30:00", 5, "QueueFull", "/reports/", 503),
        error("10:30:01", 6, "QueueFull", "/reports/", 503),
        *(error("10:30:01", 7 + number, "QueueFull", f"/else/{number}", 503) for number in range(9)),
    ]
    _, refusal, *_ = correlated(tmp_path, requests, errors)
    assert found(refusal, "retry").keys() == {13}


def test_a_stream_in_use_keeps_its_connection_from_being_idle(tmp_path: Path) -> None:
    requests = [{**request("10:00:00", 11, "/", 30), "c-port": 50_000}]
    errors = [
        {**error("10:03:25", 5, "Timer_ConnectionIdle", None), "c-port": 50_000},
        {**error("10:03:30", 6, "Connection_Dropped", "/cart"), "c-port": 50_000, "streamid": "17"},
    ]
    tables = [
        ("iis", IIS, [*IIS_FIELDS, "c-port"], requests),
        ("httperr", ERRORS, [*ERROR_FIELDS, "streamid"], errors),
    ]
    idle, drop = (found for part in correlate(small_snapshot(tmp_path, tables)) for found in part)  # type: ignore[arg-type]
    assert found(idle, "same-connection").keys() == {11}
    assert found(drop, "same-connection").keys() == {11}


def test_a_server_is_not_taken_for_another_whose_files_have_the_same_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parsing.correlation.server.habits._MANY", 0)
    learned = []
    for timeout in (60, 180):
        folder = tmp_path / str(timeout)
        folder.mkdir()
        asked = [37 * number for number in range(40)]
        closed = [at + timeout + (3 - at - timeout) % 5 for at in asked]
        requests = [{**request(clock(at), 5 + n, "/", 30), "c-ip": f"10.9.0.{n}"} for n, at in enumerate(asked)]
        errors = [
            {**error(clock(at), 5 + n, "Timer_ConnectionIdle", None), "c-ip": f"10.9.0.{n}"}
            for n, at in enumerate(closed)
        ]
        tables = [("iis", IIS, IIS_FIELDS, requests), ("httperr", ERRORS, ERROR_FIELDS, errors)]
        [server] = habits_of(small_snapshot(folder, tables)).servers  # type: ignore[arg-type]
        learned.append(server.idle.likely)
    assert learned == [60, 180]


def test_a_timer_row_without_uri_takes_the_query_of_its_request_too(tmp_path: Path) -> None:
    requests = [
        {**request("10:04:58", 11, "/files", 37_000, (500, 19, 64)), "cs-uri-query": "file=2"},
        {**request("10:05:03", 12, "/files", 800), "cs-uri-query": "file=2"},
    ]
    [slow] = correlated(tmp_path, requests, [error("10:04:58", 5, "SlowResponsiveClient", None)])
    assert found(slow, "same-request").keys() == {11}
    assert found(slow, "retry").keys() == {12}
    assert slow.began is not None
    assert slow.began.earliest.isoformat() <= "2024-03-05T10:04:22"


def test_an_upload_while_another_one_stalls_is_no_retry_of_it(tmp_path: Path) -> None:
    """The client uploads every twelve seconds; what it sends while one body stalls is its own pace."""
    requests = [
        {**request(clock(12 * number), 10 + number, "/upload", 2_000), "cs-method": "POST"} for number in range(100)
    ]
    row = {**error("10:10:05", 5, "Timer_EntityBody", "/upload"), "cs-method": "POST"}
    [stalled] = correlated(tmp_path, requests, [row])
    claimed = [line for line, confidence in found(stalled, "retry").items() if confidence >= 0.5]
    assert claimed == [61]


STALLED_AT, ROW_AT = 485, 605
"""Seconds after ten at which a body stalls, and at which HTTP.sys gives it up."""


def claims_after_a_stall(folder: Path, uploads: list[int]) -> list[int]:
    """When the uploads began, in seconds after ten, that are claimed as retries of the stalled one; each lasts ten seconds."""
    folder.mkdir(exist_ok=True)
    requests = [
        {**request(clock(at + 10), 10 + number, "/upload", 10_000), "cs-method": "POST"}
        for number, at in enumerate(uploads)
    ]
    row = {**error(clock(ROW_AT), 5, "Timer_EntityBody", "/upload"), "cs-method": "POST"}
    [stalled] = correlated(folder, requests, [row])
    return [uploads[line - 10] for line, confidence in found(stalled, "retry").items() if confidence >= 0.5]


def test_a_client_that_uploads_one_thing_at_a_time_has_given_up_when_it_uploads_again(tmp_path: Path) -> None:
    steady = [*range(5, STALLED_AT - 20, 30), *range(ROW_AT + 20, 1500, 30)]
    given_up = sorted([*steady, STALLED_AT + 60, STALLED_AT + 90])
    assert claims_after_a_stall(tmp_path / "given up", given_up) == [STALLED_AT + 60]
    assert claims_after_a_stall(tmp_path / "waited", steady) == [ROW_AT + 20]


def test_a_client_that_uploads_several_things_at_once_may_go_on_while_one_stalls(tmp_path: Path) -> None:
    one, other = range(7, 1500, 30), [*range(9, STALLED_AT, 31), *range(ROW_AT + 40, 1500, 31)]
    claimed = claims_after_a_stall(tmp_path, sorted({*one, *other}))
    assert claimed == [next(at for at in one if at > ROW_AT)]


def test_a_request_that_stalled_and_ended_with_the_row_is_the_request_itself(tmp_path: Path) -> None:
    stalled = {**request("10:10:07", 50, "/upload", 127_438, (500, 0, 1236)), "cs-method": "POST"}
    others = [
        {**request(clock(30 * number), 10 + number, "/upload", 2_000), "cs-method": "POST"} for number in range(20)
    ]
    row = {**error("10:10:05", 5, "Timer_EntityBody", "/upload"), "cs-method": "POST"}
    [timer] = correlated(tmp_path, [*others, stalled], [row])
    assert 50 not in {line for line, confidence in found(timer, "retry").items() if confidence >= 0.5}
    assert found(timer, "same-request").get(50, 0.0) >= 0.5


def test_the_start_of_a_request_bounds_a_wait_to_a_second_only(tmp_path: Path) -> None:
    """It took 122,500 ms up to some moment of 10:10:07, so that it began between 10:08:04.5 and 10:08:05.5."""
    stalled = {**request("10:10:07", 50, "/upload", 122_500, (500, 0, 1236)), "cs-method": "POST"}
    row = {**error("10:10:05", 5, "Timer_EntityBody", "/upload"), "cs-method": "POST"}
    [timer] = correlated(tmp_path, [request("10:00:00", 10, "/", 30), stalled], [row])
    assert found(timer, "same-request").get(50, 0.0) >= 0.9
    assert timer.began is not None
    assert timer.began.earliest.isoformat() <= "2024-03-05T10:08:04.500"


def closed_by_application(number: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Drops at any second, each two seconds after its request began; clients ask for something else afterwards."""
    begun = [97 * place + place % 5 for place in range(number)]
    requests = [
        {**request(clock(at + 40), 10 + place, "/other", 30), "c-ip": f"10.9.0.{place}"}
        for place, at in enumerate(begun)
    ]
    errors = [
        {**error(clock(at + 2), 5 + place, "Connection_Dropped", "/call"), "c-ip": f"10.9.0.{place}"}
        for place, at in enumerate(begun)
    ]
    return requests, errors


def test_a_few_drops_that_the_application_closed_are_not_boldly_their_clients(tmp_path: Path) -> None:
    requests, errors = closed_by_application(15)
    idle = [error(clock(600 + 5 * place), 40 + place, "Timer_ConnectionIdle", None) for place in range(12)]
    drops = [one for one in correlated(tmp_path, requests, [*errors, *idle]) if one.reason == "Connection_Dropped"]
    assert len(drops) == 15
    bold = [one for one in drops if one.ended_by == "client" and one.ended_by_confidence > 0.8]
    assert not bold
    assert all("from 15 rows alone" in one.verdict for one in drops)


def test_many_drops_off_the_sweep_are_the_applications(tmp_path: Path) -> None:
    requests, errors = closed_by_application(36)
    again = [
        {**request(clock(97 * place + place % 5 + 4), 90 + place, "/call", 300), "c-ip": f"10.9.0.{place}"}
        for place in range(36)
    ]
    idle = [error(clock(600 + 5 * place), 40 + place, "Timer_ConnectionIdle", None) for place in range(12)]
    found_ = correlated(tmp_path, [*requests, *again], [*errors, *idle])
    drops = [one for one in found_ if one.reason == "Connection_Dropped"]
    assert sum(one.ended_by == "worker" for one in drops) >= 34
    assert all("alone" not in one.verdict for one in drops)


def test_a_second_request_that_was_left_in_its_turn_is_not_the_dropped_one(tmp_path: Path) -> None:
    """Its client waits twenty seconds, left at 10:29:30 and asked again; that one ended after the row, as 200 0 64."""
    again = request("10:31:50", 11, "/export.ashx", 139_500, (200, 0, 64))
    [drop] = correlated(
        tmp_path,
        [request("10:20:00", 10, "/", 30), again],
        [error("10:31:35", 5, "Connection_Dropped", "/export.ashx")],
    )
    assert found(drop, "same-request").get(11, 0.0) < 0.5


def test_a_retry_is_no_surer_than_who_dropped_the_request(tmp_path: Path) -> None:
    """Some clients asked for the same about a time-out before the row, which may be chance, and some right after it."""
    requests, errors = closed_by_application(15)
    again = [
        {**request(clock(97 * place + place % 5 + wait), 90 + place, "/call", 300), "c-ip": f"10.9.0.{place}"}
        for place, wait in zip(range(1, 15), (4, 4, 4, 4, -70, 4, 4, 4, -70, 4, 4, -70, 4, 4), strict=True)
    ]
    idle = [error(clock(600 + 5 * place), 40 + place, "Timer_ConnectionIdle", None) for place in range(12)]
    drops = [
        one for one in correlated(tmp_path, [*requests, *again], [*errors, *idle]) if one.reason == "Connection_Dropped"
    ]
    unsure = [one for one in drops if one.ended_by_confidence < 0.85]
    assert unsure
    for one in unsure:
        assert max(found(one, "retry").values(), default=0.0) <= one.ended_by_confidence + 0.1


def worker_of_drop(folder: Path, asked: list[int], version: str = "HTTP/1.1") -> float:
    """The chance that the application closed, of a drop at 10:20:02; requests over its port began at so many seconds."""
    folder.mkdir()
    port = {"c-port": 50_005}
    requests = [{**request(clock(at), 11 + place, f"/{at}", 30), **port} for place, at in enumerate(asked)]
    drop = {**error("10:20:02", 5, "Connection_Dropped", "/call"), **port, "cs-version": version}
    tables = [("iis", IIS, [*IIS_FIELDS, "c-port"], requests), ("httperr", ERRORS, ERROR_FIELDS, [drop])]
    [found_] = (one for part in correlate(small_snapshot(folder, tables)) for one in part)  # type: ignore[arg-type]
    sure = found_.ended_by_confidence
    return sure if found_.ended_by == "worker" else 1 - sure if found_.ended_by == "client" else 0.5


def test_a_connection_in_use_is_not_that_of_a_client_that_left_long_before(tmp_path: Path) -> None:
    unused = worker_of_drop(tmp_path / "unused", [900])
    assert worker_of_drop(tmp_path / "used", [900, 1195]) > unused
    assert worker_of_drop(tmp_path / "streams", [900, 1195], "HTTP/2.0") == unused
    assert worker_of_drop(tmp_path / "port of another", [900, 1195, 1205]) == unused
