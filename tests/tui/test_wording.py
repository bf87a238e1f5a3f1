"""Numbers as the screen says them."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from parsing.errors import LogError
from tui.widgets.cells import fit_end
from tui.wording import confidence, failure_in


@pytest.mark.parametrize(
    ("chance", "said"), [(0.5, "0.50"), (0.934, "0.93"), (0.9951, "0.99"), (0.999, "0.99"), (1, "1.00")]
)
def test_a_claim_short_of_certain_is_not_said_to_be_certain(chance: float, said: str) -> None:
    assert confidence(chance) == said


def test_a_failure_that_would_be_cut_says_what_is_wrong_before_the_place() -> None:
    error = LogError("no space left", where="/a/long/way/to/a/file", hint="try another")
    assert failure_in(80, "cannot write", error).startswith("cannot write: /a/long/way/to/a/file: no space left")
    assert failure_in(40, "cannot write", error).startswith("cannot write: no space left (/a/long")
    wide = LogError("no space left", where="/ログ/ファイル/エラー")
    assert failure_in(44, "cannot write", wide).startswith("cannot write: no space left (")


@pytest.mark.parametrize("width", range(-3, 12))
@pytest.mark.parametrize("ellipsis", ["…", "..."])
def test_the_end_of_a_text_fits_any_width(width: int, ellipsis: str) -> None:
    """Also where there is no room at all, as next to the tabs of a narrow terminal; wide characters count twice."""
    for text in ("W3SVC1/u_ex260615.log", "日本語のログ.log"):
        shown = fit_end(text, width, ellipsis)
        assert cell_len(shown) <= max(0, width)
        assert shown == "" or shown.startswith(ellipsis)
        assert text.endswith(shown.removeprefix(ellipsis))
