"""The statistics of comparisons, against printed tables and by simulation."""

from __future__ import annotations

from random import Random

import polars as pl
import pytest

from parsing.compare.significance import TRIALS, holm, two_sided, welch, widened


@pytest.mark.parametrize(
    ("t", "freedom", "p"),
    [(2.228, 10, 0.05), (4.587, 10, 0.001), (12.706, 1, 0.05), (1.96, 1e6, 0.05), (3.169, 10, 0.01)],
)
def test_student_t_is_that_of_the_tables(t: float, freedom: float, p: float) -> None:
    assert two_sided(t, freedom) == pytest.approx(p, rel=0.002)
    assert two_sided(0, freedom) == 1


def test_holm_corrects_the_smallest_most_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_values_that_differ_anyway_widen_the_error_of_one_another() -> None:
    volatile = [0.0001] * 20 + [0.9] * 20
    assert widened(volatile)[0] > 0.2
    quiet = [(place + 0.5) / 40 for place in range(40)]
    assert widened([1e-9, *quiet])[0] < 1e-7
    assert widened([1e-9, 0.001]) == [1e-9, 0.001]


def trials(rows: list[tuple[int, int, float, float]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=TRIALS, orient="row")


def test_a_burst_in_one_batch_is_less_sure_than_as_many_rows_in_all() -> None:
    steady = [(0, side, 10.0 * side, 1_000.0) for side in (0, 1) for _ in range(10)]
    burst = [(1, side, 100.0 if side and not batch else 0.0, 1_000.0) for side in (0, 1) for batch in range(10)]
    found = welch(trials(steady + burst), "share")
    assert found["a"].to_list() == [0, 0]
    assert found["b"].to_list() == pytest.approx([0.01, 0.01])
    assert found["p"][0] < 1e-4
    assert found["p"][1] > 0.2


def test_alike_sides_are_seldom_found_to_differ() -> None:
    chance = Random(5)
    rows = [
        (test, side, float(sum(chance.random() < 0.1 for _ in range(50))), 50.0)
        for test in range(200)
        for side in (0, 1)
        for _ in range(10)
    ]
    found = welch(trials(rows), "share")
    assert sum(p < 0.05 for p in found["p"]) <= 20
