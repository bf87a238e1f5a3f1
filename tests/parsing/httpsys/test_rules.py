"""Single exchanges with known times: which log gets which row, and when (DOMAIN.md 4.1 and 4.2)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from parsing.httpsys.chance import LogNormal
from tests.parsing.httpsys.scene import BEGIN, PROFILE, QUIET, Scene, seconds, takes


def test_a_client_that_waits_gets_its_answer_and_the_iis_log_its_row() -> None:
    scene = Scene()
    scene.ask(takes(5))
    (request,) = scene.run().requests
    assert (request.status, request.win32, request.cause) == (200, 0, "answered")
    assert 5_000 < request.end - request.start < 5_100
    assert not scene.errors


@pytest.mark.parametrize("worker", [11, 40, 69, 70.9])
def test_a_request_that_ends_before_the_time_out_is_in_the_iis_log_alone(worker: float) -> None:
    scene = Scene()
    scene.ask(takes(worker), waits=10)
    (request,) = scene.run().requests
    assert request.cause == "client-left-in-time"
    assert request.status == 200
    assert seconds(request.client_left) == 10
    assert seconds(request.end) == pytest.approx(worker)
    assert not scene.errors


@pytest.mark.parametrize("worker", [71.5, 90, 500])
def test_a_request_that_outlives_the_time_out_is_in_httperr_log_alone(worker: float) -> None:
    scene = Scene()
    scene.ask(takes(worker), waits=10)
    (error,) = scene.run().errors
    assert (error.reason, error.status, error.cause) == ("Connection_Dropped", 0, "client-gone")
    assert seconds(error.began) == 10
    assert seconds(error.time) == 71.3, "the first sweep 60 s after the client left"
    assert not scene.requests


def test_the_exception_is_logged_on_both_sides_and_ends_later_in_the_iis_log() -> None:
    scene = Scene(replace(PROFILE, double_entry=1.0))
    scene.ask(takes(150, is_compressed=True), waits=10)
    scene.ask(takes(30, is_compressed=True), waits=10)
    in_time, late = scene.run().requests
    (error,) = scene.errors
    assert (late.status, late.substatus, late.win32) == (500, 19, 64)
    assert error.exchange is late
    assert late.end > error.time
    assert in_time.status == 200


def test_a_full_list_drops_at_once() -> None:
    scene = Scene(replace(PROFILE, zombie_limit=1))
    scene.ask(takes(500), waits=10)
    scene.ask(takes(500), waits=12)
    full, dropped = scene.run().errors
    assert (full.reason, seconds(full.time)) == ("Connection_Dropped_List_Full", 12)
    assert dropped.reason == "Connection_Dropped"
    assert not scene.requests


def test_server_2003_knows_no_full_list() -> None:
    scene = Scene(replace(PROFILE, windows="2003", zombie_limit=1))
    scene.ask(takes(500), waits=10)
    scene.ask(takes(500), waits=12)
    assert [row.reason for row in scene.run().errors] == ["Connection_Dropped"] * 2


def test_an_application_that_closes_early_drops_off_the_sweep() -> None:
    scene = Scene()
    for at in range(12):
        scene.ask(takes(2.2, closes_early=1.0), at=at * 10)
    errors = scene.run().errors
    assert {row.reason for row in errors} == {"Connection_Dropped", "Request_Cancelled"}
    assert all(row.cause == "application-closed" and row.time - row.began == 2_200 for row in errors)
    assert not scene.requests


def test_the_queue_fills_overflows_times_out_and_loses_clients() -> None:
    scene = Scene()
    for _ in range(4):
        scene.ask(takes(200))
    scene.ask(takes(1), at=1)
    scene.ask(takes(2), at=1, waits=20)
    scene.ask(takes(3), at=2)
    overflow, reset, waited = scene.run().errors
    assert (overflow.reason, overflow.status, seconds(overflow.time)) == ("QueueFull", 503, 2)
    assert (reset.reason, seconds(reset.time), seconds(reset.began)) == ("Client_Reset", 21, 1)
    assert (waited.reason, seconds(waited.time), seconds(waited.began)) == ("Timer_ReqQueue", 121.3, 1)
    assert len(scene.requests) == 4


def test_server_2003_names_the_same_events_differently() -> None:
    scene = Scene(replace(PROFILE, windows="2003"))
    for _ in range(4):
        scene.ask(takes(200))
    scene.ask(takes(1), at=1)
    scene.schedule.at(BEGIN + 150_000, lambda _: scene.server.pools["DefaultAppPool"].crash(), None)
    assert [row.reason for row in scene.run().errors] == ["Timer_AppPool"] + ["Connection_Abandoned_By_AppPool"] * 4


def test_a_crash_abandons_what_runs_and_keeps_what_waits() -> None:
    scene = Scene()
    for _ in range(5):
        scene.ask(takes(30))
    scene.schedule.at(BEGIN + 3_000, lambda _: scene.server.pools["DefaultAppPool"].crash(), None)
    errors = scene.run().errors
    assert [row.reason for row in errors] == ["Connection_Abandoned_By_ReqQueue"] * 4
    assert {seconds(row.time) for row in errors} == {3}
    (request,) = scene.requests
    assert request.end - request.start > 33_000, "it waited for the next worker"


def test_a_zombie_whose_worker_died_is_dropped_at_its_time_out() -> None:
    scene = Scene()
    scene.ask(takes(30), waits=10)
    scene.schedule.at(BEGIN + 20_000, lambda _: scene.server.pools["DefaultAppPool"].crash(), None)
    (error,) = scene.run().errors
    assert (error.reason, seconds(error.time)) == ("Connection_Dropped", 71.3)
    assert not scene.requests


def test_crash_after_crash_takes_the_pool_offline_until_it_is_started() -> None:
    scene = Scene()
    pool = scene.server.pools["DefaultAppPool"]
    for crash in range(5):
        scene.schedule.at(BEGIN + crash * 10_000, lambda _: pool.crash(), None)
    scene.ask(takes(1), at=45)
    scene.ask(takes(1, "Api"), at=45)
    scene.schedule.at(BEGIN + 60_000, lambda _: pool.open(), None)
    scene.ask(takes(1), at=61)
    (error,) = scene.run().errors
    assert (error.reason, error.status) == ("AppOffline", 503)
    assert len(scene.requests) == 2


def test_a_stopped_pool_refuses_and_a_recycled_one_outruns_its_old_worker() -> None:
    scene = Scene()
    scene.ask(takes(30))
    scene.ask(takes(500))
    scene.ask(takes(500, "Api"))
    scene.schedule.at(BEGIN + 5_000, lambda _: scene.server.pools["DefaultAppPool"].close("Disabled"), None)
    scene.schedule.at(BEGIN + 5_000, lambda _: scene.server.pools["Api"].recycle(), None)
    scene.ask(takes(1), at=6)
    scene.ask(takes(1, "Api"), at=6)
    disabled, *abandoned = scene.run().errors
    assert (disabled.reason, disabled.status) == ("Disabled", 503)
    assert [(row.cause, seconds(row.time)) for row in abandoned] == [("worker-shutdown", 95)] * 2
    assert len(scene.requests) == 2


@pytest.mark.parametrize("is_logged", [False, True])
def test_an_upload_that_stalls_ends_on_the_body_timer(is_logged: bool) -> None:
    scene = Scene(replace(PROFILE, timed_out_entry=float(is_logged)))
    scene.ask(takes(1, method="POST", body=LogNormal(50_000_000, 0.0)), stall=4_000)
    (error,) = scene.run().errors
    assert (error.reason, seconds(error.began), seconds(error.time)) == ("Timer_EntityBody", 4, 126.3)
    assert [request.win32 in (64, 995, 1236) for request in scene.requests] == [True] * is_logged


def test_a_slow_reader_has_as_long_as_the_whole_response_may_take() -> None:
    scene = Scene()
    client = scene.client(habit=replace(QUIET, stalls=1.0))
    endpoint = takes(1, size=LogNormal(480_000, 0.0))
    scene.schedule.at(BEGIN, lambda _: client.ask(endpoint), None)
    (error,) = scene.run().errors
    assert error.reason == "Timer_MinBytesPerSecond"
    assert seconds(error.time) == 2_001.3, "1 s in the worker, 480 kB at 240 B/s, the next sweep"
    assert seconds(error.began) == 1


def test_silent_connections_end_without_method_and_uri() -> None:
    scene = Scene()
    scene.ask(takes(1), at=2)
    client = scene.client()
    scene.schedule.at(BEGIN + 500, client.preconnect, None)
    header, idle = scene.run().recording.errors
    assert (header.reason, seconds(header.time), seconds(header.began)) == ("Timer_HeaderWait", 121.3, 0.5)
    assert idle.reason == "Timer_ConnectionIdle"
    assert 120 <= seconds(idle.time) - seconds(idle.began) <= 125
    assert header.exchange is idle.exchange is None


def test_the_same_question_after_a_loss_is_a_retry_of_it() -> None:
    scene = Scene()
    client = scene.client(waits=10, habit=replace(QUIET, at_once=1.0))
    endpoint = takes(100)
    scene.schedule.at(BEGIN, lambda _: client.ask(endpoint), None)
    lost = [row.exchange for row in scene.run().errors if row.exchange is not None]
    lost.sort(key=lambda exchange: exchange.start)
    assert len(lost) == 5, "the first and four retries"
    assert [exchange.retry_of for exchange in lost] == [None, *lost[:-1]]
    assert all(b.start >= a.client_left for a, b in pairwise(lost))


def test_another_client_with_the_same_question_is_no_retry() -> None:
    scene = Scene()
    scene.ask(takes(100), waits=10)
    scene.ask(takes(100), at=15, waits=10)
    assert [row.exchange and row.exchange.retry_of for row in scene.run().errors] == [None, None]
