"""Numbers for the addresses, paths and URIs of some errors, by which the requests of the IIS log are looked up.

Only what an error asks for gets a number, so that the rest of a large log is set aside early.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from parsing.correlation.logs.addresses import normal_addresses
from parsing.correlation.logs.uris import normal_text
from parsing.index.snapshot import Snapshot

ANY = 0
"""The number of a value that a log does not have: it agrees with every other."""


class Normals:
    """The dictionaries of a log set in normalised form; what was added since is normalised when it is asked for."""

    def __init__(self) -> None:
        self._known: dict[str, pl.Series] = {}
        self._lock = threading.Lock()

    def addresses(self, snapshot: Snapshot, field: str) -> pl.Series:
        return self._grown(snapshot, field, normal_addresses)

    def texts(self, snapshot: Snapshot, field: str) -> pl.Series:
        return self._grown(snapshot, field, normal_text)

    def _grown(self, snapshot: Snapshot, field: str, normal: Callable[[pl.Series], pl.Series]) -> pl.Series:
        values = snapshot.dictionary(field)
        with self._lock:
            known = self._known.get(field)
            if known is None:
                known = normal(values)
            elif len(known) < len(values):
                known = pl.concat([known, normal(values[len(known) :])])
            self._known[field] = known
            return known


@dataclass(frozen=True, slots=True)
class Keys:
    """Tables from normalised values to numbers from 1. ``uris`` has ``path`` (its number), ``query``, ``is_cut``, ``uri``."""

    addresses: pl.DataFrame
    servers: pl.DataFrame
    methods: pl.DataFrame
    paths: pl.DataFrame
    uris: pl.DataFrame
    has_server: bool = True

    @classmethod
    def of(cls, errors: pl.DataFrame, *, has_server: bool = True) -> Keys:
        """Keys of the errors that ``read_errors`` gives."""
        paths = _numbered(errors["path"], "path")
        uris = (
            errors.select("path", "query", "is_cut")
            .drop_nulls()
            .group_by("path", "query")
            .agg(pl.col("is_cut").any())
            .sort("path", "query")
            .join(paths, on="path", how="inner", maintain_order="left")
            .select(
                pl.col("number").alias("path"),
                "query",
                "is_cut",
                pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("uri"),
            )
        )
        return cls(
            _numbered(errors["client"], "client"),
            _numbered(errors["server"], "server"),
            _numbered(errors["method"].str.to_uppercase(), "method"),
            paths,
            uris,
            has_server,
        )


def _numbered(values: pl.Series, name: str) -> pl.DataFrame:
    found = values.rename(name).drop_nulls().unique().sort()
    return pl.DataFrame([found, pl.int_range(1, len(found) + 1, dtype=pl.UInt32, eager=True).rename("number")])


def numbers_of(values: pl.Series, table: pl.DataFrame) -> pl.Series:
    """The numbers of values, null where they have none."""
    name = table.columns[0]
    joined = values.rename(name).to_frame().join(table, on=name, how="left", maintain_order="left")
    return joined["number"]


def with_numbers(errors: pl.DataFrame, keys: Keys) -> pl.DataFrame:
    """Errors with ``address``, ``path_number``, ``uri_number``, ``server_number`` and ``method_number``.

    The last two, and ``e_server_port``, are ``ANY`` where the log has none.
    """
    numbered = errors.with_columns(
        numbers_of(errors["client"], keys.addresses).alias("address"),
        numbers_of(errors["path"], keys.paths).alias("path_number"),
        numbers_of(errors["server"], keys.servers).fill_null(ANY).alias("server_number"),
        numbers_of(errors["method"].str.to_uppercase(), keys.methods).fill_null(ANY).alias("method_number"),
        pl.col("server_port").fill_null(ANY).alias("e_server_port"),
    )
    if not keys.has_server:
        numbered = numbered.with_columns(pl.lit(ANY, dtype=pl.UInt32).alias("server_number"))
    uris = keys.uris.select(pl.col("path").alias("path_number"), "query", pl.col("uri").alias("uri_number"))
    return numbered.join(uris, on=["path_number", "query"], how="left", maintain_order="left")
