"""The tests of a comparison: for each frequent value its counts in the batches of both sides, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from parsing.compare.batches import ALL, BATCH, CLIENTS, FIELD, NUMBER, BatchCounts, Batches, Candidates
from parsing.compare.candidates import LEAST, OF_CLIENTS, TAKEN, TIMED, FrequentValues, compared_fields, united
from parsing.compare.difference import Figures, Measure, SideFacts
from parsing.compare.sides import Side
from parsing.compare.significance import Figure, welch
from parsing.index.snapshot import Log, Snapshot
from parsing.questions.question import answer
from parsing.questions.values.counting import COUNT
from parsing.questions.values.percentile_buckets import BUCKET, percentiles_by_key

Cancelled = Callable[[], bool]

_LEAST_TIMED: tuple[tuple[Measure, float, int], ...] = (("p50", 0.5, 30), ("p95", 0.95, 60))
"""The percentiles with the share of requests that do not exceed them, and the requests that each side must have."""

_LEAST_GROUPS = 4.0

_SIDE, _SIZE, _HITS, _TEST = "side", "size", "hits", "test"
_EVERY_ROW = (ALL, pl.Series("value", [None], dtype=pl.String))
_HOUR = timedelta(hours=1)
_KEY = [FIELD, NUMBER]


@dataclass(frozen=True, slots=True)
class Counted:
    """A side with its rows and its batches; a side without rows has none."""

    side: Side
    facts: SideFacts
    batches: Batches | None

    @property
    def cut(self) -> Batches:
        assert self.batches is not None
        return self.batches


@dataclass(frozen=True, slots=True)
class Test:
    """What one p-value is about. ``evidence`` weighs the difference by the rows that it is seen in."""

    field: str
    value: str | None
    log: Log
    measure: Measure
    figures: Figures
    p: float
    evidence: float


def share_tests(
    snapshot: Snapshot, log: Log, sides: tuple[Counted, Counted], fields: Sequence[str], cancelled: Cancelled
) -> list[Test]:
    """Whether values have another share of the requests that have the field, or other errors per 1,000 requests.

    Where a side has no requests, errors are compared per hour.
    """
    rows = [side.facts.requests if log == "iis" else side.facts.errors for side in sides]
    if (log == "iis" and 0 in rows) or not sum(rows):
        return []
    names = tuple(compared_fields(snapshot, log, [side.side for side in sides], fields))
    candidates: Candidates = _candidates(snapshot, log, sides, names, cancelled)
    if log == "httperr" and not fields:
        candidates = (*candidates, _EVERY_ROW)
    counts = _counts(snapshot, log, sides, candidates, cancelled)
    per_hour = any(not side.facts.requests for side in sides)
    if log == "iis":
        sizes = counts.group_by(_SIDE, FIELD, BATCH, CLIENTS).agg(pl.col(COUNT).sum().cast(pl.Float64).alias(_SIZE))
    else:
        sizes = _hours(sides) if per_hour else _thousands(snapshot, sides, cancelled)
        sizes = sizes.join(counts.select(FIELD).unique(), how="cross")
    hits = counts.filter(pl.col(NUMBER).is_not_null())
    keys, found = _tested(hits, sizes, candidates, "share" if log == "iis" else "rate")
    return list(_share_tests(keys, found, candidates, log, sides, per_hour=per_hour))


def _candidates(
    snapshot: Snapshot, log: Log, sides: tuple[Counted, Counted], names: tuple[str, ...], cancelled: Cancelled
) -> Candidates:
    first, second = (answer(snapshot, FrequentValues(one.side, log, names), cancelled) for one in sides)
    return united(first, second)


def _counts(
    snapshot: Snapshot,
    log: Log,
    sides: tuple[Counted, Counted],
    candidates: Candidates,
    cancelled: Cancelled,
    *,
    has_times: bool = False,
) -> pl.DataFrame:
    """The counts of both sides, with the number of the ``side``."""
    return pl.concat(
        answer(
            snapshot, BatchCounts(one.side, log, one.cut.edges, candidates, has_times=has_times), cancelled
        ).with_columns(pl.lit(number, dtype=pl.UInt8).alias(_SIDE))
        for number, one in enumerate(sides)
    )


def _thousands(snapshot: Snapshot, sides: tuple[Counted, Counted], cancelled: Cancelled) -> pl.DataFrame:
    """Thousands of requests in each batch."""
    counts = _counts(snapshot, "iis", sides, (_EVERY_ROW,), cancelled)
    return counts.select(_SIDE, BATCH, CLIENTS, (pl.col(COUNT) / 1_000).alias(_SIZE))


def _hours(sides: tuple[Counted, Counted]) -> pl.DataFrame:
    """Hours of each batch; which clients there were is not known where there are no requests."""
    rows = [
        (number, batch, None, length / _HOUR)
        for number, one in enumerate(sides)
        for batch, length in enumerate(one.cut.lengths)
    ]
    schema = {_SIDE: pl.UInt8, BATCH: pl.UInt32, CLIENTS: pl.UInt32, _SIZE: pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _tested(
    hits: pl.DataFrame, sizes: pl.DataFrame, candidates: Candidates, kind: Figure
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The values that are tested with the number of their ``test``, and the figures of each test.

    A difference has to be there whichever way rows are cut: by time, and by groups of clients, lest what a single client
    does is taken for a change of the server. Of a client itself only time can tell, in batches twice as long: its sessions
    may last as long as several of them.
    """
    keys = hits.group_by(_KEY).agg(pl.col(COUNT).sum()).filter(pl.col(COUNT) >= LEAST).drop(COUNT).sort(_KEY)
    numbered = keys.with_row_index(_TEST)
    is_client = pl.col(FIELD).is_in([place for place, (name, _) in enumerate(candidates) if name in OF_CLIENTS])
    others, clients = numbered.filter(~is_client), numbered.filter(is_client)
    in_pairs = pl.col(BATCH) // 2
    longer = [rows.with_columns(in_pairs) for rows in (hits, sizes)]
    by_time = pl.concat(
        [welch(_trials(hits, sizes, others, BATCH), kind), welch(_trials(longer[0], longer[1], clients, BATCH), kind)]
    )
    grouped = sizes.filter(pl.col(CLIENTS).is_not_null())
    if _is_of_few_clients(grouped):
        return numbered, by_time
    by_clients = welch(_trials(hits, grouped, others, CLIENTS), kind)
    found = by_time.join(by_clients.select(_TEST, pl.col("p").alias("other")), on=_TEST, how="left")
    return numbered, found.with_columns(p=pl.max_horizontal("p", "other")).drop("other")


