"""What was measured, as a table: the figure, what it is held against, and the bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table. ``value`` is held to ``bar`` in ``unit``; ``detail`` says what it was made of."""

    what: str
    value: float
    unit: str
    bar: float
    detail: str = ""
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """``is_least``: the bar is the least that is good enough, otherwise the most."""
        return self.value >= self.bar if self.is_least else self.value <= self.bar


def table(measures: Iterable[Measure]) -> str:
    """The measures as a table in Markdown."""
    lines = ["| job | measured | bar | | made of |", "| --- | --- | --- | --- | --- |"]
    for measure in measures:
        bar = f"{'≥' if measure.is_least else '≤'} {measure.bar:g} {measure.unit}"
        verdict = "met" if measure.is_met else "**missed**"
        lines.append(f"| {measure.what} | {measure.value:.2f} {measure.unit} | {bar} | {verdict} | {measure.detail} |")
    return "\n".join(lines)
