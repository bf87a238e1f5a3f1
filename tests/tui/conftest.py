"""Logs that several tests of the explorer read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.driving import small_logs
from tests.tui.gate import Gate


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return small_logs(tmp_path / "logs")


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open()
