"""Numbers as the screen says them."""

from __future__ import annotations

import pytest

from tui.wording import confidence


@pytest.mark.parametrize(
    ("chance", "said"), [(0.5, "0.50"), (0.934, "0.93"), (0.9951, "0.99"), (0.999, "0.99"), (1, "1.00")]
)
def test_a_claim_short_of_certain_is_not_said_to_be_certain(chance: float, said: str) -> None:
    assert confidence(chance) == said
