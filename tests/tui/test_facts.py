"""Text that wraps: nothing is lost, no line is too long, words stay whole where they can."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.facts import wrap_parts


def lines(text: str, width: int) -> list[str]:
    return ["".join(part for part, _ in line) for line in wrap_parts([(text, "plain")], width)]


def test_words_stay_whole_where_they_fit_on_a_line() -> None:
    raw = "10.20.0.11 443 - - - - - - - Timer_ConnectionIdle - TCP"
    assert lines(raw, 43) == ["10.20.0.11 443 - - - - - - -", "Timer_ConnectionIdle - TCP"]
    assert lines("site limits.connectionTimeout (default 120 s)", 26) == [
        "site",
        "limits.connectionTimeout",
        "(default 120 s)",
    ]


def test_what_fits_on_no_line_begins_where_it_stands() -> None:
    assert lines("GET /" + "x" * 50 + " end", 20) == ["GET /" + "x" * 15, "x" * 20, "x" * 15 + " end"]


@given(text=st.text("ab  世\u0301/", max_size=80), width=st.integers(2, 30))
def test_nothing_but_blanks_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    shown = lines(text, width)
    assert "".join(shown).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= width for line in shown)
