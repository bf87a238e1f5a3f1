"""Finds the incidents of a log set: what went wrong that is not this server's usual way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl

from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.filters import (
    EVERYTHING,
    Filter,
    both,
    conjunction,
    disjunction,
    during,
    only,
    parse,
    without_conditions_on,
)
from parsing.incidents.events import FAILED, REFUSED, SLOW_AT_LEAST, SLOW_CLIENTS, Events, kept_by, read_events
from parsing.incidents.evidence_steps import uncovered, with_evidence
from parsing.incidents.grouping import Trouble, troubles
from parsing.incidents.incident import Incident, Kind, Severity
from parsing.incidents.kept import keep, load
from parsing.incidents.wording import check_first, story, summary
from parsing.index.epoch import milliseconds, moment_of
from parsing.index.snapshot import Snapshot
from parsing.knowledge.win32 import client_gone_codes
from parsing.questions.count import Count
from parsing.questions.question import answer, damage_worded
from parsing.wording import duration

_MOST_VALUES = 5
"""Paths and addresses that a record names; those hit most come first."""
_MOST_TARGETS = 12
_SHORT = 3_600_000
"""Milliseconds: a log of less than an hour does not show what is usual."""
_SECOND = timedelta(seconds=1)
_HARMLESS: tuple[Kind, ...] = ("slow-clients", "wrong-protocol", "scan")
_POOL_DOWN: tuple[Kind, ...] = ("pool-stopped", "pool-offline")


@damage_worded()
def find_incidents(
    snapshot: Snapshot,
    where: Filter = EVERYTHING,
    *,
    least: Severity = "low",
    cancelled: Cancelled = never,
) -> list[Incident]:
    """The incidents of the rows that a filter keeps, in time order; those below ``least`` are left out.

    They depend on the rows alone, not on the files or segments that hold them. What was found is kept with the log set,
    and in its index, until its rows change. Raises ``CancelledError`` soon after ``cancelled()`` is true.
    """
    rows = frozenset(segment.path for segment in snapshot.segments)
    key = ("incidents", where, rows, snapshot.evidence, snapshot.source_names)
    kept = snapshot.memory.partials
    found: tuple[Incident, ...] | None = kept.find(key)
    if found is None:
        found = load(snapshot, where)
        if found is None:
            found = tuple(_found(snapshot, where, cancelled))
            keep(snapshot, where, found)
        kept.put(key, found)
    return [one for one in found if one.is_at_least(least)]


def _found(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> list[Incident]:
    if snapshot.oldest is None or snapshot.newest is None:
        return []
    whole = without_conditions_on(where, "time")
    events = read_events(snapshot, whole, cancelled)
    begin, end = milliseconds(snapshot.oldest), milliseconds(snapshot.newest)
    found = troubles(events.rows, begin, end, cancelled)
    if whole != where:
        # What is usual shows in all times; reported are only the incidents of the times that are asked for.
        events = replace(events, rows=kept_by(snapshot, where, events.rows, cancelled))
        found = [part for one in found if (part := one.only_of(events.rows)) is not None]
    result = []
    for trouble in found:
        stop_if(cancelled)
        result.append(_IncidentMaker(snapshot, where, events, trouble, end - begin).incident())
    return sorted(result, key=lambda one: (one.begin, one.until, one.kind, one.filter))


class _IncidentMaker:
    """Makes the record of one trouble."""

    def __init__(self, snapshot: Snapshot, where: Filter, events: Events, trouble: Trouble, length: int) -> None:
        self._snapshot = snapshot
        self._where = where
        self._events = events
        self._trouble = trouble
        self._length = length
        rows = trouble.rows
        self._own = rows.filter(pl.col("log") == "httperr")
        self._reasons = _frequent(self._own, "reason", len(self._own) or 1)
        self._first = moment_of(min(trouble.begin, int(_least(rows["t"]))) // 1000 * 1000)
        self._until = moment_of(int(_most(rows["t"])))

    def incident(self) -> Incident:
        trouble, kind = self._trouble, self._trouble.kind
        errors = self._errors()
        wanted = both(self._where, self._errors_filter())
        hit = both(self._where, self._requests_filter(kind))
        requests = self._count(hit)
        begin, end = moment_of(trouble.begin // 1000 * 1000), moment_of(max(trouble.begin, trouble.end) // 1000 * 1000)
        is_iis = pl.col("log") == "iis"
        everyone = pl.concat([errors, trouble.rows.filter(is_iis)])
        clients = everyone["client"].drop_nulls().n_unique()
        pools = tuple(sorted(trouble.pools))
        lost = errors.height + trouble.rows.filter(is_iis & (pl.col("family") == FAILED)).height
        ended = dict(errors.group_by("ended_by").len().sort("ended_by").drop_nulls().iter_rows())
        names = {source.id: source.name for source in self._snapshot.sources}
        return Incident(
            begin,
            end,
            self._until,
            kind,
            _severity(kind, lost, requests, clients),
            summary(kind, pools, trouble.end - trouble.begin, errors.height, requests, clients, trouble.rows),
            errors.height,
            requests,
            clients,
            round(trouble.usual, 1),
            ended,
            tuple(sorted(everyone["server"].drop_nulls().unique())),
            pools,
            self._reasons,
            _frequent(everyone, "path", _MOST_VALUES),
            (trouble.client,) if trouble.client else _frequent(everyone, "client", _MOST_VALUES),
            check_first(kind, self._reasons),
            str(wanted),
            str(hit),
            with_evidence(story(trouble.rows, names, trouble.begin), self._snapshot, errors),
            self._grounds(errors),
        )

    def _grounds(self, errors: pl.DataFrame) -> str:
        is_short = self._length < _SHORT
        short = f"the log has {duration(self._length)} only: few grounds for what is usual" if is_short else ""
        return "; ".join(filter(None, (short, uncovered(self._snapshot, errors, self._first, self._until))))

    def _errors(self) -> pl.DataFrame:
        """All rows that the filter of the incident keeps."""
        rows = self._events.rows.filter(
            (pl.col("log") == "httperr")
            & pl.col("reason").is_in(list(self._reasons))
            & pl.col("t").is_between(milliseconds(self._first), milliseconds(self._until))
        )
        for name, values in self._named():
            rows = rows.filter(pl.col(name).is_in(values).fill_null(value=False))
        return rows

    def _named(self) -> list[tuple[str, list[str]]]:
        """The columns whose values tell the errors of this trouble from others: where one is not logged, it does not."""
        trouble, found = self._trouble, []
        if self._own.height and self._own["pool"].null_count() == 0:
            found.append(("pool", sorted(self._own["pool"].unique())))
        if trouble.server is not None:
            found.append(("server", [trouble.server]))
        if trouble.client is not None and trouble.families & {REFUSED, SLOW_CLIENTS}:
            found.append(("client", [trouble.client]))
        return found

    def _errors_filter(self) -> Filter:
        fields = {"pool": "queue", "server": "server-name", "client": "client"}
        parts = [_any_of(fields[name], values) for name, values in self._named()]
        parts.append(_any_of("reason", self._reasons) if self._reasons else parse("log:httperr and not log:httperr"))
        return conjunction([*parts, during(self._first, self._until + _SECOND)])

    def _requests_filter(self, kind: Kind) -> Filter:
        """Requests that failed or were slow, of the targets that were hit, or of the client that did it."""
        trouble = self._trouble
        codes = ",".join(map(str, client_gone_codes()))
        gone = f" or win32:({codes})" if kind in ("slow-application", "clients-left") else ""
        parts: list[Filter] = [parse("log:iis")]
        if trouble.server is not None:
            parts.append(only("server-name", trouble.server))
        if trouble.families & {REFUSED, SLOW_CLIENTS}:
            clients = (
                [trouble.client] if trouble.client else trouble.rows["client"].drop_nulls().unique().sort().to_list()
            )
            parts += [_any_of("client", clients[:_MOST_TARGETS]), parse(f"status:500..{gone}")]
        else:
            targets = trouble.rows.filter(pl.col("path").is_not_null())
            names = sorted(name for name in _frequent(targets, "target", _MOST_TARGETS) if name != "/*")
            hit = [self._hit(name, gone) for name in names]
            parts.append(disjunction(hit) if hit else parse(f"status:500..{gone}"))
        return conjunction([*parts, during(self._first, self._until + _SECOND)])

    def _hit(self, target: str, gone: str) -> Filter:
        bound = self._events.bounds.get(target)
        slow = f" or taken>={max(bound, SLOW_AT_LEAST)}ms" if bound else ""
        path = f"path:({target}, {target}/*)" if target != "/" else "path:/"
        return parse(f"{path} and (status:500..{slow}{gone})")

    def _count(self, where: Filter) -> int:
        return answer(self._snapshot, Count(where, "iis", (self._first, self._until + _SECOND))).total


def _any_of(field: str, values: Sequence[str]) -> Filter:
    return disjunction([only(field, value) for value in values])


def _frequent(rows: pl.DataFrame, name: str, most: int) -> tuple[str, ...]:
    counted = rows.filter(pl.col(name).is_not_null()).group_by(name).len()
    return tuple(counted.sort("len", name, descending=[True, False])[name].head(most))


def _severity(kind: Kind, lost: int, requests: int, clients: int) -> Severity:
    """By requests that got no answer, or a late one, and by how many clients sent them."""
    if kind in _HARMLESS:
        return "low"
    cost = lost + requests / 4
    if kind == "burst":
        return "medium" if clients >= 10 and cost >= 100 else "low"
    if clients >= 10 and cost >= (20 if kind in _POOL_DOWN else 100):
        return "high"
    return "medium" if clients >= 3 and cost >= (5 if kind in _POOL_DOWN else 15) else "low"


def _least(values: pl.Series) -> int:
    found = values.min()
    assert isinstance(found, int)
    return found


def _most(values: pl.Series) -> int:
    found = values.max()
    assert isinstance(found, int)
    return found
