"""The bytes of both logs: directives, layouts, encodings, roll-over, and the truth beside them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from parsing.httpsys.chance import LogNormal
from parsing.httpsys.clients.addresses import ClientAddress
from parsing.httpsys.clients.population import AGENTS
from parsing.httpsys.demo import write_demo
from parsing.httpsys.profile import RELEASES, ServerProfile
from parsing.httpsys.writers.error_log import ErrorLog
from parsing.httpsys.writers.iis_log import IisLog
from parsing.httpsys.writers.recording import CAUSES
from tests.parsing.httpsys.scene import BEGIN, PROFILE, QUIET, Scene, takes

DROPPED = takes(500)
DEFAULT_FIELDS_OF_IIS_10 = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
    "sc-status sc-substatus sc-win32-status time-taken"
)


def dropped_row(windows: str, **more: object) -> str:
    scene = Scene(replace(PROFILE, windows=windows))
    scene.ask(replace(DROPPED, **more), waits=10)  # type: ignore[arg-type]
    (error,) = scene.run().errors
    return ErrorLog(scene.profile).line(error).decode("cp1252")


@pytest.mark.parametrize(
    ("windows", "end"),
    [
        ("2003", "HTTP/1.1 GET /takes/500 - 1 Connection_Dropped"),
        ("2008r2", "HTTP/1.1 GET /takes/500 - 1 Connection_Dropped DefaultAppPool"),
        ("2019", "HTTP/1.1 GET /takes/500 - - 1 Connection_Dropped DefaultAppPool"),
        ("2022", "HTTP/1.1 GET /takes/500 - - - 1 Connection_Dropped DefaultAppPool TCP"),
        ("2026", "HTTP/1.1 GET /takes/500 - - - 1 Connection_Dropped DefaultAppPool TCP - -"),
    ],
)
def test_a_dropped_request_in_every_layout(windows: str, end: str) -> None:
    assert dropped_row(windows) == f"2026-06-15 08:01:11 10.0.0.1 50000 10.20.0.11 443 {end}\r\n"


def test_a_cooked_uri_is_in_the_code_page_and_a_raw_one_as_it_was_sent() -> None:
    special = {"path": "/M%C3%A4rz%20%7E", "cooked": "/März ~", "query": "q=caf%C3%A9"}
    assert " /März+~?q=caf%C3%A9 " in dropped_row("2022", **special)
    scene = Scene(replace(PROFILE, has_raw_uris=True))
    scene.ask(replace(DROPPED, **special), waits=10)  # type: ignore[arg-type]
    assert b" /M%C3%A4rz%20%7E?q=caf%C3%A9 " in ErrorLog(scene.profile).line(scene.run().errors[0])


def test_long_values_are_cut_in_one_log_and_withheld_in_the_other() -> None:
    scene = Scene(replace(PROFILE, double_entry=1.0))
    scene.ask(takes(500, query="q=" + "x" * 5_000, is_compressed=True), waits=10)
    (request,) = scene.run().requests
    uri = ErrorLog(scene.profile).line(scene.errors[0]).split(b" ")[8]
    assert len(uri) == 4_096
    assert uri.startswith(b"/takes/500?q=xxx")
    assert IisLog(scene.profile, False).line(request).split(" ")[5] == "..."


def test_the_iis_row_has_its_end_its_length_and_its_port() -> None:
    scene = Scene()
    scene.ask(takes(2.5), at=1)
    (request,) = scene.run().requests
    row = IisLog(scene.profile, client_port=True).line(request)
    taken = request.end - request.start
    assert row == (f"2026-06-15 08:00:03 10.20.0.11 GET /takes/2.5 - 443 - 10.0.0.1 test - 200 0 0 {taken} 50000\r\n")


def test_the_zone_of_an_address_is_on_one_side_only() -> None:
    for in_errors in (True, False):
        scene = Scene(replace(PROFILE, has_zone_in_errors=in_errors, double_entry=1.0))
        client = scene.ask(takes(500, is_compressed=True), waits=10)
        client.person.address = ClientAddress("fe80::1", 50_000, 10, 0, "%13")
        scene.run()
        error = ErrorLog(scene.profile).line(scene.errors[0]).decode()
        request = IisLog(scene.profile, False).line(scene.requests[0])
        assert (" fe80::1%13 " in error, " fe80::1%13 " in request) == (in_errors, not in_errors)
        assert " 2001:db8:20::11 " in error


def test_directives_come_again_after_fifteen_silent_minutes_and_on_a_new_day(tmp_path: Path) -> None:
    scene = Scene()
    for at in (0, 800, 1_800, 57_599):
        scene.ask(takes(0.5), at=at)
    scene.ask(takes(30), at=57_599)
    scene.run()
    first, second = IisLog(scene.profile, False).write(tmp_path, scene.requests)
    assert (first.name, second.name) == ("u_ex260615.log", "u_ex260616.log")
    assert first.read_bytes().count(b"#Fields: ") == 3
    assert second.read_text().splitlines()[:4] == [
        "#Software: Microsoft Internet Information Services 10.0",
        "#Version: 1.0",
        "#Date: 2026-06-16 00:00:29",
        f"#Fields: {DEFAULT_FIELDS_OF_IIS_10}",
    ]


def test_httperr_log_rolls_over_at_one_mebibyte(tmp_path: Path) -> None:
    scene = Scene()
    client = scene.client(habit=replace(QUIET, rtt=1))
    for _ in range(9_000):
        scene.schedule.at(BEGIN, client.preconnect, None)
    recording = scene.run().recording
    paths, places = ErrorLog(scene.profile).write(tmp_path, recording.errors * 2)
    assert [path.name for path in paths] == ["httperr1.log", "httperr2.log"]
    assert 1_048_400 < paths[0].stat().st_size <= 1_048_576
    assert (
        paths[1]
        .read_bytes()
        .startswith(b"#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: 2026-06-15 08:02:01")
    )
    assert places[-1] == ("HTTPERR/httperr2.log", paths[1].read_bytes().count(b"\n"))


@pytest.mark.parametrize("windows", RELEASES)
def test_names_software_and_fields_fit_the_version(tmp_path: Path, windows: str) -> None:
    release = RELEASES[windows]
    logs = write_demo(tmp_path, seed=3, requests=400, profile=ServerProfile.drawn(3, windows))
    iis, errors = logs.iis[0].read_bytes().decode(), logs.errors[0].read_bytes()
    assert logs.iis[0].name == ("ex260615.log" if release.iis == "6.0" else "u_ex260615.log")
    assert iis.startswith(
        f"#Software: Microsoft Internet Information Services {release.iis}\r\n#Version: 1.0\r\n#Date: "
    )
    assert errors.startswith(b"#") == (windows != "2003")
    assert ("time-taken" in iis) == (release.iis != "6.0")
    assert iis.count("\r\n") == iis.count("\n") == iis.count("\r") > 300


def test_the_client_port_needs_custom_fields(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no custom fields"):
        write_demo(tmp_path, profile=ServerProfile.drawn(3, "2008r2"), requests=10, client_port=True)
    logs = write_demo(tmp_path, requests=300, client_port=True)
    assert logs.iis[0].name == "u_ex260615_x.log"
    fields = logs.iis[0].read_text("utf-8").splitlines()[3]
    assert fields == f"#Fields: {DEFAULT_FIELDS_OF_IIS_10} REMOTE_PORT"


def read(folder: Path, name: str) -> list[bytes]:
    return (folder / name).read_bytes().split(b"\r\n")


def test_the_truth_has_every_row_and_agrees_with_it(tmp_path: Path) -> None:
    logs = write_demo(
        tmp_path, seed=4, requests=12_000, rate=60, client_port=True, start=datetime(2026, 6, 14, 23, 58, tzinfo=UTC)
    )
    truth: dict[tuple[str, int], dict[str, Any]] = {}
    for line in logs.truth.read_text("ascii").splitlines():
        row = json.loads(line)
        truth[row["source"], row["line"]] = row
    assert len(logs.iis) == 2
    rows = {
        (path.relative_to(tmp_path).as_posix(), number)
        for path in (*logs.iis, *logs.errors)
        for number, text in enumerate(path.read_bytes().split(b"\r\n"), 1)
        if text and not text.startswith(b"#")
    }
    assert set(truth) == rows
    files = {name: read(tmp_path, name) for name in {name for name, _ in truth}}
    ports: dict[int, set[bytes]] = defaultdict(set)
    for (name, number), row in truth.items():
        values = files[name][number - 1].split(b" ")
        ports[row["connection"]].add(values[3] if name.startswith("HTTPERR") else values[-1])
        assert row["ended_by"] == (CAUSES[row["cause"]][0] or None)
        if row["retries"]:
            lost = truth[row["retries"]["source"], row["retries"]["line"]]
            assert (lost["request"], lost["client"]) == (row["retry_of_request"], row["client"])
            assert lost["start"] < row["start"]
        if name.startswith("W3SVC"):
            end = datetime.fromisoformat(f"{values[0].decode()}T{values[1].decode()}Z")
            start = datetime.fromisoformat(row["start"])
            assert 0 <= start.timestamp() + int(values[-2]) / 1000 - end.timestamp() < 1
    assert {len(used) for used in ports.values()} == {1}


def test_rows_of_the_iis_log_are_at_most_a_second_out_of_order(tmp_path: Path) -> None:
    logs = write_demo(tmp_path, seed=4, requests=8_000, rate=80)
    times = [
        datetime.fromisoformat(line[:19].decode())
        for line in logs.iis[0].read_bytes().split(b"\r\n")
        if line and not line.startswith(b"#")
    ]
    steps = {int((later - earlier).total_seconds()) for earlier, later in pairwise(times)}
    assert min(steps) == -1


@pytest.mark.slow
def test_hostile_text_is_in_the_demo_but_no_control_character(tmp_path: Path) -> None:
    logs = write_demo(tmp_path, seed=1)
    data = b"".join(path.read_bytes() for path in (*logs.iis, *logs.errors))
    for piece in (
        b"/a[b]c[/red]",
        b"%1B[31m",
        b"\\..\\..",
        b"[bold]",
        b'"quoted"',
        b"...",
        AGENTS["hostile"][1].replace(" ", "+").encode(),
    ):
        assert piece in data
    assert not {byte for byte in set(data) if byte < 32} - {10, 13}


def test_a_draw_from_a_log_normal_keeps_its_median() -> None:
    scene = Scene()
    draws = sorted(LogNormal(1_000, 0.8).draw(scene.world.chance) for _ in range(4_001))
    assert 930 < draws[2_000] < 1_070
    assert 2_000 < draws[3_360] < 2_500, "one standard deviation above is e^0.8 times the median"
