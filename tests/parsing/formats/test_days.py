"""Dates of rows that have none: from a directive or the name, and over midnight."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from parsing.formats.rows import ParsedBlock
from tests.parsing.formats.small_logs import IIS8, ROW8, at, only, parsed, rows

IIS5 = "#Fields: time c-ip cs-method cs-uri-stem sc-status"


def days(block: ParsedBlock) -> list[str]:
    return [row["time"].strftime("%d %H:%M:%S") for row in rows(block)]


def test_the_date_comes_from_its_directive_and_moves_on_at_midnight() -> None:
    block = parsed(
        "#Date: 2026-06-15 23:59:50",
        IIS5,
        "23:59:58 10.0.0.1 GET / 200",
        "23:59:57 10.0.0.1 GET / 200",
        "00:00:01 10.0.0.1 GET / 200",
        "12:00:00 10.0.0.1 GET / 200",
        "00:00:00 10.0.0.1 GET / 200",
        "11:00:00 10.0.0.1 GET / 200",
    )
    assert days(block) == ["15 23:59:58", "15 23:59:57", "16 00:00:01", "16 12:00:00", "16 00:00:00", "16 11:00:00"]


def test_a_row_a_second_late_does_not_move_the_rest_of_the_file() -> None:
    block = parsed(
        "#Date: 2026-06-15 23:59:50",
        IIS5,
        *(f"{clock} 10.0.0.1 GET / 200" for clock in ("23:59:59", "00:00:00", "23:59:59", "00:00:01", "09:00:00")),
    )
    assert days(block) == ["15 23:59:59", "16 00:00:00", "15 23:59:59", "16 00:00:01", "16 09:00:00"]


def test_a_quiet_day_is_one_day() -> None:
    block = parsed("#Date: 2026-06-15 00:00:00", IIS5, "00:00:00 10.0.0.1 GET / 200", "23:59:59 10.0.0.1 GET / 200")
    assert days(block) == ["15 00:00:00", "15 23:59:59"]


def test_each_date_directive_starts_anew() -> None:
    block = parsed(
        "#Date: 2026-06-15 22:00:00",
        IIS5,
        "22:00:00 10.0.0.1 GET / 200",
        "01:00:00 10.0.0.1 GET / 200",
        "#Date: 2026-06-20 00:00:00",
        "01:00:00 10.0.0.1 GET / 200",
        "#Date: nonsense",
        "13:30:00 10.0.0.1 GET / 200",
        "01:30:00 10.0.0.1 GET / 200",
        "01:00:00 10.0.0.1 GET / 200",
    )
    assert days(block) == ["15 22:00:00", "16 01:00:00", "20 01:00:00", "20 13:30:00", "20 01:30:00", "20 01:00:00"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("ex991231.log", "1999-12-31"),
        ("W3SVC1/u_ex260615.log", "2026-06-15"),
        ("july.zip/u_ex26061513.log", "2026-06-15"),
        ("u_ex260615_x.log.gz", "2026-06-15"),
    ],
)
def test_without_a_directive_the_date_is_in_the_name(name: str, day: str) -> None:
    block = parsed(IIS5, "10:00:00 10.0.0.1 GET / 200", name=name)
    assert only(block)["time"] == datetime.fromisoformat(f"{day} 10:00:00")


def test_without_any_date_rows_are_rejects() -> None:
    block = parsed(IIS5, "10:00:00 10.0.0.1 GET / 200", name="extend3.log")
    assert "no #Date" in block.rejects["why"][0]


def test_first_and_last_are_the_extremes() -> None:
    block = parsed(f"#Fields: {IIS8}", ROW8, ROW8.replace("10:00:01", "09:59:59"), ROW8)
    assert (block.first, block.last) == (at("2026-06-15 09:59:59"), at("2026-06-15 10:00:01"))


def test_types() -> None:
    frame = parsed(f"#Fields: {IIS8}", ROW8).sections[0].frame
    assert frame.schema["time"] == pl.Datetime("ms")
    assert frame.schema["line"] == pl.Int64
    assert frame.schema["s-port"] == pl.UInt16
    assert frame.schema["sc-win32-status"] == pl.Int64
    assert frame.schema["c-ip"] == pl.String
