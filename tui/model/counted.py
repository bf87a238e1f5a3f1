"""Values of fields with how often they occur, and how often over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

NOT_LOGGED = "(not logged)"


SPARK = 12
"""Buckets of a sparkline."""


@dataclass(frozen=True, slots=True)
class Value:
    """One row of a breakdown: the values of the counted fields, how many rows have them, first and last when.

    ``is_kept`` is false where the filter leaves these rows out: the counts of a field ignore its own conditions.
    """

    values: tuple[Any, ...]
    count: int
    share: float
    first: datetime
    last: datetime
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Trend:
    """Computed after the counts: how often over time, and how long the requests took (milliseconds)."""

    counts: tuple[int, ...] = ()
    median: float | None = None
    high: float | None = None
