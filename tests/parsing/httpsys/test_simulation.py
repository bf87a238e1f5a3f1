"""Whole simulations of several servers keep the rules of both logs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache

import pytest

from parsing.httpsys.profile import ServerProfile
from parsing.httpsys.server.connections import Exchange
from parsing.httpsys.simulation import Simulation, simulate
from parsing.httpsys.writers.recording import CAUSES

SERVERS = ((1, "2022", 12.0), (2, "2003", 60.0), (3, "2012r2", 150.0), (4, "2026", 25.0))
ON_BOTH_SIDES = {"late-compression", "cut-by-timer"}
SWEPT = {"idle", "header-wait", "body-wait", "queue-wait", "client-gone"}

simulations = pytest.mark.parametrize(("seed", "windows", "rate"), SERVERS)


@cache
def simulated(seed: int, windows: str, rate: float) -> Simulation:
    profile = replace(ServerProfile.drawn(seed, windows), requests=25_000, rate=rate, double_entry=0.3)
    return simulate(profile, seed)


def errors_by_request(simulation: Simulation) -> dict[int, str]:
    return {row.exchange.id: row.cause for row in simulation.recording.errors if row.exchange is not None}


@simulations
def test_every_request_has_exactly_the_rows_that_the_rules_give_it(seed: int, windows: str, rate: float) -> None:
    simulation = simulated(seed, windows, rate)
    recording = simulation.recording
    answered = Counter(exchange.id for exchange in recording.requests)
    failed = Counter(row.exchange.id for row in recording.errors if row.exchange is not None)
    assert recording.asked == 25_000
    assert set(answered) | set(failed) == set(range(1, recording.asked + 1))
    assert set(answered.values()) == set(failed.values()) == {1}
    both = {exchange.cause for exchange in recording.requests if exchange.id in failed}
    assert both <= ON_BOTH_SIDES
    assert all(exchange.id in failed for exchange in recording.requests if exchange.cause in ON_BOTH_SIDES)


@simulations
def test_the_rule_of_the_article_holds(seed: int, windows: str, rate: float) -> None:
    simulation = simulated(seed, windows, rate)
    timeout, sweep = simulation.profile.zombie_timeout, simulation.profile.zombie_sweep
    dropped = {
        row.exchange: row
        for row in simulation.recording.errors
        if row.cause == "client-gone" and row.exchange is not None
    }
    in_time = [exchange for exchange in simulation.recording.requests if exchange.cause == "client-left-in-time"]
    assert len(dropped) > 40
    assert len(in_time) > 40
    for exchange, row in dropped.items():
        assert row.reason == "Connection_Dropped"
        assert timeout <= row.time - exchange.client_left < timeout + sweep
        if exchange.iis_place or exchange.end:
            assert (exchange.cause, exchange.status, exchange.win32) == ("late-compression", 500, 64)
            assert exchange.end >= row.time
    for exchange in in_time:
        assert exchange not in dropped
        assert exchange.client_left <= exchange.end < exchange.client_left + timeout + sweep


@simulations
def test_timers_end_on_the_sweep_of_the_server_and_applications_do_not(seed: int, windows: str, rate: float) -> None:
    simulation = simulated(seed, windows, rate)
    profile = simulation.profile
    timers = [row for row in simulation.recording.errors if row.cause in SWEPT]
    assert {row.time % profile.sweep_period for row in timers} == {profile.sweep_phase % profile.sweep_period}
    assert {row.cause for row in timers} >= {"idle", "header-wait", "client-gone"}
    early = [
        row.time % profile.sweep_period for row in simulation.recording.errors if row.cause == "application-closed"
    ]
    assert len(set(early)) > len(early) / 2 > 3


@simulations
def test_idle_timers_have_addresses_only_and_rejects_never_reach_iis(seed: int, windows: str, rate: float) -> None:
    recording = simulated(seed, windows, rate).recording
    in_iis = {exchange.id for exchange in recording.requests}
    for row in recording.errors:
        if row.cause in ("idle", "header-wait"):
            assert row.is_bare
            assert row.exchange is None
        if row.cause in ("rejected", "no-route", "queue-full", "pool-offline", "stopped", "connection-limit"):
            assert row.exchange is not None
            assert row.exchange.id not in in_iis
            assert row.status >= 400


@simulations
def test_ports_are_used_again_but_never_by_two_open_connections(seed: int, windows: str, rate: float) -> None:
    recording = simulated(seed, windows, rate).recording
    exchanges = recording.requests + [row.exchange for row in recording.errors if row.exchange is not None]
    by_port: dict[tuple[int, int], list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        by_port[id(exchange.client.person.address), exchange.connection.port].append(exchange)
    reused = 0
    for users in by_port.values():
        users.sort(key=lambda exchange: (exchange.start, exchange.id))
        numbers = [exchange.connection.id for exchange in users]
        assert numbers == sorted(numbers), "a later connection has a higher number"
        reused += len(set(numbers)) > 1
    assert reused > 5


@simulations
def test_connections_of_http_1_serve_one_request_at_a_time(seed: int, windows: str, rate: float) -> None:
    recording = simulated(seed, windows, rate).recording
    last_end: dict[int, int] = {}
    for exchange in sorted(recording.requests, key=lambda exchange: (exchange.start, exchange.end)):
        connection = exchange.connection
        if not connection.is_http2:
            assert exchange.start >= last_end.get(connection.id, 0)
            last_end[connection.id] = exchange.end


@simulations
def test_retries_come_after_the_loss_from_the_same_client(seed: int, windows: str, rate: float) -> None:
    recording = simulated(seed, windows, rate).recording
    retries = [exchange for exchange in recording.requests if exchange.retry_of is not None]
    assert len(retries) > 50
    for exchange in retries:
        lost = exchange.retry_of
        assert lost is not None
        assert lost.client.person is exchange.client.person
        assert lost.target == exchange.target
        assert lost.lost_at <= exchange.start


@simulations
def test_rows_are_in_order_and_causes_are_known(seed: int, windows: str, rate: float) -> None:
    recording = simulated(seed, windows, rate).recording
    times = [row.time for row in recording.errors]
    assert times == sorted(times)
    assert all(row.began <= row.time for row in recording.errors)
    assert {row.cause for row in recording.errors} | {exchange.cause for exchange in recording.requests} <= set(CAUSES)


def test_the_demo_meets_every_cause() -> None:
    causes = {row.cause for seed, windows, rate in SERVERS for row in simulated(seed, windows, rate).recording.errors}
    causes |= {
        exchange.cause
        for seed, windows, rate in SERVERS
        for exchange in simulated(seed, windows, rate).recording.requests
    }
    assert causes >= set(CAUSES) - {"worker-shutdown", "queue-wait"}


def test_the_traffic_fills_the_window_and_shares_addresses_as_asked() -> None:
    for share in (0.05, 0.5):
        profile = replace(ServerProfile.drawn(9, "2022"), requests=20_000, rate=20.0, proxy_share=share)
        simulation = simulate(profile, 9)
        starts = [exchange.start for exchange in simulation.recording.requests]
        assert 0.85 < (max(starts) - min(starts)) / profile.window < 1.2
        people = {exchange.client.person.id: exchange.client.person for exchange in simulation.recording.requests}
        crowd = Counter(id(person.address) for person in people.values())
        shared = sum(count for count in crowd.values() if count > 1) / len(people)
        assert share * 0.5 < shared < share * 1.6
