"""Holds up the engine, so that a test decides what comes first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest


class Gate:
    """Holds back calls of a function until it is opened."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._open = threading.Event()
        self.reached = self.passed = 0

    @property
    def is_reached(self) -> bool:
        return self.reached > 0

    def before(self, target: Any, name: str, *, only_first: bool = False) -> None:
        held: Callable[..., Any] = getattr(target, name)

        def hold(*arguments: Any, **named: Any) -> Any:
            self.reached += 1
            if self.reached == 1 or not only_first:
                self._open.wait(20)
            found = held(*arguments, **named)
            self.passed += 1
            return found

        self._patch.setattr(target, name, hold)

    def open(self) -> None:
        self._open.set()
