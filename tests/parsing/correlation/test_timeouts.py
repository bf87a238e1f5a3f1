"""The time-out of dead connections, told by when clients asked around their drops: counts by seconds before the row."""

from __future__ import annotations

from collections.abc import Mapping

from parsing.correlation.server.timeouts import LONGEST_LAG, Timeout, zombie_timeout


def lags(found: Mapping[int, float], everywhere: float = 0.0) -> list[float]:
    return [found.get(second, 0.0) + everywhere for second in range(LONGEST_LAG + 1)]


ASKED_AGAIN_AT_ONCE = {90: 4, 91: 6, 92: 9, 93: 8, 94: 7, 95: 3}
"""Clients that left one time-out of ninety seconds, and up to a sweep, before the row, and asked again within a second."""


def is_ninety(found: Timeout) -> bool:
    return found.likely == 90 and found.earliest >= 85 and found.latest <= 100


def test_a_peak_of_next_requests_is_the_time_out() -> None:
    found = zombie_timeout(lags(ASKED_AGAIN_AT_ONCE, 0.3), lags({}))
    assert is_ninety(found)


def test_a_few_refused_programs_that_wait_long_do_not_move_it() -> None:
    """Thirteen lags of a program that tries again half a minute after each refusal."""
    waits = lags({31: 6, 35: 4, 52: 3})
    found = zombie_timeout(lags(ASKED_AGAIN_AT_ONCE, 0.3), lags({}), waits)
    assert is_ninety(found)


def test_next_requests_that_were_left_in_their_turn_tell_it_too() -> None:
    """Hardly anything is answered while an application is slow; what came before the drop lies above the edge."""
    answered = lags({91: 1, 93: 1})
    earlier = dict.fromkeys(range(110, 220), 0.3)
    found = zombie_timeout(answered, lags({**ASKED_AGAIN_AT_ONCE, **earlier}))
    assert is_ninety(found)
    assert zombie_timeout(answered, lags({})).latest == 120
