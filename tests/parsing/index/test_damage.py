"""A sample of the mutations of ``tests.attack.mutate_index``, and the manifest's own checks."""

from __future__ import annotations

import pytest

from tests.attack.mutate_index import HOWS, KINDS, attack

pytestmark = pytest.mark.slow


def test_a_damaged_index_is_never_wrong_in_silence_and_heals() -> None:
    outcome = attack(len(KINDS) * len(HOWS), seed=7)
    assert not outcome.faults
    assert {kind for kind, _, end in outcome.ends if end == "said, and healed"} >= {"rows", "rejects", "words"}
