"""Rows as a reader sees them: decoded, under their wire names, with log, source, line and time before them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from parsing.filters.expressions import column
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.fields import META, field_of, named_field
from parsing.questions.rows.columns import roots
from parsing.sources.names import natural_key


def resolve_field(name: str, snapshot: Snapshot) -> str:
    """The wire or virtual name that a user's name for a field means, in the case in which the logs have it."""
    return _resolved(name, snapshot.field_names)


@lru_cache(maxsize=256)
def _resolved(name: str, field_names: tuple[str, ...]) -> str:
    logged = {known.lower(): known for known in field_names}
    field = named_field(name)
    if field is None:
        return logged.get(name.lower(), name)
    return logged.get(field.name.lower(), field.name)


def record_columns(snapshot: Snapshot, names: Sequence[str] | None) -> list[str]:
    """Fields by their names in the logs, by default all, without the columns that every record has."""
    wanted = snapshot.field_names if names is None else [resolve_field(name, snapshot) for name in names]
    return [name for name in dict.fromkeys(wanted) if name not in META]


def field_dtype(name: str) -> pl.DataType:
    """The type of a field's values once decoded."""
    if name == "time":
        return pl.Datetime("ms")
    field = field_of(name)
    kind: pl.DataType = getattr(pl, field.dtype)() if field.is_number else pl.String()
    return kind


def physical(segment: Segment, snapshot: Snapshot, names: Sequence[str]) -> list[str]:
    """The physical columns that records with these fields need."""
    values = [column(segment, name, snapshot) for name in names]
    return list(dict.fromkeys(["time", "source", "line", *roots(*(value for value in values if value is not None))]))


def decode(snapshot: Snapshot, segment: Segment, rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Rows of physical columns as records, in the same order."""
    wanted = [
        pl.lit(segment.log).alias("log"),
        pl.lit(_by_id(snapshot)[0]).gather(pl.col("source")).alias("source"),
        pl.col("line"),
        pl.col("time"),
    ]
    for name in names:
        if name in META:
            continue
        value = column(segment, name, snapshot)
        filled = pl.lit(None) if value is None else value
        wanted.append(filled.cast(field_dtype(name)).alias(name))
    return rows.select(wanted) if rows.height else empty(names)


def empty(names: Sequence[str]) -> pl.DataFrame:
    """No records, with the columns that records have."""
    meta = {"log": pl.String(), "source": pl.String(), "line": pl.Int64(), "time": pl.Datetime("ms")}
    return pl.DataFrame(schema=meta | {name: field_dtype(name) for name in names if name not in META})


def ranks(snapshot: Snapshot, ids: pl.Series) -> pl.Series:
    """The place of each source id in the order of source names, in which numbers count as numbers."""
    return ids.to_frame("source").select(rank(snapshot)).to_series()


def rank(snapshot: Snapshot) -> pl.Expr:
    """The place of a row's source in that order."""
    return pl.lit(_by_id(snapshot)[1]).gather(pl.col("source"))


def _by_id(snapshot: Snapshot) -> tuple[pl.Series, pl.Series]:
    """Names of sources and their places in order, each where the id of its source says."""

    def compute() -> tuple[pl.Series, pl.Series]:
        ordered = sorted(snapshot.sources, key=lambda source: natural_key(source.name))
        names = {source.id: source.name for source in ordered}
        places = {source.id: place for place, source in enumerate(ordered)}
        ids = range(max(names, default=-1) + 1)
        return pl.Series([names.get(number) for number in ids], dtype=pl.String), pl.Series(
            [places.get(number) for number in ids], dtype=pl.UInt32
        )

    result: tuple[pl.Series, pl.Series] = snapshot.once("places of sources", compute)
    return result
