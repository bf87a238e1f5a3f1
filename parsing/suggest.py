"""The one "did you mean": which known word a misspelt one is nearest to."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 80
"""Characters of a word that are compared: the comparison takes time by the square of them, and no name is longer."""

LIKENESS = 0.6
"""How alike two words must be, from 0 to 1 as difflib measures it; a word for a word that is half right is a guess."""


def nearest(word: str, known: Iterable[str], *, most: int = 1, likeness: float = LIKENESS) -> list[str]:
    """The known words nearest to one, best first, in their own spelling; case is no difference."""
    names = {name.casefold(): name for name in reversed(list(known))}
    return [names[close] for close in get_close_matches(word.casefold()[:_LONGEST], names, n=most, cutoff=likeness)]


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "", likeness: float = LIKENESS) -> str:
    """A hint for whoever misspelt a word: the nearest known one as a question, else ``otherwise``."""
    near = nearest(word, known, likeness=likeness)
    return f"did you mean {near[0]}?" if near else otherwise
