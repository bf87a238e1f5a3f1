"""Which rows were written by the same HTTP.sys: sources and server addresses that occur together are one server."""

from __future__ import annotations

import polars as pl

from parsing.correlation.logs.addresses import is_loopback


def server_groups(pairs: pl.DataFrame) -> pl.DataFrame:
    """Numbers the servers: ``source server group`` for each pair of ``source`` and ``server`` (null where not logged).

    A loopback address belongs to the source that has it, and joins no two sources.
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
            parent[root(server)] = top
    roots = [root(("source", source)) for source, _ in rows]
    numbers = {top: number for number, top in enumerate(dict.fromkeys(roots))}
    groups = pl.Series("group", [numbers[top] for top in roots], dtype=pl.UInt32)
    return known.with_columns(groups)
