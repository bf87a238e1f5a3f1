"""Which log it is: those of other services and software are set aside and named, and guesses are good ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from parsing.formats import ParsedBlock, Parser
from parsing.formats.detect import detect

SOFTWARE = "#Software: Microsoft Internet Information Services 10.0\n"
MOMENT = "2026-06-15 10:00:00"
NATIVE = "192.0.2.5, -, {}, 13:17:37, {}, MAIL01, 198.51.100.1, 90, 42, 7, 200, 0, {}, /a, -,\n"

ASIDE = {
    "native SMTP": (NATIVE.format("8/18/26", "SMTPSVC1", "QUIT"), "SMTP"),
    "native FTP": (NATIVE.format("8/18/26", "MSFTPSVC1", "[3]USER"), "FTP"),
    "native NNTP": (NATIVE.format("8/18/26", "NNTPSVC1", "article"), "NNTP"),
    "FTP by its verbs": (
        f"{SOFTWARE}#Fields: date time cs-method\n{MOMENT} PASS\n{MOMENT} RETR\n{MOMENT} [3]USER\n",
        "FTP",
    ),
    "media server": (
        f"#Version: 1.0\n#Fields: date time c-ip cs-uri-stem x-duration\n{MOMENT} 1.1.1.1 /a 3\n",
        "x-duration",
    ),
    "CloudFront": (f"#Fields: date time x-edge-location cs-method\n{MOMENT} FRA2 GET\n", "x-edge-location"),
    "virtual hosts": (
        'www.example.com:80 192.0.2.1 - - [15/Jun/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1\n',
        "Apache",
    ),
    "an unknown order": (
        f"{MOMENT} own 198.51.100.9 GET /a.aspx - 443 u 10.1.2.3 UA - 401 1 1326 1 a,+b c\n",
        "#Fields",
    ),
    "a prefix": (f"u_ex1.log:{MOMENT} 198.51.100.9 GET /a.aspx - 443 - 10.1.2.3 UA - 200 0 0 1\n", "prefix"),
    "anonymised rows": (f"{MOMENT} [server] GET /a.aspx - 443 - [client] UA - 200 0 0 1\n", "#Fields"),
}


@pytest.mark.parametrize("case", ASIDE)
def test_what_is_no_log_of_ours_is_named_for_what_it_is(case: str) -> None:
    text, word = ASIDE[case]
    found = detect(text.encode(), "some.log")
    assert not found.is_log
    assert word in found.why


def test_a_forwarded_header_is_a_field_of_iis() -> None:
    text = f"#Fields: date time cs-method X-Forwarded-For\n{MOMENT} GET 192.0.2.1\n"
    assert detect(text.encode(), "some.log").format == "iis-w3c"


def parsed(text: str, zone: tzinfo = UTC) -> ParsedBlock:
    format_ = detect(text.encode(), "some.log").format
    return Parser(format_, "some.log", tz=zone).parse(text.encode(), 1, is_last=True)


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ("exchange01 198.51.100.9 POST /a - 443 - 192.0.2.0 OC/16.0 - 200 0 0 52", "s-computername", "exchange01"),
        ("W3SVC1 198.51.100.9 POST /a - 443 - 192.0.2.0 OC/16.0 - 200 0 0 52", "s-sitename", "W3SVC1"),
        ("198.51.100.9 GET /a - 443 - 192.0.2.0 Ping id=abc0;+lang=en 404 4 2 31", "cs(Cookie)", "id=abc0;+lang=en"),
        ("198.51.100.9 GET /a - 443 - 192.0.2.0 Ping http://b/?x=y 404 4 2 31", "cs(Referer)", "http://b/?x=y"),
        ("198.51.100.9 GET /a - 443 - 192.0.2.0 HTTP/2 Ping 404 4 2 31", "cs-version", "HTTP/2"),
    ],
)
def test_rows_without_header_have_no_shifted_columns(row: str, field: str, value: str) -> None:
    (section,) = parsed(f"{MOMENT} {row}\n").sections
    assert section.frame[field].to_list() == [value]


def test_a_native_file_has_one_order_of_day_and_month() -> None:
    dates = ("07/06/26", "13/06/26", "14/06/26")
    block = parsed("".join(NATIVE.format(date, "W3SVC1", "GET") for date in dates))
    assert [time.day for time in block.sections[0].frame["time"]] == [7, 13, 14]
    block = parsed("".join(NATIVE.format(date, "W3SVC1", "GET") for date in ("07/06/26", "06/13/26")))
    assert [(time.month, time.day) for time in block.sections[0].frame["time"]] == [(7, 6), (6, 13)]


def test_a_number_with_a_fraction_is_a_number() -> None:
    block = parsed(f"{SOFTWARE}#Fields: date time cs-method time-taken\n{MOMENT} GET 12059.2\n{MOMENT} GET 1.2.3\n")
    assert block.sections[0].frame["time-taken"].to_list() == [12059, None]
    assert block.damaged == 1


def test_the_names_of_advanced_logging_mean_what_others_mean() -> None:
    head = "#Software: IIS Advanced Logging Module\n#Fields:  date-local time-local cs-method cs(Host) TimeTakenMS\n"
    block = parsed(f'{head}2026-06-15 17:00:00.363 GET "shop.example.com" 109\n', timezone(timedelta(hours=2)))
    (row,) = block.sections[0].frame.iter_rows(named=True)
    assert (row["cs-host"], row["time-taken"]) == ("shop.example.com", 109)
    assert row["time"] == datetime(2026, 6, 15, 15, 0, 0, 363_000)  # noqa: DTZ001 UTC without zone
