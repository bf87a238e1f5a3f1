from __future__ import annotations

from itertools import groupby

import pytest

from parsing.knowledge.reasons import COSTS, groups, reason, reasons, worst_first

REASONS_OF_KB820729 = """
AppOffline AppPoolTimer AppShutdown BadRequest Client_Reset Connection_Abandoned_By_AppPool
Connection_Abandoned_By_ReqQueue Connection_Dropped Connection_Dropped_List_Full ConnLimit Connections_Refused Disabled
EntityTooLarge FieldLength Forbidden Header Hostname Internal Invalid_CR/LF LengthRequired N/A N/I Number Precondition
QueueFull RequestLength Timer_AppPool Timer_ConnectionIdle Timer_EntityBody Timer_HeaderWait Timer_MinBytesPerSecond
Timer_ReqQueue Timer_Response Timer_SslRenegotiation URL URL_Length Verb Version_N/S
"""


def test_every_documented_reason_is_known_and_named_so() -> None:
    named = {known.code for known in reasons() if "KB820729" in known.source}
    assert named == set(REASONS_OF_KB820729.split())
    assert all(reason(code).is_documented for code in named)


def test_undocumented_reasons_are_known_and_flagged() -> None:
    undocumented = {known.code for known in reasons() if not known.is_documented}
    assert {"NotFound", "SlowResponsiveClient", "Request_Cancelled"} <= undocumented


def test_case_does_not_matter() -> None:
    assert reason("connections_REFUSED") is reason("Connections_Refused")
    assert reason("CONNECTION_dropped").code == "Connection_Dropped"


@pytest.mark.parametrize("known", reasons(), ids=lambda known: known.code)
def test_every_reason_is_complete(known) -> None:  # type: ignore[no-untyped-def]
    assert known.group in groups()
    assert known.ended_by in ("client", "http.sys", "worker", "administrator", "unknown")
    assert known.source
    for sentence in (known.meaning, known.cause, known.first_check):
        assert sentence.isprintable()
        assert sentence.endswith((".", "?"))
    assert known.status is None or 400 <= known.status <= 505


@pytest.mark.parametrize(
    ("ended_by", "codes"),
    [
        ("client", ["Client_Reset", "Connection_Dropped", "Connection_Dropped_List_Full"]),
        ("worker", ["Connection_Abandoned_By_ReqQueue", "Connection_Abandoned_By_AppPool", "Request_Cancelled"]),
        ("administrator", ["Disabled", "AppShutdown", "ConnLimit"]),
        (
            "http.sys",
            ["Timer_ConnectionIdle", "Timer_MinBytesPerSecond", "QueueFull", "AppOffline", "BadRequest", "URL"],
        ),
    ],
)
def test_who_ended_it(ended_by: str, codes: list[str]) -> None:
    assert {reason(code).ended_by for code in codes} == {ended_by}


def test_every_timer_and_every_bad_request_is_ended_by_http_sys() -> None:
    timers = [known for known in reasons() if known.code.startswith("Timer_")]
    bad = [known for known in reasons() if known.group == "bad request"]
    assert len(timers) == 9
    assert len(bad) > 15
    assert {known.ended_by for known in timers + bad} == {"http.sys"}


def test_triage_puts_the_servers_faults_first_and_idle_connections_last() -> None:
    codes = ["QueueFull", "Disabled", "Connection_Dropped", "Verb", "Timer_ConnectionIdle"]
    assert [known.code for known in reasons() if known.code in codes] == codes
    assert [group for group, _ in groupby(known.group for known in reasons())] == [
        group for group in groups() if group != reason("Nobody_Knows").group
    ]


def test_an_unknown_reason_is_explained_as_unknown_with_its_own_text() -> None:
    unknown = reason("Brand_New")
    assert (unknown.code, unknown.group, unknown.ended_by, unknown.is_known) == (
        "Brand_New",
        "unknown",
        "unknown",
        False,
    )
    assert unknown.meaning


def test_a_rare_outage_comes_before_any_number_of_idle_closes_and_refused_scans() -> None:
    counts = {
        "Timer_ConnectionIdle": 90_000,
        "URL": 4_000,
        "Connection_Dropped": 500,
        "Brand_New": 600,
        "AppOffline": 3,
    }
    assert worst_first(counts) == ["AppOffline", "Brand_New", "Connection_Dropped", "URL", "Timer_ConnectionIdle"]
    assert {known.cost for known in reasons()} == set(COSTS)