def _trials(hits: pl.DataFrame, sizes: pl.DataFrame, numbered: pl.DataFrame, batch: str) -> pl.DataFrame:
    """Hits and size of each batch, in one order: sums of fractions depend on it."""
    known = [name for name in _KEY if name in sizes.columns]
    ordered = sizes.sort(_SIDE, *known, batch, _SIZE)
    size = ordered.group_by(_SIDE, *known, batch, maintain_order=True).agg(pl.col(_SIZE).sum())
    alike = hits.sort(_SIDE, *_KEY, batch, COUNT).group_by(_SIDE, *_KEY, batch, maintain_order=True)
    counted = alike.agg(pl.col(COUNT).sum())
    joined = numbered.join(size, on=known).join(counted, on=[_SIDE, *_KEY, batch], how="left")
    ordered = joined.sort(_TEST, _SIDE, batch)
    return ordered.select(_TEST, _SIDE, pl.col(COUNT).fill_null(0).cast(pl.Float64).alias(_HITS), _SIZE)


def _is_of_few_clients(sizes: pl.DataFrame) -> bool:
    """Whether nearly all rows of a side are of one group of clients, as behind a proxy: nothing is seen by groups then."""
    if sizes.is_empty():
        return True
    by_side = sizes.group_by(_SIDE, CLIENTS).agg(pl.col(_SIZE).sum()).group_by(_SIDE)
    effective = pl.col(_SIZE).sum() ** 2 / (pl.col(_SIZE) ** 2).sum()
    return bool((by_side.agg(effective.alias(_SIZE))[_SIZE] < _LEAST_GROUPS).any())


def _share_tests(
    keys: pl.DataFrame,
    found: pl.DataFrame,
    candidates: Candidates,
    log: Log,
    sides: tuple[Counted, Counted],
    *,
    per_hour: bool,
) -> Iterator[Test]:
    of_all = [1_000 / max(side.facts.requests, 1) for side in sides]
    for row in found.join(keys, on=_TEST, maintain_order="left").iter_rows(named=True):
        name, values = candidates[row[FIELD]]
        hits = round(row["a_hits"]), round(row["b_hits"])
        measure: Measure = "new" if not hits[0] else "gone" if not hits[1] else "share" if log == "iis" else "rate"
        a, b = row["a"], row["b"]
        if log == "iis" and measure != "share":
            a, b = (count * factor for count, factor in zip(hits, of_all, strict=True))
        figures = Figures(a, b, *hits, "hour" if per_hour else "requests")
        field, value = ("log", log) if name == ALL else (name, str(values[row[NUMBER]]))
        yield Test(field, value, log, measure, figures, row["p"], row["evidence"])


