"""Correlation on a server that was simulated apart from the demo: floors for every variant of its clients, on small logs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.judge_correlation import Figures, run_other
from tests.parsing.correlation.other_server import variants

VARIANTS = {name: replace(habits, users=min(habits.users, 500)) for name, habits in variants()}


@pytest.fixture(scope="module", params=VARIANTS)
def figures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    name = str(request.param)
    return run_other(tmp_path_factory.mktemp("logs"), 1, name, VARIANTS[name])


def test_retries_are_found_and_little_else_is_called_one(figures: Figures) -> None:
    precision, recall, number = figures.relations["retry"]
    is_proxy = "one proxy" in figures.name
    assert number >= 30
    assert precision >= (0.65 if is_proxy else 0.95), figures.name
    assert recall >= (0.7 if is_proxy else 0.9), figures.name


def test_who_ended_it_and_since_when(figures: Figures) -> None:
    assert figures.ended_by[0] >= 0.98, figures.name
    assert figures.ended_by[1] >= 0.93, figures.name
    assert all(held >= 0.9 for held, _, _ in figures.began.values()), figures.began
    assert figures.began["idle"][1] <= (30 if "one proxy" in figures.name else 10)


def test_what_is_nearly_sure_is_nearly_always_true(figures: Figures) -> None:
    number, true, total = figures.bands.tenths[9]
    assert true / number >= total / number - 0.07, figures.name
