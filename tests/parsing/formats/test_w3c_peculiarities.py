"""One invented log for each peculiarity of W3C logs (DOMAIN.md 1.4, 1.5 and 3)."""

from __future__ import annotations

import zlib

import pytest

from parsing.formats.lines import line_text
from parsing.formats.parser import Parser
from tests.parsing.formats.small_logs import IIS8, ROW8, at, only, parsed, rows


def test_directives_in_any_order_any_case_repeated_or_missing() -> None:
    block = parsed(
        f"#fields: {IIS8}",
        "#Software: Microsoft Internet Information Services 10.0",
        ROW8,
        "#Date: 2026-06-15 10:00:00",
        "#Version: 1.0",
        f"#Fields: {IIS8}",
        f"#Fields: {IIS8}",
        ROW8,
        "# a remark",
    )
    assert (block.rows, block.directives, len(block.sections)) == (2, 7, 1)


def test_names_are_canonical_custom_ones_as_logged_and_repeated_ones_numbered() -> None:
    block = parsed(
        "#Fields: Date TIME C-IP X-Forwarded-For x-forwarded-for source log cs(user-agent) date REMOTE_PORT c-ip",
        "2026-06-15 10:00:00 10.0.0.1 a b c d e 2020-01-01 5000 10.0.0.2",
    )
    assert only(block) == {
        "time": at("2026-06-15 10:00:00"),
        "line": 2,
        "c-ip": "10.0.0.1",
        "X-Forwarded-For": "a",
        "x-forwarded-for#2": "b",
        "source#2": "c",
        "log#2": "d",
        "cs(User-Agent)": "e",
        "date#2": "2020-01-01",
        "REMOTE_PORT": 5000,
        "c-ip#2": "10.0.0.2",
    }


def test_custom_fields_that_a_filter_would_take_for_others_keep_their_values() -> None:
    block = parsed(
        "#Fields: date time cs-method cs-uri-stem cs-host transport Host Path status client",
        "2026-06-15 10:00:00 GET /a www TCP custom path state who",
    )
    assert list(only(block).items())[2:] == [
        ("cs-method", "GET"),
        ("cs-uri-stem", "/a"),
        ("cs-host", "www"),
        ("transport", "TCP"),
        ("Host#2", "custom"),
        ("Path#2", "path"),
        ("status#2", "state"),
        ("client#2", "who"),
    ]


def test_entries_under_useless_fields_are_rejects_that_say_so() -> None:
    block = parsed("#Fields: cs-method sc-status", "GET 200", "#Fields: " + "x " * 1500, "1 2")
    assert block.rejects["why"].to_list() == ["its #Fields names no time", "its #Fields names more than 1000 fields"]


def test_no_more_layouts_than_a_log_can_have() -> None:
    lines = [line for number in range(150) for line in (f"#Fields: date time f{number}", "2026-06-15 10:00:00 x")]
    block = parsed(*lines)
    assert (block.rows, block.rejected) == (100, 50)
    assert block.rejects["why"].unique().to_list() == ["its source has more than 100 different #Fields"]


def test_entries_of_another_width_are_rejects() -> None:
    block = parsed(f"#Fields: {IIS8}", ROW8, f"{ROW8} 7", ROW8.rsplit(" ", 1)[0], ROW8)
    assert block.rejects.select("line", "why").rows() == [
        (3, "16 fields where #Fields names 15"),
        (4, "14 fields where #Fields names 15"),
    ]


def test_a_cut_beginning_is_read_by_its_shape_and_the_rest_by_its_fields() -> None:
    block = parsed(ROW8, "0 0 15", f"#Fields: {IIS8}", ROW8)
    assert [row["line"] for row in rows(block)] == [1, 4]
    assert block.rejects["line"].to_list() == [2]


