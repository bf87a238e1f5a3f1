"""Filters and fields as Polars expressions over the columns of a segment."""

from parsing.filters.expressions.compiler import MaskCodes, Predicate
from parsing.filters.expressions.origin import column, counted_column, is_counted_as_logged, origins, over_dictionary
from parsing.filters.expressions.printable import printable

__all__ = [
    "MaskCodes",
    "Predicate",
    "column",
    "counted_column",
    "is_counted_as_logged",
    "origins",
    "over_dictionary",
    "printable",
]
