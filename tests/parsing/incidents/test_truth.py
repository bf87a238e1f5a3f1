"""Incidents against the truth of three simulated servers, on short days: floors below the bars of the judge."""

from __future__ import annotations

import pytest

from tests.bench.judge_incidents import SERVERS, judged

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("server", SERVERS)
def test_what_goes_wrong_is_found_with_its_begin_and_end_and_little_else(server: str) -> None:
    figures = judged(server, [3], 8)
    told = "\n".join(figures.missed)
    assert figures.planned >= 3
    assert figures.found >= figures.planned - 1, told
    assert figures.begins >= 0.6 * figures.found, told
    assert figures.ends >= 0.75 * figures.found, told
    assert figures.reported - figures.real <= 1, told
    assert (figures.wrong_counts, figures.quiet_alarms) == (0, 0), told
    assert figures.quiet_low <= 2, told
