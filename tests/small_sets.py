"""Small log sets built in memory from rows, for tests of everything above the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from parsing.index.snapshot import META_SCHEMA, Log, Progress, Segment, Snapshot, Source
from parsing.knowledge.fields import Kind, wire_field

Row = Mapping[str, Any]
Table = tuple[Log, str, Sequence[str], Sequence[Row]]
"""One segment: log, source name, wire names, rows with ``time`` (ISO text), ``line`` and the wire names."""


def small_snapshot(folder: Path, tables: Sequence[Table], *, text: frozenset[str] = frozenset()) -> Snapshot:
    """A snapshot with one segment a table. Text fields are coded, but for those in ``text``."""
    words: dict[str, dict[str, int]] = {}
    names = list(dict.fromkeys(table[1] for table in tables))
    segments = [
        _segment(folder / f"segment-{number}.parquet", table, names, words, text) for number, table in enumerate(tables)
    ]
    sources = [_source(number, name, tables) for number, name in enumerate(names)]
    return Snapshot(
        tuple(segments),
        tuple(sources),
        Progress(1, 1, is_whole=True),
        lambda field: pl.Series(field, list(words.get(field, {})), dtype=pl.String),
    )


def in_log_order(rows: list[dict[str, Any]], when: Callable[[float], datetime]) -> list[dict[str, Any]]:
    """Sorts rows by ``at``, in seconds, and gives each its ``line`` below a head of four lines and, by ``when``, its ``time``."""
    rows.sort(key=lambda row: row["at"])
    for line, row in enumerate(rows, 5):
        row["line"] = line
        row["time"] = when(row["at"]).replace(microsecond=0).isoformat()
    return rows


def _segment(
    path: Path, table: Table, names: list[str], words: dict[str, dict[str, int]], text: frozenset[str]
) -> Segment:
    log, source, fields, rows = table
    columns: dict[str, pl.Series] = {
        "time": pl.Series([datetime.fromisoformat(row["time"]) for row in rows], dtype=META_SCHEMA["time"]),
        "source": pl.Series([names.index(source)] * len(rows), dtype=META_SCHEMA["source"]),
        "line": pl.Series([row.get("line", index + 1) for index, row in enumerate(rows)], dtype=META_SCHEMA["line"]),
    }
    coded: set[str] = set()
    for name in fields:
        values = [row.get(name) for row in rows]
        if wire_field(name).kind is Kind.NUMBER:
            columns[name] = pl.Series(values, dtype=getattr(pl, wire_field(name).dtype))
        elif name in text:
            columns[name] = pl.Series(values, dtype=pl.String)
        else:
            codes = words.setdefault(name, {})
            coded.add(name)
            numbers = [None if value is None else codes.setdefault(value, len(codes)) for value in values]
            columns[name] = pl.Series(numbers, dtype=pl.UInt32)
    frame = pl.DataFrame(columns).sort("time", "source", "line", maintain_order=True)
    frame.write_parquet(path)
    times = frame["time"]
    first, last = times.min(), times.max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    return Segment(path, log, tuple(fields), frozenset(coded), frame.height, first, last)


def _source(number: int, name: str, tables: Sequence[Table]) -> Source:
    mine = [table for table in tables if table[1] == name]
    rows = sum(len(table[3]) for table in mine)
    times = [datetime.fromisoformat(row["time"]) for table in mine for row in table[3]]
    return Source(
        id=number,
        name=name,
        format="httperr" if mine[0][0] == "httperr" else "iis-w3c",
        bytes=0,
        lines=rows,
        rows=rows,
        directives=0,
        blank=0,
        rejected=0,
        damaged=0,
        first=min(times, default=None),
        last=max(times, default=None),
        layouts=tuple(tuple(table[2]) for table in mine),
        status="ok",
    )
