"""What real logs do to correlation, and the simulated ones do not: on small logs written by hand."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from parsing.correlation import habits_of
from parsing.index.log_set import LogSet
from tests.parsing.correlation.pairs_of_logs import (
    CLIENT,
    claims,
    clock,
    correlated,
    correlated_files,
    error,
    request,
    traffic,
)
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write

PORT_HEAD = IIS_HEAD.replace("time-taken\r\n", "time-taken REMOTE_PORT\r\n")
A, B = "10.0.0.1", "10.0.0.2"


def of(found: list[tuple[str, str]], relation: str) -> list[str]:
    return [time for named, time in found if named == relation]


def test_servers_whose_clocks_differ_are_told_apart(tmp_path: Path) -> None:
    """The clock of B is 7 s behind: its sweep falls on other seconds, and a retry there seems to come first."""
    behind = 7
    for server, skew, again in ((A, 0, 1_804), (B, -behind, 1_809)):
        requests = [request(clock(60 * n + skew), f"/{server}/{n}", server=server) for n in range(60)]
        requests.append(request(clock(again + skew), server=server))
        idle = [
            error(clock(200 + 35 * n + skew), "Timer_ConnectionIdle", None, client=f"198.51.100.{n}", server=server)
            for n in range(60)
        ]
        errors = [error(clock(1_800 + skew), server=server), *idle]
        write(tmp_path / "logs" / server / "W3SVC1" / "u_ex260615.log", IIS_HEAD, *sorted(requests))
        write(tmp_path / "logs" / server / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, *sorted(errors))
    lost = [one for one in correlated_files(tmp_path) if one.reason == "Client_Reset"]
    assert [(one.source, claims(one)) for one in lost] == [
        ("10.0.0.2/HTTPERR/httperr1.log", [("retry", clock(1_809 - behind))]),
        ("10.0.0.1/HTTPERR/httperr1.log", [("retry", clock(1_804))]),
    ]
    assert all(claim.source.startswith(one.source[:8]) for one in lost for claim in one.claims)
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        servers = habits_of(log_set.snapshot()).servers
    phases = {own.servers: own.sweep[0] for own in servers if own.sweep}
    assert (phases[(A,)] - phases[(B,)]) % 5 == behind % 5


def test_a_port_that_is_used_again_is_another_connection(tmp_path: Path) -> None:
    """Requests before an idle time-out, and hours later ones from the same port, are not on one connection."""
    first = [request(clock(10 * n), f"/first/{n}", more=" 50123") for n in range(4)]
    later = [request(clock(3_600 + 10 * n), f"/later/{n}", more=" 50123") for n in range(3)]
    other = [
        request(clock(5), "/other", client="198.51.100.9", more=" 50123"),
        request(clock(7), "/own", more=" 50200"),
    ]
    errors = [
        error(clock(155), "Timer_ConnectionIdle", None),
        error(clock(3_600 + 145), "Timer_ConnectionIdle", None),
    ]
    early, late = correlated(tmp_path, [*first, *later, *other], errors, head=PORT_HEAD)
    assert sorted(of(claims(early), "same-connection")) == [clock(10 * n) for n in range(4)]
    assert sorted(of(claims(late), "same-connection")) == [clock(3_600 + 10 * n) for n in range(3)]
    assert all("same port 50123" in claim.evidence for claim in early.claims)


def test_a_long_silence_ends_a_connection_that_no_error_ended(tmp_path: Path) -> None:
    first = [request(clock(10 * n), f"/first/{n}", more=" 50123") for n in range(4)]
    later = [request(clock(3_600 + 10 * n), f"/later/{n}", more=" 50123") for n in range(3)]
    [idle] = correlated(
        tmp_path, [*first, *later], [error(clock(3_600 + 145), "Timer_ConnectionIdle", None)], head=PORT_HEAD
    )
    assert sorted(of(claims(idle), "same-connection")) == [clock(3_600 + 10 * n) for n in range(3)]


def test_an_error_ends_its_connection_though_the_port_is_used_again_at_once(tmp_path: Path) -> None:
    first = [request(clock(10 * n), f"/first/{n}", more=" 50123") for n in range(4)]
    later = [request(clock(45 + 10 * n), f"/later/{n}", more=" 50123") for n in range(3)]
    errors = [
        error(clock(40), "Connection_Abandoned_By_ReqQueue", "/crash.asp"),
        error(clock(65 + 125), "Timer_ConnectionIdle", None),
    ]
    crash, idle = correlated(tmp_path, [*first, *later], errors, head=PORT_HEAD)
    assert sorted(of(claims(crash), "same-connection")) == [clock(10 * n) for n in range(4)]
    assert sorted(of(claims(idle), "same-connection")) == [clock(45 + 10 * n) for n in range(3)]


def test_a_port_field_of_any_name_can_be_named(tmp_path: Path) -> None:
    head = PORT_HEAD.replace("REMOTE_PORT", "my-socket")
    requests = [request(clock(10 * n), f"/first/{n}", more=" 50123") for n in range(4)]
    errors = [error(clock(155), "Timer_ConnectionIdle", None)]
    [unnamed] = correlated(tmp_path / "unnamed", requests, errors, head=head)
    assert of(claims(unnamed), "same-connection") == []
    [named] = correlated(tmp_path / "named", requests, errors, head=head, client_port="my-socket")
    assert len(of(claims(named), "same-connection")) == 4


def test_logs_without_the_named_port_field_are_read_by_the_usual_names(tmp_path: Path) -> None:
    requests = [request(clock(10 * n), f"/first/{n}", more=" 50123") for n in range(4)]
    errors = [error(clock(155), "Timer_ConnectionIdle", None)]
    [found] = correlated(tmp_path, requests, errors, head=PORT_HEAD, client_port="my-socket")
    assert len(of(claims(found), "same-connection")) == 4


def test_behind_a_proxy_that_hides_all_clients_nothing_is_claimed(tmp_path: Path) -> None:
    """Everybody comes from one address and asks for the same page all the time: any of them fits, so none is named."""
    proxy = "10.9.9.9"
    requests = [
        request(clock(n), client=proxy, agent=f"Agent/{n % 50}", taken=100 + n % 300) for n in range(0, 3_600, 2)
    ]
    errors = [error(clock(600 + 400 * n), client=proxy, port=50_000 + n) for n in range(6)]
    found = correlated(tmp_path, requests, errors)
    assert [claims(one) for one in found] == [[]] * 6
    candidates = [related for one in found for related in one.related if related.relation == "retry"]
    assert all("a candidate, one of" in related.evidence[-1] for related in candidates)


def test_logs_that_do_not_overlap_in_time_have_nothing_in_common(tmp_path: Path) -> None:
    [lost] = correlated(tmp_path, [*traffic("06:00:00"), request("06:30:02")], [error("10:30:00")])
    assert lost.related == ()
    assert "no IIS log covers this time" in lost.verdict


def test_errors_without_any_iis_log_still_say_who_ended_them(tmp_path: Path) -> None:
    write(
        tmp_path / "logs" / "httperr1.log",
        HTTPERR_HEAD,
        error("10:30:00"),
        error("10:31:00", "QueueFull", status="503"),
    )
    reset, full = correlated_files(tmp_path)
    assert (reset.ended_by, full.ended_by) == ("client", "http.sys")
    assert "no IIS log covers this time" in reset.verdict


def test_without_time_taken_a_retry_is_found_by_its_end(tmp_path: Path) -> None:
    """IIS 6 logs no time-taken: when a request began is not known, so it counts as having begun when it ended."""
    head = IIS_HEAD.replace(" time-taken", "")
    requests = [line.rsplit(" ", 1)[0] + "\r\n" for line in traffic()]
    requests += [request("10:30:02", taken=None), request("10:29:40", taken=None), request("10:37:00", taken=None)]
    [lost] = correlated(tmp_path, requests, [error("10:30:00")], head=head)
    assert claims(lost) == [("retry", "10:30:02")]
    assert lost.began is not None
    assert lost.began.earliest <= lost.time <= lost.began.latest


NATIVE = "{client}, -, {date}, {clock}, W3SVC1, WEB1, 10.0.0.1, 500, 200, 1500, 200, 0, GET, {path}, -,\r\n"


def native(clock: str, path: str, client: str = CLIENT) -> str:
    return NATIVE.format(client=client, date="06/15/26", clock=clock, path=path)


@pytest.mark.parametrize(("zone", "expected"), [("Europe/Oslo", [("retry", "10:30:02")]), ("UTC", [])])
def test_native_logs_are_in_local_time(tmp_path: Path, zone: str, expected: list[tuple[str, str]]) -> None:
    """Oslo is two hours ahead of UTC in June. Taken for UTC, its log covers another time."""
    others = [native(clock(30 * n, "12:00:00"), f"/page/{n % 5}", f"198.51.100.{n % 30}") for n in range(120)]
    lines = sorted([*others, native("12:30:02", "/report.asp")], key=lambda line: line.split(", ")[3])
    write(tmp_path / "logs" / "in260615.log", *lines)
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, error("10:30:00"))
    [lost] = correlated_files(tmp_path, tz=ZoneInfo(zone))
    assert claims(lost) == expected
    assert ("no IIS log covers this time" in lost.verdict) == (zone == "UTC")


def test_a_drop_and_its_write_to_a_dead_connection_are_one_request(tmp_path: Path) -> None:
    """The client left about 10:29:40; the drop was written two minutes later, the request ended as 500.19 after that."""
    own = request("10:33:10", "/export.ashx", ended="500 19 64", taken=240_000)
    plain = request("10:29:00", "/export.ashx", taken=3_000)
    drops = [error("10:31:40", "Connection_Dropped", "/export.ashx")]
    [lost] = correlated(tmp_path, [*traffic(), own, plain], drops)
    assert of(claims(lost), "same-request") == ["10:33:10"]
    claim = next(claim for claim in lost.claims if claim.relation == "same-request")
    assert "500.19 with 64 is a write to a dead connection, not a configuration error" in claim.evidence
    assert "the IIS log has the same request" in lost.verdict
    assert lost.began is not None
    assert f"{lost.began.earliest:%H:%M}" >= "10:29"


def test_a_slow_client_without_uri_is_the_500_19_of_the_same_second(tmp_path: Path) -> None:
    own = request("10:30:00", "/big.zip", ended="500 19 64", taken=8_000)
    near = request("10:30:00", "/small.js", taken=10)
    [slow] = correlated(tmp_path, [*traffic(), own, near], [error("10:30:00", "SlowResponsiveClient", None)])
    assert of(claims(slow), "same-request") == ["10:30:00"]
    claim = next(claim for claim in slow.claims if claim.relation == "same-request")
    assert "500.19 with 64 is a write to a dead connection, not a configuration error" in claim.evidence
    assert len([related for related in slow.related if related.relation == "same-request"]) == 1


def test_the_own_request_of_an_error_without_a_uri_is_told_by_a_port_of_any_name(tmp_path: Path) -> None:
    head = IIS_HEAD.replace("time-taken", "time-taken my-socket")
    others = [line.rstrip() + f" {1000 + place}\r\n" for place, line in enumerate(traffic())]
    ended = [
        request("10:30:00", f"/own/{port}", ended="200 0 64", taken=9_000, more=f" {port}") for port in (50_122, 50_123)
    ]
    again = request("10:30:05", "/own/50123", more=" 50124")
    reset = error("10:30:00", "SlowResponsiveClient", None)
    [slow] = correlated(tmp_path, [*others, *ended, again], [reset], head=head, client_port="my-socket")
    assert ("retry", "10:30:05") in claims(slow)
