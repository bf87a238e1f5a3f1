"""Which fields of two sides are compared, and which of their values are frequent enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from parsing.compare.sides import Side
from parsing.filters import And, Filter, Term, terms
from parsing.filters.expressions import column
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.knowledge.fields import CLIENT_PORT_NAMES, META, field_of, wire_field
from parsing.questions.rows.records import field_dtype
from parsing.questions.values.breakdown import Breakdown
from parsing.questions.values.counting import COUNT, Groups, added
from parsing.questions.values.hashed_values import frequent_values
from parsing.questions.values.merging import spaces_of

LEAST = 20
"""A value of fewer rows on both sides together says nothing."""

_MOST_VALUES = 2_000
"""The number of values of a field that are compared, the most frequent ones: rarer ones could not be told from chance."""

TIMED = ("template", "cs-method", "site", "server-name")
"""The fields for whose values it is compared how long requests take."""

TAKEN = "time-taken"
"""As a field that is wanted it stands for how long all requests together take."""

OF_CLIENTS = ("c-ip", "cs-username")
"""The fields that say who a client is."""

_MADE_FROM = {
    "cs-uri-stem": "path",
    "cs-uri": "path",
    "cs-uri-query": "",
    "s-sitename": "site",
    "s-siteid": "site",
    "streamid": "",
    "streamid_ex": "",
    "time-taken": "",
    "sc-bytes": "",
    "cs-bytes": "",
    "cs(cookie)": "",
    **{name.lower(): "" for name in CLIENT_PORT_NAMES},
}
"""Fields that are compared by what is made from them, or not at all: nearly every row has a value of its own."""

SAME = (
    frozenset({"server-name", "s-computername", "s-ip"}),
    frozenset({"path", "template", "uri", "cs-uri", "cs-uri-stem"}),
    frozenset({"site", "s-siteid", "s-sitename", "cs-host"}),
    frozenset({"sc-status", "sc-substatus"}),
    frozenset({"log", "s-reason", "s-queuename"}),
)
"""Fields of which one says much of what the other says: where a side is chosen by one, none of them is a finding."""


def compared_fields(snapshot: Snapshot, log: Log, sides: Sequence[Side], wanted: Sequence[str]) -> list[str]:
    """The fields of a log by their names there: those that are wanted, or all but what tells one side by definition."""
    segments = [segment for segment in snapshot.segments if segment.log == log]
    if wanted:
        named = [name for name in wanted if name != TAKEN]
        return [name for name in named if any(column(one, name, snapshot) is not None for one in segments)]
    chosen = _chosen_by(*(side.where for side in sides))
    names = dict.fromkeys(_MADE_FROM.get(name.lower(), name) for one in segments for name in one.fields)
    if "path" in names:
        names["template"] = None
    known = [name for name in names if name and name.lower() not in chosen and name not in META]
    return [name for name in known if any(_is_countable(one, name, snapshot) for one in segments)]


def _is_countable(segment: Segment, name: str, snapshot: Snapshot) -> bool:
    """Whether a segment has codes or numbers for a field: text that hardly ever repeats is not compared."""
    if column(segment, name, snapshot) is None:
        return False
    if name not in segment.fields:
        return {"cs-uri-stem", "cs-uri"} & segment.coded != set() if name in ("path", "template") else True
    return name in segment.coded or wire_field(name).is_number


def _chosen_by(first: Filter, second: Filter) -> set[str]:
    """The fields, in lower case, that say by definition of which side a row is: those of conditions that differ."""
    own, other = (set(where.parts if isinstance(where, And) else (where,)) for where in (first, second))
    named = {term.field.name.lower() for part in own ^ other for term in terms(part) if isinstance(term, Term)}
    return named | {name for group in SAME if group & named for name in group}


@dataclass(frozen=True, slots=True)
class FrequentValues:
    """Values of fields with at least half of ``LEAST`` rows of a side; null is none."""

    side: Side
    log: Log
    names: tuple[str, ...]

    def _breakdown(self, name: str) -> Breakdown:
        return Breakdown(self.side.where, (name,), 1, log=self.log, span=self.side.span)

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        return self._breakdown("log").segments(snapshot)

    def partial(self, snapshot: Snapshot, segment: Segment) -> Mapping[str, Groups]:
        return {name: self._breakdown(name).partial(snapshot, segment) for name in self.names}

    def merge(self, snapshot: Snapshot, partials: Sequence[Mapping[str, Groups]]) -> dict[str, pl.DataFrame]:
        """For each field ``value`` and how many rows have it."""
        return {name: _frequent(snapshot, name, [part[name] for part in partials]) for name in self.names}


def _frequent(snapshot: Snapshot, name: str, parts: Sequence[Groups]) -> pl.DataFrame:
    tables = [pl.DataFrame(schema={"value": field_dtype(name), COUNT: pl.Int64()})]
    spaces = spaces_of(parts)
    if any(keys.is_hashed for keys in spaces):
        found = frequent_values(snapshot, name, spaces, LEAST // 2, _MOST_VALUES + 1)
        return found.select(pl.col(name).alias("value"), COUNT).drop_nulls("value").head(_MOST_VALUES)
    for keys, mine in spaces.items():
        table = added(mine, keys)
        if keys.is_one_to_one and len(spaces) == 1:
            table = table.filter(pl.col(COUNT) >= LEAST // 2)
        decoded = keys.decode(snapshot, mine[0].segment, table)
        tables.append(decoded.select(pl.col(name).alias("value"), COUNT))
    counted = pl.concat(tables).group_by("value").agg(pl.col(COUNT).sum())
    is_frequent = (pl.col(COUNT) >= LEAST // 2) & pl.col("value").is_not_null()
    return counted.filter(is_frequent).sort(COUNT, "value", descending=[True, False]).head(_MOST_VALUES)


def united(first: Mapping[str, pl.DataFrame], second: Mapping[str, pl.DataFrame]) -> tuple[tuple[str, pl.Series], ...]:
    """For each field the values that are frequent on either side."""
    return tuple(
        (name, pl.concat([first[name]["value"], second[name]["value"]]).unique(maintain_order=True)) for name in first
    )


FAMILIES: Mapping[str, str] = {
    "c-ip": "clients",
    "cs-username": "clients",
    "cs(user-agent)": "programs",
    "cs(referer)": "programs",
    "path": "targets",
    "template": "targets",
    "cs-host": "targets",
    "site": "servers",
    "server-name": "servers",
    "s-computername": "servers",
    "s-ip": "servers",
    "s-port": "servers",
    "sc-status": "outcomes",
    "sc-substatus": "outcomes",
    "sc-win32-status": "outcomes",
    "log": "errors",
    "s-reason": "errors",
    "s-queuename": "errors",
    "fault-code": "errors",
    "extended-fault-code": "errors",
    "cs-version": "protocol",
    "cs-method": "protocol",
    "transport": "protocol",
}
"""What several fields are about: one change shows in all of them, and one finding of each comes before more of any."""


def family_of(name: str) -> str:
    """What a field is about; fields of one family change together."""
    return FAMILIES.get(name.lower(), field_of(name).name.lower())
