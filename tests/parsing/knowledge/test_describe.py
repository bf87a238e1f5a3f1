from __future__ import annotations

import pytest

from parsing.knowledge.describe import Value, describe


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("time-taken", 94_000, "94 s"),
        ("sc-bytes", 2_060_000, "2.1 MB"),
        ("sc-status", 404, "Not Found"),
        ("sc-win32-status", 2147942464, "64 ERROR_NETNAME_DELETED"),
        ("sc-win32-status", 0, "success"),
        ("s-reason", "QueueFull", "queue"),
        ("s-reason", "Brand_New", "Not in any table"),
        ("c-ip", "fe80::1%13", "link-local, zone 13"),
        ("c-ip", "::ffff:10.0.0.1", "10.0.0.1"),
        ("C-IP", "10.0.0.1", "private network"),
        ("c-ip", "fd00::1", "private network"),
        ("c-ip", "192.0.2.7", "documentation address"),
        ("c-ip", "2001:db8::7", "documentation address"),
        ("cs-uri-stem", "/a%20b", "/a b"),
        ("cs(User-Agent)", "Mozilla/5.0+(Windows)+Chrome/120.0.1+Safari/537", "Chrome 120"),
        ("cs(User-Agent)", "Googlebot/2.1", "robot"),
        ("cs-version", "HTTP/2", "stream"),
        ("crypt-protocol", "400", "TLS 1.2"),
        ("s-sitename", "W3SVC7", "site 7"),
        ("cs(Cookie)", "...", "withheld"),
        ("cs-username", None, "not logged"),
    ],
)
def test_a_value_in_words(field: str, value: Value, part: str) -> None:
    assert part in describe(field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cs-method", "GET"),
        ("x-custom", "anything"),
        ("time-taken", 12),
        ("c-ip", "not an address"),
        ("time-taken", "x"),
    ],
)
def test_nothing_is_added_where_there_is_nothing_to_say(field: str, value: Value) -> None:
    assert describe(field, value) == ""


def test_numbers_that_only_speak_together() -> None:
    row: dict[str, Value] = {"sc-status": 500, "sc-substatus": 19, "sc-win32-status": 64}
    assert "client had already left" in describe("sc-status", 500, row)
    assert describe("sc-substatus", 19, row) == "500.19: Configuration is invalid"
    assert describe("sc-substatus", 19) == ""
