"""The characters that draw: for terminals with block characters and, with ``--ascii``, for those without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """``levels`` fill a cell from empty to full from below, ``eighths`` from the left."""

    levels: str
    eighths: str
    ellipsis: str
    error: str
    request: str
    mark: str
    dot: str
    arrow: str
    up: str
    down: str
    thumb: str
    across: str
    upright: str
    bar: str
    shade: str
    guide: str
    minus: str
    wait: str

    def clean(self, text: str) -> str:
        """Text of ours without the characters this terminal lacks."""
        return text if self is UNICODE else text.translate(_PLAIN)


UNICODE = Glyphs(
    levels=" ▁▂▃▄▅▆▇█",
    eighths=" ▏▎▍▌▋▊▉█",
    ellipsis="…",
    error="◆",
    request=" ",
    mark="●",
    dot="·",
    arrow="→",
    up="▲",
    down="▼",
    thumb="▐",
    across="─",
    upright="│",
    bar="━",
    shade="░",
    guide="┊",
    minus="-",
    wait="·",
)

ASCII = Glyphs(
    levels=" ..::-=+#",
    eighths="     ####",
    ellipsis="~",
    error="!",
    request=" ",
    mark="*",
    dot="-",
    arrow="->",
    up="^",
    down="v",
    thumb="|",
    across="-",
    upright="|",
    bar="=",
    shade=".",
    guide=":",
    minus="-",
    wait=".",
)

_PLAIN = str.maketrans({"·": "-", "→": ">", "…": "...", "≤": "<=", "≥": ">=", "←": "<", "↑": "^", "↓": "v", "±": "+-"})
