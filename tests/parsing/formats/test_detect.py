"""Formats are told by content; whatever is no log of HTTP is set aside with a word."""

from __future__ import annotations

import gzip

import pytest

from parsing.formats.detect import HEAD, detect

IIS_FIELDS = "#Fields: date time cs-method cs-uri-stem sc-status"
ERROR_FIELDS = "#Fields: date time c-ip s-reason"
ERROR = "2026-06-15 10:00:00 10.0.0.1 5000 10.0.0.2 80 HTTP/1.1 GET /x 503 1 AppOffline Pool"
NATIVE = "10.0.0.9, -, 6/15/2026, 7:55:20, W3SVC2, SERVER, 172.21.13.45, 4502, 163, 3223, 200, 0, GET, /logo.gif, -,"
NCSA = '10.0.0.9 - - [15/Jun/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5'
IIS8 = "2026-06-15 10:00:01 10.0.0.5 GET /a - 443 - 10.9.9.9 curl/8 - 200 0 0 12"
MASKED = "#Software: Microsoft HTTP API 2.0\n#Fields: date time cs-method cs-uri sc-status"
IIS = "#Software: Microsoft Internet Information Services 10.0"


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        (f"{IIS}\n{IIS_FIELDS}\n", "iis-w3c"),
        (f"#Date: 2026-06-15 00:00:00\r\n{IIS_FIELDS}\r\n{IIS}\r\n", "iis-w3c"),
        (f"{IIS_FIELDS}\n2026-06-15 10:00:00 GET / 200\n", "iis-w3c"),
        ("#Software: Microsoft HTTP Server API 2.0\n#Fields: date time c-ip cs-uri-stem\n", "iis-w3c"),
        ("#Software: IIS Advanced Logging Module\n#Fields: date time cs-uri-stem\n", "iis-w3c"),
        (f"{ERROR_FIELDS}\n", "httperr"),
        (MASKED, "httperr"),
        (f"\ufeff{MASKED}", "httperr"),
        (f"half a line of an older row\n{ERROR_FIELDS}\n", "httperr"),
        (f"{ERROR}\r\n{ERROR}\r\n", "httperr"),
        (ERROR.rsplit(" ", 1)[0], "httperr"),
        (f"{IIS8}\n", "iis-w3c"),
        (f"{NATIVE}\r\n", "iis-native"),
        (f"{NCSA}\r\n", "ncsa"),
        (f"tail of a cut line\n{NCSA}\n{NCSA}\n", "ncsa"),
        (f"\0\0\0{ERROR}\n", "httperr"),
        (f"  {ERROR}\nanother line\n", "httperr"),
        (f"{NATIVE}\nanother line\n", "iis-native"),
    ],
)
def test_formats_by_content(text: str, format_: str) -> None:
    found = detect(text.encode(), "misleading.csv")
    assert (found.format, found.is_log, found.why) == (format_, True, "")


@pytest.mark.parametrize("head", [b"", b"\0" * 4096, b"\r\n\r\n", b"\xef\xbb\xbf", b"# remark\n"])
def test_what_has_not_said_yet_what_it_is(head: bytes) -> None:
    assert detect(head, "httperr1.log").is_log


FTP = "16:44:49 10.0.0.1 [2]USER anonymous 331\n"
FTP7 = "2026-06-15 00:00:00 10.0.0.1 - 10.0.0.2 21 ControlChannelOpened - - 0 0 x /\n"
SMTP = "2026-06-15 00:00:00 10.0.0.1 EHLO - +host 250 0\n"


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (f"{IIS}\n#Fields: time c-ip cs-method cs-uri-stem sc-status\n{FTP * 4}".encode(), "FTP"),
        (f"{IIS}\n#Fields: date time c-ip cs-method x-session x-fullpath\n".encode(), "FTP"),
        (f"#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem\n{FTP7}".encode(), "FTP"),
        (f"{IIS}\n#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status\n{SMTP}".encode(), "SMTP"),
        (b"#Software: Incapsula LOGS API\n#Fields: date time cs-uri\n", "Incapsula"),
        (b"#Version: 1.0\n#Fields: date time cs-method cs-uri-stem\n2026-06-15\t00:00:00\tGET\t/\n", "tabs"),
        (b"#Version: 1.0\n#Fields: action src dst\nDROP a b\n", "#Fields"),
        (b'{"level": "info", "time": "2026-06-15"}\n', "no log of IIS"),
        (b"some\ntext\n", "no log of IIS"),
        (bytes(range(256)) * 20, "binary"),
        ("#Fields: date time".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04" + b"x" * 60, "zip"),
        (b"7z\xbc\xaf\x27\x1c" + b"x" * 60, "7-Zip"),
        (b"x" * 257 + b"ustar" + b"x" * 100, "tar"),
    ],
)
def test_what_is_no_log_of_http(head: bytes, why: str) -> None:
    found = detect(head, "u_ex260615.log")
    assert (found.format, found.is_log) == ("unknown", False)
    assert why in found.why
    assert "\n" not in found.why


def test_a_binary_log_of_iis_is_named_as_such() -> None:
    assert "LogParser" in detect(b"\x01\x02\x03\x04" * 100, "ra260615.ibl").why


def test_ftp_words_in_requests_do_not_make_a_log_one_of_ftp() -> None:
    lines = "".join(f"2026-06-15 00:00:00 GET /docs/{n} 200\n" for n in range(9))
    text = f"{IIS}\n{IIS_FIELDS}\n{lines}2026-06-15 00:00:00 GET /ControlChannelOpened 200\n"
    assert detect(text.encode(), "u_ex.log").format == "iis-w3c"


def test_a_head_cut_in_the_middle_of_a_line_and_hostile_heads() -> None:
    assert detect((f"{ERROR}\r\n" * 2000).encode()[:HEAD], "x").format == "httperr"
    assert not detect(b"a" * HEAD, "x").is_log
    assert not detect(b" " * 100 + b"a " * (HEAD // 2), "x").is_log
    assert not detect(gzip.compress(b"\0" * 10**6), "x").is_log
    assert detect((b"#Fields: " + b"time " * HEAD)[:HEAD], "x").format == "unknown"
