"""Small sources that are parsed together come out as if each had been parsed alone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from parsing.formats.columns import fast_columns
from parsing.formats.log_locale import LogLocale
from parsing.formats.parser import Parser
from parsing.index.log_set import LogSet
from parsing.index.reading import byte_stage
from parsing.index.reading.parse_stage import PieceParser
from parsing.index.reading.plan import make_plan
from parsing.sources.discovery import discover
from tests.killed_reading import killed_reading
from tests.written_logs import (
    HTTPERR_HEAD,
    IIS_HEAD,
    append,
    httperr_lines,
    iis_lines,
    rows_indexed,
    rows_written,
    write,
)

CONTENTS = [
    HTTPERR_HEAD + httperr_lines(3),
    HTTPERR_HEAD + httperr_lines(2, first=90),
    HTTPERR_HEAD + httperr_lines(2, first=40).replace("\r\n", "\n").replace(" DefaultAppPool", " -"),
    HTTPERR_HEAD + httperr_lines(1) + "# - - - - - - - - - - - -\r\n" + httperr_lines(1),
    HTTPERR_HEAD + httperr_lines(1) + HTTPERR_HEAD + httperr_lines(1, first=2),
    HTTPERR_HEAD + httperr_lines(1).replace(" DefaultAppPool", ""),
    HTTPERR_HEAD + httperr_lines(1).replace("2026-06-15", "2026-13-15") + httperr_lines(1),
    HTTPERR_HEAD + httperr_lines(2).replace(" 443 ", " 44x3 "),
    HTTPERR_HEAD + httperr_lines(2).removesuffix("\r\n"),
    HTTPERR_HEAD + "\r\n" + httperr_lines(1),
    HTTPERR_HEAD,
    "",
    "\ufeff" + HTTPERR_HEAD + httperr_lines(2, first=7),
    httperr_lines(2, first=20),
    IIS_HEAD + iis_lines(3, first=30),
    IIS_HEAD + iis_lines(2, first=5).replace("\r\n", " \r\n"),
    IIS_HEAD + iis_lines(2).replace(" 200 0 0 ", " - - - "),
    IIS_HEAD + iis_lines(1).replace("200 0 0 0", "200 0 0 -"),
    "#Date: 2026-06-15 10:00:00\r\n#Fields: time cs-uri-stem sc-status\r\n10:00:01 /p/1 200\r\n",
    "#Fields: cs-uri-stem date time\r\n/p/1 2026-06-15 10:00:01\r\n#x 2026-06-15 10:00:01\r\n",
    "junk\r\n",
]


def outcome(bundles: Iterable[Sequence[byte_stage.SourcePiece]]) -> Any:
    """All that comes of pieces: records, rows with their fields, rejects, milestones."""
    parser = PieceParser(lambda: 1_000, LogLocale(), set())
    taken = [each for bundle in bundles for each in parser.parse(bundle)]
    rows = [
        (rows.log, rows.is_tail, row) for each in taken for rows in each.rows for row in rows.frame.rows(named=True)
    ]
    rejects = [
        (kind, is_tail, row)
        for each in taken
        for frame, kind, is_tail in each.rejects
        for row in frame.rows(named=True)
    ]
    records = {record.id: record for each in taken for record in each.records}
    milestones = {milestone for each in taken for milestone in each.milestones}
    return records, sorted(map(repr, rows)), sorted(map(repr, rejects)), milestones


@pytest.mark.parametrize("content", CONTENTS)
def test_together_is_as_alone(tmp_path: Path, content: str) -> None:
    neighbours = [HTTPERR_HEAD + httperr_lines(3, first=9), IIS_HEAD + iis_lines(3, first=4)]
    for number, text in enumerate([content, *neighbours, *reversed(neighbours), content]):
        write(tmp_path / f"httperr{number}.log", text)
    planned = make_plan(discover([str(tmp_path)]).files, [], range).tasks
    tasks = [replace(task, is_compared=True) for task in planned]
    alone = [[piece] for task in tasks for piece in byte_stage.pieces(task, byte_stage.Openings())]
    together = [bundle for _, bundle in byte_stage.bundles(tasks, set(), byte_stage.Openings())]
    assert len(together) < len(alone)
    assert outcome(together) == outcome(alone)


def test_small_sources_of_one_layout_are_parsed_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = tmp_path / "logs"
    for number in range(100):
        write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(5, first=5 * number))
    calls = []

    def counted(data: bytes, *arguments: Any) -> pl.DataFrame | None:
        calls.append(len(data))
        return fast_columns(data, *arguments)

    monkeypatch.setattr("parsing.formats.small_logs.fast_columns", counted)
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        rows = rows_indexed(log_set.snapshot())
    assert len(calls) == 1
    assert rows == sorted(row for path in logs.iterdir() for row in rows_written(path, path.name))


def test_a_fault_in_one_of_many_small_sources_is_told_of_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    for number in range(9):
        write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(5, first=5 * number))

    class Faulty(Parser):
        def __init__(self, *given: Any, **named: Any) -> None:
            if "httperr4.log" in given:
                raise ZeroDivisionError
            super().__init__(*given, **named)

    monkeypatch.setattr("parsing.formats.parser.Parser", Faulty)
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        rows = {source.name: source.rows for source in log_set.snapshot().sources}
        assert [problem.name for problem in log_set.problems] == ["httperr4.log"]
    assert rows == {f"httperr{number}.log": 0 if number == 4 else 5 for number in range(9)}


def test_a_source_that_was_read_with_others_grows(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    for number in range(9):
        write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(5, first=5 * number))
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        before = {source.name: source.number for source in log_set.snapshot().sources}
        append(logs / "httperr4.log", httperr_lines(5, first=90))
        log_set.read()
        assert {source.name: source.number for source in log_set.snapshot().sources} == before
        lines = (logs / "httperr4.log").read_bytes().splitlines()
        assert [log_set.raw_line(before["httperr4.log"], number + 1) for number in range(len(lines))] == lines


@pytest.mark.parametrize(("stage", "count"), [("parsing", 5), ("writing", 4), ("in the transaction", 90)])
def test_a_killed_reading_of_small_sources_goes_on(tmp_path: Path, stage: str, count: int) -> None:
    logs = tmp_path / "logs"
    for number in range(40):
        write(logs / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(5, first=5 * number))
    command = killed_reading(stage, count, logs, tmp_path / "index", 4000)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode not in (0, 1), f"it was not killed: {ended.stderr}"
    expected = sorted(row for path in logs.iterdir() for row in rows_written(path, path.name))
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        partial = rows_indexed(log_set.snapshot())
        assert set(partial) < set(expected)
        assert len(partial) == len(set(partial))
        log_set.read()
        assert rows_indexed(log_set.snapshot()) == expected
