"""Small logs written line by line, and what a reader without any cleverness finds in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from parsing.index.snapshot import Snapshot

IIS_HEAD = (
    "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-06-15 10:00:00\r\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
    "sc-status sc-substatus sc-win32-status time-taken\r\n"
)
HTTPERR_HEAD = (
    "#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: 2026-06-15 10:00:00\r\n"
    "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\r\n"
)
START = datetime(2026, 6, 15, 10)  # noqa: DTZ001

Row = tuple[str, int, str, str]
"""Source, line, time as text and path (``cs-uri-stem`` or ``cs-uri``) of a row."""


def iis_lines(count: int, *, first: int = 0, path: str = "/p") -> str:
    """Entries of an IIS log, one a second; the number of the entry is in its path."""
    moments = (START + timedelta(seconds=number) for number in range(first, first + count))
    return "".join(
        f"{moment} 10.0.0.1 GET {path}/{number} - 443 - 192.0.2.{number % 250} Agent/{number % 3} - "
        f"200 0 0 {number % 90}\r\n"
        for number, moment in enumerate(moments, first)
    )


def httperr_lines(count: int, *, first: int = 0, path: str = "/e") -> str:
    """Entries of a Httperr.log, one a second."""
    moments = (START + timedelta(seconds=number) for number in range(first, first + count))
    return "".join(
        f"{moment} 192.0.2.{number % 250} {1024 + number} 10.0.0.1 443 HTTP/1.1 GET {path}/{number} - 1 "
        "Connection_Dropped DefaultAppPool\r\n"
        for number, moment in enumerate(moments, first)
    )


def write(path: Path, *texts: str | bytes) -> Path:
    """A file with these contents, byte for byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(text.encode() if isinstance(text, str) else text for text in texts))
    return path


def append(path: Path, *texts: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(text.encode() if isinstance(text, str) else text for text in texts))


def rows_written(path: Path, name: str) -> list[Row]:
    """The rows of a log as anybody can read them: lines of the right width below the last ``#Fields``."""
    fields: list[str] = []
    rows = []
    for number, line in enumerate(path.read_bytes().decode().splitlines(), 1):
        if line.startswith("#Fields:"):
            fields = line.split()[1:]
        values = line.split(" ")
        if line and not line.startswith("#") and len(values) == len(fields):
            row = dict(zip(fields, values, strict=True))
            rows.append((name, number, f"{row['date']} {row['time']}", row.get("cs-uri-stem") or row["cs-uri"]))
    return rows


def rows_indexed(snapshot: Snapshot) -> list[Row]:
    """The same of a snapshot, decoded row by row, by source and line."""
    names = {source.id: source.name for source in snapshot.sources}
    rows: list[Row] = []
    for segment in snapshot.segments:
        field = "cs-uri-stem" if segment.log == "iis" else "cs-uri"
        frame = segment.scan().collect()
        paths = _decoded(frame[field], snapshot, field)
        columns = (frame["source"], frame["line"], frame["time"].dt.strftime("%Y-%m-%d %H:%M:%S"), paths)
        found: Iterable[tuple[Any, ...]] = zip(*(column.to_list() for column in columns), strict=True)
        rows.extend((names[source], line, time, path) for source, line, time, path in found)
    return sorted(rows)


def _decoded(values: pl.Series, snapshot: Snapshot, field: str) -> pl.Series:
    return values if values.dtype == pl.String else snapshot.dictionary(field).gather(values)
