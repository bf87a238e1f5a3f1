"""A command line as a shell has it while it is typed: split into words, and words written so that the shell takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BASH_SPECIAL = re.compile(r"[^\w@%+=:,./~^-]")
_POWERSHELL_PLAIN = re.compile(r"[\w%+=:./~*^\\-]+")


@dataclass(frozen=True, slots=True)
class Typed:
    """The words before the cursor, the last of them the one that is being typed; ``quote`` is open in it, if any."""

    words: tuple[str, ...]
    quote: str = ""


def split_line(line: str, escape: str) -> Typed:
    """The words of a line without the name of the program. ``escape`` is what takes a character as it is."""
    words: list[str] = []
    word: str | None = None
    quote = ""
    rest = iter(line)
    for char in rest:
        if quote:
            if char == quote:
                quote = ""
            elif char == escape and quote == '"':
                word = (word or "") + next(rest, "")
            else:
                word = (word or "") + char
        elif char in "\"'":
            quote, word = char, word or ""
        elif char == escape:
            word = (word or "") + next(rest, "")
        elif char.isspace():
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + char
    words.append(word or "")
    return Typed(tuple(words[1:]) or ("",), quote)


def for_bash(value: str, typed: Typed, breaks: str) -> str:
    """What bash is to put in the place of the word: only what follows the last character at which it cuts words."""
    if typed.quote:
        return value
    current = typed.words[-1]
    cut = max((current.rfind(char) for char in breaks if not char.isspace()), default=-1) + 1
    return _BASH_SPECIAL.sub(r"\\\g<0>", value[cut:])


def for_powershell(value: str) -> str:
    """A word as an argument of PowerShell: in quotes unless it is plain."""
    if _POWERSHELL_PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("'", "''") + "'"
