"""Values of a filter against text: words, globs and expressions, any number of them in one operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import polars as pl

from parsing.filters.expressions.address_spans import LISTED, unfolded, without_ports
from parsing.filters.expressions.logic import any_of
from parsing.filters.language import regex
from parsing.filters.values.value import Subject
from parsing.knowledge.fields import VIRTUAL, Field, Kind

Fold = Callable[[pl.Expr], pl.Expr]
"""What makes texts alike that mean the same."""

_GLOBS_APART = 8
"""Up to this many globs are an expression each, which starts sooner; more of them share what they begin with."""

_LONGEST_ALTERNATION = 20_000
"""Characters of globs in one expression: measured as the fastest for 10,000 globs on 300,000 paths (0.5 to 1.3 s)."""

_DEEPEST_ALTERNATION = 50
"""Parentheses inside each other; the regex crate takes 250."""

_NUMBER_OF_SITE = r"(?i)\AW3SVC([0-9]+)\z"


def number_of_site(text: pl.Expr) -> pl.Expr:
    """The number in ``W3SVC1``, as which a site may be logged; other text as it is."""
    return text.str.replace(_NUMBER_OF_SITE, "$1")


def _base_name(text: pl.Expr) -> pl.Expr:
    return text.str.replace(r"(?s)\A.*/", "")


def _whole_version(text: pl.Expr) -> pl.Expr:
    return text.str.replace(r"(?i)\A(HTTP/[0-9]+)\z", "$1.0")


def fold_of(field: Field) -> Fold | None:
    """How texts of a field are made alike before they are compared; None where they are as logged."""
    if field.kind is Kind.ADDRESS:
        return unfolded
    if field in VIRTUAL:
        return {"site": number_of_site, "source": _base_name}.get(field.name)
    return _whole_version if field.name == "cs-version" else None


def is_source(field: Field) -> bool:
    """Whether a field is the name of the source, and not a field of the log that is called so."""
    return field in VIRTUAL and field.name == "source"


def folded_word(word: str, field: Field) -> str:
    """A word as it is compared in a field."""
    fold = None if is_source(field) else fold_of(field)
    return word if fold is None else str(pl.select(fold(pl.lit(word))).item())


def folded(text: pl.Expr, fold: Fold | None) -> pl.Expr:
    return text if fold is None else fold(text)


def contains(text: pl.Expr, part: str, field: Field) -> pl.Expr:
    """Whether a text has a part somewhere, ignoring case."""
    pattern = regex.escaped(part)
    return text.str.contains(regex.FLAGS + (pattern.replace(" ", "[ +]") if _logs_plus(field) else pattern))


def is_one_of(subject: Subject, words: Sequence[str], *, is_exact: bool) -> pl.Expr:
    """Whether a text is one of the words, with ``is_exact`` case and all. Null where the text is."""
    field = subject.field
    if is_source(field):
        whole = [word for word in words if is_exact or "/" in word]
        base = [word for word in words if not is_exact and "/" not in word]
        tests = [
            _has_word(text, found, is_exact=is_exact)
            for text, found in ((subject.column, whole), (_base_name(subject.column), base))
            if found
        ]
        return _any(tests)
    fold = fold_of(field)
    known = pl.Series(words, dtype=pl.String)
    alike = known if fold is None else known.to_frame("word").select(fold(pl.col("word"))).to_series()
    tests = [_has_word(folded(subject.column, fold), alike.to_list(), is_exact=is_exact)]
    if _logs_plus(field) and (spaced := [word.replace(" ", "+") for word in words if " " in word]):
        tests.append(_has_word(subject.column, spaced, is_exact=is_exact))
    if field.kind is Kind.TEXT and (listed := [word for word in words if LISTED.fullmatch(word)]):
        tests.append(_has_word(without_ports(subject.column), listed, is_exact=is_exact))
    return _any(tests)


def _logs_plus(field: Field) -> bool:
    """Whether blanks of a field are logged as ``+``: in W3C logs they are in all of them (DOMAIN.md 1.3 and 3.3)."""
    return not (field in VIRTUAL and field.name in ("source", "log"))


def _any(tests: Iterable[pl.Expr]) -> pl.Expr:
    found = any_of(tests)
    return pl.lit(found) if isinstance(found, bool) else found


def _has_word(text: pl.Expr, words: Sequence[str], *, is_exact: bool) -> pl.Expr:
    if is_exact:
        return text == words[0] if len(words) == 1 else text.is_in(words)
    if len(words) == 1:
        return text.str.contains(glob_regex((words[0],)))
    wanted = pl.Series([fold_case(word) for word in words]).unique()
    return text.map_batches(lambda texts: _is_alike(texts, wanted), return_dtype=pl.Boolean, is_elementwise=True)


def _is_alike(texts: pl.Series, words: pl.Series) -> pl.Series:
    """Whether each text is one of the words, which are folded. ASCII texts are folded by their lower case alone."""
    found = texts.str.to_lowercase().is_in(words.implode())
    lengths = words.str.len_chars().unique()
    is_odd = (texts.str.len_bytes() != texts.str.len_chars()) & texts.str.len_chars().is_in(lengths.implode())
    if not is_odd.any():
        return found
    known = frozenset(words.to_list())
    odd = texts.to_frame("text").with_row_index("row").filter(is_odd)
    right = [row for row, text in odd.iter_rows() if fold_case(text) in known]
    is_right = pl.int_range(len(texts), dtype=pl.UInt32, eager=True).is_in(pl.Series(right, dtype=pl.UInt32).implode())
    return is_right | (found & ~is_odd)


@lru_cache(maxsize=1)
def _simple_folding() -> dict[int, str]:
    """Characters and what they are compared as: Unicode's simple case folding, which the regex crate uses too."""
    folded = {}
    for code in range(0x80, 0x1_E944):
        char = chr(code)
        alike = next((other for other in (char.casefold(), char.lower()) if len(other) == 1), char)
        if alike != char:
            folded[code] = alike
    return folded


