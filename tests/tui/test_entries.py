"""What the cells of a row say, how they are coloured, and how they share the width."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from rich.cells import cell_len

from parsing.knowledge.win32 import client_gone_codes
from tui.glyphs import UNICODE
from tui.model.column import widths
from tui.model.counted import Value
from tui.model.entry import USUAL, Entry, Notation, grid_columns, outcome
from tui.views.breakdown.facts import value_facts
from tui.views.breakdown.lines import value_lines

NOON = datetime(2026, 6, 15, 12)  # noqa: DTZ001 - the engine's times are UTC without zone


def tone(win32: int) -> str:
    values = {"sc-status": 200, "sc-substatus": 0, "sc-win32-status": win32}
    return outcome(Entry("iis", "u_ex.log", 1, NOON, values), UNICODE)[1]


@pytest.mark.parametrize("code", client_gone_codes())
def test_a_client_that_left_is_marked_in_both_forms_of_its_code(code: int) -> None:
    assert tone(code) == tone(0x8007_0000 + code) == "warn"


def test_other_codes_are_not_marked_whatever_their_last_bits() -> None:
    assert tone(0) == tone(5) == tone(0x8009_0000 + 64) == "plain"


@pytest.mark.parametrize(("days", "shown"), [(0, "12:00:00"), (1, "06-15 12:00:00"), (4_000, "26-06-15 12:00:00")])
def test_a_time_tells_of_day_and_year_what_two_rows_may_differ_in(days: int, shown: str) -> None:
    notation = Notation(UNICODE, days=days)
    assert notation.time(NOON) == shown
    columns = grid_columns(USUAL, notation)
    sizes = dict(zip((column.key for column in columns), widths(columns, 78), strict=True))
    assert sizes["time"] == cell_len(shown)
    assert sizes["uri"] >= 13
    assert sum(size + 1 for size in sizes.values() if size) - 1 <= 78, "nothing goes over the edge of 80 columns"


def test_times_that_are_counted_are_on_the_clock_of_their_first_and_last() -> None:
    value = Value((NOON,), 1, 1.0, NOON, NOON)
    notation = Notation(UNICODE, timezone(timedelta(hours=2)))
    (line,) = value_lines([value], ("time",), {}, {}, notation)
    assert line.cells[0] == "2026-06-15 14:00:00"
    told = ["".join(text for text, _ in fact.parts) for fact in value_facts(value, ("time",), notation)]
    assert [text for text in told if "12:00" in text] == []
    assert [text.split("  ")[0] for text in (told[0], *told[-2:])] == ["2026-06-15 14:00:00"] * 3
