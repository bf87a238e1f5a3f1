"""Counts, histograms and breakdowns against plain counting."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.errors import CancelledError
from parsing.filters import parse
from parsing.formats.clock import FIRST_YEAR, LAST_YEAR
from parsing.index.snapshot import Log, Segment, Snapshot
from parsing.knowledge.fields import META
from parsing.questions.count import Count
from parsing.questions.question import answer, ask
from parsing.questions.rows import columns
from parsing.questions.times import histogram
from parsing.questions.times.axis import fitting_step
from parsing.questions.times.histogram import Histogram
from parsing.questions.values import counting, first_and_last, hashed_values, merging, numbering
from parsing.questions.values.breakdown import Breakdown
from tests.parsing.questions.plain import FILTERS, START, Kept, plain_rows, snapshot_of, tables, texts, value
from tests.small_sets import Table, small_snapshot

filters = st.sampled_from(FILTERS)
spans = st.tuples(st.integers(-10, 80), st.integers(1, 60)).map(
    lambda ends: (START + timedelta(seconds=ends[0]), START + timedelta(seconds=ends[0] + ends[1]))
)
fields = st.sampled_from(
    ["client", "status", "reason", "path", "template", "log", "source", "X-Custom", "time-taken", "line", "time", "no"]
)
ENDED = {
    "Timer_ConnectionIdle": "http.sys",
    "QueueFull": "http.sys",
    "Connection_Dropped": "client",
    "New_Reason": "unknown",
    None: None,
}


@pytest.fixture(autouse=True, scope="module")
def _small_steps() -> Iterator[None]:
    """Few rows at a time, so that small log sets take several steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_AT_ONCE", 2)
        patch.setattr(first_and_last, "_LOOK", (1, 2, 4))
        patch.setattr(first_and_last, "_LISTED", 2)
        patch.setattr(columns, "_EDGE", 2)
        patch.setattr(counting, "_FEW", 3)
        patch.setattr(merging, "_MOST_TIED", 0)
        patch.setattr(merging, "_MANY", 1)
        patch.setattr(counting, "_AT_ONCE", 4)
        patch.setattr(counting, "_WIDEST", 20_000)
        patch.setattr(histogram, "_FEW", 5)
        yield


def within(row: dict[str, Any], span: tuple[datetime, datetime] | None) -> bool:
    return span is None or span[0] <= row["time"] < span[1]


@settings(max_examples=50)
@given(tables(), texts, filters, st.none() | spans, st.sampled_from([None, "iis", "httperr"]))
def test_counts(
    found: list[Table], text: frozenset[str], kept: Kept, span: tuple[datetime, datetime] | None, log: Any
) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row) and within(row, span) and log in (None, row["log"])]
    with snapshot_of(found, text) as snapshot:
        counts = answer(snapshot, Count(kept.where, log, span))
    assert counts.total == len(rows)
    assert counts.by_log == {name: sum(row["log"] == name for row in rows) for name in ("iis", "httperr")}


@settings(max_examples=50)
@given(
    tables(), texts, filters, st.none() | spans, st.integers(1, 50), st.sampled_from([None, "status-class", "ended-by"])
)
def test_histograms(
    found: list[Table],
    text: frozenset[str],
    kept: Kept,
    span: tuple[datetime, datetime] | None,
    seconds: int,
    by: Any,
) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row) and within(row, span)]
    with snapshot_of(found, text) as snapshot:
        bars = answer(snapshot, Histogram(kept.where, timedelta(seconds=seconds), span=span, by=by))
    times = bars.table["time"].to_list()
    assert all(later - time == bars.every for time, later in pairwise(times))
    assert all((time - datetime(1970, 1, 1)) % bars.every == timedelta() for time in times)  # noqa: DTZ001
    for time, iis, httperr in bars.table.iter_rows():
        mine = [row["log"] for row in rows if time <= row["time"] < time + bars.every]
        assert (iis, httperr) == (mine.count("iis"), mine.count("httperr"))
    assert bars.table.select(pl.col("iis", "httperr").sum()).sum_horizontal().to_list() == [len(rows)]
    if by is not None:
        assert bars.kinds is not None
        expected = Counter((times[_last_before(times, row["time"])], row["log"], _kind(row, by)) for row in rows)
        assert {(time, log, kind): count for time, log, kind, count in bars.kinds.iter_rows()} == dict(expected)


