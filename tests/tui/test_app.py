"""What is decided before the first paint: settings and options together."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.errors import UsageError
from tui.app import with_settings
from tui.options import Options


def test_settings_fill_in_what_the_options_leave_open(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('theme = "light"\nascii = true\nmouse = false\n[keys]\nquit = "x"\n')
    known = with_settings(Options(settings=tmp_path))
    assert (known.theme, known.ascii, known.mouse, known.keys) == ("light", True, False, {"quit": "x"})
    known = with_settings(Options(settings=tmp_path, theme="dark", mouse=True, keys={"undo": "z"}))
    assert (known.theme, known.mouse, known.keys) == ("dark", True, {"quit": "x", "undo": "z"})


@pytest.mark.parametrize("text", ["[keys]\nquti = 'x'", "theme = 'drak'", "colour = 1"])
def test_mistaken_settings_are_refused_before_anything_starts(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(UsageError):
        with_settings(Options(settings=tmp_path))


def test_an_unknown_theme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no theme"):
        with_settings(Options(settings=tmp_path, theme="drak"))


def test_bounds_and_filter_are_one_filter() -> None:
    assert Options(where="a or b", since="2026-06-15 10:00").filter_text == "(a or b) time>=2026-06-15T10:00"
    assert Options(until="-15m").filter_text == "time<-15m"
    assert Options(where="a").filter_text == "a"
