"""A filter that keeps nothing, or hardly what was meant, is answered with why, with figures, and with the way out."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from parsing.filters import parse, time_notes
from parsing.index.snapshot import Snapshot
from parsing.questions import filter_hints
from tests.small_sets import Row, small_snapshot

IIS = ("c-ip", "cs-uri-stem", "cs-uri-query", "s-port", "sc-status", "time-taken", "cs(User-Agent)", "X-Team")
HTTPERR = ("c-ip", "c-port", "cs-uri", "s-reason", "s-queuename")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """40 requests, two of them with 404 in their path and nine with the status, and 12 errors."""
    requests: list[Row] = [
        {
            "time": f"2026-06-15T10:{number:02}:00",
            "c-ip": f"10.31.0.{number}",
            "cs-uri-stem": "/errors/404.htm" if number < 2 else "/site/search.aspx",
            "s-port": 443,
            "sc-status": 404 if number < 9 else 503 if number < 12 else 200,
            "time-taken": number,
            "cs(User-Agent)": "ReportFetcher/4.2+(.NET+8.0)",
            "X-Team": "red",
        }
        for number in range(40)
    ]
    errors: list[Row] = [
        {
            "time": f"2026-06-15T10:{number:02}:30",
            "c-ip": "10.31.0.1",
            "c-port": 50000 + number,
            "cs-uri": "/site/search.aspx",
            "s-reason": ("QueueFull", "AppOffline", "Connection_Dropped")[number % 3],
            "s-queuename": "DefaultAppPool",
        }
        for number in range(12)
    ]
    made = [("iis", "a.log", IIS, requests), ("httperr", "b.log", HTTPERR, errors)]
    return small_snapshot(tmp_path_factory.mktemp("set"), made)  # type: ignore[arg-type]


def hints(snapshot: Snapshot, text: str) -> tuple[str, ...]:
    return filter_hints(snapshot, parse(text, custom=snapshot.field_names))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "client=10.31.*",
            ['client="10.31.*" keeps nothing', "try client:10.31.* (52 rows): after = a * is only itself"],
        ),
        (
            "reason:QueueFull,AppOffline",
            ["keeps nothing; try reason:(QueueFull, AppOffline) (8 rows): a comma is part of a value"],
        ),
        (
            "reason=QueueFull,AppOffline",
            ["keeps nothing; try reason:(QueueFull, AppOffline) (8 rows): a comma is part of a value"],
        ),
        ("QueueFull,AppOffline", ["try QueueFull or AppOffline (8 rows): a comma is part of the text"]),
        ("reason=queuefull", ["try reason:queuefull (4 rows): = is exact, case and all"]),
        ("path:search", ["try path:*search* (50 rows): without * the whole value is meant"]),
        ("port:443", ["port:443 keeps nothing; try s-port:443 (40 rows): port is that of the client"]),
        ("status 503", ["status 503 keeps nothing; try status:503 (3 rows): a field and its value are joined by :"]),
        ("Timer*", ['"Timer*" keeps nothing']),
        ("Queue*", ["try Queue (4 rows): * stands for anything after a field and : only"]),
        ("reason:QueeuFull", ["did you mean reason=QueueFull (4 rows)?"]),
        ("host:example.com", ["no log here has the field cs-host"]),
        ("time:2020-01-01", ["the logs go from 2026-06-15T10:00 to 2026-06-15T10:39"]),
        (
            "reason:QueeuFull status:404 X-Team:red",
            ["reason:QueeuFull keeps nothing", "the other conditions keep 9 rows: status:404 and X-Team:red"],
        ),
        ("status:404 reason:QueueFull", ["no row has both", "IIS log only", "Httperr.log only"]),
        ("status:404 path:/site/*  client:10.31.0.20", ["each condition keeps rows by itself", "status:404 9 rows"]),
        (
            "taken>5 reason:QueueFull",
            ["taken>5 is in milliseconds; for seconds write s after the number, as in taken>5s"],
        ),
    ],
)
def test_what_keeps_nothing_is_answered_with_what_was_meant(text: str, said: list[str], snapshot: Snapshot) -> None:
    found = "\n".join(hints(snapshot, text))
    for part in said:
        assert part in found, found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("404", "404 keeps 2 rows; try status:404 (9 rows): a bare number is looked for in text"),
        ("taken>5", "taken>5 is in milliseconds; for seconds write s after the number, as in taken>5s"),
        ("status:404 or reason:QueeuFull", "reason:QueeuFull keeps nothing; did you mean reason=QueueFull (4 rows)?"),
        ("X-Team:red 404", "404 keeps 2 rows; try status:404 (9 rows)"),
    ],
)
def test_what_was_hardly_meant_is_said_also_where_rows_are_kept(text: str, said: str, snapshot: Snapshot) -> None:
    assert said in "\n".join(hints(snapshot, text))


@pytest.mark.parametrize(
    "text",
    ["", "status:404", "taken>5ms", "taken<1000", "agent:*Report*", "search", "reason:(QueueFull, AppOffline)"],
)
def test_nothing_is_said_of_what_is_plain(text: str, snapshot: Snapshot) -> None:
    assert hints(snapshot, text) == ()


def test_a_blank_matches_the_plus_of_the_logs(snapshot: Snapshot) -> None:
    whole = '"ReportFetcher/4.2 (.NET 8.0)"'
    for text in (f"agent:{whole}", f"agent={whole}", whole, '"4.2 (.net 8"', 'agent:*"(.NET 8"*'):
        assert hints(snapshot, text) == (), text


def test_times_are_those_of_the_zone_and_values_of_the_logs_can_be_kept_out(snapshot: Snapshot) -> None:
    where = parse("time:2020-01-01")
    assert "T12:00 to 2026-06-15T12:39" in filter_hints(snapshot, where, tz=ZoneInfo("Europe/Berlin"))[0]
    where = parse("reason:QueeuFull")
    assert filter_hints(snapshot, where, shows_values=False) == ("reason:QueeuFull keeps nothing",)


def test_rows_are_counted_only_where_something_looks_mistaken(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("parsing.questions.why_empty.ask", refuse)
    assert hints(snapshot, "status:404 path:/site/*") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time:10:00..10:15", ["a bare minute is the whole minute: time:10:00..10:15 includes 10:15:59"]),
        ("time>10:00", ["time>10:00 begins after the whole minute 10:00; time>=10:00 begins with it"]),
        ("time:2026-06-15T10:15", ["a bare minute is the whole minute: time:2026-06-15T10:15 includes 10:15:59"]),
        ("time:10:00:00..10:15:30", []),
        ("time:-15m..", []),
        ("time>=10:00", []),
    ],
)
def test_a_bare_minute_is_said_to_be_the_whole_minute(text: str, said: list[str]) -> None:
    assert list(time_notes(parse(text))) == said


def test_the_port_of_the_server_is_meant_also_where_no_log_has_that_of_the_client(tmp_path: Path) -> None:
    rows: list[Row] = [{"time": "2026-06-15T10:00:00", "s-port": 443}]
    made = small_snapshot(tmp_path, [("iis", "a.log", ("s-port",), rows)])
    assert hints(made, "port:443") == ("port:443 keeps nothing; try s-port:443 (1 row): port is that of the client",)
    assert hints(made, "port:444") == ("port:444 keeps nothing: no log here has the field port",)


def test_an_empty_set_has_no_hints(tmp_path: Path) -> None:
    assert hints(small_snapshot(tmp_path, []), "reason:x") == ()
