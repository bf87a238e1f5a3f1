"""While logs are followed, what was asked of an earlier snapshot keeps neither it nor its files."""

from __future__ import annotations

import gc
from pathlib import Path
from weakref import ref

import pytest

from parsing.filters import parse
from parsing.index.log_set import LogSet
from parsing.index.snapshot import Snapshot
from parsing.questions import Breakdown, Count, Histogram, OrderedRows, answer
from tests.written_logs import HTTPERR_HEAD, append, httperr_lines, write

APPENDS = 40


def ask_all(snapshot: Snapshot) -> None:
    where = parse("client:10.* or path:/a*")
    answer(snapshot, Count(where))
    answer(snapshot, Breakdown(where, ("path",), top=5))
    answer(snapshot, Histogram(where))
    for sort in (None, "path", "-time"):
        answer(snapshot, OrderedRows(where, sort=sort)).page(0, 20)


@pytest.mark.slow
def test_nothing_keeps_an_earlier_snapshot_or_its_files(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "httperr1.log"
    write(log, HTTPERR_HEAD, httperr_lines(20))
    seen: list[ref[Snapshot]] = []
    with LogSet.open([str(log.parent)], index_dir=tmp_path / "index") as followed:
        followed.read()
        held = followed.snapshot()
        for number in range(APPENDS):
            ask_all(followed.snapshot())
            seen.append(ref(followed.snapshot()))
            append(log, httperr_lines(1, first=20 + number))
            assert followed.poll()
        newest = followed.snapshot()
        gc.collect()
        assert [known() for known in seen if known() is not None] == [held]
        on_disk = {path.name for path in tmp_path.glob("index/*/rows-*")}
        assert on_disk == {segment.path.name for one in (held, newest) for segment in one.segments}
        assert answer(newest, Count()).total == 20 + APPENDS


def test_a_log_set_that_closes_forgets_what_it_read(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, httperr_lines(20))
    with LogSet.open([str(tmp_path / "logs")], index_dir=tmp_path / "index") as logs:
        logs.read()
        snapshot = logs.snapshot()
        ask_all(snapshot)
        (part,) = answer(snapshot, Breakdown(by=("path",), top=1)).table["count"].to_list() or (None,)
        assert part
        segment = snapshot.segments[0]
        assert snapshot.memory.columns.find((segment.path, "cs-uri")) is not None
    assert snapshot.memory.columns.find((segment.path, "cs-uri")) is None
