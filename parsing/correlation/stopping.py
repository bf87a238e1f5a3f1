"""Whether correlation is still wanted. It asks between steps that take some tens of milliseconds each."""

from __future__ import annotations

from collections.abc import Callable

from parsing.errors import CancelledError

Cancelled = Callable[[], bool]


def never() -> bool:
    """What is asked of work that is always wanted."""
    return False


def stop_if(cancelled: Cancelled) -> None:
    """Raises ``CancelledError`` where the work is not wanted any more."""
    if cancelled():
        raise CancelledError
