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
    """One log. ``layers`` are tones with a count a bucket, from the bottom up; ``names`` say what tones mean.

    A lane that is left out is not counted: the question is about the other log alone.
    """

    layers: tuple[tuple[str, tuple[int, ...]], ...]
    names: Mapping[str, str] = field(default_factory=dict)
    is_left_out: bool = False

    def legend(self, glyphs: Glyphs) -> list[Part]:
        """What the tones that occur mean, where there are several."""
        parts: list[Part] = []
        shown = [tone for tone, counts in self.layers if any(counts)]
        for tone in shown if len(shown) > 1 or shown != [self.layers[0][0]] else ():
            parts += [(glyphs.levels[-1], tone), (f"{self.names.get(tone, tone)} ", "dim")]
        return parts

    def totals(self) -> list[int]:
        return [sum(counts) for counts in zip(*(layer for _, layer in self.layers), strict=True)]


@dataclass(frozen=True, slots=True)
class LogBars:
    """What the histogram shows: buckets of ``every`` from ``start`` on; ``note`` says where not all is read."""

    start: datetime
    every: timedelta
    lanes: tuple[Lane, ...]
    note: str = ""

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
