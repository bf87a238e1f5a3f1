"""One invented log for each peculiarity of Httperr.log (DOMAIN.md 1)."""

from __future__ import annotations

import pytest

from parsing.formats.w3c import W3c
from tests.parsing.formats.small_logs import ERROR, LAYOUTS, at, only, parsed, rows


@pytest.mark.parametrize("width", LAYOUTS)
def test_httperr_layouts_by_their_fields(width: int) -> None:
    fields, entry = LAYOUTS[width]
    row = only(parsed("#Software: Microsoft HTTP API 2.0", f"#Fields: {fields} ", entry))
    assert (row["sc-status"], row["s-siteid"], row["s-reason"], row["s-queuename"]) == (503, "1", "AppOffline", "Pool")
    assert (row["c-port"], row["line"], row["time"]) == (50123, 3, at("2026-06-15 10:31:40"))
    assert list(row) == ["time", "line", *fields.split()[2:]]


@pytest.mark.parametrize("entry", [f"{ERROR} 400 - Hostname", *(entry for _, entry in LAYOUTS.values())])
def test_httperr_layouts_by_their_width(entry: str) -> None:
    block = parsed(entry, entry)
    assert [section.log for section in block.sections] == ["httperr"]
    reasons = {row["s-reason"] for row in rows(block)}
    assert reasons == ({"Hostname"} if entry.endswith("Hostname") else {"AppOffline"})


def test_connection_rows_have_dashes_for_what_never_arrived() -> None:
    row = only(parsed("2026-06-15 10:00:00 ::1%0 49958 fe80::1%13 80 - - - - - - Timer_ConnectionIdle -"))
    assert (row["c-ip"], row["s-ip"]) == ("::1%0", "fe80::1%13")
    assert {row[name] for name in ("cs-method", "cs-uri", "streamid", "sc-status", "s-siteid", "s-queuename")} == {None}


def test_a_registry_mask_can_choose_any_fields_with_a_blank_at_the_end() -> None:
    block = parsed(
        "#Software: Microsoft HTTP API 1.0",
        "#Fields: date time cs-version cs-method cs-uri sc-status ",
        "2026-06-15 20:36:36 HTTP/1.1 GET /1234567890/time.asp 400",
    )
    assert block.sections[0].log == "httperr"
    assert only(block)["sc-status"] == 400


def test_a_layout_may_change_inside_a_file_and_come_back() -> None:
    block = parsed(
        f"#Fields: {LAYOUTS[13][0]}",
        LAYOUTS[13][1],
        f"#Fields: {LAYOUTS[18][0]}",
        LAYOUTS[18][1],
        f"#Fields: {LAYOUTS[13][0]}",
        LAYOUTS[13][1],
    )
    assert [(len(section.fields), section.frame["line"].to_list()) for section in block.sections] == [
        (11, [2, 6]),
        (16, [4]),
    ]


def test_a_cut_down_row_is_not_read_as_a_narrower_layout() -> None:
    block = parsed(LAYOUTS[13][1], "2026-06-15 10:00:00 10.0.0.1 5 10.0.0.2 80 HTTP/1.1 GET / 403 - Forbidden TCP")
    assert block.rejects.rows() == [
        (2, "13 fields in no known order, and no #Fields before it", block.rejects["text"][0])
    ]


def test_garbage_in_methods_and_addresses_of_pages_is_kept() -> None:
    strange = ["HTTP/0.9 t3 12.2.1", "- 5.ll|'|'|Win 7", r"HTTP/1.1 M-POST /C\..\my.dll", "HTTP/1.1 OPTIONS *"]
    block = parsed(*(f"2026-06-15 10:00:00 10.0.0.1 5 10.0.0.2 80 {text} 400 - URL -" for text in strange))
    assert [(row["cs-method"], row["cs-uri"]) for row in rows(block)] == [tuple(text.split()[1:]) for text in strange]


def test_third_parties_put_a_blank_behind_each_row() -> None:
    fields, entry = LAYOUTS[13]
    block = parsed(f"#Fields: {fields}", f"{entry} ", entry, f"{entry}  ")
    assert (block.rows, block.damaged) == (3, 0)
    assert {row["s-queuename"] for row in rows(block)} == {"Pool"}


def test_short_lines_hide_behind_no_dash() -> None:
    fields, entry = LAYOUTS[13]
    dashed = entry.replace("Pool", "-")
    short = dashed.removesuffix(" -").replace("AppOffline", "-")
    block = parsed(f"#Fields: {fields}", *[dashed] * 200, short, f"{short} ", dashed)
    assert block.rows == 201
    assert block.rejects.select("line", "why").rows() == [
        (202, "12 fields where #Fields names 13"),
        (203, "12 fields where #Fields names 13"),
    ]


def test_rows_that_end_in_dashes_take_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(W3c, "_careful")
    for fields, entry in LAYOUTS.values():
        idle = entry.replace("Pool", "-").replace("0x80070008 0x1", "- -")
        assert parsed(f"#Fields: {fields}", *[idle, entry] * 30).rows == 60
