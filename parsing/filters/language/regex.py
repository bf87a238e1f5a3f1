"""Regular expressions of filters: the syntax of Rust's regex crate, ignoring case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

FLAGS = "(?i)"

_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
_ERROR = re.compile(r"^error: (.+)$", re.MULTILINE)
_CARET = re.compile(r"^    ( *)(\^+) *$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RegexMistake:
    """Why an expression does not compile, and between which of its characters if that is known."""

    reason: str
    start: int = 0
    end: int | None = None


def escaped(text: str) -> str:
    """Text as an expression that matches it alone."""
    return _META.sub(r"\\\g<0>", text)


@lru_cache(maxsize=256)
def mistake(pattern: str) -> RegexMistake | None:
    """Why a pattern does not compile; None for a good one. Imports Polars, whose engine decides."""
    import polars as pl

    try:
        pl.Series(["x"]).str.contains(FLAGS + pattern, strict=True)
    except pl.exceptions.ComputeError as error:
        return _worded(str(error), pattern)
    return None


def _worded(message: str, pattern: str) -> RegexMistake:
    found = _ERROR.search(message)
    if found is None:
        too_big = "exceeds size limit" in message
        return RegexMistake("the regular expression is too big" if too_big else "this is no regular expression")
    caret = _CARET.search(message)
    if caret is None or "\n" in pattern:
        return RegexMistake(found[1])
    start = max(0, len(caret[1]) - len(FLAGS))
    return RegexMistake(found[1], min(start, len(pattern)), min(start + len(caret[2]), len(pattern)))