def fold_case(text: str) -> str:
    """Text as it is compared ignoring case: as many characters as before."""
    if text.isascii():
        return text.lower()
    return text.translate(_simple_folding() | _ASCII_FOLDING)


_ASCII_FOLDING = {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}


def fits_glob(subject: Subject, globs: Sequence[tuple[str, ...]]) -> pl.Expr:
    """Whether the whole of a text, or of a number as it is written, fits one of the globs; null where it is null."""
    if subject.field.kind is Kind.NUMBER:
        return _fits(subject.column.cast(pl.String), globs)
    fold = fold_of(subject.field)
    tests = [_fits(subject.column, globs)]
    if fold is not None:
        tests.append(_fits(fold(subject.column), globs))
    if _logs_plus(subject.field) and (
        spaced := [tuple(part.replace(" ", "+") for part in parts) for parts in globs if " " in "".join(parts)]
    ):
        tests.append(_fits(subject.column, spaced))
    return _any(tests)


def _fits(text: pl.Expr, globs: Sequence[tuple[str, ...]]) -> pl.Expr:
    if len(globs) <= _GLOBS_APART:
        return _any(text.str.contains(glob_regex(parts)) for parts in globs)
    return _any(text.str.contains(pattern) for pattern in glob_regexes(globs))


def has_pattern(subject: Subject, pattern: str) -> pl.Expr:
    """Whether a text, as logged or as it is compared, has a match of a regular expression."""
    if subject.field.kind is Kind.NUMBER:
        return subject.column.cast(pl.String).str.contains(regex.FLAGS + pattern)
    found, fold = subject.column.str.contains(regex.FLAGS + pattern), fold_of(subject.field)
    return found if fold is None else found | fold(subject.column).str.contains(regex.FLAGS + pattern)


def glob_regex(parts: Sequence[str]) -> str:
    """A regular expression for the whole of a text: the parts, ignoring case, with anything between them."""
    return rf"(?is)\A{'.*'.join(map(regex.escaped, parts))}\z"


def glob_regexes(globs: Iterable[tuple[str, ...]]) -> list[str]:
    """Expressions of which one matches where any glob does: what globs begin with is tried once for all of them."""
    tokens = sorted({tuple(_tokens(parts)) for parts in globs})
    made: list[str] = []
    chunk: list[tuple[str, ...]] = []
    length = 0
    for glob in tokens:
        if chunk and length + len(glob) > _LONGEST_ALTERNATION:
            made += _compiled(chunk)
            chunk, length = [], 0
        chunk.append(glob)
        length += len(glob)
    return made + (_compiled(chunk) if chunk else [])


def _tokens(parts: Sequence[str]) -> Iterator[str]:
    for number, part in enumerate(parts):
        if number:
            yield ".*"
        yield from map(regex.escaped, fold_case(part))


def _compiled(globs: Sequence[tuple[str, ...]]) -> list[str]:
    """One expression of all the globs; two or more where one would be larger than the regex crate allows."""
    made = rf"(?is)\A{_alternation(globs)}\z"
    if len(globs) > 1 and regex.mistake(made) is not None:
        middle = len(globs) // 2
        return [*_compiled(globs[:middle]), *_compiled(globs[middle:])]
    return [made]


def _alternation(globs: Sequence[tuple[str, ...]], depth: int = 0) -> str:
    """The sorted globs as one expression that has what they begin with in common once."""
    pairs = enumerate(zip(globs[0], globs[-1], strict=False))
    common = next((place for place, (one, other) in pairs if one != other), min(len(globs[0]), len(globs[-1])))
    begin = "".join(globs[0][:common])
    rests = [glob[common:] for glob in globs]
    if len(rests) == 1:
        return begin
    if depth >= _DEEPEST_ALTERNATION:
        return f"{begin}(?:{'|'.join(''.join(rest) for rest in rests)})"
    groups = (list(group) for _, group in groupby(rests, key=lambda rest: rest[:1]))
    return f"{begin}(?:{'|'.join(_alternation(group, depth + 1) for group in groups)})"
