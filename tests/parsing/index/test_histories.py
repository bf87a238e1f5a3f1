"""The same logs give the same answers, byte for byte, whatever the history of their index."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.filters import parse
from parsing.index import LogSet, Snapshot
from parsing.questions import Page, answer
from tests.attack.histories import WAYS, differences
from tests.written_logs import HTTPERR_HEAD, httperr_lines, write


@pytest.mark.slow
def test_answers_do_not_depend_on_how_the_index_came_about() -> None:
    assert differences(len(WAYS), seed=1, rows=60) == []


def pages(snapshot: Snapshot) -> list[list[dict[str, object]]]:
    """Rows in several orders, and those of one source."""
    questions = [Page(), Page(sort="source"), Page(sort="-c-port"), Page(parse("source:httperr2.log"))]
    return [answer(snapshot, question).to_dicts() for question in questions]


def test_a_source_that_comes_later_and_sorts_earlier_is_no_other_in_what_is_remembered(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    second = httperr_lines(5, path="/second")
    write(logs / "httperr2.log", HTTPERR_HEAD, second)
    write(logs / "httperr3.log", HTTPERR_HEAD, httperr_lines(5, path="/third"))
    with LogSet.open([str(logs)], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        before = log_set.snapshot()
        asked = pages(before)
        write(logs / "httperr1.log", HTTPERR_HEAD, httperr_lines(5, path="/first"))
        log_set.read()
        now = log_set.snapshot()
        with LogSet.open([str(logs)], index_dir=tmp_path / "other") as at_once:
            at_once.read()
            assert pages(now) == pages(at_once.snapshot())
        assert pages(before) == asked, "and what was taken before is as it was"
        numbers = {source.name: source.number for source in now.sources}
        line = HTTPERR_HEAD.count("\n") + 1
        assert log_set.raw_line(numbers["httperr2.log"], line) == second.encode().splitlines()[0]
