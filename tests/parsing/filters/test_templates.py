"""Templates of paths: what is left out, and what has to stay."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing.filters.expressions.templates import template


def template_of(path: str) -> str:
    found: str = pl.select(template(pl.lit(path))).item()
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/api/v2/users/17/orders", "/api/v2/users/{}/orders"),
        ("/api/users/1/2/3", "/api/users/{}/{}/{}"),
        ("/help/view200335.ashx", "/help/view{}.ashx"),
        ("/orders/6F9619FF-8B86-D011-B42D-00CF4FC964FF/lines", "/orders/{}/lines"),
        ("/orders/{6f9619ff-8b86-d011-b42d-00cf4fc964ff}", "/orders/{}"),
        ("/blob/3f2a9c0d/raw", "/blob/{}/raw"),
        ("/reports/2026-06-15/export.ashx", "/reports/{}/export.ashx"),
        ("/session/aZ3k9Lm2Qw8Xy7Bv1Nc4", "/session/{}"),
        ("/session/abcdefghijklmno1/x", "/session/{}/x"),
        ("/scripts/jquery-3.6.0.min.js", "/scripts/jquery-{}.min.js"),
        ("/7", "/{}"),
        ("/7.json", "/{}.json"),
        ("/a/12-34", "/a/{}"),
        ("/api/v2/mp4/utf8", "/api/v2/mp4/utf8"),
        ("/feedback/configuration/international", "/feedback/configuration/international"),
        ("/bericht/übersicht", "/bericht/übersicht"),
    ],
)
def test_templates(path: str, expected: str) -> None:
    assert template_of(path) == expected


@given(st.text(alphabet="ab/19-.{}Fz_", max_size=40))
def test_a_template_is_its_own_template(path: str) -> None:
    assert template_of(template_of(path)) == template_of(path)


def test_what_was_not_logged_has_no_template() -> None:
    assert pl.select(template(pl.lit(None, dtype=pl.String))).item() is None
