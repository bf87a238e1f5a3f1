"""The filter language: text to conditions and back, and what could be typed next. Loads no Polars until a regex asks."""

from parsing.filters.completion import Completion, Suggestion, complete
from parsing.filters.language.beforehand import custom_names, understood
from parsing.filters.language.grammar import parse
from parsing.filters.language.lexer import FilterLexer
from parsing.filters.language.literals import UNITS
from parsing.filters.language.names import field_named, is_virtual, names, nearest, spelled
from parsing.filters.language.operations import Cell, both, during, only, widened, without, without_conditions_on
from parsing.filters.language.placeholders import filled, placeholders, sample
from parsing.filters.language.tree import (
    EVERYTHING,
    Address,
    Ago,
    And,
    AnyOf,
    Filter,
    Glob,
    Instant,
    Network,
    Not,
    Number,
    Or,
    Pattern,
    Range,
    Term,
    Text,
    Value,
    Word,
    conjunction,
    disjunction,
    quoted,
    terms,
)
from parsing.filters.language.written_times import YEARS

__all__ = [
    "EVERYTHING",
    "UNITS",
    "YEARS",
    "Address",
    "Ago",
    "And",
    "AnyOf",
    "Cell",
    "Completion",
    "Filter",
    "FilterLexer",
    "Glob",
    "Instant",
    "Network",
    "Not",
    "Number",
    "Or",
    "Pattern",
    "Range",
    "Suggestion",
    "Term",
    "Text",
    "Value",
    "Word",
    "both",
    "complete",
    "conjunction",
    "custom_names",
    "disjunction",
    "during",
    "field_named",
    "filled",
    "is_virtual",
    "names",
    "nearest",
    "only",
    "parse",
    "placeholders",
    "quoted",
    "sample",
    "spelled",
    "terms",
    "understood",
    "widened",
    "without",
    "without_conditions_on",
]
