"""Lines of one layout as typed columns: the strict fast way, and the careful way that repairs and counts damage."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from parsing.formats.layouts import Layout
from parsing.formats.lines import looks_compressed, worded

_NO_VALUE = "-"


def fast_columns(data: bytes, layout: Layout, start: int = 0, skip: int = 0) -> pl.DataFrame | None:
    """The columns of the lines from ``start`` on, behind ``skip`` others; None unless all have the width of the layout.

    None as well where a number misfits or a line is a directive. Dates and times are still text, and may be anything.
    """
    if b"\0" in data or data.startswith(b"\xef\xbb\xbf") or looks_compressed(data):
        return None
    *others, last = layout.columns
    is_text = layout.schema[last] == pl.String()
    try:
        frame = _read(data, layout.schema, skip=skip, without_values=others if is_text else layout.columns)
    except pl.exceptions.PolarsError:
        return None
    first = frame.to_series(0)
    if first.name not in ("date", "time") and first.dtype == pl.String and first.str.starts_with("#").any():
        return None
    if not is_text:
        return None if _has_short_lines(frame, data, start) else frame
    # A short line ends in a null, and as long as ``-`` is none in the last column nothing else does.
    if frame[last].null_count():
        return None
    return frame.with_columns(pl.when(pl.col(last) != _NO_VALUE).then(pl.col(last)))


_ROWS_PER_NULL = 50


def _has_short_lines(frame: pl.DataFrame, data: bytes, start: int) -> bool:
    """Whether a line of the data from ``start`` on may have fewer fields than the frame that was read from it.

    Such a line ends in a null, but so does one that ends in ``-``. As none has too many, it is enough to count blanks.
    """
    last = frame.to_series(frame.width - 1)
    missing = last.null_count()
    if not missing:
        return False
    if (
        missing * _ROWS_PER_NULL < frame.height
        and frame.width > 1
        and (last.is_null() & frame.to_series(-2).is_null()).any()
    ):
        return True
    # Every line that ends so has a row that ends in a null: once as many are found, there are no others.
    likely, other = (b" -\r\n", b" -\n") if data.endswith(b"\r\n") else (b" -\n", b" -\r\n")
    ending = data.count(likely, start)
    ending += data.count(other, start) if ending != missing else 0
    return ending != missing or data.count(b" ", start) != frame.height * (frame.width - 1)


def _read(
    data: bytes,
    schema: dict[str, pl.DataType],
    separator: str = " ",
    skip: int = 0,
    without_values: Iterable[str] | None = None,
) -> pl.DataFrame:
    """Lines as columns. ``-`` is no value in the columns ``without_values``, or in all of them."""
    if looks_compressed(data):
        return _read(b"\n" + data, schema, separator, skip + 1, without_values)
    return pl.read_csv(
        data,
        separator=separator,
        quote_char=None,
        has_header=False,
        schema=schema,
        null_values=_NO_VALUE if without_values is None else dict.fromkeys(without_values, _NO_VALUE),
        skip_lines=skip,
    )


@dataclass(frozen=True, slots=True)
class Fitted:
    """Entries that fit a layout: ``entries`` as they came, ``columns`` row by row, and the ``damage`` in them.

    ``rejects`` has the columns of the entries and ``why``.
    """

    entries: pl.DataFrame
    columns: pl.DataFrame
    damage: pl.DataFrame
    rejects: pl.DataFrame


def careful_columns(entries: pl.DataFrame, layout: Layout) -> Fitted:
    """The columns of entries (``line``, ``text`` and whatever else) of one layout, in their order."""
    if layout.is_quoted:
        return _quoted_columns(entries, layout)
    width = len(layout.columns)
    blanks = pl.col("text").str.count_matches(" ", literal=True)
    fits = entries.select((blanks == width - 1) & ~pl.col("text").str.ends_with(" ")).to_series()
    rejects = entries.clear().with_columns(pl.lit("").alias("why"))
    if not fits.all():
        entries, rejects = _repaired(entries, fits, width)
    columns, damage = typed(entries["text"], layout)
    return Fitted(entries, columns, damage, rejects)


def _repaired(entries: pl.DataFrame, fits: pl.Series, width: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Entries that fit, among them those that fit without doubled, leading and trailing blanks; and those that do not.

    Exchange writes an empty token before the user's name (DOMAIN.md 3.3), others a blank at the end.
    """
    off = entries.filter(~fits)
    single = pl.col("text").str.replace_all(" {2,}", " ").str.strip_chars(" ")
    off = off.with_columns(single.alias("single"))
    found = off.select((pl.col("single").str.count_matches(" ", literal=True) + 1).alias("found"))["found"]
    mended = off.filter(found == width)
    rejects = _misfits(off.drop("single"), found, width)
    mended = mended.with_columns(pl.col("single").alias("text")).drop("single")
    kept = entries.filter(fits)
    return (pl.concat([kept, mended]).sort("line") if mended.height else kept), rejects


