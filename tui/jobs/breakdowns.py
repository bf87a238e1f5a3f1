"""What the explorer asks about values: counts, their trend, what changed, completions. Blocking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from parsing.errors import FilterError
from parsing.filters import EVERYTHING, Filter
from tui.jobs.engine import Cancelled, rhythm
from tui.model.counted import SPARK, Trend
from tui.model.question import ScreenQuestion

if TYPE_CHECKING:
    from parsing.filters import Completion
    from parsing.index import LogSet, Snapshot
    from parsing.questions import BreakdownTable, ValueSummary

Values = tuple[Any, ...]

MOST_TRENDS = 120
"""Values, the first of a breakdown, of which the trend is asked for."""
MOST_TOPS = 3


def values(
    snapshot: Snapshot, question: ScreenQuestion, top: int, cancelled: Cancelled
) -> Iterator[tuple[BreakdownTable, frozenset[Values] | None, bool]]:
    """The values of the counted fields, those that the filter keeps (``None``: all), and whether the count is whole."""
    from parsing.questions import Breakdown, answer, ask, breakdown_in_order

    where, log, span = question.rows
    wide = question.uncounted(where)
    kept = None
    if wide != where:
        own = Breakdown(where, question.by, log=log, span=span)
        kept = frozenset(row[: len(question.by)] for row in answer(snapshot, own, cancelled).table.iter_rows())
    wanted = breakdown_in_order(wide, question.by, top, question.order, log, span)
    for last in ask(snapshot, wanted, cancelled=cancelled, every=rhythm()):
        yield last.value, kept, last.is_whole


def trends(
    snapshot: Snapshot, question: ScreenQuestion, tally: BreakdownTable, cancelled: Cancelled
) -> dict[Values, Trend]:
    """How often the first values occurred over time, and how long their requests took."""
    from parsing.questions import Percentiles, Sparklines, answer

    chosen = tuple(row[: len(question.by)] for row in tally.table.head(MOST_TRENDS).iter_rows())
    if not chosen:
        return {}
    where, log, span = question.rows
    where = question.uncounted(where)
    lines = Sparklines(where, question.by, chosen, SPARK, log=log, span=span)
    counts = answer(snapshot, lines, cancelled).counts
    found = {value: Trend(tuple(line)) for value, line in zip(chosen, counts, strict=False)}
    if question.by != ("reason",):
        spread = Percentiles(where, question.by, "time-taken", chosen, log=log, span=span)
        table = answer(snapshot, spread, cancelled).table
        for row in table.select(*table.columns[: len(question.by)], "p50", "p95").iter_rows():
            value, (median, high) = row[: len(question.by)], row[len(question.by) :]
            found[value] = Trend(found[value].counts if value in found else (), median, high)
    return found


def tops(
    snapshot: Snapshot,
    where: Filter,
    by: tuple[str, ...],
    chosen: Sequence[Values],
    fields: Sequence[str],
    cancelled: Cancelled,
) -> dict[Values, ValueSummary]:
    """The most frequent values of some fields among the rows of each of the chosen values of the fields ``by``."""
    from parsing.questions import TopValues, ValueSummary, answer

    found = answer(snapshot, TopValues(where, by, tuple(chosen), tuple(fields), MOST_TOPS), cancelled)
    return {values: _logged(found.get(values, ValueSummary())) for values in chosen}


def _logged(tops: ValueSummary) -> ValueSummary:
    """Without the fields of which no value was logged."""
    known = {name: rows for name, rows in tops.values.items() if any(value is not None for value, _ in rows)}
    return replace(tops, values=known)


GAP = timedelta(hours=1)
"""The shortest stretch without rows that is reported."""
MOST_REJECTS = 50


def exactness(
    log_set: LogSet, snapshot: Snapshot, sources: Sequence[str], cancelled: Cancelled
) -> dict[str, Exactness]:
    """How exactly some files were read: gaps and rejects, by file."""
    import polars as pl

    from parsing.correlation import clock_offset, is_local
    from parsing.questions import Gaps, answer

    table = answer(snapshot, Gaps(GAP), cancelled)
    gaps = {name: table.filter(pl.col("source") == name).select("start", "end").rows() for name in sources}
    rejects: dict[str, list[tuple[int, str, str]]] = {name: [] for name in sources}
    for frame in log_set.rejects():
        if cancelled() or all(len(found) >= MOST_REJECTS for found in rejects.values()):
            break
        for name, found in rejects.items():
            more = frame.filter(pl.col("source") == name).head(MOST_REJECTS - len(found))
            found += more.select("line", "why", "text").rows()
    rejected = {source.name: source.rejected for source in snapshot.sources}
    clock = clock_offset(snapshot) if snapshot.progress.is_whole else None
    local = {source.name for source in snapshot.sources if is_local(source)}
    index, logs = log_set.size(), sum(source.bytes for source in snapshot.sources)
    return {
        name: Exactness(
            tuple(gaps[name]),
            tuple(rejects[name]),
            rejected.get(name, 0),
            index,
            logs,
            str(clock) if clock is not None and name in local else "",
        )
        for name in sources
    }


MOST_COMPLETED = 2000
"""Values of a field among which a completion is looked for first."""


def complete(snapshot: Snapshot, text: str, cursor: int, cancelled: Cancelled) -> Completion:
    """What could be typed at the cursor: fields, operators, and values with how many rows have them."""
    from parsing.filters import complete as completed

    def values(field: str, typed: str) -> list[tuple[Any, int]]:
        wanted = typed.casefold()
        found = [
            (value, count)
            for value, count in _known_values(snapshot, field, "", cancelled)
            if wanted in str(value).casefold()
        ]
        return found or (_known_values(snapshot, field, typed, cancelled) if typed else [])

    return completed(text, cursor, fields=snapshot.field_names, values=values)


def _known_values(snapshot: Snapshot, field: str, typed: str, cancelled: Cancelled) -> list[tuple[Any, int]]:
    """The most frequent values of a field that have a text in them, with their counts."""
    from parsing.filters import parse, quoted
    from parsing.questions import Breakdown, answer

    where = EVERYTHING
    if typed:
        try:
            where = parse(f"{quoted(field)}~{quoted(re.escape(typed))}", custom=snapshot.field_names)
        except FilterError:
            return []
    table = answer(snapshot, Breakdown(where, (field,), MOST_COMPLETED), cancelled).table
    return [(row[0], row[1]) for row in table.iter_rows() if row[0] is not None]


@dataclass(frozen=True, slots=True)
class Exactness:
    """How exactly a file was read: stretches without rows, and lines that could not become rows."""

    gaps: Sequence[tuple[datetime, datetime]]
    rejects: Sequence[tuple[int, str, str]]
    rejected: int = 0
    """How many rejects there are, of which ``rejects`` has the first."""
    index_bytes: int = 0
    """Size of the index of the whole set on disk."""
    log_bytes: int = 0
    """Size of its logs."""
    clock: str = ""
    """The zone of its clock, where it is in local time and the logs themselves show that."""
