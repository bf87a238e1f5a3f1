"""Facts: a label with text in tones, which a side pane, an explanation and the help are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Part = tuple[str, str]
"""Text with its tone; ``tone+over`` for a tone on another ground, as ``plain+cursor``."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and toned text. ``field`` and ``value`` are what it stands for in a filter, if for anything.

    A fact without a label uses the whole width, and ``least`` lines. All texts must be safe to show.
    """

    label: str
    parts: tuple[Part, ...]
    field: str = ""
    value: Any = None
    least: int = 1


def heading(text: str) -> Fact:
    return Fact("", ((text, "strong"),))


def said(text: str, tone: str = "plain") -> Fact:
    return Fact("", ((text, tone),))
