from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing.errors import LogError
from parsing.export.redacted_text import redacted_filter
from parsing.export.redaction import Redaction, own_key
from parsing.filters import parse

REDACTION = Redaction(b"k" * 32)
hide = REDACTION.value


def test_the_same_value_has_the_same_pseudonym_wherever_it_stands() -> None:
    alone = hide("c-ip", "192.0.2.7")
    assert alone.startswith("ip-")
    assert hide("s-ip", "192.0.2.7") == alone
    assert hide("X-Forwarded-For", "192.0.2.7,+198.51.100.4").startswith(f"{alone},+ip-")
    assert hide("cs-uri", "/proxy/192.0.2.7/x") == f"/proxy/{alone}/x"
    assert hide("c-ip", "::ffff:192.0.2.7") == alone
    assert hide("c-ip", "192.0.2.8") != alone


def test_zones_and_spelling_of_an_address_make_no_difference() -> None:
    assert hide("c-ip", "fe80::1%13") == hide("c-ip", "FE80:0::1")


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("192.0.2.7:56789", "{}:56789"),
        ("192.0.2.7:56789,+192.0.2.7", "{0}:56789,+{0}"),
        ("http://192.0.2.7:8080/x", "http://{}:8080/x"),
        ("client:192.0.2.7", "client:{}"),
        ("10:15:30:192.0.2.7", "10:15:30:{}"),
        ("[::ffff:192.0.2.7]:443", "[{}]:443"),
        ("::ffff:192.0.2.7", "{}"),
    ],
)
def test_an_address_is_found_also_beside_a_port(value: str, shape: str) -> None:
    assert hide("X-Forwarded-For", value) == shape.format(hide("c-ip", "192.0.2.7"))


@pytest.mark.parametrize("value", ["[2001:db8::17]:443", "2001:db8::17:50123", "2001:db8:0:0:0:0:0:17:50123"])
def test_the_port_of_an_ipv6_address_is_no_part_of_it(value: str) -> None:
    shown = hide("X-Forwarded-For", value).replace("[", "").replace("]", "")
    assert shown == f"{hide('c-ip', '2001:db8::17')}:{value.rpartition(':')[2]}"


def test_a_host_has_one_pseudonym_whatever_its_case_and_wherever_it_stands() -> None:
    alone = hide("cs-host", "shop.example")
    assert hide("cs(Referer)", "https://Shop.Example/cart") == f"https://{alone}/cart"
    assert hide("cs(Referer)", "//shop.example/cart") == f"//{alone}/cart"
    assert hide("X-Forwarded-Host", "Shop.Example:8080") == f"{alone}:8080"
    assert hide("cs(X-Original-Host)", "shop.example") == alone
    assert hide("cs-uri", "/r/http://shop.example/x?q=") == f"/r/http://{alone}/x?q="
    assert hide("cs-uri-stem", "/r/http://shop.example:81/x") == f"/r/http://{alone}:81/x"
    assert hide("cs(Origin)", "https://shop.example") == f"https://{alone}"
    assert hide("cs(User-Agent)", "Bot/2.1+(+http://shop.example)") == f"Bot/2.1+(+http://{alone})"
    assert hide("cs-host", "192.0.2.7:80") == f"{hide('c-ip', '192.0.2.7')}:80"
    assert hide("cs-host", "[2001:db8::17]:80") == f"[{hide('c-ip', '2001:db8::17')}]:80"


@pytest.mark.parametrize(
    "where",
    [
        "referer:https://shop.example*",
        "referer://shop.example/x",
        "referer~shop",
        "uri:http://shop*",
        "uri:/r/http://shop.example/",
        "path:/r/http://shop*",
        "path~//shop",
        "host:shop*",
        "X-Forwarded-Host:shop*",
        "X-Forwarded-Host:shop.example",
        "Origin:https://shop*",
    ],
)
def test_no_part_of_a_hosts_name_is_told_in_a_filter(where: str) -> None:
    assert "shop" not in str(redacted_filter(parse(where, custom=("X-Forwarded-Host", "Origin")), REDACTION))


def test_another_key_gives_other_pseudonyms() -> None:
    assert Redaction(b"x" * 32).value("c-ip", "192.0.2.7") != hide("c-ip", "192.0.2.7")


