"""The zone of logs in local time is proposed where the logs themselves show it, and only there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from parsing.correlation import ClockOffset, clock_offset, with_offset_notes
from parsing.index import LogSet
from tests.written_logs import HTTPERR_HEAD, write

START = datetime(2026, 6, 15, 10)  # noqa: DTZ001


def native(moment: datetime, client: str, path: str) -> str:
    when = f"{moment.month}/{moment.day}/{moment:%y}, {moment:%H:%M:%S}"
    return f"{client}, -, {when}, W3SVC1, WEB01, 198.51.100.1, 90, 42, 7, 200, 0, GET, {path}, -,\r\n"


def error(moment: datetime, client: str, path: str) -> str:
    return f"{moment} {client} 50123 198.51.100.1 80 HTTP/1.1 GET {path}?id=7 - 1 Connection_Dropped Pool\r\n"


Offset = Callable[[Sequence[str], Sequence[str]], tuple[ClockOffset | None, tuple[str, ...]]]


@pytest.fixture
def offset(tmp_path: Path) -> Offset:
    def of(requests: Sequence[str], errors: Sequence[str]) -> tuple[ClockOffset | None, tuple[str, ...]]:
        write(tmp_path / "logs" / "in260615.log", *requests)
        write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, *errors)
        with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
            log_set.read()
            snapshot = log_set.snapshot()
            notes = {source.format: source.notes for source in with_offset_notes(snapshot, snapshot.sources)}
            assert notes["httperr"] == ()
            return clock_offset(snapshot), notes["iis-native"]

    return of


def pairs(hours: float, count: int = 12) -> tuple[list[str], list[str]]:
    """Requests whose clock is so many hours ahead, and an error for each of them a minute or so later."""
    moments = [START + timedelta(minutes=7 * number) for number in range(count)]
    requests = [
        native(moment + timedelta(hours=hours), f"192.0.2.{n}", f"/Path%20{n}") for n, moment in enumerate(moments)
    ]
    errors = [
        error(moment + timedelta(seconds=9 * n), f"192.0.2.{n}", f"/path+{n}") for n, moment in enumerate(moments)
    ]
    return requests, errors


@pytest.mark.parametrize(("hours", "zone"), [(2, "+02:00"), (-5, "-05:00"), (5.5, "+05:30"), (13, "+13:00")])
def test_the_same_clients_and_paths_show_the_zone(offset: Offset, hours: float, zone: str) -> None:
    found, notes = offset(*pairs(hours))
    assert found is not None
    assert (found.zone, found.fitting, found.errors) == (zone, 12, 12)
    assert f"--log-tz {zone}" in notes[1]
    assert len(notes) == 2


def test_a_clock_in_utc_and_too_few_errors_show_nothing(offset: Offset) -> None:
    assert offset(*pairs(0))[0] is None
    assert offset(*pairs(2, 3))[0] is None
    assert len(offset(*pairs(2, 3))[1]) == 1


def test_clients_that_ask_all_day_long_show_nothing(offset: Offset) -> None:
    moments = [START + timedelta(minutes=number) for number in range(-600, 600)]
    requests = [native(moment, "192.0.2.1", "/poll") for moment in moments]
    errors = [error(START + timedelta(minutes=number), "192.0.2.1", "/poll") for number in range(30)]
    assert offset(requests, errors)[0] is None
