"""The uri of an IIS row, which is logged as path and query: tested without joining them wherever that can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from parsing.filters.expressions.logic import as_expression
from parsing.filters.expressions.origin import Origin, decoded, dictionary, joined
from parsing.filters.language.field_names import field_named, spelled
from parsing.filters.language.tree import Term
from parsing.filters.values.value import FilterValue, Subject
from parsing.filters.values.value_kinds import test_values
from parsing.filters.values.word import Glob, Pattern, Word, glob
from parsing.index.snapshot import Segment, Snapshot

Side = Word | Glob

VALUES_APART = 8
"""Up to this many values are tested on path and query apart; more of them on what both say together."""


def split(value: FilterValue, *, is_exact: bool) -> list[tuple[Side, Side]] | None:
    """All ways in which a path and a query, joined by ``?``, can be a value; None if that is not known beforehand."""
    match value:
        case Word(text) if is_exact:
            return [(Word(text[:place]), Word(text[place + 1 :])) for place in _marks(text)]
        case Word(text):
            return list(_sides((text,)))
        case Glob(parts):
            return list(_sides(parts))
        case Pattern():
            return None
    return []


def _marks(text: str) -> Iterator[int]:
    return (place for place, char in enumerate(text) if char == "?")


def _sides(parts: Sequence[str]) -> Iterator[tuple[Side, Side]]:
    """The mark that joins path and query is one in a literal part, or any that a star stands for."""
    for number, part in enumerate(parts):
        for place in _marks(part):
            yield _side((*parts[:number], part[:place])), _side((part[place + 1 :], *parts[number + 1 :]))
        if number + 1 < len(parts):
            yield _side((*parts[: number + 1], "")), _side(("", *parts[number + 1 :]))


def _side(parts: Sequence[str]) -> Side:
    return glob(parts) if len(parts) > 1 else Word(parts[0])


def uri_containing(text: str) -> Term:
    """The term for a uri with a text somewhere in it."""
    field = field_named("uri")
    assert field is not None
    return Term(field, ":", Glob(("", text, "")), spelled(field))


def joined_test(
    segment: Segment, snapshot: Snapshot, found: Sequence[Origin], values: Sequence[FilterValue], term: Term
) -> pl.Expr:
    """The test of a joined uri, made once for each pair of codes in a batch of rows."""
    stem, query = found
    if not {stem.name, query.name} <= segment.coded:
        uri = joined(*(decoded(segment, origin, snapshot) for origin in found))
        return _test(uri, values, term).fill_null(value=False)
    stems, queries = (dictionary(snapshot, origin) for origin in found)

    def test(batch: pl.Series) -> pl.Series:
        pair = pl.col("stem").cast(pl.UInt64) * 2**32 + pl.col("query")
        rows = batch.struct.unnest().select(pair.alias("pair"))["pair"]
        distinct = rows.unique().drop_nulls()
        codes = distinct.to_frame().select(stem=pl.col("pair") // 2**32, query=pl.col("pair") % 2**32)
        uris = stems.gather(codes["stem"]) + "?" + queries.gather(codes["query"])
        is_match = uris.alias("uri").to_frame().select(_test(pl.col("uri"), values, term))
        return rows.is_in(distinct.filter(is_match.to_series()).implode())

    columns = pl.struct(pl.col(stem.name).alias("stem"), pl.col(query.name).alias("query"))
    return columns.map_batches(test, return_dtype=pl.Boolean, is_elementwise=True).fill_null(value=False)


def _test(uri: pl.Expr, values: Sequence[FilterValue], term: Term) -> pl.Expr:
    return as_expression(test_values(values, Subject(uri, term.field), term.operator))
