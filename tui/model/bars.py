"""What the histogram shows: both logs over time, in bars that are stacked by status class or by who ended it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tui.glyphs import Glyphs
from tui.model.fact import Part

Times = tuple[datetime, datetime]
"""From the first moment on, up to the second."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One log. ``layers`` are tones with a count a bucket, from the bottom up; ``names`` say what tones mean."""

    layers: tuple[tuple[str, tuple[int, ...]], ...]
    names: Mapping[str, str] = field(default_factory=dict)

    def legend(self, glyphs: Glyphs) -> list[Part]:
        """What the tones other than the first mean, of those that occur."""
        parts: list[Part] = []
        for tone, counts in self.layers[1:]:
            if any(counts) and tone in self.names:
                parts += [(glyphs.levels[-1], tone), (f"{self.names[tone]} ", "dim")]
        return parts

    def totals(self) -> list[int]:
        return [sum(counts) for counts in zip(*(layer for _, layer in self.layers), strict=True)]


@dataclass(frozen=True, slots=True)
class LogBars:
    """What the histogram shows: buckets of ``every`` from ``start`` on; ``note`` says where not all is read.

    ``odd`` counts the errors that are not normal; it is empty where all are wanted.
    """

    start: datetime
    every: timedelta
    lanes: tuple[Lane, ...]
    note: str = ""
    odd: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return len(self.lanes[0].layers[0][1]) if self.lanes else 0

    def bucket(self, moment: datetime) -> int:
        """The bucket of a moment, within the bars."""
        return min(max(0, (moment - self.start) // self.every), max(0, self.count - 1))

    def begin(self, bucket: int) -> datetime:
        return self.start + self.every * bucket

    def span(self, bucket: int) -> Times:
        return self.begin(bucket), self.begin(bucket + 1)
