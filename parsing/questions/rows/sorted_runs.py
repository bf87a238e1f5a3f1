"""Rows sorted by any key in bounded memory: a sorted run on disk for each segment, known by the first row of its blocks.

A run is a temporary Parquet file. The first rows of the blocks of all runs, put in order, say where an offset is but
for a block of each run: only these blocks are read to find the rows there.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from parsing.errors import IndexStoreError, refused_by_system
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions.question import stop_if_cancelled
from parsing.questions.rows.columns import ROW, roots, scan
from parsing.questions.rows.picked_rows import AT, PART, RANK, TABLE, TIME_ORDER
from parsing.questions.rows.records import rank
from parsing.questions.rows.sort_keys import KEY, SortKeys
from parsing.questions.selection import Selection

BLOCK = 512
"""Rows of a block: a page of 50 reads one or two blocks of each run, 0.3 ms each."""

_ROW_GROUP = 32 * BLOCK
"""Rows that Parquet decodes at a time."""

_START, _PLACE, _UNTIL, _IS_MINE = " start", " place", " until", " mine"
_SORTED_BY = (KEY, *TIME_ORDER)


class TemporaryFile:
    """A temporary file that is gone when nobody holds it."""

    def __init__(self) -> None:
        with tempfile.NamedTemporaryFile(prefix="dropline-", suffix=".parquet", delete=False) as made:
            self.path = Path(made.name)
        weakref.finalize(self, _remove, self.path)


def _remove(path: Path) -> None:
    """Remove a file; one that another program has open on Windows is left to those who clear the folder."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class SortedRun:
    """The kept rows of a segment, sorted, and what the first row of each block is sorted by."""

    segment: Segment
    file: TemporaryFile
    total: int
    firsts: pl.DataFrame
    bytes: int
    """What it takes on disk and in memory."""


def sorted_run(
    snapshot: Snapshot,
    segment: Segment,
    selection: Selection,
    keys: SortKeys,
    *,
    is_descending: bool,
    carried: Sequence[str] = (),
) -> SortedRun | None:
    """The run of a segment, ``None`` where it keeps no row for certain; ``carried`` are more physical columns to keep.

    Raises ``IndexStoreError`` when there is no room for it in the folder for temporary files.
    """
    wanted = selection.keeps(snapshot, segment)
    if wanted is False:
        return None
    key = keys.of(segment)
    needed = ["time", "source", "line", *roots(key), *carried, *([] if wanted is True else roots(wanted))]
    rows = scan(snapshot, segment).select(list(dict.fromkeys(needed))).with_row_index(ROW)
    rows = rows if wanted is True else rows.filter(wanted)
    others = [pl.col(name) for name in carried if name not in ("time", "line")]
    found = rows.select(key, "time", rank(snapshot).alias(RANK), "line", ROW, *others).collect().rechunk()
    stop_if_cancelled()
    ordered = _by_key(_in_time_order(found), is_descending=is_descending)
    stop_if_cancelled()
    with full_disk_explained():
        file = TemporaryFile()
        ordered.write_parquet(file.path, compression="uncompressed", statistics=False, row_group_size=_ROW_GROUP)
        size = file.path.stat().st_size
    firsts = ordered.select(_SORTED_BY).gather_every(BLOCK).rechunk()
    return SortedRun(segment, file, ordered.height, firsts, size + int(firsts.estimated_size()))


def _by_key(rows: pl.DataFrame, *, is_descending: bool) -> pl.DataFrame:
    """Rows by their keys, those without one last, equal ones in the order in which they are.

    Keys that fit into 32 bits are sorted together with the numbers of their rows, as one column of whole numbers: of
    rows in one chunk that takes half the time of sorting the table.
    """
    key = rows[KEY]
    least, greatest = (key.min(), key.max()) if key.dtype.is_integer() else (None, None)
    if not isinstance(least, int) or not isinstance(greatest, int) or least < 0 or greatest >= _WITHOUT:
        # Sorting by one column and keeping the order of equal rows takes a twentieth of the time of sorting by all four.
        return rows.sort(KEY, descending=is_descending, nulls_last=True, maintain_order=True)
    whole = pl.col(KEY).cast(pl.UInt64)
    place = (greatest - whole if is_descending else whole).fill_null(_WITHOUT)
    packed = rows.select(place * 2**32 + pl.int_range(pl.len(), dtype=pl.UInt64)).to_series()
    # One thread is quicker than several that wait for each other: segments are sorted side by side.
    return rows[(packed.sort(multithreaded=False) % 2**32).cast(pl.UInt32)]


