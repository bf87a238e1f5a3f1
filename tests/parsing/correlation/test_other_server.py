"""Correlation on a server that was simulated apart from the demo: floors for every variant of its clients, on small logs."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest

from tests.bench.judge_correlation import Scores, run_other
from tests.parsing.correlation.other_server import variants

pytestmark = pytest.mark.slow

VARIANTS = {name: replace(habits, users=min(habits.users, 500)) for name, habits in variants()}
PROXY = "one proxy"


@pytest.fixture(scope="module", params=VARIANTS)
def scored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Scores]:
    name = str(request.param)
    return name, run_other(tmp_path_factory.mktemp("logs"), 1, VARIANTS[name])


def test_retries_are_found_and_little_else_is_called_one(scored: tuple[str, Scores]) -> None:
    name, scores = scored
    assert scores.relations["retry"][2] >= 30
    assert scores.precision("retry") >= (0.65 if name == PROXY else 0.95), name
    assert scores.recall("retry") >= (0.7 if name == PROXY else 0.9), name


def test_who_ended_it_and_since_when(scored: tuple[str, Scores]) -> None:
    name, scores = scored
    assert scores.ended_by[0] / scores.ended_by[1] >= 0.98, name
    assert scores.drops[0] / scores.drops[1] >= 0.93, name
    assert all(
        true / number >= total / number - 0.1 for number, true, total in scores.who.tenths.values() if number > 50
    )
    for kind, found in scores.began.items():
        assert sum(is_held for is_held, _ in found) / len(found) >= 0.9, (name, kind)
    assert median(width for _, width in scores.began["idle"]) <= (30 if name == PROXY else 10)


def test_what_is_nearly_sure_is_nearly_always_true(scored: tuple[str, Scores]) -> None:
    name, scores = scored
    number, true, total = scores.bands.tenths[9]
    assert true / number >= total / number - 0.07, name
