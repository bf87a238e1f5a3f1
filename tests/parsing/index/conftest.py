"""A folder for logs, and its log set: opened, read and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parsing.index.log_set import LogSet

Open = Callable[..., LogSet]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


@pytest.fixture
def opened(tmp_path: Path, logs: Path) -> Iterator[Open]:
    """Opens the log set of the folder, or of other paths, and reads it."""
    sets: list[LogSet] = []

    def open_set(*paths: Path, cache: bool = True) -> LogSet:
        log_set = LogSet.open([str(path) for path in paths or (logs,)], index_dir=tmp_path / "index", cache=cache)
        sets.append(log_set)
        log_set.read()
        return log_set

    yield open_set
    for log_set in sets:
        log_set.close()
