"""One wording of numbers, durations, sizes, shares and sparklines."""

from __future__ import annotations

import pytest

from parsing.wording import brief_duration, counted, duration, rough_duration, share, short, size, sparkline


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 ms"),
        (850, "850 ms"),
        (999.6, "1 s"),
        (1_234, "1.2 s"),
        (30_000, "30 s"),
        (51_400, "51.4 s"),
        (59_950, "60 s"),
        (94_000, "94 s"),
        (119_400, "119 s"),
        (119_600, "2 min"),
        (125_000, "2 min 05 s"),
        (570_000, "9 min 30 s"),
        (3_599_700, "1 h"),
        (3_900_000, "1 h 05 min"),
        (90_000_000, "25 h"),
        (273_600_000, "3 d 04 h"),
        (-1_500, "-1.5 s"),
    ],
)
def test_durations(milliseconds: float, words: str) -> None:
    assert duration(milliseconds) == words


def test_a_duration_known_to_a_second_has_no_fraction_from_ten_seconds_on() -> None:
    assert [rough_duration(ms) for ms in (400, 4_300, 51_400, 94_300)] == ["400 ms", "4.3 s", "51 s", "94 s"]


def test_a_narrow_column_has_seven_characters_for_a_duration() -> None:
    longest = max(len(brief_duration(10**power * part)) for power in range(11) for part in (1, 2.5, 5.99, 9.96))
    assert longest <= 7
    assert brief_duration(570_000) == "9.5 min"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (999.7, "1.0 kB"),
        (2_060_000, "2.1 MB"),
        (345_678_901, "346 MB"),
        (-2_000, "-2.0 kB"),
    ],
)
def test_sizes(number: float, words: str) -> None:
    assert size(number) == words


def test_shares_and_counts() -> None:
    assert [share(0, 5), share(1, 5_000), share(1, 8), share(0.5)] == ["0 %", "<0.1 %", "12.5 %", "50.0 %"]
    assert [counted(1, "entry", "entries"), counted(1_204, "request")] == ["1 entry", "1,204 requests"]
    assert [short(999), short(12_340), short(4_500_000)] == ["999", "12.3k", "4.5M"]


def test_whatever_is_there_shows_in_a_sparkline() -> None:
    assert sparkline([0, 1, 500, 1000]) == " ▁▄█"
    assert sparkline([]) == sparkline([0])[:0] == ""
