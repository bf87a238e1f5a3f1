"""All rows in order, a few at a time, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import polars as pl

from parsing.errors import CancelledError
from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.question import answer, damage_worded
from parsing.questions.rows.blocks import bounds
from parsing.questions.rows.positions import Page
from parsing.questions.rows.records import decode, empty, physical, ranks, record_columns
from parsing.questions.rows.runs import rows_by_value
from parsing.questions.selection import Selection, Span

_FEW = 100_000
"""So many rows by the value of a field are picked out of all of them without sorting these."""

_AT_ONCE = 20_000
"""So many of them at a time."""

ROWS = 65_536
"""How many rows are read and sorted at a time, if so many share no moment."""


def rows_in_order(
    snapshot: Snapshot,
    where: Filter = EVERYTHING,
    columns: Sequence[str] | None = None,
    log: Log | None = None,
    sort: str | None = None,
    offset: int = 0,
    limit: int | None = None,
    *,
    span: Span | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[pl.DataFrame]:
    """The records of ``Page`` in its order, in frames of some ten thousand rows; at least one frame, maybe empty.

    Raises ``CancelledError`` between two frames once ``cancelled()`` is true.
    """
    if sort is not None and limit is not None and offset + limit <= _FEW:
        chosen = None if columns is None else tuple(columns)
        for start in range(offset, offset + max(limit, 1), _AT_ONCE):
            if cancelled():
                raise CancelledError
            most = min(_AT_ONCE, offset + limit - start)
            page = answer(snapshot, Page(where, chosen, sort, start, most, log, span))
            yield page
            if page.height < most:
                return
        return
    names = record_columns(snapshot, columns)
    yield empty(names)
    selection = Selection(where, log, span)
    left = limit
    found = _in_order(snapshot, selection, names) if sort is None else rows_by_value(snapshot, selection, sort, names)
    for records in found:
        if cancelled():
            raise CancelledError
        skipped = min(offset, records.height)
        offset -= skipped
        wanted = records.slice(skipped, left)
        if wanted.height:
            yield wanted
        if left is not None:
            left -= wanted.height
            if left <= 0:
                return


def _in_order(snapshot: Snapshot, selection: Selection, names: Sequence[str]) -> Iterator[pl.DataFrame]:
    segments = selection.segments(snapshot)
    if not segments:
        return
    blocks = pl.concat([_blocks(snapshot, number, segment) for number, segment in enumerate(segments)]).sort("first")
    if selection.span is not None:
        blocks = blocks.filter((pl.col("last") >= selection.span[0]) & (pl.col("first") < selection.span[1]))
    so_far = blocks.with_columns(slab=pl.col("rows").cum_sum() // ROWS)
    begins = so_far.group_by("slab").agg(pl.col("first").min()).sort("first")["first"].unique(maintain_order=True)
    ends = [*begins.to_list()[1:], None]
    for begin, end in zip(begins.to_list(), ends, strict=True):
        touched = blocks.filter(pl.col("last") >= begin)
        touched = touched if end is None else touched.filter(pl.col("first") < end)
        yield _slab(snapshot, selection, segments, touched, (begin, end), names)


@damage_worded()
def _slab(
    snapshot: Snapshot,
    selection: Selection,
    segments: Sequence[Segment],
    touched: pl.DataFrame,
    within: tuple[datetime, datetime | None],
    names: Sequence[str],
) -> pl.DataFrame:
    """The records of some blocks that lie within a stretch of time, in order."""
    begin, end = within
    records = []
    for number, start, stop in touched.group_by("part").agg(pl.col("start").min(), pl.col("end").max()).iter_rows():
        segment = segments[number]
        wanted = selection.keeps(snapshot, segment)
        if wanted is False:
            continue
        rows = segment.scan().slice(start, stop - start).filter(pl.col("time") >= begin)
        rows = rows if end is None else rows.filter(pl.col("time") < end)
        rows = rows if wanted is True else rows.filter(wanted)
        found = rows.select(physical(segment, snapshot, names)).collect()
        rank = ranks(snapshot, found["source"]).alias(" rank")
        records.append(decode(snapshot, segment, found, names).with_columns(rank))
    if not records:
        return empty(names)
    return pl.concat(records).sort("time", " rank", "line").drop(" rank")


@damage_worded()
def _blocks(snapshot: Snapshot, number: int, segment: Segment) -> pl.DataFrame:
    table = bounds(snapshot, segment)
    return table.with_columns(
        pl.lit(number, dtype=pl.UInt32).alias("part"), (pl.col("end") - pl.col("start")).alias("rows")
    )
