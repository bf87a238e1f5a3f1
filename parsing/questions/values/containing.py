"""The values of a field that a text is a part of, for completion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.records import field_dtype, resolve_field
from parsing.questions.selection import Span
from parsing.questions.values.breakdown import Breakdown
from parsing.questions.values.counting import COUNT, Groups, added
from parsing.questions.values.merging import spaces_of


@dataclass(frozen=True, slots=True)
class Values:
    """Values of a field, as they are logged, that have a text in them, ignoring case.

    The answer has ``value`` and ``count``: values that begin with the text first, then the most frequent. What was not
    logged is not in it.
    """

    field: str
    text: str = ""
    where: Filter = EVERYTHING
    top: int = 20
    log: Log | None = None
    span: Span | None = None

    @property
    def _breakdown(self) -> Breakdown:
        return Breakdown(self.where, (self.field,), top=1, log=self.log, span=self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self._breakdown.segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> Groups:
        return self._breakdown.partial(snapshot, segment)

    def merge(self, snapshot: Snapshot, partials: Sequence[Groups]) -> pl.DataFrame:
        name = resolve_field(self.field, snapshot)
        tables = [pl.DataFrame(schema={name: field_dtype(name), COUNT: pl.Int64()})]
        for keys, parts in spaces_of(partials).items():
            tables.append(keys.decode(snapshot, parts[0].segment, added(parts, keys)).select(name, COUNT))
        text = pl.col(name).cast(pl.String).str.to_lowercase()
        wanted = self.text.lower()
        found = pl.concat(tables).lazy().filter(text.str.contains(wanted, literal=True).fill_null(value=False))
        counted = found.group_by(name).agg(pl.col(COUNT).sum()).collect()
        begins = text.str.starts_with(wanted)
        ordered = counted.sort(begins, COUNT, name, descending=[True, True, False]).head(self.top)
        return ordered.select(pl.col(name).alias("value"), pl.col(COUNT).alias("count"))
