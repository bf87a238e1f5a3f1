"""A value of a filter against text: what ``:``, ``=`` and ``~`` mean, as expressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

import polars as pl

from parsing.filters import regex
from parsing.filters.addresses import span, within
from parsing.filters.names import is_virtual
from parsing.filters.tree import Address, Glob, Network, Number, Pattern, Range, Single, Word
from parsing.knowledge.fields import Field
from parsing.knowledge.fields import Kind as FieldKind

Fold = tuple[tuple[str, str], ...]
"""Replacements that make texts alike which mean the same; groups are written ``$1``."""

_ADDRESS: Fold = (
    ("%.*$", ""),
    (r"(?i)\A(?:(?:0{1,4}:){5}|::)ffff:([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)\z", "$1"),
)
_VERSION: Fold = ((r"(?i)\A(HTTP/[0-9]+)\z", "$1.0"),)
_SITE: Fold = ((r"(?i)\AW3SVC([0-9]+)\z", "$1"),)
_SOURCE: Fold = ((r"(?s)\A.*/", ""),)

_NUMBER = r"\A-?[0-9]+(?:\.[0-9]+)?\z"


def fold_of(field: Field) -> Fold:
    """How texts of a field are made alike before they are compared."""
    if field.kind is FieldKind.ADDRESS:
        return _ADDRESS
    if is_virtual(field):
        return {"site": _SITE, "source": _SOURCE}.get(field.name, ())
    return _VERSION if field.name == "cs-version" else ()


def matches(text: pl.Expr, values: Sequence[Single | Range], operator: str, field: Field) -> pl.Expr:
    """Whether a text is one of the values; ``!=`` and ``!~`` are left to the caller. Null where the text is."""
    return reduce(or_, (_matches(text, value, operator, field) for value in values))


def contains(text: pl.Expr, part: str) -> pl.Expr:
    """Whether a text has a part somewhere, ignoring case."""
    return text.str.contains(regex.FLAGS + regex.escaped(part))


def _matches(text: pl.Expr, value: Single | Range, operator: str, field: Field) -> pl.Expr:
    match value:
        case Word(word):
            return _is_word(text, word, field, is_exact=operator in ("=", "!="))
        case Glob(parts):
            return _in_either_form(text, field, glob_regex(parts))
        case Pattern(pattern):
            return _in_either_form(text, field, regex.FLAGS + pattern)
        case Address() | Network():
            return within(text, [span(value, operator)])
        case Range(Address(), _) | Range(_, Address()):
            return within(text, [span(value)])
        case Range(low, high):
            number = _number(_folded(text, fold_of(field)))
            bounds = [number >= float(low.value)] if isinstance(low, Number) else []
            bounds += [number <= float(high.value)] if isinstance(high, Number) else []
            return pl.all_horizontal(bounds)
        case Number(bound):
            return _compared(_number(_folded(text, fold_of(field))), operator, float(bound))
    raise AssertionError(value)


def _compared(number: pl.Expr, operator: str, bound: float) -> pl.Expr:
    match operator:
        case "<":
            return number < bound
        case "<=":
            return number <= bound
        case ">":
            return number > bound
        case _:
            return number >= bound


def _number(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(_NUMBER)).then(text.cast(pl.Float64, strict=False))


def _folded(text: pl.Expr, fold: Fold) -> pl.Expr:
    return reduce(lambda folded, step: folded.str.replace(*step), fold, text)


def _is_word(text: pl.Expr, word: str, field: Field, *, is_exact: bool) -> pl.Expr:
    fold = fold_of(field)
    folded = pl.select(_folded(pl.lit(word), fold)).item() if fold else word
    if field.name == "source" and is_virtual(field) and "/" in word:
        folded, fold = word, ()
    if is_exact:
        return _folded(text, fold) == folded
    return _folded(text, fold).str.contains(glob_regex((folded,)))


def _in_either_form(text: pl.Expr, field: Field, pattern: str) -> pl.Expr:
    """A pattern against the text as it was logged and as it is compared."""
    found = text.str.contains(pattern)
    fold = fold_of(field)
    return found | _folded(text, fold).str.contains(pattern) if fold else found


def glob_regex(parts: Sequence[str]) -> str:
    """A regular expression for the whole of a text: the parts, ignoring case, with anything between them."""
    return rf"(?is)\A{'.*'.join(map(regex.escaped, parts))}\z"
