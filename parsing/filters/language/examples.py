"""The filter language in examples: for the help, the README and whoever reads the code. A test parses each."""

from __future__ import annotations

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("timeout", "the text in any text field, ignoring case; quote it if it has blanks or operators"),
    ("reason:Connection_Dropped", "a field equal to a value, ignoring case; = is exact"),
    ("path:/reports/*", "* stands for anything, in quotes for itself; all other characters are themselves"),
    ("status:5xx", "a class of statuses"),
    ("status:(404, 500..503)", "any of a list; .. is a range with both ends, open where one is missing"),
    ("taken>1.5s sent>1MB", "conditions side by side must all hold; ms s m h d, B KB MB GB"),
    ("time:10:00..10:15", "every day from 10:00 to the end of 10:15"),
    ("time:2026-06-15T10:00..", "since a moment; a bare date is the whole day"),
    ("time:-15m..", "the last 15 minutes before the newest row of the set"),
    ("client:10.2.0.0/16", "addresses of a network"),
    ("agent~(curl|wget)/[0-9]", "a regular expression, ignoring case"),
    ("-reason:Timer_ConnectionIdle", "not: also keeps every row that has no such field"),
    ("reason!=Timer_ConnectionIdle", "another value: keeps only rows that have one"),
    ("queue:-", "rows of a log with that field in which nothing was logged"),
    ("(method:POST or method:PUT) -site:1", "or, and, not and parentheses"),
    ("cs(User-Agent):curl*", "every name in a #Fields line is a field, custom ones too"),
)
"""Filter text and what it keeps."""
