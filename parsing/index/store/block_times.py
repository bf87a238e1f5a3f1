"""When the blocks of a segment begin and end, kept in its file: a page is found without reading the column of times."""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from pathlib import Path

import polars as pl

BLOCK = 4096
"""Rows of a block; the last of a segment has fewer."""

_KEY = "dropline.block-times"


def stored(times: pl.Series) -> dict[str, str]:
    """What is kept in the file of a segment: the first and last of its sorted ``times`` in every block."""
    numbers = times.to_physical().gather_every(BLOCK).to_list()
    ends = times.to_physical().slice(BLOCK - 1).gather_every(BLOCK).to_list()
    if times.len() % BLOCK:
        ends.append(times.to_physical()[-1])
    packed = struct.pack(f"<{2 * len(numbers)}q", *numbers, *ends)
    return {_KEY: f"{BLOCK} {b64encode(packed).decode()}"}


def read(path: Path, block: int = BLOCK) -> tuple[pl.Series, pl.Series] | None:
    """The first and last times of all blocks of a segment; ``None`` where its file does not say."""
    size, _, packed = pl.read_parquet_metadata(path).get(_KEY, "").partition(" ")
    if size != str(block):
        return None
    data = b64decode(packed)
    numbers = struct.unpack(f"<{len(data) // 8}q", data)
    times = pl.Series(numbers, dtype=pl.Int64).cast(pl.Datetime("ms"))
    return times.head(len(numbers) // 2), times.slice(len(numbers) // 2)
