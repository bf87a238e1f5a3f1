"""What differs between two sets of rows: shares and rates of values, what is new or gone, and how long requests take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from parsing.compare.batches import Batches, batches_of
from parsing.compare.candidates import OF_CLIENTS
from parsing.compare.difference import Comparison, Difference, SideFacts, summary
from parsing.compare.ranking import SELDOM, Weighed, ranked
from parsing.compare.sides import Side
from parsing.compare.significance import MANY, holm, widened
from parsing.compare.trials import Counted, Test, share_tests, time_tests
from parsing.index.snapshot import Log, Snapshot
from parsing.questions.count import Count
from parsing.questions.question import answer
from parsing.questions.times.histogram import Histogram
from parsing.questions.usual_closes import idle_closes, without_idle_closes

_FINE = 500
"""Bars of the histogram from which batches are cut."""

_BURST = 25.0
"""Evidence of five standard errors if rows were independent: what came in a single burst may be of interest all the same.

Of a field with many values it is not: among many clients there are always some that come once. What differs less, and no
more than chance makes of one value in a hundred, is left out."""


def compare(
    snapshot: Snapshot,
    a: Side,
    b: Side,
    *,
    fields: Sequence[str] = (),
    log: Log | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Comparison]:
    """What differs from ``a`` to ``b``, in answers that grow more complete: the sides, then shares, then times.

    ``fields`` (by their names in the logs) and ``log`` narrow what is looked at. Idle closes are set apart, as in reports.
    If both sides are alike, the chance that any finding is called sure is at most one in twenty. Raises
    ``CancelledError`` soon after ``cancelled()`` is true.
    """
    first, second = (_counted(snapshot, side, cancelled) for side in (a, b))
    result = Comparison(first.facts, second.facts)
    if first.batches is None or second.batches is None:
        yield replace(result, is_whole=True)
        return
    yield result
    sides, tests = (first, second), []
    for each in _LOGS:
        if log in (None, each):
            tests += share_tests(snapshot, each, sides, fields, cancelled)
    yield replace(result, findings=_findings(tests, (a.label, b.label)), looked_at=len(tests))
    if log != "httperr":
        tests += time_tests(snapshot, sides, fields, cancelled)
    found = _findings(tests, (a.label, b.label))
    yield replace(result, findings=found, looked_at=len(tests), is_whole=True)


_LOGS: tuple[Log, ...] = ("iis", "httperr")


def _counted(snapshot: Snapshot, side: Side, cancelled: Callable[[], bool]) -> Counted:
    others, idle = without_idle_closes(side.where), idle_closes(side.where)
    own = side if others is None else replace(side, where=others)
    counts = answer(snapshot, Histogram(own.where, None, _FINE, own.span), cancelled)
    closes = 0 if idle is None else answer(snapshot, Count(idle, None, side.span), cancelled).total
    requests, errors = (int(counts.table[each].sum()) for each in _LOGS)
    batches: Batches | None = None
    if requests + errors:
        batches = batches_of(counts, "iis" if requests else "httperr", own.span)
    begin, end = own.span or ((batches.begin, batches.end) if batches else (None, None))
    return Counted(own, SideFacts(side.label, requests, errors, closes, begin, end), batches)


def _findings(tests: Sequence[Test], labels: tuple[str, str]) -> tuple[Difference, ...]:
    fields: dict[tuple[str, Log, bool], list[int]] = defaultdict(list)
    for place, test in enumerate(tests):
        fields[test.field, test.log, test.measure in ("p50", "p95")].append(place)
    chances = [1.0] * len(tests)
    for (name, *_), places in fields.items():
        own = widened([tests[place].p for place in places], is_of_clients=name in OF_CLIENTS)
        for place, p in zip(places, own, strict=True):
            chances[place] = p
    reported = {
        place
        for places in fields.values()
        for place in places
        if chances[place] < SELDOM or (len(places) < MANY and tests[place].evidence >= _BURST)
    }
    corrected = holm(chances)
    return ranked(
        Weighed(_finding(tests[place], 1 - corrected[place], labels), chances[place], tests[place].evidence)
        for place in sorted(reported)
    )


def _finding(test: Test, sure: float, labels: tuple[str, str]) -> Difference:
    figures = test.figures
    return Difference(
        test.field,
        test.value,
        test.measure,
        figures.a,
        figures.b,
        figures.a_count,
        figures.b_count,
        figures.b - figures.a,
        round(sure, 6),
        summary(test.field, test.value, test.measure, test.log, figures, labels),
        test.log,
    )
