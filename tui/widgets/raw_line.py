"""A raw line in the tones of its tokens."""

from __future__ import annotations

from collections.abc import Sequence

from pygments.token import Token

from tui.model.fact import Part

_TONES = {
    Token.Literal.Date: "accent",
    Token.Literal.Number: "good",
    Token.Literal.String: "plain",
    Token.Name.Function: "key",
    Token.Name.Class: "key",
    Token.Name.Attribute: "iis",
    Token.Name.Exception: "httperr",
    Token.Name.Namespace: "accent",
    Token.Generic.Error: "error",
    Token.Comment: "dim",
    Token.Punctuation: "dim",
}


def highlighted(text: str, fields: Sequence[str] = ()) -> list[Part]:
    """The parts of a line that is safe to show, together the whole line; ``fields`` are those of its layout."""
    from parsing.formats import LogLexer  # loads Polars, which the screen starts without

    parts: list[Part] = []
    for kind, value in LogLexer(fields=fields).get_tokens(text):
        tone = next((_TONES[known] for known in (kind, *_parents(kind)) if known in _TONES), "plain")
        if value and value != "\n":
            parts.append((value.rstrip("\n"), tone))
    return parts


def _parents(kind: object) -> list[object]:
    found = []
    while (kind := getattr(kind, "parent", None)) is not None:
        found.append(kind)
    return found
