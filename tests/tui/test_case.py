"""Case files: what they hold, on which copies of the logs they open, and what they say is missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from parsing.errors import UsageError
from tests.tui.cli.conftest import Run, _own_folders, run
from tests.written_logs import HTTPERR_HEAD, httperr_lines, write
from tui.case import CaseFile, CaseIncident, CaseSource, load_case, save_case
from tui.session import Mark, Session, save_session, session_file

__all__ = ["_own_folders", "run"]
TIME = datetime(2026, 6, 15, 10, 0, 5)  # noqa: DTZ001
CASE = CaseFile(
    ("/logs",),
    Session(
        filter='path:"/a b" reason:QueueFull',
        span=(TIME, TIME + timedelta(hours=1)),
        view="reasons",
        marks=(Mark("HTTPERR/httperr1.log", 7, TIME, 'the "first"\none'),),
    ),
    (CaseSource("HTTPERR/httperr1.log", 40),),
    (CaseIncident("scan@2026-06-15T10:00:00", "low", 60, 0),),
)


def test_a_case_is_what_was_saved(tmp_path: Path) -> None:
    save_case(tmp_path / "x.dropline", CASE)
    assert load_case(tmp_path / "x.dropline") == CASE


@pytest.mark.parametrize("text", ["version = 1", "version = 2\n", "= 3", "version = 1\nquestion = 4", "\xff\xfe"])
def test_what_is_no_case_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.dropline").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match="case"):
        load_case(tmp_path / "x.dropline")


def test_a_case_opens_on_another_copy_and_says_what_is_missing_there(tmp_path: Path, run: Run) -> None:
    here = tmp_path / "here"
    log = write(here / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, httperr_lines(40))
    write(here / "HTTPERR" / "httperr2.log", HTTPERR_HEAD, httperr_lines(5, first=100))
    marks = tuple(Mark(f"HTTPERR/{name}.log", 7, TIME, "look here") for name in ("httperr1", "httperr2"))
    file = session_file([str(here)])
    save_session(file, Session(marks=marks))
    case = tmp_path / "c.dropline"
    assert run("report", here, "--where", "path:/e/3", "--out", case).status == 0
    text = case.read_text("utf-8")
    assert "look here" in text
    assert "192.0.2." not in text, "no text of the logs"
    same = run(case)
    assert (same.status, same.err) == (0, "")
    assert "filter" in same.out
    assert "1 of 45 rows" in same.out
    write(tmp_path / "there" / "httperr1.log", log.read_bytes()[: len(HTTPERR_HEAD) + 900])
    other = run(case, tmp_path / "there")
    assert other.status == 0
    assert "1 file of the case not here: HTTPERR/httperr2.log" in other.err
    assert "rows here, 40 in the case" in other.err
    assert "1 mark on rows that are not here: HTTPERR/httperr2.log:7" in other.err
