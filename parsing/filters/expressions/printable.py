"""A filter as text that can be sent and pasted: control characters and their like become escapes of expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from parsing.filters.expressions.texts import is_source
from parsing.filters.language import regex
from parsing.filters.language.field_names import field_named, spelled
from parsing.filters.language.tree import And, Filter, Not, Or, Term, Text, conjunction, disjunction
from parsing.filters.values.ranges import AnyOf
from parsing.filters.values.value import FilterValue
from parsing.filters.values.value_kinds import single_values
from parsing.filters.values.word import Pattern, Word
from parsing.knowledge.fields import Field, Kind, wire_field
from parsing.safe_text import is_safe

_PIECE = re.compile(r"\\.|.", re.DOTALL)


def printable(where: Filter, fields: Iterable[str] = ()) -> Filter:
    """A filter that keeps the same rows and, wherever the language has a way, is safe to show as text.

    No quotes can hold such characters so that they survive a terminal; ``\\x{1B}`` in an expression can. ``fields``
    are the wire names of the set: text that is looked for anywhere is then looked for in each of them. What cannot be
    written otherwise, as the name of a field, stays as it is.
    """
    known = tuple(fields)
    match where:
        case And(parts):
            return conjunction(printable(part, known) for part in parts)
        case Or(parts):
            return disjunction(printable(part, known) for part in parts)
        case Not(part):
            return Not(printable(part, known))
        case Text(text) if not is_safe(text):
            return _anywhere(text, known)
        case Term():
            return _term(where)
    return where


def _anywhere(text: str, fields: Iterable[str]) -> Filter:
    found = [wire_field(name) for name in fields]
    names: list[Field | None] = [field for field in found if field.kind in (Kind.TEXT, Kind.ADDRESS)]
    names += [field_named("uri")] if "?" in text else []
    pattern = Pattern(escaped(regex.escaped(text)))
    parts = [Term(field, "~", pattern, spelled(field)) for field in names if field is not None]
    return disjunction(parts) if parts else Text(text)


def _term(term: Term) -> Filter:
    given = single_values(term.value)
    written = [(value, _expression(value, term)) for value in given]
    kept = tuple(value for value, pattern in written if pattern is None)
    if len(kept) == len(given):
        return term
    is_negative = term.operator in ("!=", "!~")
    parts: list[Filter] = [replace(term, value=AnyOf(kept) if len(kept) > 1 else kept[0])] if kept else []
    parts += [_searched(term, value, pattern) for value, pattern in written if pattern is not None]
    return conjunction(parts) if is_negative else disjunction(parts)


def _searched(term: Term, value: FilterValue, pattern: Pattern) -> Filter:
    """A term with an expression in place of a value. One of a source's base name would find those in folders too."""
    found = replace(term, operator="!~" if term.operator in ("!=", "!~") else "~", value=pattern)
    if not (
        is_source(term.field) and term.operator in ("=", "!=") and isinstance(value, Word) and "/" not in value.text
    ):
        return found
    in_folder = replace(term, operator="~", value=Pattern("/"))
    return disjunction([found, in_folder]) if term.operator == "!=" else conjunction([found, Not(in_folder)])


def _expression(value: FilterValue, term: Term) -> Pattern | None:
    """The expression that means what a value means, for one that is not safe to show."""
    if is_safe(str(value)):
        return None
    pattern = value.as_pattern(term.field, term.operator)
    return None if pattern is None else Pattern(escaped(pattern))


def escaped(pattern: str) -> str:
    """An expression with the same meaning in which every character that is not safe to show is a number."""
    return _PIECE.sub(lambda match: match[0] if is_safe(match[0]) else rf"\x{{{ord(match[0][-1]):X}}}", pattern)
