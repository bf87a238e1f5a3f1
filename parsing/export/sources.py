"""How exactly files were read, as records."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from parsing.index.snapshot import Source

_SOURCE = {
    "source": pl.String(),
    "format": pl.String(),
    "bytes": pl.Int64(),
    "lines": pl.Int64(),
    "rows": pl.Int64(),
    "directives": pl.Int64(),
    "blank": pl.Int64(),
    "rejected": pl.Int64(),
    "damaged": pl.Int64(),
    "first": pl.Datetime("ms"),
    "last": pl.Datetime("ms"),
    "layouts": pl.List(pl.List(pl.String())),
    "status": pl.String(),
    "error": pl.String(),
    "notes": pl.List(pl.String()),
}


def source_records(sources: Sequence[Source]) -> pl.DataFrame:
    """One record for each source."""
    rows = [
        {name: getattr(source, "name" if name == "source" else name) for name in _SOURCE}
        | {
            "layouts": [list(layout) for layout in source.layouts],
            "error": source.error or None,
            "notes": list(source.notes),
        }
        for source in sources
    ]
    return pl.DataFrame(rows, schema=_SOURCE)
