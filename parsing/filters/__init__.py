"""The filter language: text to conditions and back, and what could be typed next. Loads no Polars until a regex asks."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsing.filters.completion import Completion, Suggestion, complete
    from parsing.filters.expressions.printable import printable
    from parsing.filters.help_text import filter_help
    from parsing.filters.language.field_names import (
        custom_names,
        field_named,
        is_virtual,
        names,
        nearest_field,
        spelled,
    )
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
    from parsing.filters.likely_mistakes import Guess, guesses, time_notes, unit_notes
    from parsing.filters.values.absent import Absent
    from parsing.filters.values.address import Address, Network
    from parsing.filters.values.moment import YEARS, Ago, Clock, Instant
    from parsing.filters.values.number import UNITS, Number, StatusClass
    from parsing.filters.values.ranges import AnyOf, Range
    from parsing.filters.values.value import FilterValue
    from parsing.filters.values.word import Glob, Pattern, Word
else:
    from parsing.public_names import loaded_when_asked

    __getattr__ = loaded_when_asked(
        __name__,
        {
            "completion": "Completion Suggestion complete",
            "help_text": "filter_help",
            "expressions.printable": "printable",
            "likely_mistakes": "Guess guesses time_notes unit_notes",
            "language.field_names": "custom_names field_named is_virtual names nearest_field spelled",
            "language.filter_lexer": "FilterLexer",
            "language.grammar": "parse",
            "language.operations": "Cell both during only widened without without_conditions_on",
            "language.placeholders": "filled placeholders sample",
            "language.tokens": "quoted",
            "language.tree": "EVERYTHING And Filter Not Or Term Text conjunction disjunction terms",
            "values.absent": "Absent",
            "values.address": "Address Network",
            "values.moment": "YEARS Ago Clock Instant",
            "values.number": "UNITS Number StatusClass",
            "values.ranges": "AnyOf Range",
            "values.value": "FilterValue",
            "values.word": "Glob Pattern Word",
        },
    )

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
    "printable",
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
