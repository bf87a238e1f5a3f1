"""How the index writes and reads its Parquet files: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from parsing.errors import IndexStoreError, refused_by_system
from parsing.index.store.damage import digest_of

ROW_GROUP = 32_768
"""Rows that share minimum and maximum, so that a span of time skips the other groups; one row is read with fewer steps
from a smaller group, and all of them with more."""

PAGE = 64 * 1024
"""Bytes of a data page: a few rows far apart are read three times as fast as with Polars' own megabyte."""


def write_parquet(frame: pl.DataFrame, path: Path, notes: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Write under a temporary name, make it durable, rename; returns size and digest. ``notes`` go into its end."""
    temporary = path.with_name(path.name + ".part")
    try:
        frame.write_parquet(
            temporary,
            compression="zstd",
            compression_level=1,
            row_group_size=ROW_GROUP,
            data_page_size=PAGE,
            metadata=None if notes is None else dict(notes),
        )
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        size, digest = temporary.stat().st_size, digest_of(temporary)
        temporary.replace(path)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise IndexStoreError(
            f"cannot write the index: {refused_by_system(error) or error}",
            where=str(path.parent),
            hint="is the disk full? --index-dir names another",
        ) from error
    return size, digest