@pytest.mark.parametrize(
    ("field", "value", "kept", "gone"),
    [
        ("cs-uri-query", "name=Ann&id=7&flag", ["name=v-", "&id=v-"], ["Ann", "=7", "flag"]),
        ("cs-uri", "/a/b?token=s3cret", ["/a/b?token=v-"], ["s3cret"]),
        ("uri", "/a/b?token=s3cret", ["/a/b?token=v-"], ["s3cret"]),
        ("cs(Referer)", "https://x.example/p?q=Ann", ["https://host-", "/p?q=v-"], ["x.example", "Ann"]),
        ("cs-uri", "http://Ann@x.example:8080/p", ["http://user-", "@host-", ":8080/p"], ["x.example", "Ann"]),
        ("host", "shop.example:8080", ["host-", ":8080"], ["shop", "example"]),
        ("s-computername", "WEB01", ["host-"], ["WEB01"]),
        ("cs(Cookie)", "sid=abc;+user=Ann", ["sid=v-", "user=v-"], ["abc", "Ann"]),
        ("cs-username", "CONTOSO\\ann", ["user-"], ["ann", "CONTOSO"]),
        ("X-User", "CONTOSO\\ann and bob@example.org", ["user-", " and user-"], ["ann", "bob"]),
        ("text", "2026 any line 192.0.2.7", ["23 characters"], ["any", "192"]),
        ("x-note", "from 2001:db8::17 today", ["from ip-", " today"], ["2001:db8"]),
    ],
)
def test_what_tells_goes_and_the_rest_stays(field: str, value: str, kept: list[str], gone: list[str]) -> None:
    shown = hide(field, value)
    assert all(part in shown for part in kept)
    assert not [part for part in gone if part in shown.replace(" and ", "")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cs-uri-stem", "/reports/export.ashx"),
        ("cs-uri", "//reports/export.ashx"),
        ("s-reason", "Connection_Dropped"),
        ("cs(User-Agent)", "Mozilla/5.0+(Windows+NT+10.0;+Win64)"),
        ("cs-uri-query", "..."),
        ("cs-version", "HTTP/1.1"),
        ("s-queuename", "DefaultAppPool"),
        ("source", "W3SVC1/u_ex260615.log"),
        ("x-time", "10:15:30"),
    ],
)
def test_what_tells_nothing_stays(field: str, value: str) -> None:
    assert hide(field, value) == value


def test_a_frame_keeps_its_nulls_and_its_other_columns() -> None:
    frame = pl.DataFrame({"c-ip": ["192.0.2.7", None, "192.0.2.7"], "sc-status": [200, 404, None]})
    shown = REDACTION.frame(frame)
    assert shown["c-ip"].to_list() == [hide("c-ip", "192.0.2.7"), None, hide("c-ip", "192.0.2.7")]
    assert shown["sc-status"].equals(frame["sc-status"])


@given(st.text(max_size=60))
def test_any_text_can_be_redacted(text: str) -> None:
    for field in ("c-ip", "cs-uri", "cs-uri-query", "cs(Cookie)", "cs-username", "x-custom"):
        hide(field, text)


@given(st.ip_addresses())
def test_no_address_survives_in_other_text(address: object) -> None:
    for around in (
        "seen {}, twice",
        "via http://{}/x",
        "/r/http://[{}]:80/x",
        "by:{}",
        "http://[{}]/",
        "from {}:56789",
    ):
        assert str(address) not in hide("x-custom", around.format(address))


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    key = own_key(tmp_path / "new")
    assert len(key) == 32
    assert own_key(tmp_path / "new") == key
    if os.name == "posix":
        assert (tmp_path / "new" / "redaction.key").stat().st_mode & 0o077 == 0


def test_a_folder_that_is_no_folder_is_one_clear_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogError, match="key"):
        own_key(tmp_path / "file")


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("X-Original-URL", "/login?user=SECRET&token=SECRET", "/login?user="),
        ("Location", "https://secret.example/next;sid=SECRET?a=SECRET", "/next;sid="),
        ("Location", "/next;sid=SECRET", "/next;sid="),
        ("Set-Cookie", "sid=SECRET; Path=/", "sid="),
        ("Authorization", "Basic SECRET", ""),
        ("X-Api-Key", "SECRET", ""),
        ("X-Forwarded-For", "secret-client, 203.0.113.9", ", ip-"),
        ("Forwarded", "for=secret;host=secret.example;proto=https", ";proto=https"),
        ("Via", "1.1 secret", "1.1 host-"),
        ("X-Real-IP", "secret", "host-"),
        ("cs-uri-stem", "/users/secret%40secret.example/mail", "/mail"),
        ("cs-uri-stem", "/users/secret%40secret/mail", "/mail"),
        ("cs-uri-stem", "/app/list.jsp;sid=SECRET", "/app/list.jsp;sid="),
        ("cs-uri", "/app/list.jsp;sid=SECRET?b=SECRET", "/app/list.jsp;sid="),
        ("cs(Referer)", "https://secret.example/a;sid=SECRET", "/a;sid="),
    ],
)
def test_fields_of_ones_own_hide_what_their_names_say(field: str, value: str, kept: str) -> None:
    shown = hide(field, value)
    assert "secret" not in shown.lower()
    assert "203.0.113.9" not in shown
    assert kept in shown


@pytest.mark.parametrize("written", ["192-0-2-7", "192%2E0%2e2%2E7", "ip-192-0-2-7", "%3A%3Affff%3Ac000%3A207"])
def test_an_address_is_found_however_a_path_writes_it(written: str) -> None:
    shown = hide("cs-uri-stem", f"/hosts/{written}/cpu")
    assert hide("c-ip", "192.0.2.7") in shown
    assert shown.endswith("/cpu")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cs-uri-stem", "/blog/2026-06-15-10/a-1-2-3-4-5"),
        ("cs-uri-stem", "/files/999-999-999-999"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-For", "unknown"),
        ("X-Original-URL", "/reports/list"),
    ],
)
def test_a_custom_value_that_names_nobody_stays(field: str, value: str) -> None:
    assert hide(field, value) == value
