"""What the cell of a request's outcome says and how it is coloured."""

from __future__ import annotations

from datetime import datetime

import pytest

from parsing.knowledge.win32 import client_gone_codes
from tui.entries import Entry, outcome
from tui.glyphs import UNICODE

NOON = datetime(2026, 6, 15, 12)  # noqa: DTZ001 - the engine's times are UTC without zone


def tone(win32: int) -> str:
    values = {"sc-status": 200, "sc-substatus": 0, "sc-win32-status": win32}
    return outcome(Entry("iis", "u_ex.log", 1, NOON, values), UNICODE)[1]


@pytest.mark.parametrize("code", client_gone_codes())
def test_a_client_that_left_is_marked_in_both_forms_of_its_code(code: int) -> None:
    assert tone(code) == tone(0x8007_0000 + code) == "warn"


def test_other_codes_are_not_marked_whatever_their_last_bits() -> None:
    assert tone(0) == tone(5) == tone(0x8009_0000 + 64) == "plain"
