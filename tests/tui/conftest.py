"""Logs that several tests of the explorer read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import small_logs


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return small_logs(tmp_path / "logs")
