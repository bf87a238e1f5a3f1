"""Filters and lines of logs with pseudonyms in place of what names people and computers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from parsing.export.redaction import Redaction
from parsing.filters import (
    Address,
    And,
    AnyOf,
    Filter,
    FilterValue,
    Glob,
    Network,
    Not,
    Or,
    Pattern,
    Range,
    Term,
    Text,
    Word,
    conjunction,
    disjunction,
)
from parsing.knowledge.fields import Field
from parsing.safe_text import safe

_MAYBE_HOST = re.compile(r"(?<![/\w.\\-])[\w-]+\\?\.[\w-]{2,}")
"""A name with a dot that is no file of a path: ``*www.example*``, but not ``/www.example`` nor ``*.aspx``."""


def redacted_filter(where: Filter, redaction: Redaction) -> Filter:
    """The filter with pseudonyms, to be read and not to be asked. Text of no field is hidden: it may name anyone."""
    match where:
        case And(parts):
            return conjunction(redacted_filter(part, redaction) for part in parts)
        case Or(parts):
            return disjunction(redacted_filter(part, redaction) for part in parts)
        case Not(part):
            return Not(redacted_filter(part, redaction))
        case Text(text):
            return Text(redaction.pseudonym("text", text))
        case Term():
            return replace(where, value=_value(where.field, where.value, redaction))
    return where


def _value(field: Field, value: FilterValue, redaction: Redaction) -> FilterValue:
    match value:
        case AnyOf(values):
            hidden = (_value(field, one, redaction) for one in values)
            return AnyOf(tuple(one for one in hidden if not isinstance(one, AnyOf)))
        case Word(text):
            return Word(redaction.value(field.name, text))
        case Address() | Network() | Range(low=Address()) | Range(high=Address()):
            return Word(redaction.pseudonym("ip", str(value)))
        case Glob(parts) if _is_open(field, "*".join(parts), redaction):
            return Glob(tuple(redaction.text(part) for part in parts))
        case Pattern(text) if _is_open(field, text, redaction):
            return Pattern(redaction.text(text))
    return value if _names_nobody(value) else Word(redaction.pseudonym("v", str(value)))


def _names_nobody(value: FilterValue) -> bool:
    if isinstance(value, Range):
        return all(end is None or end.names_nobody for end in (value.low, value.high))
    return value.names_nobody


def _is_open(field: Field, text: str, redaction: Redaction) -> bool:
    """Whether a part of a value may be shown: its field identifies nobody, and it is not of a query or of a host's name."""
    hides = redaction.of_field(field.name)
    if "//" in text or "%2f" in text.lower() or _MAYBE_HOST.search(text):
        return False
    return hides == redaction.text or (hides == redaction.uri and not {"?", "="} & {*text})


def redacted_line(
    text: str, layouts: Sequence[Sequence[str]], values: Mapping[str, object], redaction: Redaction
) -> str:
    """A line of a log. Where its layout is not certain, its values with their names instead.

    ``values`` are those of the row by wire name, ``layouts`` those that its file has.
    """
    tokens = text.split(" ")
    fitting = [layout for layout in layouts if len(layout) == len(tokens)]
    if len(fitting) == 1 and all(
        _agrees(token, values.get(name)) for token, name in zip(tokens, fitting[0], strict=True)
    ):
        pairs = zip(tokens, fitting[0], strict=True)
        return " ".join(token if token == "-" else redaction.value(name, token) for token, name in pairs)
    known = {name: value for name, value in values.items() if value is not None}
    return " ".join(f"{name}={redaction.value(name, str(value))}" for name, value in known.items())


def _agrees(token: str, value: object) -> bool:
    """Whether a token may be this value; times and numbers may be written in another way."""
    return not isinstance(value, str) or token in (value, safe(value))
