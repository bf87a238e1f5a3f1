"""A report's facts against counting by hand, and its renderings against hostile text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from parsing.correlation.client_gone import ClientsGone
from parsing.errors import UsageError
from parsing.filters import parse
from parsing.index.snapshot import Snapshot
from parsing.report.building import build_report
from parsing.report.markdown import escaped
from parsing.report.pseudonyms import redacted
from parsing.report.rendering import FORMS, render
from parsing.report.report import Report
from tests.small_sets import Row, small_snapshot

IIS_FIELDS = ("c-ip", "cs-uri-stem", "sc-status", "sc-substatus", "sc-win32-status")
HTTPERR_FIELDS = ("c-ip", "cs-uri", "s-reason", "s-queuename")
HOSTILE = "/<script>alert(1)</script>|[x](javascript:1)\x1b[2J\u202e"


def request(time: str, path: str = "/a", status: int = 200, substatus: int = 0, win32: int = 0) -> Row:
    return {
        "time": f"2026-06-15T{time}",
        "c-ip": "192.0.2.1",
        "cs-uri-stem": path,
        "sc-status": status,
        "sc-substatus": substatus,
        "sc-win32-status": win32,
    }


def error(time: str, reason: str | None, uri: str | None = "/a?x=1", client: str = "192.0.2.9") -> Row:
    return {"time": f"2026-06-15T{time}", "c-ip": client, "cs-uri": uri, "s-reason": reason, "s-queuename": "Web"}


REQUESTS = [
    request("10:00:00"),
    request("10:00:05", status=404),
    request("10:07:00", status=500, substatus=19, win32=2147942464),
    request("10:07:30", win32=995),
]
ERRORS = [
    *(error("10:05:00", "Timer_ConnectionIdle", None) for _ in range(9)),
    error("10:07:01", "QueueFull"),
    error("10:07:02", "QueueFull", "/b"),
    error("10:07:03", "Connection_Dropped", HOSTILE),
    error("10:09:00", "Brand_New", "/b", "198.51.100.7"),
]
REJECTS = pl.DataFrame(
    {
        "source": ["u.log"] * 3,
        "line": [7, 8, 9],
        "why": ["2 fields", "2 fields", "no time"],
        "text": [HOSTILE, "x", "y"],
    }
)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    tables: Any = [("iis", "u.log", IIS_FIELDS, REQUESTS), ("httperr", "h.log", HTTPERR_FIELDS, ERRORS)]
    return small_snapshot(tmp_path, tables)


@pytest.fixture
def report(snapshot: Snapshot) -> Report:
    return build_report(snapshot, rejects=[REJECTS], problems=[("gone.log", "no such file")])


def test_the_set_at_a_glance(report: Report) -> None:
    totals = report.totals
    assert (totals.sources, totals.requests, totals.errors, totals.rows) == (2, 4, 13, 17)
    assert (report.requests, report.errors) == (4, 13)
    assert totals.first == datetime(2026, 6, 15, 10)  # noqa: DTZ001
    assert report.bars is not None
    assert (sum(report.bars.iis), sum(report.bars.httperr)) == (4, 4), "idle closes apart"
    assert (report.idle_closes, totals.idle_closes) == (9, 9)
    assert "4 errors and 9 idle closes" in render(report, "text")


def test_reasons_are_in_triage_order_with_who_ended_them(report: Report) -> None:
    assert [(line.reason, line.count, line.ended_by) for line in report.reasons] == [
        ("QueueFull", 2, "http.sys"),
        ("Connection_Dropped", 1, "client"),
        ("Brand_New", 1, "unknown"),
        ("Timer_ConnectionIdle", 9, "http.sys"),
    ]
    assert all(line.first_check for line in report.reasons)
    assert sum(line.count for line in report.ended_by) == 13


def test_drops_that_the_application_closed_are_not_laid_to_the_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drops = [error(f"10:0{minute}:00", "Connection_Dropped") for minute in range(5)]
    snapshot = small_snapshot(tmp_path, [("httperr", "h.log", HTTPERR_FIELDS, drops)])
    gone = ClientsGone(
        "/a",
        0,
        0,
        outlived=3,
        list_full=0,
        closed_by_application=2,
        median_taken=None,
        p95_taken=None,
        longest_taken=None,
    )
    monkeypatch.setattr("parsing.report.building.client_gone", lambda *_, **__: [gone])
    report = build_report(snapshot)
    assert [(line.value, line.count) for line in report.ended_by] == [("client", 3), ("worker", 2)]
    for form in ("text", "markdown", "html"):
        assert "client 3, worker 2" in render(report, form).replace("\n", " "), form


def test_the_worst_minute_ignores_idle_connections(report: Report) -> None:
    worst = report.minute
    assert worst is not None
    assert worst.start == datetime(2026, 6, 15, 10, 7)  # noqa: DTZ001
    assert (worst.errors, worst.requests, worst.failures) == (3, 2, 1)
    assert [(line.value, line.count) for line in worst.reasons] == [("QueueFull", 2), ("Connection_Dropped", 1)]


def test_paths_and_clients_of_errors(report: Report) -> None:
    paths, clients, pools = report.rankings
    assert [(line.value, line.count) for line in paths.lines] == [("/b", 2), (HOSTILE, 1), ("/a", 1)]
    assert [line.note for line in paths.lines][1:] == ["Connection_Dropped", "QueueFull"]
    assert paths.lines[0].note.endswith(" and others")
    assert [(line.value, line.count) for line in clients.lines] == [("192.0.2.9", 3), ("198.51.100.7", 1)]
    assert [(line.value, line.count) for line in pools.lines] == [("Web", 4)]


def test_requests_by_status_and_clients_that_left(report: Report) -> None:
    assert [(line.value, line.count) for line in report.statuses] == [("2xx", 2), ("4xx", 1), ("5xx", 1)]
    assert (report.clients_gone, report.misleading) == (2, 1)


def test_rejects_by_cause_with_the_first_line(report: Report) -> None:
    assert [(line.source, line.why, line.count, line.line) for line in report.rejects] == [
        ("u.log", "2 fields", 2, 7),
        ("u.log", "no time", 1, 9),
    ]


def test_a_filter_narrows_everything_but_the_totals(snapshot: Snapshot) -> None:
    report = build_report(snapshot, parse("reason:QueueFull"))
    assert (report.totals.errors, report.errors, report.requests) == (13, 2, 0)
    assert [line.reason for line in report.reasons] == ["QueueFull"]
    assert report.statuses == ()
    assert "2 of 17 rows" in render(report, "text")


def test_without_errors_the_requests_are_ranked(tmp_path: Path) -> None:
    tables: Any = [("iis", "u.log", IIS_FIELDS, REQUESTS)]
    report = build_report(small_snapshot(tmp_path, tables))
    assert report.minute is not None
    assert (report.minute.start.minute, report.minute.failures, report.minute.errors) == (7, 1, 0)
    assert [ranking.title for ranking in report.rankings] == ["Paths with answers of 500 and more", "Paths", "Clients"]


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_set_has_a_report_too(tmp_path: Path, form: str) -> None:
    report = build_report(small_snapshot(tmp_path, []))
    assert report.minute is None
    assert report.bars is None
    assert render(report, form)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_fits_its_width(report: Report, width: int) -> None:
    lines = render(report, "text", width=width).splitlines()
    assert max(len(line) for line in lines) <= width
    assert any("QueueFull" in line and "http.sys" in line for line in lines)
    assert any("gone.log: no such file" in line for line in lines)


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_no_rendering_lets_log_text_act(report: Report, form: str) -> None:
    shown = render(report, form)
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "alert(1)" in shown
    assert form == "text" or "<script>" not in shown
    assert form != "markdown" or "[x](" not in shown.replace("\\[x\\](", "")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_has_charts_and_fetches_nothing(report: Report) -> None:
    page = Tags()
    page.feed(render(report, "html"))
    page.close()
    assert page.open == []
    assert {"svg", "rect", "table"} <= page.seen
    assert not page.seen & {"script", "img", "link", "iframe"}
    assert page.fetched == []


def test_json_is_the_whole_report(report: Report) -> None:
    told = json.loads(render(report, "json"))
    assert told["totals"]["first"] == "2026-06-15T10:00:00Z"
    assert told["reasons"][0]["reason"] == "QueueFull"
    assert told["bars"]["every"] == 10
    assert told["rankings"][0]["lines"][1]["value"] == HOSTILE


def test_times_are_told_in_the_zone_that_is_asked_for(report: Report) -> None:
    east = timezone(timedelta(hours=2))
    assert "2026-06-15 12:07+02:00" in render(report, "text", east)
    assert "2026-06-15 10:07 UTC" in render(report, "text", UTC)


def test_a_redacted_report_tells_no_address_and_no_filter(snapshot: Snapshot) -> None:
    report = build_report(snapshot, parse("client:192.0.2.0/24"), rejects=[REJECTS])
    hidden = redacted(report, lambda field, value: f"({field})" if field in ("c-ip", "text") else value)
    for form in FORMS:
        assert "192.0.2" not in render(hidden, form)
    assert "(c-ip)" in render(hidden, "text")


def test_reasons_that_cost_requests_are_all_there_however_many_cheap_ones_are_more_frequent(tmp_path: Path) -> None:
    cheap = ("URL", "Verb", "Header", "Hostname", "BadRequest", "Number", "FieldLength", "URL_Length", "Version_N/S")
    more = (
        "RequestLength",
        "Invalid_CR/LF",
        "LengthRequired",
        "Precondition",
        "Timer_ConnectionIdle",
        "N/I",
        "Forbidden",
    )
    rows = [error(f"11:{minute:02}:00", code) for code in (*cheap, *more) for minute in range(30)]
    snapshot = small_snapshot(
        tmp_path, [("httperr", "h.log", HTTPERR_FIELDS, [*rows, error("12:00:00", "AppOffline")])]
    )
    report = build_report(snapshot)
    assert report.reasons[0].reason == "AppOffline"
    assert report.reasons_left_out > 0
    for form in FORMS:
        assert "AppOffline" in render(report, form)


OUTAGE = [
    *(error(f"{hour:02}:{minute:02}:00", "Timer_EntityBody") for hour in range(24) for minute in (5, 35)),
    *(
        error(f"14:{15 + second // 60:02}:{second % 60:02}", "AppOffline", "/shop/x?y=1", f"192.0.2.{second % 30}")
        for second in range(120)
    ),
]


@pytest.fixture
def outage(tmp_path: Path) -> Snapshot:
    rows = sorted(OUTAGE, key=lambda row: str(row["time"]))
    return small_snapshot(tmp_path, [("httperr", "h.log", HTTPERR_FIELDS, rows)])


def test_incidents_lead_the_report_in_every_form(outage: Snapshot) -> None:
    report = build_report(outage)
    assert [one.kind for one in report.incidents] == ["pool-offline"]
    for form in ("text", "markdown", "html"):
        shown = render(report, form)
        assert 0 < shown.index("pool") < shown.index("Errors: what HTTP.sys ended"), form
    [told] = json.loads(render(report, "json"))["incidents"]
    assert told["s-queuename"] == ["Web"]
    assert told["id"] == "pool-offline@2026-06-15T14:15:00"
    assert "no incident in" in render(build_report(outage, parse("time:..12:00")), "text")


def test_the_report_of_one_incident_is_about_its_rows_and_shows_some_of_them(outage: Snapshot) -> None:
    report = build_report(outage, incident="pool-offline@2026-06-15T14:15:00")
    [proof] = report.proofs
    assert report.errors == 120
    assert {row["s-reason"] for row in proof.rows} == {"AppOffline"}
    assert proof.left_out + len(proof.rows) == 120
    assert sum(proof.httperr) == 120
    for form in ("text", "markdown", "html"):
        shown = render(report, form, width=120).replace("\\", "")
        assert "h.log:" in shown, form
        assert "check first" in shown, form
    with pytest.raises(UsageError, match="there is no incident"):
        build_report(outage, incident="scan@2020")


def test_a_redacted_incident_names_no_address_and_no_filter(outage: Snapshot) -> None:
    hidden = redacted(
        build_report(outage, proves=True),
        lambda field, value: "(ip)" if field == "c-ip" else value.replace("192.0", "x"),
    )
    for form in FORMS:
        assert "192.0.2" not in render(hidden, form), form
        assert "time:2026" not in render(hidden, form), form


def test_several_servers_have_a_table(tmp_path: Path) -> None:
    fields = (*HTTPERR_FIELDS, "server-name")
    rows = [{**error("10:00:00", "QueueFull"), "server-name": name} for name in ("web01", "web02", "web02")]
    snapshot = small_snapshot(tmp_path, [("httperr", "h.log", fields, rows)])
    report = build_report(snapshot)
    assert [(line.server, line.errors) for line in report.servers] == [("web01", 1), ("web02", 2)]
    assert all("web02" in render(report, form) for form in FORMS)
    assert build_report(snapshot, parse("server-name:web01")).servers == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[a](http://x)", r"\[a\](http\://x)"),
        ("www.example", r"www\.example"),
        ("1. x", r"1\. x"),
        ("- x", r"\- x"),
        ("a|b_c", r"a\|b\_c"),
        ("plain text, 5 %", "plain text, 5 %"),
    ],
)
def test_markdown_escapes(text: str, shown: str) -> None:
    assert escaped(text) == shown
