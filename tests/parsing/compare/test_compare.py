"""``compare``: planted changes are found, quiet halves are quiet, and figures are those of plain counting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from parsing.compare import (
    LIKELY,
    SURE,
    Comparison,
    Difference,
    Side,
    before_and_after,
    compare,
    two_filters,
    with_earlier_days,
    with_the_time_before,
)
from parsing.errors import CancelledError
from parsing.filters import parse
from parsing.index import LogSet, Snapshot
from parsing.questions import Count, answer
from tests.parsing.compare.server_day import CHANGES, MIDDLE, START, write_day
from tests.written_logs import IIS_HEAD, write

HOUR = timedelta(hours=1)


@contextmanager
def opened(folder: Path) -> Iterator[Snapshot]:
    with LogSet.open([str(folder)], index_dir=folder.parent / "index") as log_set:
        log_set.read()
        yield log_set.snapshot()


def compared(folder: Path, seed: int, change: str = "") -> Comparison:
    with opened(write_day(folder / "logs", seed, change)) as snapshot:
        *_, last = compare(snapshot, *before_and_after(MIDDLE, HOUR))
    assert last.is_whole
    return last


def is_found(change: str, finding: Difference) -> bool:
    is_of_times = finding.measure in ("p50", "p95") and finding.difference > 0
    return {
        "slow path": is_of_times and finding.value == "/reports/view.aspx",
        "new client": finding.measure == "new" and finding.value == "203.0.113.77",
        "gone reason": finding.measure == "gone" and finding.value == "QueueFull",
        "slow server": is_of_times and (finding.field, finding.value) == ("server-name", "web02"),
    }[change]


@pytest.mark.parametrize("change", CHANGES)
def test_a_planted_change_is_among_the_first_five_findings(tmp_path: Path, change: str) -> None:
    found = compared(tmp_path, 1, change)
    [at] = [place for place, one in enumerate(found.findings) if is_found(change, one)][:1] or [99]
    assert at < 5, [one.summary for one in found.findings[:8]]
    # A client comes in sessions: of ninety requests of one it cannot be called sure that it was no chance.
    assert found.findings[at].sure >= (LIKELY if change == "new client" else SURE)


def test_two_halves_of_a_quiet_day_give_nothing_that_is_called_sure(tmp_path: Path) -> None:
    found = compared(tmp_path, 2)
    assert found.looked_at > 100
    assert not [one.summary for one in found.findings if one.sure >= SURE]


def test_the_figures_are_those_of_counting(tmp_path: Path) -> None:
    with opened(write_day(tmp_path / "logs", 3, "gone reason")) as snapshot:
        *_, last = compare(snapshot, *before_and_after(MIDDLE, HOUR), fields=["s-reason"])
        span = {"a": (START, MIDDLE), "b": (MIDDLE, MIDDLE + HOUR)}
        counted = {
            (side, text): answer(snapshot, Count(parse(text), span=span[side])).total
            for side in span
            for text in ("log:iis", "log:httperr", "reason:QueueFull")
        }
    assert (last.a.requests, last.b.requests) == (counted["a", "log:iis"], counted["b", "log:iis"])
    assert (last.a.errors, last.b.errors) == (counted["a", "log:httperr"], counted["b", "log:httperr"])
    [gone] = [one for one in last.findings if one.value == "QueueFull"]
    assert {one.field for one in last.findings} == {"s-reason"}
    assert (gone.a_count, gone.b_count) == (counted["a", "reason:QueueFull"], 0)
    assert gone.a == pytest.approx(1000 * gone.a_count / last.a.requests)
    assert (gone.b, gone.difference) == (0, -gone.a)
    assert gone.summary == f"reason QueueFull is gone: {gone.a_count} errors before, none after"
    assert gone.record().keys() >= {"field", "value", "measure", "a", "b", "a_count", "b_count", "difference", "sure"}


def test_one_client_that_does_something_often_is_no_change_of_the_server(tmp_path: Path) -> None:
    """Ten requests a minute of one address for a path of its own: its client is a finding, the path is not sure."""
    write_day(tmp_path / "logs", 4)
    lines = [
        f"2026-06-15 11:{second // 60:02}:{second % 60:02} 10.0.0.1 GET /own - 443 - 203.0.113.9 Own - 200 0 0 5\r\n"
        for second in range(0, 3600, 6)
    ]
    write(tmp_path / "logs" / "web01" / "W3SVC1" / "u_ex260616.log", IIS_HEAD, *lines)
    with opened(tmp_path / "logs") as snapshot:
        *_, last = compare(snapshot, *before_and_after(MIDDLE, HOUR))
    sure = {one.value for one in last.findings if one.sure >= SURE}
    assert "203.0.113.9" in sure
    assert not {"/own", "Own"} & sure


def test_fields_by_which_the_sides_were_chosen_are_no_findings(tmp_path: Path) -> None:
    with opened(write_day(tmp_path / "logs", 5, "slow server")) as snapshot:
        sides = two_filters(parse("server-name:web01"), parse("server-name:web02"))
        *_, last = compare(snapshot, *sides)
        *_, rest = compare(snapshot, *two_filters(None, parse("server-name:web02")))
    assert last.findings[0].measure in ("p50", "p95")
    assert "server-name" not in {one.field for one in last.findings}
    assert (rest.a.requests, rest.b.requests) == (last.a.requests, last.b.requests)


def test_answers_grow_and_can_be_stopped(tmp_path: Path) -> None:
    with opened(write_day(tmp_path / "logs", 6, "slow path", requests=2_000)) as snapshot:
        answers = list(compare(snapshot, *before_and_after(MIDDLE, HOUR)))
        assert [one.is_whole for one in answers] == [False, False, True]
        assert 0 == answers[0].looked_at < answers[1].looked_at < answers[2].looked_at
        with pytest.raises(CancelledError):
            list(compare(snapshot, *before_and_after(MIDDLE, HOUR), cancelled=lambda: True))


def test_a_side_without_rows_gives_no_finding(tmp_path: Path) -> None:
    with opened(write_day(tmp_path / "logs", 7, requests=500)) as snapshot:
        [last] = compare(snapshot, *with_earlier_days((START, MIDDLE), 7))
    assert (last.a.requests, last.is_whole, last.findings) == (0, True, ())
    assert last.b.requests == 250


def test_errors_alone_are_compared_by_the_hour(tmp_path: Path) -> None:
    with opened(write_day(tmp_path / "logs", 8, "gone reason")) as snapshot:
        *_, last = compare(snapshot, *before_and_after(MIDDLE, HOUR, parse("log:httperr")))
    [gone] = [one for one in last.findings if one.value == "QueueFull"]
    assert gone.measure == "gone"
    assert gone.a == pytest.approx(gone.a_count, rel=0.02)


def test_spans_of_sides() -> None:
    span = (MIDDLE, MIDDLE + HOUR)
    assert [side.span for side in with_the_time_before(span)] == [(START, MIDDLE), span]
    week = timedelta(days=7)
    assert [side.span for side in with_earlier_days(span, 7)] == [(MIDDLE - week, MIDDLE + HOUR - week), span]
    assert Side("x").span is None
