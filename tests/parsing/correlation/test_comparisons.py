"""Addresses and URIs of the two logs are compared by the rules of what each log does to them (DOMAIN.md 4.4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parsing.correlation.pairs_of_logs import CLIENT, claims, correlated, error, request, traffic

LONG = "q=" + "a" * 4_085


@pytest.mark.parametrize(
    ("uri", "path", "query"),
    [
        ("/a.asp?x=1&y=2", "/a.asp", "x=1&y=2"),
        ("/a.asp", "/a.asp", "-"),
        ("/a.asp?", "/a.asp", "-"),
        ("/Reports/Export.ASHX?Id=1", "/reports/export.ashx", "id=1"),
        ("/caf%C3%A9/a%20b.asp", "/café/a+b.asp", "-"),
        ("/a.asp?name=J%C3%BCrgen%2fx", "/a.asp", "name=J%c3%bcrgen/x"),
        ("/a%2Basp", "/a+asp", "-"),
        ("/a+b.asp?q=c+d", "/a%20b.asp", "q=c%20d"),
        ("/a.asp?" + LONG, "/a.asp", LONG + "aaaa"),
        ("/a.asp?x=1", "/a.asp", "x=1|42|800a000d|Type_mismatch"),
        ("/a.asp?x=1", "/a.asp", "x=1&X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=55d3b6f1"),
        ("/a.asp", "/a.asp", "X-ARR-LOG-ID=55d3b6f1"),
        ("/a.asp", "/a.asp", "|42|800a000d|Type_mismatch"),
        ("http://www.example.com/a.asp?x=1", "/a.asp", "x=1"),
    ],
    ids=[
        "query joined", "no query", "empty query", "case", "escaped path", "escaped query", "escaped plus", "plus",
        "cut at 4,096 bytes", "ASP's text", "ARR's text", "ARR's text alone", "ASP's text alone", "whole URL",
    ],
)  # fmt: skip
def test_the_same_uri_is_known_in_either_spelling(tmp_path: Path, uri: str, path: str, query: str) -> None:
    [lost] = correlated(tmp_path, [*traffic(), request("10:30:02", path, query)], [error("10:30:00", uri=uri)])
    assert claims(lost) == [("retry", "10:30:02")]
    assert "same URI" in lost.claims[0].evidence


@pytest.mark.parametrize(
    ("uri", "path", "query"),
    [
        ("/a.asp?x=1", "/a.asp", "x=2"),
        ("/a.asp?x=1", "/a.asp", "-"),
        ("/a.asp", "/a.asp", "x=1"),
        ("/a.asp?x=1", "/a.asp", "x=12"),
        ("/a.asp?x=1", "/b.asp", "x=1"),
        ("/a.asp?x=1", "/a.asp", "x=1&more=2"),
        ("/a.asp?" + LONG[:2_000], "/a.asp", LONG),
        ("/a.asp?" + LONG, "/a.asp", LONG.replace("q=a", "q=b") + "aaaa"),
    ],
    ids=[
        "other query", "query lost", "query added", "longer value", "other path", "longer query", "short of a cut",
        "cut, but begins otherwise",
    ],
)  # fmt: skip
def test_another_uri_is_not_taken_for_it(tmp_path: Path, uri: str, path: str, query: str) -> None:
    [lost] = correlated(tmp_path, [*traffic(), request("10:30:02", path, query)], [error("10:30:00", uri=uri)])
    assert claims(lost) == []


def test_a_query_that_iis_withheld_agrees_with_any_and_that_is_said(tmp_path: Path) -> None:
    requests = [*traffic(), request("10:30:02", "/a.asp", "...")]
    [lost] = correlated(tmp_path, requests, [error("10:30:00", uri="/a.asp?x=1")])
    assert claims(lost) == [("retry", "10:30:02")]
    assert "same path, the query is not known" in lost.claims[0].evidence


@pytest.mark.parametrize(
    ("in_errors", "in_requests", "is_same"),
    [
        ("fe80::5d1:8a%13", "fe80::5d1:8a", True),
        ("fe80::5d1:8a", "fe80::5d1:8a%3", True),
        ("FE80::5D1:8A%13", "fe80::5d1:8a%3", True),
        ("2001:db8:0:0:0:0:0:7", "2001:db8::7", True),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "::ffff:c000:207", True),
        ("192.0.2.7", "192.0.2.77", False),
        ("fe80::5d1:8a", "fe80::5d1:8b", False),
        ("::192.0.2.7", "192.0.2.7", False),
    ],
)
def test_an_address_is_the_same_in_every_spelling(
    tmp_path: Path, in_errors: str, in_requests: str, is_same: bool
) -> None:
    requests = [*traffic(), request("10:30:02", client=in_requests)]
    [lost] = correlated(tmp_path, requests, [error("10:30:00", client=in_errors)])
    assert claims(lost) == ([("retry", "10:30:02")] if is_same else [])
    assert lost.client == in_errors


@pytest.mark.parametrize(("method", "is_same"), [("GET", True), ("get", True), ("POST", False)])
def test_methods_agree_whatever_their_case(tmp_path: Path, method: str, is_same: bool) -> None:
    [lost] = correlated(tmp_path, [*traffic(), request("10:30:02", method=method)], [error("10:30:00")])
    assert claims(lost) == ([("retry", "10:30:02")] if is_same else [])


def test_the_zone_of_the_server_says_nothing(tmp_path: Path) -> None:
    requests = [*traffic(), request("10:30:02", server="fe80::1")]
    errors = [error("10:30:00", server="fe80::1%7"), error("10:40:00", "Timer_ConnectionIdle", None, client=CLIENT)]
    assert claims(correlated(tmp_path, requests, errors)[0]) == [("retry", "10:30:02")]
