"""What single facts in the rows mean for correlation, on a few rows each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from parsing.correlation.correlate import correlate
from parsing.correlation.correlated import Correlated
from parsing.correlation.windows import parts_of_seconds
from tests.parsing.correlation.other_server import ERROR_FIELDS, ERRORS, IIS, IIS_FIELDS, SERVER
from tests.small_sets import small_snapshot

CLIENT = "10.1.2.3"


def request(time: str, line: int, path: str, taken: int, ended: tuple[int, int, int] = (200, 0, 0)) -> dict[str, Any]:
    return {
        "time": f"2024-03-05T{time}", "line": line, "s-ip": SERVER, "s-port": 443, "cs-method": "GET",
        "cs-uri-stem": path, "c-ip": CLIENT, "cs(User-Agent)": "Agent/1", "sc-status": ended[0],
        "sc-substatus": ended[1], "sc-win32-status": ended[2], "time-taken": taken,
    }  # fmt: skip


def error(time: str, line: int, reason: str, path: str | None, status: int | None = None) -> dict[str, Any]:
    return {
        "time": f"2024-03-05T{time}", "line": line, "c-ip": CLIENT, "c-port": 50_000 + line, "s-ip": SERVER,
        "s-port": 443, "cs-version": path and "HTTP/1.1", "cs-method": path and "GET", "cs-uri": path,
        "sc-status": status, "s-reason": reason, "s-queuename": path and "Pool",
    }  # fmt: skip


def correlated(folder: Path, requests: list[dict[str, Any]], errors: list[dict[str, Any]]) -> list[Correlated]:
    tables = [("iis", IIS, IIS_FIELDS, requests), ("httperr", ERRORS, ERROR_FIELDS, errors)]
    return [found for part in correlate(small_snapshot(folder, tables)) for found in part]  # type: ignore[arg-type]


def found(of: Correlated, relation: str) -> dict[int, float]:
    return {request.line: request.confidence for request in of.related if request.relation == relation}


def test_a_timer_row_without_uri_takes_that_of_the_request_it_cut_off(tmp_path: Path) -> None:
    requests = [
        request("10:04:58", 11, "/brochure.pdf", 90_000, (200, 0, 64)),
        request("10:05:02", 12, "/brochure.pdf", 800),
    ]
    [slow] = correlated(tmp_path, requests, [error("10:04:58", 5, "Timer_MinBytesPerSecond", None)])
    assert found(slow, "same-request").keys() == {11}
    assert found(slow, "retry")[12] >= 0.5
    assert slow.uri is None


def test_a_timer_row_without_uri_beside_two_requests_cut_off_takes_none(tmp_path: Path) -> None:
    requests = [
        request("10:04:58", 11, "/brochure.pdf", 90_000, (200, 0, 64)),
        request("10:04:58", 12, "/price.pdf", 80_000, (200, 0, 64)),
        request("10:05:02", 13, "/brochure.pdf", 800),
    ]
    [slow] = correlated(tmp_path, requests, [error("10:04:58", 5, "Timer_MinBytesPerSecond", None)])
    assert not found(slow, "retry")


def test_a_row_behind_younger_ones_tells_no_part_of_its_second() -> None:
    rows = pl.DataFrame({"source": [0] * 5, "t": [0, 0, 0, 1000, 1000], "line": [1, 2, 5, 3, 4]})
    assert parts_of_seconds(rows).rows() == [(250, 500), (750, 500), (500, 1000), (250, 500), (750, 500)]