_WITHOUT = 2**32 - 1
"""Comes after all keys that fit into 32 bits."""


def _in_time_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a segment, which are in order of time and number of source, in order of time and name of source."""
    time, rank = pl.col("time"), pl.col(RANK)
    if not rows.select(((time == time.shift()) & (rank < rank.shift())).any()).item():
        return rows
    return rows.sort(RANK, maintain_order=True).sort("time", maintain_order=True)


@contextmanager
def full_disk_explained() -> Iterator[None]:
    """Wherever temporary files are written: what hinders that is an ``IndexStoreError``."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        hint = "sorting needs room for temporary files: TMPDIR names another folder"
        raise IndexStoreError(
            f"cannot sort: {refused_by_system(error) or error}", where=tempfile.gettempdir(), hint=hint
        ) from error


@dataclass(frozen=True, slots=True)
class SortedRows:
    """Some rows in order: ``order`` has ``PART`` and ``ROW`` of each, and ``TABLE`` and ``AT`` of it in ``tables``.

    ``tables`` have the columns that runs carry, each with the number of its run; ``skipped`` rows come before.
    """

    order: pl.DataFrame
    tables: Sequence[tuple[int, pl.DataFrame]]
    skipped: int


class SortedRuns:
    """Several runs as one: where a row is and what is at an offset, without merging them."""

    def __init__(self, runs: Sequence[SortedRun], *, is_descending: bool) -> None:
        self._runs = runs
        self._is_descending = is_descending
        firsts = []
        for part, run in enumerate(runs):
            start = pl.int_range(0, pl.len() * BLOCK, BLOCK, dtype=pl.Int64).alias(_START)
            firsts.append(run.firsts.with_columns(pl.lit(part, dtype=pl.UInt32).alias(PART), start))
        ordered = self._ordered(pl.concat(firsts)).with_row_index(_PLACE)
        until = pl.col(_PLACE).shift(-1, fill_value=ordered.height + 1).over(PART)
        self._blocks = ordered.with_columns(until.alias(_UNTIL))

    def _ordered(self, rows: pl.DataFrame) -> pl.DataFrame:
        flags = [self._is_descending, False, False, False]
        return rows.sort(_SORTED_BY, descending=flags, nulls_last=True, maintain_order=True)

    def rows(self, offset: int, limit: int) -> SortedRows:
        """The rows ``offset`` to ``offset + limit``."""
        # Before the first row of a block there are at most the rows of the blocks before it, and at least those of
        # all of them but the last of each run.
        found = self._between(offset // BLOCK, -(-(offset + limit) // BLOCK) + len(self._runs))
        return SortedRows(found.order.slice(offset - found.skipped, limit), found.tables, offset)

    def _between(self, low: int, high: int) -> SortedRows:
        """The rows of all blocks that may hold rows from the first row of the block at one place to that at another."""
        touched = self._blocks.filter(pl.col(_PLACE) <= high, pl.col(_UNTIL) > low)
        spans = touched.group_by(PART).agg(pl.col(_START).min(), pl.col(_START).max().alias("last")).rows()
        plans = [
            pl.scan_parquet(self._runs[part].file.path).slice(start, last + BLOCK - start)
            for part, start, last in spans
        ]
        parts = [part for part, _, _ in spans]
        tables = list(zip(parts, pl.collect_all(plans), strict=True))
        order = pl.concat(
            table.select(
                *_SORTED_BY,
                ROW,
                pl.lit(part, dtype=pl.UInt32).alias(PART),
                pl.lit(number, dtype=pl.UInt32).alias(TABLE),
                pl.int_range(pl.len(), dtype=pl.UInt32).alias(AT),
            )
            for number, (part, table) in enumerate(tables)
        )
        return SortedRows(self._ordered(order), tables, sum(start for _, start, _ in spans))

    def offset_of(self, row: pl.DataFrame) -> int | None:
        """The offset of the row that is sorted by a frame of one row with ``KEY`` and ``TIME_ORDER``, if it is there."""
        marked = pl.concat(
            [
                row.select(*_SORTED_BY, pl.lit(value).alias(_IS_MINE))
                for row, value in ((row, True), (self._blocks, False))
            ]
        )
        place = int(self._ordered(marked)[_IS_MINE].arg_max() or 0)
        found = self._between(place - 1, place)
        at = found.order.with_row_index(_PLACE).join(row, on=[RANK, "line"], how="semi")
        return found.skipped + int(at[_PLACE].item()) if at.height else None
