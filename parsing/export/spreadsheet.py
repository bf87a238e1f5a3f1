"""Text that a spreadsheet would take for a formula: log text is written by whoever sends requests."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from parsing.export.records import Records

_FORMULA = r"^[=+\-@\t\r]"
"""What begins a formula, or is passed over before one (OWASP, CSV injection)."""


def guarded(records: Records) -> Records:
    """The records with a ``'`` before each text, and name of a column, that would be taken for a formula."""
    names = {name: f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name for name in records.schema}

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        text = pl.col(pl.String)
        return frame.with_columns(
            pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep()
        ).rename(names)

    schema = {names[name]: dtype for name, dtype in records.schema.items()}
    return replace(records.through(change), schema=schema)
