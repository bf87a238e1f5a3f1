"""Turning log text, which whoever sends requests can write, into text that is safe to show in a terminal."""

from __future__ import annotations

import re
import unicodedata

CUT = "…"
"""Stands for the rest of a text that was cut."""

# C0 and DEL have pictures of their own; everything else that is invisible or moves text becomes its number.
_CONTROL_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: escape sequences start here
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # invisible, or changes direction
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, embeddings, isolates
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # fillers, variation selectors, BOM, annotations
    "\ud800-\udfff"  # halves of surrogate pairs: cannot be written at all
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f"  # enclose what follows
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # invisible format characters, tags
    "]"
)


def safe(text: str) -> str:
    """The text with nothing in it that a terminal could obey, hide or reorder; every such character stays visible.

    C0 and DEL become their pictures (``␛``), others ``<U+202E>``. Text without any is returned as it is; the
    result is one line, and applying ``safe`` again changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_picture, text)


def is_safe(text: str) -> bool:
    """Whether ``safe`` would leave the text as it is."""
    return _UNSAFE.search(text) is None


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(_CONTROL_PICTURES[code]) if code in _CONTROL_PICTURES else f"<U+{code:04X}>"


def cells(text: str) -> int:
    """How many cells of a terminal a safe text takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def cut(text: str, width: int) -> str:
    """The text, or as much of it as fits with a ``…`` at its end."""
    if cells(text) <= width:
        return text
    taken, used = "", 0
    for character in text:
        used += _cell(character)
        if used > width - 1:
            break
        taken += character
    return taken + CUT


def _cell(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Mn":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