@pytest.mark.parametrize(
    ("entry", "taken"),
    [
        ("2026-06-15 10:00:01 W3SVC1 10.0.0.5 GET /a - 443 - 10.9.9.9 curl/8 200 0 0", None),
        ("2026-06-15 10:00:01 10.0.0.5 GET /a - 443 - 10.9.9.9 curl/8 200 0 0 12", 12),
        (ROW8, 12),
        ("2026-06-15 10:00:01 10.0.0.5 GET /a - 443 - 10.9.9.9 curl/8 - 200 0 0 99 98 12", 12),
        (
            "2026-06-15 10:00:01 W3SVC1 HOST ::1%0 GET /a - 443 - 10.9.9.9 HTTP/2 curl/8 - - a.org 200 0 0 9 8 12",
            12,
        ),
    ],
)
def test_rows_without_directives_are_read_by_their_shape(entry: str, taken: int | None) -> None:
    row = only(parsed(entry))
    assert (row["cs-uri-stem"], row["c-ip"], row["sc-status"], row["s-port"]) == ("/a", "10.9.9.9", 200, 443)
    assert row.get("time-taken") == taken
    assert row.get("s-sitename") in (None, "W3SVC1")


def test_an_empty_token_of_exchange_is_dropped() -> None:
    block = parsed(f"#Fields: {IIS8}", ROW8, ROW8.replace(" 443 - ", " 443  DOMAIN\\me "))
    assert (rows(block)[1]["cs-username"], rows(block)[1]["time-taken"], block.damaged) == ("DOMAIN\\me", 12, 0)


def test_large_and_odd_numbers() -> None:
    block = parsed(
        f"#Fields: {IIS8}",
        ROW8.replace("200 0 0 12", "401 1 2148074254 4294967296"),
        ROW8.replace(" 443 ", " 99999 ").replace("200 0 0 12", "200.5 0 0x40 ..."),
        ROW8,
    )
    first, second, third = rows(block)
    assert (first["sc-win32-status"], first["time-taken"]) == (2148074254, 4294967296)
    assert [second[name] for name in ("s-port", "sc-status", "sc-win32-status", "time-taken")] == [None] * 4
    assert second["cs-uri-stem"] == "/a"
    assert third["time-taken"] == 12
    assert block.damaged == 1


def test_what_iis_withheld_stays_and_nothing_logged_is_null() -> None:
    row = only(parsed(f"#Fields: {IIS8}", ROW8.replace(" - 443", " ... 443")))
    assert (row["cs-uri-query"], row["cs-username"]) == ("...", None)


def test_quotes_and_hashes_are_letters_like_others() -> None:
    entry = ROW8.replace("curl/8", '"a#"b').replace(" /a ", ' /"#x ')
    row = only(parsed(f"#Fields: {IIS8}", entry))
    assert (row["cs-uri-stem"], row["cs(User-Agent)"]) == ('/"#x', '"a#"b')


def test_a_line_that_begins_with_a_hash_is_a_directive_whatever_its_width() -> None:
    block = parsed("#Fields: cs-uri-stem date time", "/a 2026-06-15 10:00:00", "#b 2026-06-15 10:00:00")
    assert (block.rows, block.directives) == (1, 2)


def test_a_row_without_a_usable_time_is_a_reject() -> None:
    block = parsed(
        f"#Fields: {IIS8}", ROW8.replace("10:00:01", "25:00:00"), ROW8.replace("2026-06-15", "2026-02-30"), ROW8
    )
    assert block.rejects.select("line", "why").rows() == [
        (2, "no usable date and time"),
        (3, "no usable date and time"),
    ]
    assert block.rows == 1


@pytest.mark.parametrize(
    "date", ["10000-01-01", "-2026-06-15", "0000-01-01", "99999-01-01", "9999-12-31", "3000-01-01", "1969-12-31"]
)
@pytest.mark.parametrize("after", [ROW8, "no row"])
def test_years_that_no_log_has_are_rejects(date: str, after: str) -> None:
    block = parsed(f"#Fields: {IIS8}", ROW8.replace("2026-06-15", date), after)
    assert block.rejects.row(0)[:2] == (2, "no usable date and time")
    assert block.rows == (after == ROW8)