def _last_before(times: list[datetime], time: datetime) -> int:
    return max(index for index, start in enumerate(times) if start <= time)


def _kind(row: dict[str, Any], by: str) -> str | None:
    if by == "status-class":
        status = row.get("sc-status")
        return None if status is None else f"{status // 100}xx"
    return ENDED[row.get("s-reason")]


def test_buckets_are_as_short_as_their_number_allows() -> None:
    assert fitting_step(START, START + timedelta(hours=24) - timedelta(seconds=1), 96) == timedelta(minutes=15)
    assert fitting_step(START, START + timedelta(hours=24), 96) == timedelta(minutes=30)
    assert fitting_step(START, START, 1) == timedelta(seconds=1)
    year = timedelta(days=365)
    assert fitting_step(START, START + 500 * year, 1) > 500 * year


@pytest.mark.parametrize("buckets", [1, 2, 80])
def test_buckets_reach_as_far_as_rows_can(tmp_path: Path, buckets: int) -> None:
    times = (f"{FIRST_YEAR}-01-01T00:00:00", "2026-06-15T10:00:00", f"{LAST_YEAR}-12-31T23:59:59")
    snapshot = small_snapshot(tmp_path, [("iis", "a.log", ("cs-method",), [{"time": time} for time in times])])
    bars = answer(snapshot, Histogram(buckets=buckets))
    assert (bars.table.height <= buckets, bars.table["iis"].sum()) == (True, 3)
    assert answer(snapshot, Count(parse("time:10:00"))).total == 1


@settings(max_examples=50)
@given(
    tables(),
    texts,
    filters,
    st.lists(fields, min_size=1, max_size=2, unique=True),
    st.none() | st.integers(0, 5),
    st.sampled_from(["count", "-count", "first", "-first", "last", "-last", "value", "-value"]),
)
def test_breakdowns(
    found: list[Table], text: frozenset[str], kept: Kept, by: list[str], top: int | None, order: str
) -> None:
    kept_rows = [row for row in plain_rows(found) if kept.keeps(row)]
    known = {id(row): [value(row, name) for name in by] for row in kept_rows}
    rows = [row for row in kept_rows if ... not in known[id(row)]]
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(known[id(row)]), []).append(row)
    with snapshot_of(found, text) as snapshot:
        tally = answer(snapshot, Breakdown(kept.where, tuple(by), top, order))
    expected = [
        (*key, len(mine), pytest.approx(len(mine) / len(rows)), mine[0]["time"], mine[-1]["time"])
        for key, mine in groups.items()
    ]
    expected.sort(key=lambda found: _order(found, order, len(by)))
    assert tally.table.rows() == expected[:top]
    assert tally.without == len(kept_rows) - len(rows)
    assert (tally.rows, tally.distinct) == (len(rows), len(groups))
    assert tally.left_out == len(groups) - tally.table.height
    assert tally.rows_left_out == len(rows) - tally.table["count"].sum()


