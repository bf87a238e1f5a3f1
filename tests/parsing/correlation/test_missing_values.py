"""Null is an ordinary value of every field: each one taken away in turn never ends a question about both logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.correlation import client_gone, client_gone_of, correlate, correlated_frames, lanes
from parsing.index.log_set import LogSet
from tests.parsing.correlation.pairs_of_logs import error, request, traffic
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write

pytestmark = pytest.mark.slow

REQUESTS = [
    *traffic(minutes=12),
    request("10:08:05", "/report.asp"),
    request("10:10:00", ended="500 19 64", taken=130_000),
    request("10:10:09", ended="200 0 64"),
]
ERRORS = [
    error("10:10:00", "Connection_Dropped"),
    error("10:11:00", "Timer_EntityBody"),
    error("10:12:00", "Timer_ConnectionIdle", None),
    error("10:13:00"),
]
ERROR_FIELDS = range(2, 13)
REQUEST_FIELDS = range(2, 15)


def without(line: str, place: int) -> str:
    """The line with ``-`` in one place."""
    values = line.removesuffix("\r\n").split(" ")
    values[place] = "-"
    return " ".join(values) + "\r\n"


def ask_everything(folder: Path, requests: list[str], errors: list[str]) -> int:
    """Asks all that correlation answers; how many errors it had."""
    write(folder / "logs" / "u_ex260615.log", IIS_HEAD, *sorted(requests))
    write(folder / "logs" / "httperr1.log", HTTPERR_HEAD, *sorted(errors))
    with LogSet.open([str(folder / "logs")], index_dir=folder / "index") as logs:
        logs.read()
        snapshot = logs.snapshot()
        found = [one for part in correlate(snapshot) for one in part]
        assert all(story.path for story in client_gone(snapshot))
        client_gone_of(snapshot, found)
        assert list(lanes(snapshot))
        assert sum(frames.errors.height for frames in correlated_frames(snapshot)) == len(found)
        return len(found)


@pytest.mark.parametrize("place", ERROR_FIELDS)
@pytest.mark.parametrize("rows", [1, len(ERRORS)], ids=["one row", "all rows"])
def test_an_error_may_lack_any_value(tmp_path: Path, place: int, rows: int) -> None:
    errors = [*(without(line, place) for line in ERRORS[:rows]), *ERRORS[rows:]]
    assert ask_everything(tmp_path, REQUESTS, errors) == len(ERRORS)


@pytest.mark.parametrize("place", REQUEST_FIELDS)
def test_a_request_may_lack_any_value(tmp_path: Path, place: int) -> None:
    assert ask_everything(tmp_path, [without(line, place) for line in REQUESTS], ERRORS) == len(ERRORS)
