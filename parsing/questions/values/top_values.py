"""What goes with a few values: the most frequent values of other fields among their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from parsing.filters import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.rows.columns import roots
from parsing.questions.rows.records import resolve_field
from parsing.questions.selection import Selection, Span
from parsing.questions.values.counting import COUNT, Groups, counted_by_key
from parsing.questions.values.group_keys import space
from parsing.questions.values.merging import ValueOrder, find, spaces_of
from parsing.questions.values.only_of import Values, only_of

_OWN = ""
"""Next to the names of the fields: what the rows of the values themselves are counted under."""


@dataclass(frozen=True, slots=True)
class ValueSummary:
    """What goes with a value that ``rows`` have.

    By field, the most frequent values with their counts; a field that no row has is not there.
    """

    rows: int = 0
    values: Mapping[str, Sequence[tuple[Any, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopValues:
    """For each of ``values`` (a tuple with one for each field of ``by``) the ``top`` values of each of ``fields``.

    The rows of a segment are read once for all of them. Ties are in order of value, what was not logged after all.
    The answer has the values of which there are rows.
    """

    where: Filter = EVERYTHING
    by: tuple[str, ...] = ("s-reason",)
    values: tuple[Values, ...] = ()
    fields: tuple[str, ...] = ()
    top: int = 3
    log: Log | None = None
    span: Span | None = None

    @property
    def selection(self) -> Selection:
        return Selection(self.where, self.log, self.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self.selection.segments(snapshot)

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The fields ``by`` by their names in the logs."""
        return tuple(dict.fromkeys(resolve_field(name, snapshot) for name in self.by))

    def _counted(self, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
        """What is counted together, by its names in the logs: the values alone, and with each of the other fields."""
        own = self.names(snapshot)
        others = {name: (*own, found) for name in self.fields if (found := resolve_field(name, snapshot)) not in own}
        return {_OWN: own, **others}

    def partial(self, snapshot: Snapshot, segment: Segment) -> Mapping[str, Groups]:
        selected = self.selection.key(snapshot, self.names(snapshot))
        key = (segment.path, "top values", selected, self.by, self.values, self.fields)
        groups: Mapping[str, Groups] = snapshot.memory.partials.get(key, lambda: self._grouped(snapshot, segment))
        return groups

    def _grouped(self, snapshot: Snapshot, segment: Segment) -> dict[str, Groups]:
        names = self.names(snapshot)
        found = {name: space(snapshot, segment, wires) for name, wires in self._counted(snapshot).items()}
        spaces = {name: keys for name, keys in found.items() if keys is not None}
        if not spaces or not self.values:
            return {}
        wanted = only_of(snapshot, segment, names, self.values)
        needed = dict.fromkeys([*roots(wanted), *(root for keys in spaces.values() for root in keys.roots)])
        # Of no columns there would be no rows: what log they are of stands in none.
        kept = self.selection.rows(snapshot, segment, list(needed) or ["time"])
        if kept is None:
            return {}
        rows = kept.filter(wanted).collect()
        return {
            name: Groups(segment, keys, rows.height, counted_by_key(rows.lazy(), keys)) for name, keys in spaces.items()
        }

    def merge(self, snapshot: Snapshot, partials: Sequence[Mapping[str, Groups]]) -> dict[Values, ValueSummary]:
        counted = self._counted(snapshot)
        own = self._most_frequent(snapshot, partials, _OWN, counted.pop(_OWN))
        rows = {tuple(values): count for *values, count in own.iter_rows()}
        tops = {values: dict[str, list[tuple[Any, int]]]() for values in self.values if values in rows}
        for name, wires in counted.items():
            table = self._most_frequent(snapshot, partials, name, wires)
            first = table.group_by(wires[:-1], maintain_order=True).head(self.top)
            for *values, value, count in first.select(table.columns).iter_rows():
                known = tops.get(tuple(values))
                if known is not None:
                    known.setdefault(name, []).append((value, count))
        return {values: ValueSummary(rows[values], found) for values, found in tops.items()}

    def _most_frequent(
        self, snapshot: Snapshot, partials: Sequence[Mapping[str, Groups]], name: str, wires: tuple[str, ...]
    ) -> pl.DataFrame:
        """What was counted under a name: values of the fields ``wires`` with their counts, the greatest first."""
        spaces = spaces_of([groups[name] for groups in partials if name in groups])
        order = ValueOrder("count", is_descending=True, top=None)
        return find(snapshot, wires, spaces, order, is_timed=False).table.select(*wires, COUNT)
