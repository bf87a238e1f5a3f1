"""Idle closes are counted apart, unless the filter speaks of reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.filters import parse
from parsing.questions import Count, answer, idle_closes, without_idle_closes
from tests.small_sets import Table, small_snapshot

ROWS: list[dict[str, object]] = [
    {"time": "2026-06-15T10:00:00", "s-reason": reason, "c-ip": client}
    for reason, client in (
        ("Timer_ConnectionIdle", "10.0.0.1"),
        ("timer_connectionidle", "10.0.0.1"),
        ("Connection_Dropped", "10.0.0.1"),
        (None, "10.0.0.1"),
        ("Timer_ConnectionIdle", "10.0.0.2"),
    )
]
REQUESTS: list[dict[str, object]] = [{"time": "2026-06-15T10:00:00", "c-ip": "10.0.0.1"}]


def test_every_row_is_an_idle_close_or_not(tmp_path: Path) -> None:
    tables: list[Table] = [
        ("httperr", "httperr1.log", ("s-reason", "c-ip"), ROWS),
        ("iis", "u_ex1.log", ("c-ip",), REQUESTS),
    ]
    snapshot = small_snapshot(tmp_path, tables)
    where = parse("client:10.0.0.1")
    others, idle = without_idle_closes(where), idle_closes(where)
    assert others is not None
    assert idle is not None
    assert answer(snapshot, Count(others)).by_log == {"httperr": 2, "iis": 1}
    assert answer(snapshot, Count(idle)).by_log == {"httperr": 2, "iis": 0}
    assert answer(snapshot, Count(where)).total == 5


@pytest.mark.parametrize("text", ["reason:Timer_ConnectionIdle", "-reason:QueueFull", "client:10.* reason:*"])
def test_a_filter_that_speaks_of_reasons_shows_what_it_asks_for(text: str) -> None:
    assert without_idle_closes(parse(text)) is None
    assert idle_closes(parse(text)) is None
