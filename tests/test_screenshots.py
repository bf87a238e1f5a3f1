"""The pictures of the README can be made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from screenshots.make import PICTURES, Picture, take
from tests.tui.driving import small_logs


async def test_a_picture_shows_what_its_keys_lead_to(tmp_path: Path) -> None:
    logs = small_logs(tmp_path / "logs")
    svg = await take(Picture("reasons", "reason:QueueFull", ("2",)), "80x24", logs, tmp_path)
    assert "QueueFull" in svg
    assert "@font-face" not in svg, "a page that shows it loads nothing from elsewhere"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: str(picture.name))
def test_every_picture_is_in_the_repository(picture: Picture) -> None:
    folder = Path(__file__).parent.parent / "screenshots"
    for size in picture.sizes:
        assert (folder / f"{picture.name}-{size}.png").exists()
