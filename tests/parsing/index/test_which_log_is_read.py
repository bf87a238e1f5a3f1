"""Logs that do not say what they are: code pages, UTF-16 that was appended, order of dates, clocks set back, damage."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from parsing.filters import EVERYTHING
from parsing.formats.rows import CLOCK_BACK, TWO_ORDERS
from parsing.index import LogSet
from parsing.questions import rows_in_order
from tests.written_logs import IIS_HEAD, append, iis_lines, write

NATIVE = "192.0.2.1, -, {}, {}, W3SVC1, WEB01, 198.51.100.13, 15, 163, 3223, 200, 0, GET, /a, -,\r\n"


def rows_of(log_set: LogSet, *fields: str) -> list[tuple[object, ...]]:
    log_set.read()
    frames = rows_in_order(log_set.snapshot(), EVERYTHING, list(fields))
    return [row for frame in frames for row in frame.select(*fields).rows()]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("gbk", "/\u4e2d\u6587"), ("cp932", "/\u8868\u793a"), ("cp1251", "/\u043e\u0442\u0447\u0451\u0442")],
)
def test_lines_that_are_not_utf8_are_read_in_the_code_page_that_is_named(
    tmp_path: Path, encoding: str, text: str
) -> None:
    lines = iis_lines(2, path=text).encode(encoding) + iis_lines(1, first=2, path="/\u00fc").encode()
    log = write(tmp_path / "u_ex1.log", IIS_HEAD, lines)
    with LogSet.open([str(log)], index_dir=tmp_path / "index", encoding=encoding) as log_set:
        assert rows_of(log_set, "cs-uri-stem") == [(f"{text}/0",), (f"{text}/1",), ("/\u00fc/2",)]
        assert log_set.raw_line(log_set.snapshot().sources[0].number, IIS_HEAD.count("\n") + 1) == lines.splitlines()[0]
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        assert rows_of(log_set, "cs-uri-stem")[0] != (f"{text}/0",)


def test_utf16_that_was_appended_to_a_log_in_utf8_is_read(tmp_path: Path) -> None:
    log = write(tmp_path / "u_ex1.log", IIS_HEAD, iis_lines(2))
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        assert len(rows_of(log_set, "cs-uri-stem")) == 2
        append(log, iis_lines(3, first=2, path="/\u0444").encode("utf-16-le"))
        assert rows_of(log_set, "cs-uri-stem")[2:] == [("/\u0444/2",), ("/\u0444/3",), ("/\u0444/4",)]
        append(log, iis_lines(1, first=5).encode("utf-16-le"))
        assert len(rows_of(log_set, "cs-uri-stem")) == 6
        (source,) = log_set.snapshot().sources
        assert (source.rejected, source.blank, source.lines) == (0, 0, 6 + IIS_HEAD.count("\n"))


def test_utf16_that_is_appended_with_its_mark_loses_no_row(tmp_path: Path) -> None:
    appended = codecs.BOM_UTF16_LE + iis_lines(3, first=2).encode("utf-16-le")
    log = write(tmp_path / "u_ex1.log", IIS_HEAD, iis_lines(2), appended)
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        assert [path for (path,) in rows_of(log_set, "cs-uri-stem")] == [f"/p/{number}" for number in range(5)]
        assert log_set.snapshot().sources[0].rejected == 0


def test_a_short_log_with_much_utf16_is_no_binary_file(tmp_path: Path) -> None:
    log = write(tmp_path / "u_ex1.log", IIS_HEAD, iis_lines(300).encode("utf-16-le"))
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        assert len(rows_of(log_set, "cs-uri-stem")) == 300


def days(log_set: LogSet) -> list[tuple[int, int]]:
    return [(time.month, time.day) for (time,) in rows_of(log_set, "time") if isinstance(time, datetime)]


def test_one_order_of_day_and_month_holds_for_a_native_file_however_late_it_shows(tmp_path: Path) -> None:
    many = "".join(NATIVE.format("07/06/26", f"1:{number // 60:02}:{number % 60:02}") for number in range(600))
    log = write(tmp_path / "inetsv1.log", many * 50, NATIVE.format("13/06/26", "1:00:00"))
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        assert set(days(log_set)) == {(6, 7), (6, 13)}


def test_a_later_date_that_contradicts_corrects_the_rows_before_it(tmp_path: Path) -> None:
    log = write(tmp_path / "inetsv1.log", NATIVE.format("07/06/26", "1:00:00"))
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        assert days(log_set) == [(7, 6)]
        append(log, NATIVE.format("08/06/26", "1:00:00"))
        assert days(log_set) == [(7, 6), (8, 6)]
        append(log, NATIVE.format("13/06/26", "1:00:00"))
        assert days(log_set) == [(6, 7), (6, 8), (6, 13)]


def test_dates_in_two_orders_are_said(tmp_path: Path) -> None:
    log = write(tmp_path / "inetsv1.log", *(NATIVE.format(date, "1:00:00") for date in ("06/13/26", "14/06/26")))
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        assert days(log_set) == [(6, 13), (6, 14)]
        assert TWO_ORDERS in log_set.snapshot().sources[0].notes


@pytest.mark.parametrize(
    ("clocks", "hours", "is_noted"),
    [
        (("1:30:00", "2:10:00", "2:50:00", "2:10:00", "2:20:00", "3:10:00"), (23, 0, 0, 1, 1, 2), True),
        (("2:50:00", "2:49:59", "2:55:00"), (0, 0, 0), True),
        (("1:30:00", "3:10:00"), (23, 2), False),
    ],
)
def test_the_hour_that_comes_twice_is_told_by_the_order_of_lines(
    tmp_path: Path, clocks: tuple[str, ...], hours: tuple[int, ...], is_noted: bool
) -> None:
    zone: tzinfo = ZoneInfo("Europe/Oslo")
    first, rest = clocks[:-2], clocks[-2:]
    log = write(tmp_path / "in261025.log", *(NATIVE.format("10/25/26", clock) for clock in first))
    with LogSet.open([str(log)], index_dir=tmp_path / "index", tz=zone) as log_set:
        log_set.read()
        append(log, *(NATIVE.format("10/25/26", clock) for clock in rest))
        rows_of(log_set, "time")
        found = pl.DataFrame(rows_of(log_set, "line", "time"), ["line", "time"], orient="row").sort("line")
        assert found["time"].dt.hour().to_list() == list(hours)
        assert (CLOCK_BACK in log_set.snapshot().sources[0].notes) is is_noted


def test_damage_is_listed_with_its_row_and_field(tmp_path: Path) -> None:
    log = write(
        tmp_path / "u_ex1.log", IIS_HEAD, iis_lines(3), iis_lines(2, first=3).replace(" 200 ", " 2x0 "), "junk\r\n"
    )
    first = IIS_HEAD.count("\n") + 4
    with LogSet.open([str(log)], index_dir=tmp_path / "index", tz=UTC) as log_set:
        log_set.read()
        (frame,) = log_set.damage()
        assert frame.rows() == [("u_ex1.log", first, "sc-status", "2x0"), ("u_ex1.log", first + 1, "sc-status", "2x0")]
        assert log_set.snapshot().sources[0].damaged == 2
        append(log, iis_lines(1, first=9).replace(" 200 ", " 2y0 "))
        log_set.read()
        assert [row[3] for frame in log_set.damage() for row in frame.rows()] == ["2x0", "2x0", "2y0"]
        log.unlink()
        log_set.read()
        assert not list(log_set.damage())
