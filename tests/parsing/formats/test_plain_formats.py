"""IIS native rows and NCSA rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from parsing.formats.parser import Parser
from parsing.formats.rows import ParsedBlock

NATIVE = "10.0.0.9, -, 6/15/2026, 7:55:20, W3SVC2, SERVER, 172.21.13.45, 4502, 163, 3223, 200, 0, GET, /logo.gif, -,"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def parsed(format_: str, *lines: str, name: str = "x.log", tz: tzinfo = UTC) -> ParsedBlock:
    data = "".join(f"{line}\r\n" for line in lines).encode()
    block = Parser(format_, name, tz=tz).parse(data, 1, is_last=True)
    assert block.lines == len(lines) == block.rows + block.directives + block.blank + block.rejected
    return block


def rows(block: ParsedBlock) -> list[dict[str, Any]]:
    return [row for section in block.sections for row in section.frame.iter_rows(named=True)]


def test_native_fields_have_the_names_of_iis() -> None:
    (row,) = rows(parsed("iis-native", NATIVE))
    assert row == {
        "time": at("2026-06-15 07:55:20"),
        "line": 1,
        "c-ip": "10.0.0.9",
        "cs-username": None,
        "s-sitename": "W3SVC2",
        "s-computername": "SERVER",
        "s-ip": "172.21.13.45",
        "time-taken": 4502,
        "cs-bytes": 163,
        "sc-bytes": 3223,
        "sc-status": 200,
        "sc-win32-status": 0,
        "cs-method": "GET",
        "cs-uri-stem": "/logo.gif",
        "cs-uri-query": None,
    }


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/20/01", "2001-03-20"),
        ("6/10/2009", "2009-06-10"),
        ("23/2/2013", "2013-02-23"),
        ("12/31/99", "1999-12-31"),
    ],
)
def test_native_dates_are_month_first_unless_that_is_impossible(text: str, day: str) -> None:
    (row,) = rows(parsed("iis-native", NATIVE.replace("6/15/2026", text)))
    assert row["time"].date().isoformat() == day


def test_a_native_date_that_could_be_either_is_the_one_in_the_name() -> None:
    line = NATIVE.replace("6/15/2026", "10/06/2026")
    assert rows(parsed("iis-native", line))[0]["time"].month == 10
    assert rows(parsed("iis-native", line, name="W3SVC1/u_in260610.log"))[0]["time"].month == 6
    assert rows(parsed("iis-native", line, name="in261006.log"))[0]["time"].month == 10


def test_commas_inside_native_values() -> None:
    first, second = rows(
        parsed(
            "iis-native",
            NATIVE.replace("/logo.gif, -", "/a,b.gif, x=1,2"),
            NATIVE.replace(" -, 6/", " NT AUTHORITY\\LOCAL SERVICE, Inc, 6/") + " ",
        )
    )
    assert (first["cs-uri-stem"], first["cs-uri-query"]) == ("/a,b.gif", "x=1,2")
    assert (second["cs-username"], second["sc-status"]) == ("NT AUTHORITY\\LOCAL SERVICE, Inc", 200)


def test_native_rejects_damage_and_hresults() -> None:
    block = parsed(
        "iis-native",
        NATIVE.replace("200, 0", "401, 2148074254"),
        NATIVE.replace("4502", "much"),
        NATIVE.replace("6/15/2026", "13/13/2026"),
        "10.0.0.9, -, 6/15/2026",
        "",
    )
    assert [row["sc-win32-status"] for row in rows(block)] == [2148074254, 0]
    assert (block.damaged, block.blank) == (1, 1)
    assert block.rejects.select("line", "why").rows() == [
        (3, "no usable date and time"),
        (4, "not the shape of an IIS native row"),
    ]


def test_native_times_are_local() -> None:
    zone = ZoneInfo("Europe/Berlin")
    summer, winter, doubled = rows(
        parsed(
            "iis-native",
            NATIVE,
            NATIVE.replace("6/15/", "1/15/"),
            NATIVE.replace("6/15/2026, 7:55:20", "10/25/2026, 2:30:00"),
            tz=zone,
        )
    )
    assert summer["time"] == at("2026-06-15 05:55:20")
    assert winter["time"] == at("2026-01-15 06:55:20")
    assert doubled["time"] == at("2026-10-25 00:30:00")
    (fixed,) = rows(parsed("iis-native", NATIVE, tz=timezone(-timedelta(hours=8))))
    assert fixed["time"] == at("2026-06-15 15:55:20")


NCSA = '172.21.13.45 - DOMAIN\\fred [08/Apr/2026:17:39:04 -0800] "GET /scripts/a.dll?q=a?b HTTP/1.0" 200 3401'


def test_ncsa_fields_have_the_names_of_iis_and_times_are_utc() -> None:
    (row,) = rows(parsed("ncsa", NCSA))
    assert row["time"] == at("2026-04-09 01:39:04")
    assert {name: row[name] for name in ("c-ip", "cs-username", "cs-method", "cs-uri-stem", "cs-uri-query")} == {
        "c-ip": "172.21.13.45",
        "cs-username": "DOMAIN\\fred",
        "cs-method": "GET",
        "cs-uri-stem": "/scripts/a.dll",
        "cs-uri-query": "q=a?b",
    }
    assert (row["cs-version"], row["sc-status"], row["sc-bytes"]) == ("HTTP/1.0", 200, 3401)


def test_ncsa_oddities() -> None:
    block = parsed(
        "ncsa",
        NCSA.replace("DOMAIN\\fred", "John Smith"),
        NCSA.replace('"GET /scripts/a.dll?q=a?b HTTP/1.0"', '"GET /a b.htm HTTP/1.1"'),
        NCSA.replace('"GET /scripts/a.dll?q=a?b HTTP/1.0"', '"GET /say"hi"[x] HTTP/1.1"'),
        NCSA.replace("-0800", "+0530").replace("3401", "-"),
        NCSA.replace('"GET /scripts/a.dll?q=a?b HTTP/1.0"', '"-"'),
        NCSA.replace("Apr", "Xxx"),
        "nothing of the sort",
    )
    found = rows(block)
    assert found[0]["cs-username"] == "John Smith"
    assert found[1]["cs-uri-stem"] == "/a b.htm"
    assert found[2]["cs-uri-stem"] == '/say"hi"[x]'
    assert (found[3]["time"], found[3]["sc-bytes"]) == (at("2026-04-08 12:09:04"), None)
    assert (found[4]["cs-method"], found[4]["cs-uri-stem"]) == (None, None)
    assert block.rejects["line"].to_list() == [6, 7]
    assert block.damaged == 0


@pytest.mark.parametrize(
    ("format_", "line"),
    [
        ("ncsa", NCSA.replace("08/Apr/2026:17", "31/Dec/9999:23")),
        ("ncsa", NCSA.replace("08/Apr/2026:17", "01/Jan/0001:00").replace("-0800", "+0800")),
        ("iis-native", NATIVE.replace("6/15/2026, 7", "12/31/9999, 23")),
    ],
)
def test_times_beyond_the_calendar_are_rejects(format_: str, line: str) -> None:
    block = parsed(format_, line, tz=timezone(-timedelta(hours=8)))
    assert block.rejects["why"].to_list() == ["no usable date and time"]
    assert block.first is None


@pytest.mark.parametrize(("format_", "line"), [("iis-native", NATIVE), ("ncsa", NCSA)])
def test_an_unfinished_last_line_waits(format_: str, line: str) -> None:
    data = f"{line}\r\n{line}".encode()
    whole = Parser(format_, "x.log").parse(data, 1, is_last=True)
    assert (whole.rows, whole.consumed) == (2, len(data))
    cut = Parser(format_, "x.log").parse(data[:-20], 1, is_last=True)
    assert (cut.rows, cut.consumed) == (1, len(line) + 2)