def _misfits(entries: pl.DataFrame, found: pl.Series, width: int) -> pl.DataFrame:
    """Entries that were found to have another number of fields than the width, with a ``why``."""
    is_off = found != width
    why = worded(found.filter(is_off), lambda count: f"{count} fields where #Fields names {width}")
    return entries.filter(is_off).with_columns(why)


_NO_DAMAGE = pl.DataFrame(schema={"row": pl.UInt32, "why": pl.String, "text": pl.String})
"""Values that do not fit their field: the number of the row, the name of the field, and the value."""


def typed(texts: pl.Series, layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns of lines that have the right number of fields, and the damage in them."""
    if texts.is_empty():
        return pl.DataFrame(schema=layout.schema), _NO_DAMAGE
    data = _as_bytes(texts)
    try:
        return _read(data, layout.schema), _NO_DAMAGE
    except pl.exceptions.ComputeError:
        return with_numbers(_read(data, dict.fromkeys(layout.columns, pl.String())), layout)


def words_between(texts: pl.Series, separator: str, layout: Layout) -> pl.DataFrame:
    """Columns, all of them text, of lines that have the right number of separators."""
    schema: dict[str, pl.DataType] = dict.fromkeys(layout.columns, pl.String())
    return pl.DataFrame(schema=schema) if texts.is_empty() else _read(_as_bytes(texts), schema, separator)


def _as_bytes(texts: pl.Series) -> bytes:
    out = io.BytesIO()
    texts.to_frame().write_csv(out, include_header=False, quote_style="never")
    return out.getvalue()


def with_numbers(words: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Text columns with the numbers of the layout cast, null where one misfits, and these misfits as damage."""
    numbers = layout.numbers
    cast = words.with_columns(_number(name, layout.schema[name]) for name in numbers)
    found = []
    for name in numbers:
        row = (words[name].is_not_null() & cast[name].is_null()).arg_true()
        if len(row):
            found.append(
                pl.DataFrame(
                    {"row": row, "why": pl.repeat(name, len(row), eager=True), "text": words[name].gather(row)}
                )
            )
    return cast, pl.concat(found).cast(_NO_DAMAGE.schema) if found else _NO_DAMAGE


def damage_frame(damage: pl.DataFrame, lines: pl.Series, is_row: pl.Series) -> pl.DataFrame:
    """Damage by the numbers of ``lines`` instead of rows, without that of lines that did not become rows."""
    if damage.is_empty():
        return damage.select(pl.lit(0, pl.Int64).alias("line"), "why", "text")
    kept = damage.filter(is_row.gather(damage["row"]))
    return kept.select(lines.gather(kept["row"]).alias("line"), "why", "text")


_MEASURED = ("time-taken", "sc-bytes", "cs-bytes")
"""What ASP.NET Core and others log with a fraction."""


def _number(name: str, dtype: pl.DataType) -> pl.Expr:
    whole = pl.col(name).cast(dtype, strict=False)
    if name not in _MEASURED:
        return whole
    has_fraction = pl.col(name).str.contains(r"^\d+\.\d+$")
    rounded = pl.when(has_fraction).then(pl.col(name)).cast(pl.Float64, strict=False).round().cast(dtype, strict=False)
    return pl.coalesce(whole, rounded).alias(name)


_TOKEN = r'"(?:[^"]|"")*"|[^ ]+'


def _quoted_columns(entries: pl.DataFrame, layout: Layout) -> Fitted:
    """IIS Advanced Logging: values may be in quotes, with blanks inside and quotes doubled (DOMAIN.md 3.4)."""
    width = len(layout.columns)
    tokens = entries.select(pl.col("text").str.extract_all(_TOKEN))["text"]
    found = tokens.list.len()
    rejects = _misfits(entries, found, width)
    tokens = tokens.filter(found == width)
    words = pl.DataFrame({name: tokens.list.get(number) for number, name in enumerate(layout.columns)})
    words = words.with_columns(unquoted(pl.col(name)) for name in layout.columns)
    columns, damage = with_numbers(words, layout)
    return Fitted(entries.filter(found == width), columns, damage, rejects)


def unquoted(value: pl.Expr) -> pl.Expr:
    """A value without its quotes, null where it is ``-`` or empty."""
    is_quoted = value.str.starts_with('"') & value.str.ends_with('"') & (value.str.len_bytes() > 1)
    inner = value.str.slice(1, value.str.len_chars() - 2).str.replace_all('""', '"', literal=True)
    plain = pl.when(is_quoted).then(inner).otherwise(value)
    return pl.when(~plain.is_in(["", _NO_VALUE])).then(plain)
