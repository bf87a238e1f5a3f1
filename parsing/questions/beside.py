"""What goes with a few values: the most frequent values of other fields among their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parsing.filters.tree import EVERYTHING, Filter
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions import cache
from parsing.questions.among import Values, among
from parsing.questions.columns import roots
from parsing.questions.counting import COUNT, Groups, counted_by_key
from parsing.questions.keys import space
from parsing.questions.merging import Order, find, spaces_of
from parsing.questions.records import resolve
from parsing.questions.selection import Selection, Span

Tops = Mapping[str, Sequence[tuple[Any, int]]]
"""By field, its most frequent values with their counts; a field that no row has is not there."""


@dataclass(frozen=True, slots=True)
class Beside:
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
        return tuple(dict.fromkeys(resolve(name, snapshot) for name in self.by))

    def others(self, snapshot: Snapshot) -> dict[str, str]:
        """The other fields with their names in the logs."""
        own = self.names(snapshot)
        return {name: found for name in self.fields if (found := resolve(name, snapshot)) not in own}

    def partial(self, snapshot: Snapshot, segment: Segment) -> Mapping[str, Groups]:
        selected = self.selection.key(snapshot, self.names(snapshot))
        key = (segment.path, "beside", selected, self.by, self.values, self.fields)
        groups: Mapping[str, Groups] = cache.partials(snapshot).get(key, lambda: self._grouped(snapshot, segment))
        return groups

    def _grouped(self, snapshot: Snapshot, segment: Segment) -> dict[str, Groups]:
        names = self.names(snapshot)
        found = {name: space(snapshot, segment, (*names, wire)) for name, wire in self.others(snapshot).items()}
        spaces = {name: keys for name, keys in found.items() if keys is not None}
        if not spaces or not self.values:
            return {}
        wanted = among(snapshot, segment, names, self.values)
        needed = dict.fromkeys([*roots(wanted), *(root for keys in spaces.values() for root in keys.roots)])
        kept = self.selection.rows(snapshot, segment, list(needed))
        if kept is None:
            return {}
        rows = kept.filter(wanted).collect()
        return {
            name: Groups(segment, keys, rows.height, counted_by_key(rows.lazy(), keys)) for name, keys in spaces.items()
        }

    def merge(self, snapshot: Snapshot, partials: Sequence[Mapping[str, Groups]]) -> dict[Values, Tops]:
        names, result = self.names(snapshot), {values: dict[str, list[tuple[Any, int]]]() for values in self.values}
        most_frequent_first = Order("count", is_descending=True, top=None)
        for field, wire in self.others(snapshot).items():
            spaces = spaces_of([groups[field] for groups in partials if field in groups])
            shown = (*names, wire)
            table = find(snapshot, shown, spaces, most_frequent_first, is_timed=False).table.select(*shown, COUNT)
            first = table.group_by(names, maintain_order=True).head(self.top)
            for *values, value, count in first.select(table.columns).iter_rows():
                known = result.get(tuple(values))
                if known is not None:
                    known.setdefault(field, []).append((value, count))
        return {values: tops for values, tops in result.items() if tops}
