"""The machine-readable forms of records: CSV, NDJSON and Parquet."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path
from typing import IO, Literal

import polars as pl
from polars.datatypes import DataTypeClass
from polars.io.plugins import register_io_source

from parsing.errors import LogError, refused_by_system
from parsing.export.records import Records, masked, with_iso_times
from parsing.export.table import table_lines
from parsing.safe_text import safe

Format = Literal["table", "csv", "ndjson", "parquet"]
FORMATS: tuple[Format, ...] = ("table", "csv", "ndjson", "parquet")

_SHARE_DIGITS = 6
"""Digits of a share behind the point in text for spreadsheets."""

_LINES = 5_000


@dataclass(frozen=True, slots=True)
class OutputStyle:
    """How records are shown: ``width`` in cells of a terminal, zone of the times in a table, names of the columns."""

    is_terminal: bool = False
    width: int | None = None
    tz: tzinfo = UTC
    has_header: bool = True


def write(records: Records, form: Format, out: IO[bytes], style: OutputStyle = OutputStyle()) -> None:
    """Write records as they come.

    Values are exact in CSV, NDJSON and Parquet: nothing is escaped but what the form demands, so a value that a
    spreadsheet would take for a formula stays as it was logged. For a terminal, text is made safe in every form. A
    table is always safe; its columns are fitted to a terminal.
    """
    if form == "table":
        _write_table(records, out, style)
    elif form == "parquet":
        _write_parquet(records, out)
    else:
        shown = records.through(with_iso_times)
        pieces = _csv(shown, style.is_terminal) if form == "csv" else _ndjson(shown)
        for piece in pieces:
            out.write((_safe_lines(piece) if style.is_terminal else piece).encode())


def _write_table(records: Records, out: IO[bytes], style: OutputStyle) -> None:
    width = style.width if style.is_terminal else None
    lines = table_lines(records, width=width, tz=style.tz, has_header=style.has_header)
    while some := list(islice(lines, _LINES)):
        out.write("".join(f"{line.rstrip()}\n" for line in some).encode())


def _csv(records: Records, is_terminal: bool) -> Iterator[str]:
    lists = [name for name, dtype in records.schema.items() if dtype.is_nested()]
    yield pl.DataFrame(schema={name: pl.String() for name in records.schema}).write_csv()
    shares = [name for name, dtype in records.schema.items() if name == "share" and dtype.is_float()]
    for given in records.frames:
        frame = given.with_columns(pl.col(name).round(_SHARE_DIGITS) for name in shares)
        flat = frame.with_columns(pl.Series(name, [_json(value) for value in frame[name].to_list()]) for name in lists)
        yield (masked(flat) if is_terminal else flat).write_csv(include_header=False)


def _ndjson(records: Records) -> Iterator[str]:
    for frame in records.frames:
        if frame.height:
            yield frame.write_ndjson()


def _safe_lines(text: str) -> str:
    """Names of fields come from logs too, so the written text is made safe, not the values alone."""
    return "".join(f"{safe(line)}\n" for line in text.removesuffix("\n").split("\n"))


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write_parquet(records: Records, out: IO[bytes]) -> None:
    """Through a file: Parquet is written back to front, and the frames must not gather in memory."""
    schema = pl.Schema({name: _zoned(dtype) for name, dtype in records.schema.items()})
    with tempfile.TemporaryDirectory(prefix="dropline-", ignore_cleanup_errors=True) as folder:
        whole = Path(folder) / "records.parquet"
        try:
            _lazy(records, schema).sink_parquet(whole, maintain_order=True)
        except pl.exceptions.ComputeError as error:
            reason = refused_by_system(error) or error
            hint = "Parquet needs room for a temporary file: TMPDIR names another folder"
            raise LogError(f"cannot write: {reason}", where=folder, hint=hint) from error
        with whole.open("rb") as finished:
            while piece := finished.read(1 << 20):
                out.write(piece)


def _lazy(records: Records, schema: pl.Schema) -> pl.LazyFrame:
    def frames(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        assert with_columns is None
        assert predicate is None
        assert n_rows is None
        del batch_size
        for frame in records.frames:
            yield frame.cast(schema)

    return register_io_source(frames, schema=schema)


def _zoned(dtype: DataTypeClass | pl.DataType) -> DataTypeClass | pl.DataType:
    """The type with every time in UTC, inside lists and structures too."""
    if isinstance(dtype, pl.List):
        return pl.List(_zoned(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _zoned(field.dtype) for field in dtype.fields})
    return pl.Datetime("ms", "UTC") if isinstance(dtype, pl.Datetime) else dtype
