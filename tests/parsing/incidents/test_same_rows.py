"""The same rows have the same incidents, however they came: in one file or in forty, read at once or in steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parsing.errors import CancelledError
from parsing.httpsys import write_demo
from parsing.incidents import Incident, find_incidents
from parsing.index import LogSet

pytestmark = pytest.mark.slow

PARTS = 20
STEPS = 10


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"), seed=4, requests=30_000, rate=3).folder


def incidents(paths: list[str], index: Path) -> list[Incident]:
    with LogSet.open(paths, index_dir=index) as log_set:
        log_set.read()
        return [_without_places(one) for one in find_incidents(log_set.snapshot())]


def _without_places(one: Incident) -> Incident:
    """Files have other names and lines other numbers; all else must be the same."""
    return replace(one, story=tuple(replace(step, source="", line=0) for step in one.story))


def _cut(path: Path, goal: Path, parts: int) -> None:
    """The lines of a log in so many files, each with the header."""
    lines = path.read_bytes().splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"#")][:4]
    rows = [line for line in lines if not line.startswith(b"#")]
    goal.mkdir(parents=True, exist_ok=True)
    for part in range(parts):
        own = rows[part * len(rows) // parts : (part + 1) * len(rows) // parts]
        (goal / f"{path.stem}-{part:02}.log").write_bytes(b"".join([*head, *own]))


def test_one_file_or_forty(demo: Path, tmp_path: Path) -> None:
    whole = incidents([str(demo)], tmp_path / "one")
    assert len(whole) >= 6
    for log in demo.rglob("*.log"):
        _cut(log, tmp_path / "cut" / log.parent.name, PARTS)
    assert incidents([str(tmp_path / "cut")], tmp_path / "forty") == whole


def test_read_at_once_or_grown_in_ten_steps(demo: Path, tmp_path: Path) -> None:
    whole = incidents([str(demo)], tmp_path / "one")
    logs = {log: log.read_bytes() for log in demo.rglob("*.log")}
    with LogSet.open([str(tmp_path / "grown")], index_dir=tmp_path / "steps") as log_set:
        for step in range(1, STEPS + 1):
            for log, content in logs.items():
                goal = tmp_path / "grown" / log.parent.name / log.name
                goal.parent.mkdir(parents=True, exist_ok=True)
                goal.write_bytes(content[: len(content) * step // STEPS])
            log_set.read()
            found = [_without_places(one) for one in find_incidents(log_set.snapshot())]
    assert found == whole


def test_it_stops_when_it_is_told_to(demo: Path, tmp_path: Path) -> None:
    with LogSet.open([str(demo)], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        asked = 0

        def cancelled() -> bool:
            nonlocal asked
            asked += 1
            return asked > 3

        with pytest.raises(CancelledError):
            find_incidents(log_set.snapshot(), cancelled=cancelled)
        assert asked == 4
