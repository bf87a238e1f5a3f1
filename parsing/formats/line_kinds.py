"""The lines of a piece told apart: directives, blanks, entries, and those that are too long for anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from parsing.formats.lines import PIECE, text_lines
from parsing.formats.rows import REJECTS_SCHEMA

_SHOWN = 1 << 16
_OBEYED = r"(?i)^#(?:fields|software|date):"


@dataclass(frozen=True, slots=True)
class Sifted:
    """``entries`` has ``row`` (place among the piece's lines), ``line`` and ``text``; ``obeyed`` ``row`` and ``text``
    of the directives that matter; ``rejects`` the columns of rejects."""

    entries: pl.DataFrame
    obeyed: pl.DataFrame
    rejects: pl.DataFrame
    lines: int
    directives: int
    blank: int


def sift(data: bytes, first_line: int) -> Sifted:
    """Tells the lines of a piece apart; a piece longer than PIECE is a single line, and rejected."""
    text = text_lines(data)
    row = pl.int_range(0, len(text), dtype=pl.Int64, eager=True)
    table = pl.DataFrame({"row": row, "line": row + first_line, "text": text})
    is_directive = text.str.starts_with("#")
    is_blank = text.str.strip_chars(" \t\r") == ""
    is_entry = ~(is_directive | is_blank)
    entries = table if is_entry.all() else table.filter(is_entry)
    rejects = pl.DataFrame(schema=REJECTS_SCHEMA)
    if len(data) > PIECE and entries.height:
        why = f"longer than {PIECE >> 20} MiB; its first {_SHOWN >> 10} KiB are kept"
        rejects = reject_frame(entries.with_columns(pl.col("text").str.slice(0, _SHOWN), pl.lit(why).alias("why")))
        entries = entries.clear()
    directives = table.filter(is_directive) if is_directive.any() else table.clear()
    obeyed = directives.filter(pl.col("text").str.contains(_OBEYED)).select("row", "text")
    return Sifted(entries, obeyed, rejects, len(text), directives.height, int(is_blank.sum()))


def worded(numbers: pl.Series, words: Callable[[int], str]) -> pl.Series:
    """A text for each number, kept once for all rows that have the same: there may be millions of rejects."""
    distinct = numbers.unique().sort()
    texts = pl.Series("why", [words(number) for number in distinct], dtype=pl.String)
    return texts.gather(distinct.search_sorted(numbers, "left"))


def reject_frame(entries: pl.DataFrame) -> pl.DataFrame:
    """Entries with a ``why`` as rejects."""
    return entries.select("line", "why", "text").cast(REJECTS_SCHEMA)  # type: ignore[arg-type]
