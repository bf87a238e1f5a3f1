"""Questions on an index against DuckDB on its own loaded table: same log, same process, the two in turn.

Both sides have been asked once before, so that DuckDB has its table and dropline its columns in memory; kept results
are thrown away before each run. The median of five runs counts.
"""

from __future__ import annotations

import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from parsing.errors import CancelledError
from parsing.filters import EVERYTHING, parse
from parsing.index.log_set import LogSet
from parsing.index.snapshot import Snapshot
from parsing.questions.count import Count
from parsing.questions.question import Question, answer, ask
from parsing.questions.rows.ordered_rows import OrderedRows
from parsing.questions.times.histogram import Histogram
from parsing.questions.values.breakdown import Breakdown
from parsing.questions.values.percentiles import Percentiles
from tests.bench.generate import HARD, IIS_FIELDS, write_httperr, write_iis
from tests.bench.table import Measure

RUNS = 5
_NUMBERS = ("s-port", "sc-status", "sc-substatus", "sc-win32-status", "time-taken")


@dataclass(frozen=True, slots=True)
class Contest:
    """The same thing asked of both; ``bar`` is the largest share of DuckDB's time."""

    name: str
    ours: Callable[[Snapshot], object]
    sql: str
    bar: float


def _by(field: str) -> Callable[[Snapshot], object]:
    return lambda snapshot: answer(snapshot, Breakdown(by=(field,), top=50))


def _top(column: str, table: str = "iis") -> str:
    return f'SELECT "{column}", count(*) c, min(moment), max(moment) FROM {table} GROUP BY 1 ORDER BY c DESC LIMIT 50'


CONTESTS = (
    Contest("breakdown by path", _by("cs-uri-stem"), _top("cs-uri-stem"), 0.5),
    Contest("breakdown by client", lambda s: answer(s, Breakdown(by=("c-ip",), top=50, log="iis")), _top("c-ip"), 0.5),
    Contest("breakdown by user agent", _by("cs(User-Agent)"), _top("cs(User-Agent)"), 0.5),
    Contest(
        "text filter on path",
        lambda s: answer(s, Count(parse("path:*view77*", custom=s.field_names), "iis")),
        "SELECT count(*) FROM iis WHERE \"cs-uri-stem\" ILIKE '%view77%'",
        0.5,
    ),
    Contest(
        "histogram, 5 minutes",
        lambda s: answer(s, Histogram(every=timedelta(minutes=5), log="iis")),
        "SELECT time_bucket(INTERVAL 5 minutes, moment) b, count(*) FROM iis GROUP BY 1 ORDER BY 1",
        1.0,
    ),
    Contest(
        "count by number",
        lambda s: answer(s, Count(parse("status:5xx taken>1s"))),
        'SELECT count(*) FROM iis WHERE "sc-status" BETWEEN 500 AND 599 AND "time-taken" > 1000',
        1.0,
    ),
    Contest("count by status", _by("sc-status"), _top("sc-status"), 1.0),
    Contest("count by reason", _by("s-reason"), _top("s-reason", "httperr"), 1.0),
    Contest(
        "percentiles per path",
        lambda s: answer(s, Percentiles(by=("cs-uri-stem",), top=50, log="iis")),
        'SELECT "cs-uri-stem", count(*) c, approx_quantile("time-taken", [0.5, 0.9, 0.95, 0.99]), max("time-taken") '
        "FROM iis GROUP BY 1 ORDER BY c DESC LIMIT 50",
        0.5,
    ),
)


