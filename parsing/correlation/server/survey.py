"""A first reading of all errors: which servers wrote them, and which of their rows a sweep of the timers writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from parsing.correlation.logs.errors import decoded
from parsing.correlation.logs.keys import is_loopback, normal_addresses, split_uris
from parsing.correlation.stopping import Cancelled, stop_if
from parsing.index.snapshot import Segment, Snapshot


def server_groups(pairs: pl.DataFrame, names: Mapping[int, str] = {}) -> pl.DataFrame:
    """Numbers the servers: ``source server group`` for each pair of ``source`` and ``server`` (null where not logged).

    ``names`` are those of the servers that wrote the sources, as far as they are known: servers of two names have the same
    address where each is behind a gateway of its own. A loopback address belongs to the source that has it, and joins no
    two sources.
    """
    known = pairs.select("source", "server").unique().sort("source", "server")
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        while parent.setdefault(item, item) != item:
            item = parent[item]
        return item

    rows = list(known.iter_rows())
    for source, server in rows:
        top = root(("source", source))
        if server is not None and not is_loopback(server):
            parent[root((names.get(source, ""), server))] = top
    roots = [root(("source", source)) for source, _ in rows]
    numbers = {top: number for number, top in enumerate(dict.fromkeys(roots))}
    groups = pl.Series("group", [numbers[top] for top in roots], dtype=pl.UInt32)
    return known.with_columns(groups)


DROPPED = "connection_dropped"
TIMER = "timer_"
IDLE = "timer_connectionidle"

_SCHEMA = {
    "source": pl.UInt32(),
    "line": pl.Int64(),
    "server": pl.String(),
    "second": pl.Int64(),
    "reason": pl.String(),
    "path": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Survey:
    """Errors that a sweep writes: ``source line server second reason (lower case) path`` with the ``group`` of their server."""

    swept: pl.DataFrame
    groups: pl.DataFrame

    @property
    def drops(self) -> pl.DataFrame:
        return self.swept.filter(pl.col("reason") == DROPPED)


def survey(snapshot: Snapshot, cancelled: Cancelled) -> Survey:
    """Reads the few fields of all errors that tell one server from another and show its sweep."""
    parts: list[pl.DataFrame] = []
    pairs: list[pl.DataFrame] = []
    for segment in snapshot.segments:
        if segment.log != "httperr" or not segment.rows:
            continue
        stop_if(cancelled)
        frame = _decoded(snapshot, segment)
        pairs.append(frame.select("source", "server").unique())
        is_swept = (pl.col("reason") == DROPPED) | pl.col("reason").str.starts_with(TIMER)
        parts.append(frame.filter(is_swept))
    swept = pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA)
    known = pl.concat(pairs).unique() if pairs else pl.DataFrame(schema={"source": pl.UInt32(), "server": pl.String()})
    names = {source.id: source.server for source in snapshot.sources}
    groups = server_groups(known, names)
    return Survey(with_group(swept, groups), groups)


def with_group(rows: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Rows (``source server``) with the number of their server."""
    return rows.join(groups, on=["source", "server"], how="left", nulls_equal=True, maintain_order="left")


def _decoded(snapshot: Snapshot, segment: Segment) -> pl.DataFrame:
    wanted = {"server": "s-ip", "reason": "s-reason", "path": "cs-uri"}
    fields = [field for field in wanted.values() if field in segment.fields]
    frame = (
        segment.scan()
        .select("source", "line", (pl.col("time").cast(pl.Int64) // 1000).alias("second"), *fields)
        .collect()
    )
    columns = {name: decoded(snapshot, segment, frame, field) for name, field in wanted.items()}
    found = frame.select("source", "line", "second").with_columns(
        _each(columns["server"], normal_addresses).alias("server"),
        _each(columns["reason"], lambda texts: texts.str.to_lowercase()).alias("reason"),
        _each(columns["path"], lambda texts: split_uris(texts)["path"]).alias("path"),
    )
    return found.select(*_SCHEMA)


def _each(values: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Changes each distinct value once."""
    distinct = values.unique()
    table = pl.DataFrame([distinct.alias("from"), change(distinct).alias("to")])
    return values.to_frame("from").join(table, on="from", how="left", nulls_equal=True, maintain_order="left")["to"]
