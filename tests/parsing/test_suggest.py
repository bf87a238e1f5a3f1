"""What a misspelt word is answered with."""

from __future__ import annotations

import pytest

from parsing.suggest import did_you_mean, nearest


def test_the_nearest_word_is_given_in_its_own_spelling() -> None:
    assert nearest("queuefull", ["AppOffline", "QueueFull"]) == ["QueueFull"]
    assert did_you_mean("breakdwon", ["count", "breakdown"]) == "did you mean breakdown?"
    assert nearest("x" * 100_000, ["count"]) == []


@pytest.mark.parametrize(("likeness", "hint"), [(0.6, "did you mean count?"), (0.9, "there are: count")])
def test_a_word_that_is_too_far_off_is_answered_otherwise(likeness: float, hint: str) -> None:
    assert did_you_mean("coutn", ["count"], otherwise="there are: count", likeness=likeness) == hint
    assert did_you_mean("zzz", ["count"]) == ""
