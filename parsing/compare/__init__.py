"""What differs between two sets of rows: spans, servers, filters."""

from parsing.compare.compare import compare
from parsing.compare.difference import LIKELY, SURE, Comparison, Difference, SideFacts
from parsing.compare.sides import Side, before_and_after, two_filters, with_earlier_days, with_the_time_before

__all__ = [
    "LIKELY",
    "SURE",
    "Comparison",
    "Difference",
    "Side",
    "SideFacts",
    "before_and_after",
    "compare",
    "two_filters",
    "with_earlier_days",
    "with_the_time_before",
]
