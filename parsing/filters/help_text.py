"""The filter language in examples, for the help of the explorer: what joins conditions, and every kind of value."""

from __future__ import annotations

from parsing.filters.values.value_kinds import KINDS
from parsing.knowledge.fields import short_name

_CONDITIONS = (
    ("export", "any text field contains it; quote text with blanks or operators"),
    ("reason:QueueFull", "a field equal to a value, ignoring case; = is exact, != is another value"),
    ("status:(404, 410, 5xx)", "any of a list"),
    ("uri~\\.(php|env)", "a regular expression, ignoring case; !~ is none of it"),
    ("user:-", "the field was not logged"),
    (
        "taken>1.5s sent>1MB",
        "both; < <= > >= compare, with ms s m h d, B KB MB GB; a bare number is milliseconds or bytes",
    ),
    ("-agent:*bot*", "not; also the word not; keeps rows of a log without that field too"),
    ("(method:POST or method:PUT) site:1", "and, or, parentheses"),
)


def filter_help() -> tuple[tuple[str, str], ...]:
    """Pairs of filter text and what it keeps."""
    values = [
        (f"{short_name(example.fields[0])}:{example.text}", example.meaning)
        for kind in KINDS
        for example in kind.examples
    ]
    return *_CONDITIONS, *values
