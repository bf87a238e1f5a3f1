"""How the index writes and reads its Parquet files: whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from parsing.errors import IndexStoreError, LogError, refused_by_system
from parsing.files import whole_file
from parsing.index.store.damage import digest_of

ROW_GROUP = 32_768
"""Rows that share minimum and maximum, so that a span of time skips the other groups; one row is read with fewer steps
from a smaller group, and all of them with more."""

PAGE = 64 * 1024
"""Bytes of a data page: a few rows far apart are read three times as fast as with Polars' own megabyte."""


def write_parquet(frame: pl.DataFrame, path: Path, notes: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Write a file of the index whole and durably; returns its size and digest. ``notes`` go into its end."""
    try:
        with whole_file(path, is_durable=True) as file:
            frame.write_parquet(
                file,
                compression="zstd",
                compression_level=1,
                row_group_size=ROW_GROUP,
                data_page_size=PAGE,
                metadata=None if notes is None else dict(notes),
            )
        return path.stat().st_size, digest_of(path)
    except (OSError, LogError, pl.exceptions.ComputeError) as error:
        cause = error.__cause__ if isinstance(error, LogError) and isinstance(error.__cause__, OSError) else error
        raise IndexStoreError(
            f"cannot write the index: {refused_by_system(cause) or cause}",
            where=str(path.parent),
            hint="is the disk full? --index-dir names another",
        ) from error
