"""All evidence of a log set as one frame, with what its parts say about each other."""

from __future__ import annotations

import polars as pl

from parsing.formats.evidence.event_rows import EVIDENCE_SCHEMA
from parsing.index import Snapshot

CRASH_BEFORE = 60
"""Seconds that WAS may take to notice a crash that was reported: 13 were seen, while a dump was written."""
CRASH_AFTER = 5
_SAME_MOMENT = 5

FRAME_SCHEMA: dict[str, pl.DataType] = EVIDENCE_SCHEMA | {
    "name": pl.String(),
    "server": pl.String(),
    "covered_until": pl.Datetime("ms"),
}
"""Columns of the frame: ``name`` is that of the source, ``server`` who wrote it, as short as it can be said, ``covered_until`` the
last record of the same channel and computer."""


def evidence_of(snapshot: Snapshot) -> pl.DataFrame:
    """The evidence of a snapshot in time order, with the columns of ``FRAME_SCHEMA``; what has no time comes last.

    A crash report names no pool: it gets that of the event of WAS that names the same process id just afterwards.
    """
    key = ("evidence", snapshot.evidence, snapshot.source_names)
    found: pl.DataFrame = snapshot.memory.partials.get(key, lambda: _gathered(snapshot))
    return found


def pool_key(pool: pl.Expr) -> pl.Expr:
    """A pool's name as names are compared: Httperr.log writes ``+`` for a blank, and case does not count."""
    return pool.str.to_lowercase().str.replace_all(" ", "+", literal=True)


def pool_name(pool: str) -> str:
    """The same of one name."""
    return pool.lower().replace(" ", "+")


def server_key(server: pl.Expr) -> pl.Expr:
    """A server's name as names are compared: in lower case, and without its domain."""
    return server.str.to_lowercase().str.replace(r"^([^.]*[a-z][^.]*)\..*$", "$1")


def _gathered(snapshot: Snapshot) -> pl.DataFrame:
    parts = [part.read() for part in snapshot.evidence]
    if not parts:
        return pl.DataFrame(schema=FRAME_SCHEMA)
    names = pl.DataFrame(
        [(source.id, source.name, source.server or None) for source in snapshot.sources],
        schema={"source": pl.UInt32(), "name": pl.String(), "folder": pl.String()},
        orient="row",
    )
    frame = pl.concat(parts).join(names, on="source", how="left").sort("time", "source", "line", nulls_last=True)
    frame = frame.with_columns(
        server_key(pl.coalesce("folder", "computer")).alias("server"),
        pl.col("time").max().over("computer", "channel").alias("covered_until"),
    )
    return _with_pools(frame).select(*FRAME_SCHEMA)


def _with_pools(frame: pl.DataFrame) -> pl.DataFrame:
    """Crash reports with the pool of the worker process that crashed, and a ``.NET Runtime`` report with its process id too."""
    named = frame.filter((pl.col("provider") == "WAS") & pl.col("pool").is_not_null() & pl.col("pid").is_not_null())
    is_crash = (pl.col("provider") == "Application Error") & pl.col("pid").is_not_null()
    frame = _filled_from(frame, named, is_crash, ["pool"], by=["computer", "pid"])
    crashes = frame.filter(is_crash & pl.col("pool").is_not_null())
    is_managed = (pl.col("provider") == ".NET Runtime") & (pl.col("process").str.to_lowercase() == "w3wp.exe")
    several = crashes.sort("time").with_columns(
        (pl.col("time").diff().dt.total_seconds() <= 2 * _SAME_MOMENT).fill_null(value=False).alias("is_near")
    )
    alone = several.filter(~pl.col("is_near") & ~pl.col("is_near").shift(-1, fill_value=False)).drop("is_near")
    return _filled_from(frame, alone, is_managed, ["pool", "pid"], by=["computer"], before=_SAME_MOMENT)


def _filled_from(
    frame: pl.DataFrame,
    known: pl.DataFrame,
    wanting: pl.Expr,
    values: list[str],
    *,
    by: list[str],
    before: int = CRASH_BEFORE,
) -> pl.DataFrame:
    """Values that some rows lack, from the nearest row of ``known``, at most ``before`` seconds later or a few earlier."""
    if known.is_empty():
        return frame
    numbered = frame.with_row_index("row")
    wanted = numbered.filter(wanting & pl.any_horizontal(pl.col(name).is_null() for name in values))
    left = wanted.select("row", "time", *by).sort("time")
    found = known.select("time", *dict.fromkeys([*by, *values])).with_columns(
        pl.col(name).alias(f"{name} found") for name in values
    )
    found = found.drop([name for name in values if name not in by]).sort("time")
    later = left.join_asof(found, on="time", by=by, strategy="forward", tolerance=f"{before}s", check_sortedness=False)
    earlier = left.join_asof(
        found, on="time", by=by, strategy="backward", tolerance=f"{CRASH_AFTER}s", check_sortedness=False
    )
    both = later.join(earlier.select("row", *(f"{name} found" for name in values)), on="row", suffix=" before")
    chosen = both.select("row", *(pl.coalesce(f"{n} found", f"{n} found before").alias(f"{n} found") for n in values))
    joined = numbered.join(chosen, on="row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(name, f"{name} found").alias(name) for name in values).select(frame.columns)
