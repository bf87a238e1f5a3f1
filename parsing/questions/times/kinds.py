"""Kinds of rows that a histogram can be stacked by: classes of status, and who ended it."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

import polars as pl

from parsing.filters.expressions import over_dictionary
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.reasons import EndedBy, reasons

By = Literal["status-class", "ended-by"]

_ENDED_BY = get_args(EndedBy)


def kind_number(snapshot: Snapshot, segment: Segment, by: By) -> pl.Expr | None:
    """The place of a row's kind in ``kind_names``, null where the row does not tell; ``None`` where no row does."""
    if by == "status-class":
        return (pl.col("sc-status") // 100).cast(pl.UInt16) if "sc-status" in segment.fields else None
    if "s-reason" not in segment.fields:
        return None
    if "s-reason" not in segment.coded:
        return _ended_by(pl.col("s-reason"))
    numbers = over_dictionary(snapshot, "s-reason", "ended by", _ended_by)
    return pl.lit(numbers).gather(pl.col("s-reason"))


def kind_names(by: By | None) -> tuple[str, ...]:
    """The names of all kinds."""
    if by is None:
        return ()
    return _CLASSES if by == "status-class" else _ENDED_BY


_CLASSES = tuple(f"{hundred}xx" for hundred in range(656))


@cache
def _known() -> dict[str, int]:
    return {known.code.lower(): _ENDED_BY.index(known.ended_by) for known in reasons()}


def _ended_by(reason: pl.Expr) -> pl.Expr:
    """Who usually ends what has a reason; nobody knows for an unknown one."""
    known = _known()
    number = reason.str.to_lowercase().replace_strict(
        list(known), list(known.values()), default=_ENDED_BY.index("unknown"), return_dtype=pl.UInt16
    )
    return pl.when(reason.is_not_null()).then(number)
