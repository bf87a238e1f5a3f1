"""The filter language: text to conditions and back, and what could be typed next. Loads no Polars until a regex asks."""

from parsing.filters.completion import Completion, Suggestion, complete
from parsing.filters.filter_help import filter_help
from parsing.filters.guesses import Guess, guesses, time_notes, unit_notes
from parsing.filters.language.field_names import custom_names, field_named, is_virtual, names, nearest_field, spelled
from parsing.filters.language.filter_lexer import FilterLexer
from parsing.filters.language.grammar import parse
from parsing.filters.language.operations import Cell, both, during, only, widened, without, without_conditions_on
from parsing.filters.language.placeholders import filled, placeholders, sample
from parsing.filters.language.tokens import quoted
from parsing.filters.language.tree import (
    EVERYTHING,
    And,
    Filter,
    Not,
    Or,
    Term,
    Text,
    conjunction,
    disjunction,
    terms,
)
from parsing.filters.values.absent import Absent
from parsing.filters.values.address import Address, Network
from parsing.filters.values.moment import YEARS, Ago, Clock, Instant
from parsing.filters.values.number import UNITS, Number, StatusClass
from parsing.filters.values.ranges import AnyOf, Range
from parsing.filters.values.value import FilterValue
from parsing.filters.values.word import Glob, Pattern, Word

__all__ = [
    "EVERYTHING",
    "UNITS",
    "YEARS",
    "Absent",
    "Address",
    "Ago",
    "And",
    "AnyOf",
    "Cell",
    "Clock",
    "Completion",
    "Filter",
    "FilterLexer",
    "FilterValue",
    "Glob",
    "Guess",
    "Instant",
    "Network",
    "Not",
    "Number",
    "Or",
    "Pattern",
    "Range",
    "StatusClass",
    "Suggestion",
    "Term",
    "Text",
    "Word",
    "both",
    "complete",
    "conjunction",
    "custom_names",
    "disjunction",
    "during",
    "field_named",
    "filled",
    "filter_help",
    "guesses",
    "is_virtual",
    "names",
    "nearest_field",
    "only",
    "parse",
    "placeholders",
    "quoted",
    "sample",
    "spelled",
    "terms",
    "time_notes",
    "unit_notes",
    "widened",
    "without",
    "without_conditions_on",
]