def test_advanced_logging_puts_values_in_quotes() -> None:
    block = parsed(
        "#Software: IIS Advanced Logging Module",
        "#Version: 1.0",
        "#Start-Date: 2026-06-15 00:00:00.128",
        "#Fields:  date time cs-uri-stem s-contentpath sc-status cs(User-Agent) time-taken ",
        '2026-06-15 10:00:00.128 /a.txt "C:\\my files\\a ""b"".txt" 404 "-" 2',
        '2026-06-15 10:00:01 /b.txt - 200 "curl 8"   3',
        '2026-06-15 10:00:01 /b.txt "never closed" 200 3',
    )
    first, second = rows(block)
    assert first["s-contentpath"] == 'C:\\my files\\a "b".txt'
    assert (first["sc-status"], first["cs(User-Agent)"], first["time-taken"]) == (404, None, 2)
    assert first["time"] == at("2026-06-15 10:00:00.128")
    assert (second["cs(User-Agent)"], second["s-contentpath"]) == ("curl 8", None)
    assert block.rejects["line"].to_list() == [7]


def test_bytes_that_are_not_utf8_are_code_page_1252_line_by_line() -> None:
    head = f"#Fields: {IIS8}"
    block = parsed(
        head,
        ROW8.encode().replace(b"/a", "/ü€".encode()),
        ROW8.encode().replace(b"/a", b"/\xfc\x80\x81"),
        ROW8.encode().replace(b"/a", "/日本".encode()),
    )
    assert [row["cs-uri-stem"] for row in rows(block)] == ["/ü€", "/ü€\x81", "/日本"]
    assert block.damaged == 0


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends_a_byte_order_mark_and_blank_lines(end: bytes) -> None:
    block = parsed(f"\ufeff#Fields: {IIS8}", ROW8, "", "   ", ROW8, end=end)
    assert (block.rows, block.directives, block.blank) == (2, 1, 2)
    assert [row["line"] for row in rows(block)] == [2, 5]
    assert rows(block)[0]["time-taken"] == 12


def test_a_byte_order_mark_inside_a_joined_file() -> None:
    block = parsed(f"#Fields: {IIS8}", ROW8, "\ufeff#Fields: date time sc-status", "2026-06-15 10:00:00 404")
    assert [row["sc-status"] for row in rows(block)] == [200, 404]


def test_padding_around_lines_is_stripped_and_nuls_inside_are_kept() -> None:
    block = parsed(
        f"#Fields: {IIS8}",
        ROW8.encode() + b"\0" * 500,
        b"\0" * 500 + ROW8.encode(),
        b"\0" * 9,
        ROW8.encode().replace(b"/a", b"/\0a"),
    )
    assert (block.rows, block.blank, block.damaged) == (3, 1, 0)
    assert [row["cs-uri-stem"] for row in rows(block)] == ["/a", "/a", "/\0a"]


@pytest.mark.parametrize("start", [b"\x1f\x8b", b"x\x01", b"x\x9c", b"x\xda", b"\x28\xb5\x2f\xfd"])
def test_bytes_that_look_compressed_are_text_once_they_are_lines(start: bytes) -> None:
    packed = start + zlib.compress(b"2026-06-15 10:00:01 bomb\n")[2:].replace(b"\n", b"")
    data = b"#Fields: cs-method date time\n" + start + b" 2026-06-15 10:00:00\n"
    parser = Parser("iis-w3c", "x.log")
    assert parser.parse(data[: data.index(b"\n") + 1], 1, is_last=False).directives == 1
    block = parser.parse(data[data.index(b"\n") + 1 :] + packed + b"\n" + start + b" x\n", 2, is_last=True)
    assert (block.rows, block.rejected) == (1, 2)
    assert only(block)["cs-method"] == line_text(start)


def test_a_lone_carriage_return_ends_no_line() -> None:
    row = only(parsed(f"#Fields: {IIS8}", ROW8.encode().replace(b"/a", b"/a\rb")))
    assert row["cs-uri-stem"] == "/a\rb"
