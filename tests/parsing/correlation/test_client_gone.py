"""The story of clients that left, path by path, from both logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.correlation.client_gone import ClientsGone, client_gone
from parsing.filters import parse
from parsing.index.log_set import LogSet
from parsing.index.snapshot import Snapshot
from parsing.report.building import build_report
from parsing.report.rendering import FORMS, render
from tests.parsing.correlation.pairs_of_logs import clock, error, request, traffic
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write

SLOW, ISAPI = "/slow.asp", "/print.dll"
WENT = ("64", "995", "1229", "1236", "121", "10053", "10054", "2147942464", "2147943395")


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """The timers of this server fall on every fifth second; drops of the ISAPI do not, and come by the dozen."""
    left = [
        request(clock(300 + 60 * place), SLOW, ended=f"200 0 {code}", taken=1_000 * (place + 1))
        for place, code in enumerate(WENT)
    ]
    broken = request(clock(2_000), SLOW.upper(), "id=7", ended="500 19 64", taken=60_000)
    refused = request(clock(2_100), SLOW, ended="401 1 2148074254", taken=1)
    sweeps = [error(clock(150 + 25 * n), "Timer_ConnectionIdle", None, client=f"198.51.100.{n}") for n in range(80)]
    late = [
        error(clock(900 + 200 * n), "Connection_Dropped", SLOW + "?id=1", client=f"203.0.113.{n}") for n in range(8)
    ]
    full = [error(clock(1_003), "Connection_Dropped_List_Full", SLOW, client="203.0.113.99")]
    closed = [
        error(clock(901 + 97 * n + (n % 5 == 2)), "Connection_Dropped", ISAPI, client=f"203.0.113.{50 + n}")
        for n in range(12)
        if (901 + 97 * n + (n % 5 == 2)) % 5
    ]
    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, *sorted([*traffic(), *left, broken, refused]))
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, *sorted([*sweeps, *late, *full, *closed]))
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        return log_set.snapshot()


def by_path(found: list[ClientsGone]) -> dict[str, ClientsGone]:
    return {one.path.lower(): one for one in found}


def test_each_path_has_what_ended_in_time_and_what_outlived_the_time_out(snapshot: Snapshot) -> None:
    found = by_path(client_gone(snapshot))
    assert found.keys() == {SLOW, ISAPI}
    slow, isapi = found[SLOW], found[ISAPI]
    assert (slow.in_time, slow.broken_writes, slow.outlived, slow.list_full, slow.closed_by_application) == (
        9,
        1,
        8,
        1,
        0,
    )
    assert (slow.median_taken, slow.longest_taken) == (5_500, 60_000)
    assert (isapi.in_time, isapi.outlived) == (0, 0)
    assert isapi.closed_by_application >= 9
    assert isapi.median_taken is None


def test_the_verdict_names_who_was_slow_and_what_misleads(snapshot: Snapshot) -> None:
    found = by_path(client_gone(snapshot))
    assert "44 % of the 18 requests that clients left outlived the time-out" in found[SLOW].verdict
    assert "the time-out (from 8 drops alone)" in found[SLOW].verdict
    assert "1 as 500.19 with 64: a write to a dead connection, not a configuration error" in found[SLOW].verdict
    assert "the application closes connections itself" in found[ISAPI].verdict
    assert "outlived" not in found[ISAPI].verdict


def test_what_a_timer_cut_off_is_no_request_whose_client_left(tmp_path: Path) -> None:
    """Both ended as 200 0 64: one as its client left, the other as HTTP.sys cut off what the client read too slowly."""
    left = request(clock(600), SLOW, ended="200 0 64", taken=9_000)
    cut = request(clock(900), "/brochure.pdf", ended="200 0 64", taken=90_000, client="203.0.113.5")
    row = error(clock(900), "Timer_MinBytesPerSecond", None, client="203.0.113.5")
    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, *sorted([*traffic(), left, cut]))
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, row)
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        assert {one.path: one.in_time for one in client_gone(log_set.snapshot())} == {SLOW: 1}


def test_a_filter_narrows_both_sides(snapshot: Snapshot) -> None:
    found = by_path(client_gone(snapshot, parse(f"path:{ISAPI}")))
    assert found.keys() == {ISAPI}
    [slow] = client_gone(snapshot, parse("win32:64"))
    assert (slow.in_time, slow.broken_writes, slow.outlived) == (2, 1, 0)


@pytest.mark.parametrize("form", FORMS)
def test_every_report_tells_it(snapshot: Snapshot, form: str) -> None:
    text = " ".join(render(build_report(snapshot), form).split())
    assert ISAPI in text or "/print\\.dll" in text
    assert "not a configuration error" in text
    assert "the application closes connections itself" in text


def test_the_report_says_how_to_log_the_port_where_no_iis_log_has_it(snapshot: Snapshot, tmp_path: Path) -> None:
    assert "REMOTE_PORT" in build_report(snapshot).port_hint
    head = IIS_HEAD.replace("time-taken", "time-taken remote-port")
    write(tmp_path / "with" / "u_ex260615.log", head, request("10:00:00", more=" 50123"))
    write(tmp_path / "with" / "httperr1.log", HTTPERR_HEAD, error("10:00:01"))
    with LogSet.open([str(tmp_path / "with")], index_dir=tmp_path / "other") as log_set:
        log_set.read()
        assert build_report(log_set.snapshot()).port_hint == ""