def time_tests(
    snapshot: Snapshot, sides: tuple[Counted, Counted], fields: Sequence[str], cancelled: Cancelled
) -> list[Test]:
    """Whether requests of a value take longer, or less long.

    The median is tested by ranks, p95 by the share of requests above the p95 of both sides together: the figures of few
    requests are rough, and their error cannot be told from the figures themselves.
    """
    if any(not side.facts.requests for side in sides):
        return []
    known = compared_fields(snapshot, "iis", [side.side for side in sides], fields)
    names = tuple(known if fields else [name for name in TIMED if name in known])
    candidates = _candidates(snapshot, "iis", sides, names, cancelled)
    if not fields or TAKEN in fields:
        candidates = (*candidates, _EVERY_ROW)
    counts = _counts(snapshot, "iis", sides, candidates, cancelled, has_times=True)
    by_side = counts.group_by(*_KEY, _SIDE, BUCKET).agg(pl.col(COUNT).sum())
    percentiles = percentiles_by_key(by_side, [*_KEY, _SIDE])
    tests: list[Test] = []
    for measure, share, least in _LEAST_TIMED:
        both = percentiles.filter(pl.col(COUNT) >= least).group_by(_KEY).len().filter(pl.col("len") == len(sides))
        enough = counts.join(both, on=_KEY, how="semi")
        tests += _time_tests(enough, percentiles, candidates, measure, share)
    return tests


def _time_tests(
    counts: pl.DataFrame, percentiles: pl.DataFrame, candidates: Candidates, measure: Measure, share: float
) -> Iterator[Test]:
    scored = _ranked(counts) if measure == "p50" else _exceeding(counts, share)
    alike = scored.sort(_SIDE, *_KEY, BATCH, CLIENTS, BUCKET)
    batches = alike.group_by(_SIDE, *_KEY, BATCH, CLIENTS, maintain_order=True).agg(
        (pl.col(_HITS) * pl.col(COUNT)).sum().alias(COUNT), pl.col(COUNT).sum().cast(pl.Float64).alias(_SIZE)
    )
    kind: Figure = "rank" if measure == "p50" else "share"
    keys, found = _tested(batches.drop(_SIZE), batches.drop(COUNT), candidates, kind)
    sides = [percentiles.filter(pl.col(_SIDE) == side).drop(_SIDE) for side in (0, 1)]
    table = found.join(keys, on=_TEST).join(sides[0], on=_KEY).join(sides[1], on=_KEY, suffix="_b").sort(_TEST)
    for row in table.iter_rows(named=True):
        name, values = candidates[row[FIELD]]
        field, value = (TAKEN, None) if name == ALL else (name, str(values[row[NUMBER]]))
        figures = Figures(float(row[f" {measure}"]), float(row[f" {measure}_b"]), row[COUNT], row[f"{COUNT}_b"])
        yield Test(field, value, "iis", measure, figures, row["p"], row["evidence"])


def _ranked(counts: pl.DataFrame) -> pl.DataFrame:
    """As hits the rank of a time among all of its value on both sides, from 0 to 1: a test of Wilcoxon's kind."""
    pooled = counts.group_by(*_KEY, BUCKET).agg(pl.col(COUNT).sum().alias("here")).sort(*_KEY, BUCKET)
    below = (pl.col("here").cum_sum() - pl.col("here") / 2) / pl.col("here").sum()
    return counts.join(pooled.select(*_KEY, BUCKET, below.over(_KEY).alias(_HITS)), on=[*_KEY, BUCKET])


def _exceeding(counts: pl.DataFrame, share: float) -> pl.DataFrame:
    """As hits whether a time is above the percentile of all of its value on both sides."""
    pooled = counts.group_by(*_KEY, BUCKET).agg(pl.col(COUNT).sum()).sort(*_KEY, BUCKET)
    is_reached = pl.col(COUNT).cum_sum().over(_KEY) >= share * pl.col(COUNT).sum().over(_KEY)
    limits = pooled.filter(is_reached).group_by(_KEY).agg(pl.col(BUCKET).min().alias("limit"))
    return counts.join(limits, on=_KEY).with_columns((pl.col(BUCKET) > pl.col("limit")).cast(pl.Float64).alias(_HITS))
