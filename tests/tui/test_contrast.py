"""Every theme can be read: enough contrast for each tone on each ground, and a cell that stands out of its row."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from tests.tui.driving import explorer, small_logs
from tui.model.options import Options
from tui.themes import THEMES, TONES

READABLE = 4.5
"""The least contrast of WCAG 2 for text."""

OWN_COLOURS = [name for name, theme in THEMES.items() if not theme.ansi]


def contrast(one: str, other: str) -> float:
    def luminance(text: str) -> float:
        parts = [part / 255 for part in Color.parse(text).rgb]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", OWN_COLOURS)
@pytest.mark.parametrize("tone", TONES)
def test_each_tone_can_be_read_on_the_ground_and_on_the_cursor(name: str, tone: str) -> None:
    variables = THEMES[name].variables
    assert contrast(variables[f"tone-{tone}"], str(THEMES[name].background)) >= READABLE
    assert contrast(variables[f"tone-{tone}"], variables["title-back"]) >= READABLE
    if tone != "dim":
        assert contrast(variables[f"tone-{tone}"], variables["cursor"]) >= READABLE


@pytest.mark.parametrize("name", OWN_COLOURS)
async def test_the_cell_under_the_cursor_stands_out_of_its_row(name: str, tmp_path: Path) -> None:
    async with explorer(small_logs(tmp_path / "logs"), tmp_path, options=Options(theme=name)) as driver:
        table = driver.screen.entries.table
        cell, row = table.tone("cell", "cursor"), table.tone("plain", "cursor")
        assert cell.bgcolor is not None
        assert cell.color is not None
        assert cell.bgcolor != row.bgcolor
        assert contrast(cell.color.get_truecolor().hex, cell.bgcolor.get_truecolor().hex) >= READABLE