@pytest.mark.parametrize("top", [1, None])
@pytest.mark.parametrize("by", [*((name,) for name in META), *permutations(META, 2), ("time", "reason")])
def test_breakdowns_by_what_every_row_has(tmp_path: Path, by: tuple[str, ...], top: int | None) -> None:
    times = ("2026-06-15T10:00:01", "2026-06-15T10:00:00", "2026-06-15T10:00:00", "2026-06-15T10:00:00")
    rows = [{"time": time, "line": line, "s-reason": "QueueFull"} for line, time in enumerate(times)]
    same = {"log": "httperr", "source": "httperr1.log", "reason": "QueueFull"}
    plain: list[dict[str, Any]] = [
        same | {"time": datetime.fromisoformat(time), "line": line} for line, time in enumerate(times)
    ]
    known = Counter(tuple(row[name] for name in by) for row in plain)
    snapshot = small_snapshot(tmp_path, [("httperr", "httperr1.log", ["s-reason"], rows)])
    table = answer(snapshot, Breakdown(by=by, top=top)).table
    expected = sorted(known, key=lambda value: (-known[value], value))
    assert [row[: len(by) + 1] for row in table.rows()] == [(*value, known[value]) for value in expected[:top]]


@pytest.mark.parametrize("top", [3, None])
def test_pairs_of_values_in_many_turns(top: int | None) -> None:
    """Pairs of codes are added up a stretch of them at a time; one of them is frequent in every segment."""
    found: list[Table] = []
    for number in range(3):
        pairs = [(f"/{row % (7 + number)}", f"10.0.0.{row % 5}") for row in range(40)] + [("/0", "10.0.0.0")] * 100
        rows = [
            {"time": (START + timedelta(seconds=row)).isoformat(), "cs-uri-stem": path, "c-ip": client}
            for row, (path, client) in enumerate(pairs)
        ]
        found.append(("iis", f"u_ex{number}.log", ["cs-uri-stem", "c-ip"], rows))
    expected = Counter((row["cs-uri-stem"], row["c-ip"]) for *_, rows in found for row in rows)
    with snapshot_of(found) as snapshot:
        tally = answer(snapshot, Breakdown(by=("path", "client"), top=top))
    counts = [(path, client, count) for path, client, count, *_ in tally.table.rows()]
    assert counts == sorted(((*pair, count) for pair, count in expected.items()), key=lambda one: (-one[2], *one))[:top]
    assert tally.distinct == len(expected)


def _order(found: tuple[Any, ...], order: str, width: int) -> list[Any]:
    sign = -1 if order.startswith("-") else 1
    values = [_comparable(value) for value in found[:width]]
    figures = dict(zip(("count", "share", "first", "last"), found[width:], strict=True))
    key = order.removeprefix("-")
    if key == "value":
        return [_directed(value, sign) for value in values]
    seconds = (figures[key] - START).total_seconds() if key != "count" else figures[key]
    return [sign * seconds, *values]


def _comparable(found: Any) -> tuple[bool, Any]:
    return found is None, found.encode() if isinstance(found, str) else found


class _directed:  # noqa: N801
    """A value that compares the other way round, but for missing ones, which stay last."""

    def __init__(self, value: tuple[bool, Any], sign: int) -> None:
        self.value, self.sign = value, sign

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _directed) and self.value == other.value

    def __lt__(self, other: _directed) -> bool:
        if self.value[0] or other.value[0]:
            return self.value[0] < other.value[0]
        return bool(self.value < other.value if self.sign > 0 else self.value > other.value)


def test_a_fault_of_a_question_is_not_blamed_on_the_index(tmp_path: Path) -> None:
    class Faulty(Count):
        def partial(self, snapshot: Snapshot, segment: Segment) -> tuple[Log, int]:
            segment.scan().select("time", "time").collect()
            return super().partial(snapshot, segment)

    rows = [{"time": "2026-06-15T12:00:00", "s-reason": "QueueFull"}]
    snapshot = small_snapshot(tmp_path, [("httperr", "httperr1.log", ["s-reason"], rows)])
    with pytest.raises(pl.exceptions.DuplicateError):
        answer(snapshot, Faulty())


