"""Values to group by, as the columns that a segment keeps them in: codes are grouped, and only results decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from parsing.filters.values import column
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.questions.records import dtype


@dataclass(frozen=True, slots=True)
class Space:
    """Keys of one meaning: the same physical columns stand for the same values in all segments of a space.

    Beside their keys, tables of a space have columns whose names begin with a blank, as no field's name does.
    """

    log: Log
    names: tuple[str, ...]
    roots: tuple[str, ...]
    coded: frozenset[str]

    @property
    def is_one_to_one(self) -> bool:
        """Whether different keys are different values for certain."""
        return self.roots == self.names and "source" not in self.names

    def decode(self, snapshot: Snapshot, segment: Segment, keys: pl.DataFrame) -> pl.DataFrame:
        """The keys replaced by values under the names that were asked for; ``segment`` is any of the space."""
        values = []
        for name in self.names:
            value = column(segment, name, snapshot)
            assert value is not None
            values.append(value.cast(dtype(name)).alias(f"  {name}"))
        others = [name for name in keys.columns if name.startswith(" ")]
        decoded = keys.with_columns(values).select(*(f"  {name}" for name in self.names), *others)
        return decoded.rename({f"  {name}": name for name in self.names})


def space(snapshot: Snapshot, segment: Segment, names: Sequence[str]) -> Space | None:
    """The space of the keys of a segment, ``None`` when it does not have every field of ``names``."""
    roots: list[str] = []
    for name in names:
        value = column(segment, name, snapshot)
        if value is None:
            return None
        roots += value.meta.root_names()
    found = tuple(dict.fromkeys(roots))
    return Space(segment.log, tuple(names), found, segment.coded.intersection(found))
