"""What has to be read of the files that are there now."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.index.log_set import LogSet
from parsing.index.reading import plan
from parsing.index.reading.byte_stage import digest
from parsing.sources.discovery import SourceFile
from tests.written_logs import HTTPERR_HEAD, httperr_lines, write


def test_files_that_moved_are_recognised_by_one_look_at_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = tmp_path / "logs"
    for number in range(30):
        write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(60, first=60 * number))
    looks = []

    def counted(data: bytes) -> str:
        looks.append(len(data))
        return digest(data)

    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        before = {source.name: source.number for source in log_set.snapshot().sources}
        for number in range(30):
            (logs / f"httperr{number}.log").rename(logs / f"old{30 - number}.log")
        monkeypatch.setattr(plan, "digest", counted)
        log_set.read()
        after = {source.name: source.number for source in log_set.snapshot().sources}
    assert after == {f"old{30 - number}.log": before[f"httperr{number}.log"] for number in range(30)}
    assert len(looks) == 30


def test_case_tells_no_files_apart_where_it_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.normcase", str.lower)
    named, renamed = (
        plan.key_of(SourceFile("u_ex1.log", Path(path))) for path in ("/Logs/u_ex1.log", "/logs/u_ex1.log")
    )
    assert named == renamed
    monkeypatch.setattr("os.path.normcase", str)
    assert plan.key_of(SourceFile("u_ex1.log", Path("/Logs/u_ex1.log"))) != renamed
