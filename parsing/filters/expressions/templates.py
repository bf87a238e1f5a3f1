"""Templates of paths: what tells one user, order or file from the next becomes ``{}``."""

from __future__ import annotations

import polars as pl

_LONG = 16

_HEX = "[0-9A-Fa-f]"
_IDENTIFYING = "|".join(
    (
        rf"\{{?\b{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}\b\}}?",
        r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b",
        # A long word with a digit in it: the digit may come after any number of letters.
        *(rf"\b[A-Za-z_]{{{before}}}[0-9][A-Za-z0-9_]{{{_LONG - 1 - before},}}\b" for before in range(_LONG)),
        rf"\b{_HEX}{{8,}}\b",
        r"[0-9]{3,}",
        r"\b[0-9]+\b",
    )
)
"""GUIDs, dates, long words of letters and digits, hexadecimal numbers, and numbers, but not the 2 of ``v2``."""

_SEVERAL = r"\{\}(?:[-_.,:]?\{\})+"


def template(path: pl.Expr) -> pl.Expr:
    """The template of a path: ``/api/v2/users/17/orders`` is one of ``/api/v2/users/{}/orders``."""
    return path.str.replace_all(_IDENTIFYING, "{}").str.replace_all(_SEVERAL, "{}")
