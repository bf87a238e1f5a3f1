"""Records of too many columns for a terminal: each one a paragraph of names and values, with nothing cut."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

import polars as pl

from parsing.safe_text import cells

_GAP = "  "
_INDENT = "    "


def paragraphs(frame: pl.DataFrame, titles: Mapping[str, str], absent: str, width: int) -> Iterator[str]:
    """The lines of each record of a frame of safe texts, at most ``width`` cells wide; values that are ``absent`` are left out.

    A value that is longer than a line is wrapped, at blanks where it has any.
    """
    for record in frame.iter_rows(named=True):
        items = [f"{titles[name]}: {value}" for name, value in record.items() if value != absent]
        yield from _filled(items, width)


def _filled(items: list[str], width: int) -> Iterator[str]:
    line, indent = "", ""
    for item in items:
        longer = f"{line}{_GAP}{item}" if line else f"{indent}{item}"
        if cells(longer) <= width:
            line = longer
            continue
        if line:
            yield line
            indent = _INDENT
        *whole, line = _wrapped(item, width, indent)
        yield from whole
        indent = _INDENT
    if line:
        yield line


def _wrapped(item: str, width: int, indent: str) -> list[str]:
    """An item in lines; characters of two cells are counted as such."""
    room = max(width - len(_INDENT), 8)
    wide = cells(item) - len(item)
    room = room if not wide else max(room - wide * room // len(item) - 1, 4)
    return textwrap.wrap(
        item, room + len(indent), initial_indent=indent, subsequent_indent=_INDENT, break_on_hyphens=False
    ) or [indent]
