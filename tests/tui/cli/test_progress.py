from __future__ import annotations

import pytest

from tui.cli.progress import Meter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_tells_share_rate_and_time_left_and_goes_away(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Meter("reading", is_shown=True, clock=clock) as meter:
        meter.bytes(0, 100_000_000)
        clock.now = 2.0
        meter.bytes(25_000_000, 100_000_000)
    err = capsys.readouterr().err
    assert "reading 25.0 MB of 100 MB (25 %), 12.5 MB/s, 6 s left" in err
    assert err.endswith("\r")
    assert not err.strip("\r").endswith("left")


def test_what_an_earlier_run_read_does_not_count_for_the_rate(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Meter("reading", is_shown=True, clock=clock) as meter:
        meter.bytes(90_000_000, 100_000_000)
        clock.now = 5.0
        meter.bytes(95_000_000, 100_000_000)
    assert "1.0 MB/s, 5 s left" in capsys.readouterr().err


def test_quick_work_and_quiet_work_show_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Meter("reading", is_shown=True, clock=clock) as meter:
        clock.now = 0.1
        meter.rows(5)
    with Meter("reading", is_shown=False, clock=clock) as meter:
        clock.now = 9.0
        meter.rows(5)
    assert capsys.readouterr().err == ""
