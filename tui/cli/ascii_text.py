"""Text for people on a standard stream that does not take UTF-8."""

from __future__ import annotations

import codecs
from typing import IO, TextIO

_SIGNS = str.maketrans(
    {
        "…": "~",
        "—": "-",
        "·": ",",
        "→": ">",
        "←": "<",
        "≤": "<",
        "≥": ">",
        "│": "|",
        "─": "-",
        "━": "=",
        **dict(zip("▁▂▃▄▅▆▇█", "._-:=+*#", strict=True)),
    }
)
"""Signs of ours, each by one character: the columns stay in line."""


def takes_utf8(stream: TextIO) -> bool:
    """Whether a standard stream takes UTF-8. On Windows that of a console does, with any code page."""
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or "utf-8").name == "utf-8"
    except LookupError:
        return False


def in_ascii(text: str) -> str:
    """The text with signs of ours by the nearest of ASCII, and any other character by ``?``."""
    return text if text.isascii() else text.translate(_SIGNS).encode("ascii", "replace").decode("ascii")


class AsciiWriter:
    """A stream of bytes that takes UTF-8 and hands on ASCII. Characters are written whole."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        self._stream.write(in_ascii(data.decode()).encode())
        return len(data)
