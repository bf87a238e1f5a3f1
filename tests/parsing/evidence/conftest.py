"""Log sets with evidence next to the logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pytest

from parsing.index import LogSet, Snapshot
from tests.written_events import Written, events_xml
from tests.written_logs import HTTPERR_HEAD, write

Opened = Callable[..., Snapshot]


def error(time: str, reason: str, pool: str = "Legacy", client: str = "192.0.2.7") -> str:
    return f"2026-06-15 {time} {client} 50123 10.0.0.1 80 HTTP/1.1 GET /legacy/a.asp 503 1 {reason} {pool}\r\n"


def place_of(source: int, line: int) -> pl.DataFrame:
    """One row as ``events_of_rows`` wants rows."""
    return pl.DataFrame({"source": [source], "line": [line]}, schema={"source": pl.UInt32(), "line": pl.Int64()})


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """A snapshot of a Httperr.log with these errors and an export of these events next to it."""
    with ExitStack() as stack:

        def open_(errors: Sequence[str], events: Sequence[Written], folder: str = "logs") -> Snapshot:
            top = tmp_path / folder
            if errors:
                write(top / "httperr1.log", HTTPERR_HEAD, *sorted(errors))
            if events:
                write(top / "System.xml", events_xml(events))
            log_set = stack.enter_context(LogSet.open([str(top)], index_dir=tmp_path / f"index of {folder}"))
            log_set.read()
            return log_set.snapshot()

        yield open_
