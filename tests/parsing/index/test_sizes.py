"""Counts and offsets beyond 32 bits, and memory that is bounded by what a commit holds."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from pathlib import Path

import polars as pl
import pytest

from parsing.index.folders import MANIFEST
from parsing.index.log_set import LogSet
from parsing.index.reading import byte_stage, commit_stage
from parsing.index.snapshot import Progress
from parsing.index.store import segments
from parsing.index.store.manifest import mark_of
from parsing.index.store.segments import SegmentLayout, write_rows
from tests.written_logs import IIS_HEAD, append, iis_lines, rows_indexed, rows_written, write

MARKS = " union all ".join(f"select mark from {table}" for table in ("sources", "files", "parts", "text_fields"))
BEYOND = 2**33


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@pytest.mark.skipif(sys.platform != "linux", reason="needs files with holes")
def test_a_file_over_four_gigabytes_with_lines_beyond_32_bits(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD, iis_lines(5))
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        snapshot = log_set.snapshot()
    database = sqlite3.connect(snapshot.segments[0].path.parent / MANIFEST)
    with database:
        number, text = database.execute("select id, record from sources").fetchone()
        record = json.loads(text)
        record["offset"] = BEYOND
        record["counts"]["lines"] += BEYOND
        record["counts"]["rows"] += BEYOND
        record["marks"]["last"], record["marks"]["last_length"] = digest(bytes(4096)), 4096
        mark = mark_of(number, json.dumps(record))
        database.execute("update sources set record = ?, mark = ? where id = ?", (json.dumps(record), mark, number))
        total = json.dumps(sum(row[0] for row in database.execute(MARKS)))
        database.execute("update about set value = ?, mark = ? where key = 'sum'", (total, mark_of("sum", total)))
    database.close()
    with log.open("ab") as file:
        file.truncate(BEYOND)
    append(log, iis_lines(3, first=5))
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        (source,) = log_set.snapshot().sources
        assert source.rows == BEYOND + 8
        assert source.bytes == log.stat().st_size
        newest = max(log_set.snapshot().segments, key=lambda segment: segment.first)
        assert newest.scan().collect()["line"].to_list() == [BEYOND + line for line in (10, 11, 12)]
        assert log_set.raw_line(source.number, BEYOND + 11) == iis_lines(1, first=6).encode().removesuffix(b"\r\n")
        assert log_set.snapshot().progress.total > 2**32


def test_line_numbers_and_offsets_are_stored_whole(tmp_path: Path) -> None:
    frame = pl.DataFrame({"time": [0, 1], "source": [2**32 - 1] * 2, "line": [2**40, 2**40 + 1], "n": [1, 2]}).cast(
        {"time": pl.Datetime("ms"), "source": pl.UInt32}
    )
    file = write_rows(tmp_path, 1, SegmentLayout("iis", ("n",)), frame)
    assert pl.read_parquet(tmp_path / file.name)["line"].to_list() == [2**40, 2**40 + 1]


def test_long_texts_make_for_more_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_stage, "BLOCK", 20_000)
    monkeypatch.setattr(byte_stage, "FIRST_BLOCK", 20_000)
    monkeypatch.setattr(commit_stage, "SECONDS_BETWEEN_COMMITS", 1e9)
    monkeypatch.setattr(commit_stage, "BYTES_BETWEEN_COMMITS", 20_000)
    log = write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD, iis_lines(5_000))
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        commits: list[Progress] = []
        log_set.read(on_progress=commits.append)
        assert len(commits) > 10
        assert rows_indexed(log_set.snapshot()) == rows_written(log, "u_ex1.log")


def test_segments_are_not_joined_beyond_their_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "ROWS", 100)
    log = write(tmp_path / "logs" / "u_ex1.log", IIS_HEAD)
    with LogSet.open([str(log)], index_dir=tmp_path / "index") as log_set:
        for number in range(40):
            append(log, iis_lines(10, first=10 * number))
            log_set.read()
        sizes = [segment.rows for segment in log_set.snapshot().segments]
        assert max(sizes) <= 100
        assert len(sizes) < 20
        assert rows_indexed(log_set.snapshot()) == rows_written(log, "u_ex1.log")