def measures(folder: Path, lines: int, *, is_long: bool = False) -> Iterator[Measure]:
    """All measurements of questions; with ``is_long`` pages are read from ten times the lines as well."""
    logs = folder / "asked"
    write_iis(logs / "u_ex260615.log", lines, HARD)
    write_httperr(logs / "httperr1.log", max(1, lines // 60), HARD)
    with LogSet.open([str(logs)], index_dir=folder / "asked-index") as log_set:
        log_set.read()
        snapshot = log_set.snapshot()
        table = _loaded(logs)
        for contest in CONTESTS:
            yield _contest(snapshot, table, contest)
        table.close()
        yield from _pages(snapshot, f"{lines / 1e6:g} M lines")
        yield _first_partial(snapshot)
        yield _cancelled(snapshot)
    shutil.rmtree(logs)
    shutil.rmtree(folder / "asked-index")
    if is_long:
        yield from _many_rows(folder, 10 * lines)


def _loaded(logs: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB's own tables of both logs, numbers as numbers and time as a timestamp."""
    database = duckdb.connect()
    types = ", ".join(f"'{name}': '{'BIGINT' if name in _NUMBERS else 'VARCHAR'}'" for name in IIS_FIELDS)
    options = "delim=' ', header=false, quote='', escape='', nullstr='-', skip=4, auto_detect=false"
    database.execute(
        f"CREATE TABLE iis AS SELECT *, (date || ' ' || time)::TIMESTAMP AS moment "
        f"FROM read_csv('{logs}/u_ex260615.log', {options}, new_line='\\r\\n', columns={{{types}}})"
    )
    fields = (
        "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename"
    ).split()
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in fields)
    database.execute(
        f"CREATE TABLE httperr AS SELECT *, (date || ' ' || time)::TIMESTAMP AS moment "
        f"FROM read_csv('{logs}/httperr1.log', {options}, new_line='\\r\\n', columns={{{types}}})"
    )
    return database


def _forget(snapshot: Snapshot) -> None:
    """Throw kept results away; columns in memory stay, as DuckDB's table does."""
    snapshot.memory.forget_results()
    snapshot.once("codes of filters", dict).clear()


def _contest(snapshot: Snapshot, database: duckdb.DuckDBPyConnection, contest: Contest) -> Measure:
    cold = _seconds(snapshot, lambda: contest.ours(snapshot))
    database.execute(contest.sql).fetchall()
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(_seconds(snapshot, lambda: contest.ours(snapshot)))
        theirs.append(_seconds(snapshot, lambda: database.execute(contest.sql).fetchall()))
    mine, duck = statistics.median(ours), statistics.median(theirs)
    detail = f"{mine * 1000:.0f} ms against {duck * 1000:.0f} ms of DuckDB; {cold * 1000:.0f} ms the first time"
    return Measure(contest.name, mine / duck, "x", contest.bar, detail)


def _seconds(snapshot: Snapshot, work: Callable[[], object]) -> float:
    _forget(snapshot)
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


_VIEWS = (
    ("", None),
    ("status:200 path:/orders/*", None),
    ("status:500 path:/orders/*", None),
    ("client:11.1.*", None),
    ("", "-time"),
    ("", "taken"),
    ("", "path"),
    ("status:200 path:/orders/*", "-taken"),
)
"""Filters that keep all rows, many, few and hardly any, and orders of few values, many, and very many."""


def _pages(snapshot: Snapshot, what: str) -> Iterator[Measure]:
    """Twenty pages of each view; dictionaries are in memory, as they are once a first page was shown."""
    for name in snapshot.field_names:
        snapshot.dictionary(name)
    for text, sort in _VIEWS:
        began = time.perf_counter()
        view = answer(snapshot, OrderedRows(parse(text) if text else EVERYTHING, sort=sort))
        made = time.perf_counter() - began
        taken = []
        for part in range(20):
            started = time.perf_counter()
            view.page(view.count * part // 20, 50)
            taken.append(time.perf_counter() - started)
        detail = (
            f"median {statistics.median(taken) * 1000:.0f} ms, 20 offsets in {view.count:,} rows; "
            f"the view took {made:.2f} s"
        )
        name = f"{text or 'all rows'}{f' by {sort}' if sort else ''}"
        yield Measure(f"slowest page, {what}, {name}", max(taken) * 1000, "ms", 50, detail)
    yield _cancelled_sort(snapshot, what)


def _cancelled_sort(snapshot: Snapshot, what: str) -> Measure:
    """How long the processor goes on after the sorting of a view is cancelled, and when its first rows are there."""
    _forget(snapshot)
    began = time.perf_counter()
    first = next(iter(ask(snapshot, OrderedRows(sort="client"))))
    first.value.page(0, 50)
    shown = time.perf_counter() - began
    worst = _worst_cancelled(snapshot, OrderedRows(sort="client"))
    return Measure(f"cancelled within, {what}, sorting", worst * 1000, "ms", 150, f"first rows after {shown:.2f} s")


def _first_partial(snapshot: Snapshot) -> Measure:
    _forget(snapshot)
    started = time.perf_counter()
    next(iter(ask(snapshot, Breakdown(by=("cs-uri-stem",), top=50))))
    return Measure("first partial answer", (time.perf_counter() - started) * 1000, "ms", 200, "breakdown by path")


def _cancelled(snapshot: Snapshot) -> Measure:
    worst = _worst_cancelled(snapshot, Percentiles(by=("c-ip",), top=50))
    return Measure("cancelled within", worst * 1000, "ms", 150, "percentiles per client, the worst of five moments")


def _worst_cancelled(snapshot: Snapshot, question: Question[Any, Any]) -> float:
    """How long the processor goes on after a question is cancelled, at the worst of some moments."""
    worst = 0.0
    for after in (0.01, 0.03, 0.06, 0.1, 0.15):
        _forget(snapshot)
        stopped = threading.Event()
        timer = threading.Timer(after, stopped.set)
        timer.start()
        began = time.perf_counter()
        try:
            for _ in ask(snapshot, question, cancelled=stopped.is_set):
                pass
        except CancelledError:
            worst = max(worst, time.perf_counter() - began - after)
        timer.cancel()
    return worst


def _many_rows(folder: Path, lines: int) -> Iterator[Measure]:
    log = folder / "many-rows" / "u_ex260615.log"
    write_iis(log, lines)
    with LogSet.open([str(log)], index_dir=folder / "many-rows-index") as log_set:
        log_set.read()
        yield from _pages(log_set.snapshot(), f"{lines / 1e6:g} M lines")
    shutil.rmtree(log.parent)
    shutil.rmtree(folder / "many-rows-index")
