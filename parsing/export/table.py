"""Records as a table of text for people: aligned columns, nothing a terminal could obey.

Libraries that write tables want all rows at once, a Python object for each cell; this one streams frames of any number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo
from itertools import chain

import polars as pl

from parsing.export.expanded import paragraphs
from parsing.export.records import Records, masked
from parsing.safe_text import CUT, cells, cut, safe

NOT_LOGGED = "-"
GAP = "  "

_WIDEST = 60
_NARROWEST = 16
"""Cells to which a column of long values is narrowed at most: enough to recognise a path by both of its ends."""

_DECIDES = frozenset(
    "log format method cs-method status s-reason ended_by c-ip s-ip kind severity name where view note origin why error"
    " verdict summary check_first filter".split()
)
"""Columns that are never cut: what is in them is the answer."""


def table_lines(
    records: Records, *, width: int | None = None, tz: tzinfo = UTC, has_header: bool = True
) -> Iterator[str]:
    """The lines of a table, without line ends, a frame at a time; all text in them is safe to show.

    Columns are as wide as the first frame needs. With a ``width`` in cells, the widest columns of long text are narrowed
    until a line fits, and a value that was shortened has a ``…`` in its middle; where that is not enough, each record
    is a paragraph. Without a width nothing is cut, and a longer value pushes its line. Times are shown in ``tz``, with
    their offset where that is not UTC.
    """
    frames = (masked(_texts(frame, tz)) for frame in records.frames if frame.height)
    first = next(frames, None)
    if first is None:
        first = masked(_texts(pl.DataFrame(schema=records.schema), tz))
    titles = {name: safe(name) if has_header else "" for name in records.schema}
    numbers = {name for name, dtype in records.schema.items() if dtype.is_numeric()}
    widths = _widths(first, titles, records.schema, width)
    if width is not None and first.height and _line_width(widths) > width:
        named = {name: safe(name) for name in records.schema}
        for frame in chain([first], frames):
            yield from paragraphs(frame, named, NOT_LOGGED, width)
        return
    head = pl.DataFrame(
        {name: [title] * has_header for name, title in titles.items()}, schema=dict.fromkeys(titles, pl.String())
    )
    last = list(records.schema)[-1]
    for frame in chain([head, first], frames):
        cells = [
            _padded(frame[name], widths[name], name in numbers, width is not None, name == last) for name in titles
        ]
        yield from pl.select(pl.concat_str(*cells, separator=GAP)).to_series()


def _texts(frame: pl.DataFrame, tz: tzinfo) -> pl.DataFrame:
    """Every column as the text that is shown."""
    shown = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if dtype.base_type() is pl.Datetime:
            column = pl.lit(_local(frame[name], tz)) if tz is not UTC else _clock(column)
        elif name == "share" and dtype.is_float():
            column = (column * 100).round(1).cast(pl.String) + " %"
        elif dtype == pl.List(pl.String):
            joined = column.list.join(", ")
            column = pl.when(joined != "").then(joined)
        elif isinstance(dtype, pl.List):
            column = column.list.len().cast(pl.String)
        shown.append(column.cast(pl.String).fill_null(NOT_LOGGED).alias(name))
    return frame.select(shown)


def _clock(time: pl.Expr) -> pl.Expr:
    whole, exact = time.dt.strftime("%Y-%m-%d %H:%M:%S"), time.dt.strftime("%Y-%m-%d %H:%M:%S%.3f")
    return pl.when(time.dt.millisecond() == 0).then(whole).otherwise(exact)


def _local(times: pl.Series, tz: tzinfo) -> pl.Series:
    unique = times.drop_nulls().unique()
    shown = [
        time.replace(tzinfo=UTC).astimezone(tz).isoformat(" ", "milliseconds" if time.microsecond else "seconds")
        for time in unique
    ]
    return times.replace_strict(unique, pl.Series(shown, dtype=pl.String), default=None, return_dtype=pl.String)


def _widths(
    first: pl.DataFrame, titles: Mapping[str, str], schema: Mapping[str, pl.DataType], width: int | None
) -> dict[str, int]:
    widths = {}
    for name, title in titles.items():
        values = first[name]
        is_ascii = bool((values.str.len_bytes() == values.str.len_chars()).all())
        widest = values.str.len_chars().max() if is_ascii else max((cells(value) for value in values), default=0)
        needed = max(int(str(widest or 0)), cells(title))
        widths[name] = needed if width is not None else min(needed, max(_WIDEST, cells(title)))
    if width is None:
        return widths
    long = [name for name, dtype in schema.items() if dtype in (pl.String, pl.List(pl.String)) and name not in _DECIDES]
    while long and _line_width(widths) > width:
        widest_name = max(long, key=lambda name: widths[name])
        if widths[widest_name] <= max(_NARROWEST, cells(titles[widest_name])):
            break
        widths[widest_name] -= 1
    return widths


def _line_width(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1)


def shortened(text: str, width: int) -> str:
    """The text, or as much of its beginning and its end as fits with a ``…`` between them."""
    if cells(text) <= width:
        return text
    head = cut(text, width - (width - 1) // 2)
    tail = cut(text[::-1], (width - 1) // 2 + 1).removesuffix(CUT)[::-1]
    return head + tail


def _padded(values: pl.Series, width: int, is_number: bool, is_cut: bool, is_last: bool) -> pl.Series:
    is_ascii = bool((values.str.len_bytes() == values.str.len_chars()).all())
    if is_ascii:
        if is_cut:
            short = values.str.head(width // 2) + CUT + values.str.tail((width - 1) // 2)
            values = pl.select(pl.when(values.str.len_chars() > width).then(short).otherwise(values)).to_series()
        return values.str.pad_start(width) if is_number else values if is_last else values.str.pad_end(width)
    texts = [shortened(value, width) if is_cut else value for value in values]
    blanks = [" " * max(width - cells(text), 0) for text in texts]
    if is_number:
        return pl.Series([blank + text for text, blank in zip(texts, blanks, strict=True)], dtype=pl.String)
    if is_last:
        return pl.Series(texts, dtype=pl.String)
    return pl.Series([text + blank for text, blank in zip(texts, blanks, strict=True)], dtype=pl.String)
