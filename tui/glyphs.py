"""The characters that draw: for terminals with block characters and, with ``--ascii``, for those without."""

from __future__ import annotations

from dataclasses import dataclass

from parsing.wording import LEVELS


@dataclass(frozen=True, slots=True)
class Glyphs:
    """``levels`` fill a cell from empty to full from below."""

    levels: str
    ellipsis: str
    error: str
    mark: str
    dot: str
    up: str
    down: str
    thumb: str
    across: str
    upright: str
    bar: str
    shade: str
    guide: str
    wait: str

    def clean(self, text: str) -> str:
        """Text of ours without the characters this terminal lacks."""
        return text if self is UNICODE else text.translate(_PLAIN)


UNICODE = Glyphs(
    levels=LEVELS,
    ellipsis="…",
    error="◆",
    mark="●",
    dot="·",
    up="▲",
    down="▼",
    thumb="▐",
    across="─",
    upright="│",
    bar="━",
    shade="░",
    guide="┊",
    wait="·",
)

ASCII = Glyphs(
    levels=" ..::-=+#",
    ellipsis="~",
    error="!",
    mark="*",
    dot="-",
    up="^",
    down="v",
    thumb="|",
    across="-",
    upright="|",
    bar="=",
    shade=".",
    guide=":",
    wait=".",
)

_PLAIN = str.maketrans({"·": "-", "→": ">", "…": "...", "≤": "<=", "≥": ">=", "←": "<", "↑": "^", "↓": "v", "±": "+-"})
