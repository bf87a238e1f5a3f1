"""Small random log sets and the same rows as plain dictionaries, for straightforward answers to compare with."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from parsing.filters import Filter, parse
from parsing.index.snapshot import Snapshot
from tests.small_sets import Table, small_snapshot

START = datetime(2026, 6, 15, 10)  # noqa: DTZ001
SOURCES = {"iis": ("u_ex2.log", "u_ex10.log"), "httperr": ("httperr2.log", "httperr10.log")}
SOURCE_ORDER = ("httperr2.log", "httperr10.log", "u_ex2.log", "u_ex10.log")
VALUES: dict[str, tuple[Any, ...]] = {
    "c-ip": ("10.0.0.1", "10.0.0.2", "fe80::1", None),
    "cs-method": ("GET", "POST", None),
    "cs-uri-stem": ("/", "/b", "/a", "/17/a", None),
    "cs-uri-query": ("x=1", "y", None),
    "cs-uri": ("/", "/b?x=1", "/a?y", "/a", "/17/a", "?", None),
    "sc-status": (200, 404, 500, None),
    "time-taken": (0, 1, 17, 1000, 12_345, 3_600_000, None),
    "s-reason": ("Timer_ConnectionIdle", "QueueFull", "Connection_Dropped", "New_Reason", None),
    "X-Custom": ("b", "A", "ä", None),
}
FIELDS = {
    "iis": ("c-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "sc-status", "time-taken", "X-Custom"),
    "httperr": ("c-ip", "cs-method", "cs-uri", "sc-status", "s-reason"),
}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """A filter and whether it keeps a plain row."""

    text: str
    keeps: Callable[[Row], bool]

    @property
    def where(self) -> Filter:
        return parse(self.text)


FILTERS = (
    Kept("", lambda _: True),
    Kept("method:GET", lambda row: row.get("cs-method") == "GET"),
    Kept("status:500", lambda row: row.get("sc-status") == 500),
    Kept("-status:500", lambda row: row.get("sc-status") != 500),
    Kept("log:httperr", lambda row: bool(row["log"] == "httperr")),
    Kept("client:10.0.0.99", lambda _: False),
)


@st.composite
def tables(draw: st.DrawFn) -> list[Table]:
    """Up to five segments of both logs with few different values, times and layouts, so that much coincides."""
    found: list[Table] = []
    lines: dict[str, int] = {}
    for _ in range(draw(st.integers(0, 5))):
        log = draw(st.sampled_from(("iis", "httperr")))
        source = draw(st.sampled_from(SOURCES[log]))
        fields = draw(st.lists(st.sampled_from(FIELDS[log]), unique=True, min_size=1))
        rows = []
        for _ in range(draw(st.integers(1, 12))):
            lines[source] = lines.get(source, 0) + draw(st.integers(1, 2))
            time = START + timedelta(seconds=draw(st.integers(0, 40)) // 4 * 7)
            values = {name: draw(st.sampled_from(VALUES[name])) for name in fields}
            rows.append({"time": time.isoformat(), "line": lines[source], **values})
        found.append((log, source, fields, rows))  # type: ignore[arg-type]
    return found


texts = st.frozensets(st.sampled_from(["c-ip", "cs-uri-stem", "cs-uri", "X-Custom", "s-reason"]))
"""Fields that are text in the segments and not codes."""


def plain_rows(tables: list[Table]) -> list[dict[str, Any]]:
    """All rows in the order of a view; a row has only the fields of its layout."""
    rows = [
        {"log": log, "source": source, **row, "time": datetime.fromisoformat(row["time"])}
        for log, source, _, found in tables
        for row in found
    ]
    return sorted(rows, key=place)


def place(row: Row) -> tuple[datetime, int, int]:
    return row["time"], SOURCE_ORDER.index(row["source"]), row["line"]


def value(row: Row, name: str) -> Any:
    """The value of a field by a name of the filter language; ``...`` when the row's layout does not have it."""
    wire = {"status": "sc-status", "client": "c-ip", "reason": "s-reason", "method": "cs-method"}.get(name, name)
    if wire not in ("path", "template"):
        return row.get(wire, ...)
    uri = row.get("cs-uri", ...)
    path = uri.split("?")[0] or None if isinstance(uri, str) else row.get("cs-uri-stem", uri)
    return path.replace("17", "{}") if wire == "template" and isinstance(path, str) else path


@contextmanager
def snapshot_of(tables: list[Table], text: frozenset[str] = frozenset()) -> Iterator[Snapshot]:
    with tempfile.TemporaryDirectory() as folder:
        yield small_snapshot(Path(folder), tables, text=text)


def records(rows: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """Plain rows as records with these fields."""
    return [{name: row.get(name) for name in ("log", "source", "line", "time", *names)} for row in rows]
