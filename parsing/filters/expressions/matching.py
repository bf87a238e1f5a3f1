"""A value of a filter against text: what ``:``, ``=`` and ``~`` mean, as expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from parsing.filters.expressions.addresses import span, unfolded, within
from parsing.filters.expressions.logic import any_of
from parsing.filters.language import regex
from parsing.filters.language.names import is_virtual
from parsing.filters.language.tree import Address, Glob, Network, Number, Pattern, Range, Single, Word
from parsing.knowledge.fields import Field
from parsing.knowledge.fields import Kind as FieldKind

Fold = Callable[[pl.Expr], pl.Expr]
"""What makes texts alike that mean the same."""


def number_of_site(text: pl.Expr) -> pl.Expr:
    """The number in ``W3SVC1``, as which a site may be logged; other text as it is."""
    return text.str.replace(r"(?i)\AW3SVC([0-9]+)\z", "$1")


def _base_name(text: pl.Expr) -> pl.Expr:
    return text.str.replace(r"(?s)\A.*/", "")


def _whole_version(text: pl.Expr) -> pl.Expr:
    return text.str.replace(r"(?i)\A(HTTP/[0-9]+)\z", "$1.0")


_NUMBER = r"\A-?[0-9]+(?:\.[0-9]+)?\z"


def fold_of(field: Field) -> Fold | None:
    """How texts of a field are made alike before they are compared; None where they are as logged."""
    if field.kind is FieldKind.ADDRESS:
        return unfolded
    if is_virtual(field):
        return {"site": number_of_site, "source": _base_name}.get(field.name)
    return _whole_version if field.name == "cs-version" else None


def matches(text: pl.Expr, values: Sequence[Single | Range], operator: str, field: Field) -> pl.Expr:
    """Whether a text is one of the values; ``!=`` and ``!~`` are left to the caller. Null where the text is."""
    found = any_of(_matches(text, value, operator, field) for value in values)
    return pl.lit(found) if isinstance(found, bool) else found


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


def _folded(text: pl.Expr, fold: Fold | None) -> pl.Expr:
    return text if fold is None else fold(text)


def _is_word(text: pl.Expr, word: str, field: Field, *, is_exact: bool) -> pl.Expr:
    is_whole_name = field.name == "source" and is_virtual(field) and (is_exact or "/" in word)
    fold = None if is_whole_name else fold_of(field)
    if fold is not None:
        word = pl.select(fold(pl.lit(word))).item()
    folded = _folded(text, fold)
    return folded == word if is_exact else folded.str.contains(glob_regex((word,)))


def _in_either_form(text: pl.Expr, field: Field, pattern: str) -> pl.Expr:
    """A pattern against the text as it was logged and as it is compared."""
    found, fold = text.str.contains(pattern), fold_of(field)
    return found if fold is None else found | fold(text).str.contains(pattern)


def glob_regex(parts: Sequence[str]) -> str:
    """A regular expression for the whole of a text: the parts, ignoring case, with anything between them."""
    return rf"(?is)\A{'.*'.join(map(regex.escaped, parts))}\z"
