"""All rows in order, a few at a time, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from parsing.errors import CancelledError
from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Snapshot
from parsing.questions.question import answer
from parsing.questions.rows.ordered_rows import OrderedRows
from parsing.questions.rows.records import empty, record_columns
from parsing.questions.selection import Span

PICKED = 100_000
"""Up to this number of rows in the order of a field are read where they are; for more, whole rows are sorted."""

ROWS = 65_536
"""Rows of a frame."""


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
    names = record_columns(snapshot, columns)
    yield empty(names)
    is_whole = sort is not None and (limit is None or offset + limit > PICKED)
    question = OrderedRows(where, log, span, sort, tuple(names) if is_whole else None)
    view = answer(snapshot, question, cancelled)
    end = view.count if limit is None else min(offset + limit, view.count)
    for start in range(offset, end, ROWS):
        if cancelled():
            raise CancelledError
        yield view.page(start, min(ROWS, end - start), names)
