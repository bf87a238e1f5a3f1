"""Percentiles from counts by key and bucket."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from parsing.questions.values import buckets
from parsing.questions.values.counting import COUNT
from parsing.questions.values.group_keys import KEY

BUCKET = " bucket"
SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}
"""The share of the rows that have at most so much."""

_COUNT_BITS, _BUCKET_BITS, _KEY_BITS = 24, 12, 28


def pack(counts: pl.DataFrame) -> pl.Series | None:
    """Key, bucket and count of each row in one number that sorts by them; ``None`` when they do not fit."""
    if not counts[KEY].dtype.is_unsigned_integer():
        return None
    fits = counts.select((pl.col(KEY).max() < 2**_KEY_BITS - 1) & (pl.col(COUNT).max() < 2**_COUNT_BITS))
    if fits.item() is False:
        return None
    key = (pl.col(KEY).cast(pl.UInt64) + 1).fill_null(0)
    packed = (key * 2**_BUCKET_BITS + pl.col(BUCKET)) * 2**_COUNT_BITS + pl.col(COUNT).cast(pl.UInt64)
    return counts.select(packed.alias(KEY)).to_series()


def unpack(packed: pl.Series) -> pl.DataFrame:
    """The table that was packed."""
    shifted = pl.col(KEY) // 2**_COUNT_BITS
    key = shifted // 2**_BUCKET_BITS
    return (
        packed.alias(KEY)
        .to_frame()
        .select(
            pl.when(key > 0).then(key - 1).cast(pl.UInt32).alias(KEY),
            (shifted % 2**_BUCKET_BITS).cast(pl.UInt16).alias(BUCKET),
            (pl.col(KEY) % 2**_COUNT_BITS).cast(pl.Int64).alias(COUNT),
        )
    )


def percentiles_of_packed(packed: Sequence[pl.Series]) -> pl.DataFrame:
    """Count and percentiles by key. Numbers for the same key and bucket follow each other and need not be added up."""
    ordered = pl.concat(packed).sort()
    so_far = (ordered % 2**_COUNT_BITS).cast(pl.Int64).cum_sum()
    shifted = ordered // 2**_COUNT_BITS
    keys, bucket = shifted // 2**_BUCKET_BITS, (shifted % 2**_BUCKET_BITS).cast(pl.UInt16)
    ends = (keys != keys.shift(-1)).fill_null(value=True).arg_true()
    key = keys.gather(ends)
    known = pl.select(pl.when(key > 0).then(key - 1).cast(pl.UInt32).alias(KEY)).to_series()
    return _percentiles(known.to_frame(), so_far, so_far.gather(ends), bucket)


def percentiles_by_key(counts: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Count and percentiles by key, of a table with keys, buckets and counts."""
    ordered = counts.sort(*keys, BUCKET)
    total = pl.col(COUNT).sum()
    totals = ordered.group_by(keys, maintain_order=True).agg(total) if keys else ordered.select(total)
    totals = totals.filter(pl.col(COUNT) > 0)
    return _percentiles(totals.drop(COUNT), ordered[COUNT].cum_sum(), totals[COUNT].cum_sum(), ordered[BUCKET])


def at_most(greatest: str) -> list[pl.Expr]:
    """The percentiles, none above a column with the greatest number: what stands for the numbers of a bucket may be."""
    return [pl.min_horizontal(f" {share}", greatest).alias(f" {share}") for share in SHARES]


def _percentiles(keys: pl.DataFrame, so_far: pl.Series, ends: pl.Series, bucket: pl.Series) -> pl.DataFrame:
    """``so_far`` rows are up to each number in the order of keys and buckets, ``ends`` up to the last of each key."""
    before = ends.shift(1, fill_value=0)
    total = ends - before
    found = [total.alias(COUNT)]
    for name, share in SHARES.items():
        rank = before + (total * share).ceil().cast(pl.Int64)
        places = so_far.search_sorted(rank, side="left")
        found.append(buckets.stand_ins().gather(bucket.gather(places)).alias(f" {name}"))
    return pl.DataFrame([*keys.get_columns(), *found])