def test_questions_stop_between_segments() -> None:
    rows = [{"time": START.isoformat(), "cs-method": "GET"}]
    stopped = threading.Event()
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], rows)] * 5) as snapshot:
        answers = ask(snapshot, Count(), cancelled=stopped.is_set)
        seen = [next(answers), next(answers)]
        stopped.set()
        with pytest.raises(CancelledError):
            next(answers)
    assert [step.value.total for step in seen] == [1, 2]
    assert not any(step.is_whole for step in seen)


@settings(max_examples=50)
@given(tables(), filters)
def test_every_partial_answer_counts_the_segments_asked(found: list[Table], kept: Kept) -> None:
    with snapshot_of(found) as snapshot:
        question = Breakdown(kept.where, ("client",))
        asked = question.segments(snapshot)
        for step in ask(snapshot, question):
            known = sum(answer(snapshot_part(snapshot, asked[: step.done]), Count(kept.where)).by_log.values())
            assert step.value.rows + step.value.without == known


def snapshot_part(snapshot: Snapshot, segments: Sequence[Segment]) -> Snapshot:
    return replace(snapshot, segments=tuple(segments))


def test_a_value_that_is_logged_in_two_ways_is_one_line() -> None:
    """A path of ``?`` alone and none at all are both no path, also where the other field has no codes."""
    rows = [
        {"time": START.isoformat(), "line": line, "cs-uri": uri, "c-ip": "10.0.0.1"}
        for line, uri in ((1, "?"), (2, None))
    ]
    with snapshot_of([("httperr", "httperr2.log", ["cs-uri", "c-ip"], rows)], frozenset({"c-ip"})) as snapshot:
        table = answer(snapshot, Breakdown(by=("client", "path"), top=3)).table
    assert table.select("c-ip", "path", "count").rows() == [("10.0.0.1", None, 2)]


@pytest.mark.parametrize("in_memory", [0, 100])
@pytest.mark.parametrize("order", ["-count", "value", "-value", "first", "-last"])
def test_texts_without_codes_are_counted_exactly(in_memory: int, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether hashes are in memory or on disk, added up in turns or at once, and however many values tie."""
    monkeypatch.setattr(hashed_values, "_IN_MEMORY", in_memory)
    monkeypatch.setattr(hashed_values, "_AT_ONCE", 7)
    monkeypatch.setattr(hashed_values, "_MOST_TIED", 2)
    monkeypatch.setattr(hashed_values, "_READ_BYTES", 64)
    paths = [f"/{number * 7919 % 60:02}" for number in range(90)] + [None, "/00"]
    rows = [
        {"time": (START + timedelta(seconds=second)).isoformat(), "line": second + 1, "cs-uri-stem": path}
        for second, path in enumerate(paths)
    ]
    both: list[Table] = [
        ("iis", source, ["cs-uri-stem"], part) for source, part in (("u_ex2.log", rows[:40]), ("u_ex10.log", rows[40:]))
    ]
    tables = []
    for text in (frozenset({"cs-uri-stem"}), frozenset[str]()):
        with snapshot_of(both, text) as snapshot:
            tables.append(
                [answer(snapshot, Breakdown(by=("path",), top=top, order=order)) for top in (None, 0, 1, 9, 62)]
            )
    for hashed, coded in zip(*tables, strict=True):
        assert hashed.table.to_dicts() == coded.table.to_dicts()
        assert (hashed.distinct, hashed.left_out, hashed.rows) == (coded.distinct, coded.left_out, coded.rows)


def test_hashes_of_two_seeds_are_independent() -> None:
    """Values that agree in a part of one hash do not agree in the other."""
    texts = pl.DataFrame({"text": [f"/a{number}" for number in range(20_000)]})
    found = texts.select((pl.col("text").hash(1) % 1000).alias("one"), (pl.col("text").hash(2) % 1000).alias("two"))
    pairs = found.group_by("one").agg(pl.col("two").n_unique(), pl.len())
    assert pairs.select((pl.col("two") / pl.col("len")).mean()).item() > 0.97
