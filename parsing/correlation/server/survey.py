"""A first reading of all errors: which servers wrote them, which of their rows a sweep of the timers writes, and when most came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from parsing.correlation.logs.errors import decoded
from parsing.correlation.logs.keys import is_loopback, normal_addresses, split_uris
from parsing.correlation.logs.windows import Window, window_of
from parsing.correlation.server.timeouts import LONGEST_LAG
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


_STRETCH = 900_000
"""Milliseconds of a stretch."""
_STRETCHES = 10
_MOST_REQUESTS = 2_500_000
_FEW_REQUESTS = 400_000
"""Rows that are read for more stretches than those."""
_AT_ONCE = 300_000
"""Rows of stretches that are read as one."""
_NEAR = 2
"""Stretches this far from each other are read as one: what lies between is read for either."""


def stretches_to_learn_from(snapshot: Snapshot, surveyed: Survey) -> list[Window]:
    """Stretches of fifteen minutes: those with the most drops, and some with the most of the other timers.

    Of a log with few requests all are taken. Neighbours are read as one.
    """
    length = _STRETCH // 1000
    by_stretch = surveyed.swept.group_by((pl.col("second") // length).alias("stretch")).agg(
        (pl.col("reason") == DROPPED).sum().alias("drops"), pl.len().alias("all")
    )
    by_drops = by_stretch.sort("drops", "stretch", descending=True)["stretch"].to_list()
    by_timers = by_stretch.sort("all", "stretch", descending=True)["stretch"].head(3).to_list()
    chosen: set[int] = set()
    cost = 0.0
    for stretch in dict.fromkeys(by_drops[:2] + by_timers[:1] + by_drops[:_STRETCHES] + by_timers + by_drops):
        cost += _cost(snapshot, _window(stretch, stretch))
        if chosen and cost > (_MOST_REQUESTS if len(chosen) < _STRETCHES else _FEW_REQUESTS):
            break
        chosen.add(stretch)
    return _joined(snapshot, sorted(chosen))


def _window(first: int, last: int) -> Window:
    return Window(first * _STRETCH, (last + 1) * _STRETCH - 1)


def _cost(snapshot: Snapshot, window: Window) -> float:
    return sum(_rows_within(segment, window.grown(LONGEST_LAG * 1000, 0)) for segment in snapshot.segments)


def _joined(snapshot: Snapshot, stretches: Sequence[int]) -> list[Window]:
    """Windows of stretches that follow each other closely, as long as one has not too many rows."""
    joined: list[tuple[int, int]] = []
    for stretch in stretches:
        begin, last = joined[-1] if joined else (stretch, stretch - _NEAR - 1)
        if stretch - last <= _NEAR and _cost(snapshot, _window(begin, stretch)) <= _AT_ONCE:
            joined[-1] = (begin, stretch)
        else:
            joined.append((stretch, stretch))
    return [_window(begin, last) for begin, last in joined]


def _rows_within(segment: Segment, window: Window) -> float:
    if not window.meets(segment):
        return 0.0
    first, last = window_of(segment).first, window_of(segment).last
    inside = min(last, window.last) - max(first, window.first)
    return segment.rows * max(0.0, min(1.0, inside / max(1, last - first)))
