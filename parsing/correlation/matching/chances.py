"""How often an error has its request or a retry in the IIS log, and after which time: believed first, then learned.

What is learned on one log set is how its clients and applications behave: how many ask again, how soon, and how often
both logs got the request. It is found by expectation and maximisation: pairs are weighed with what is believed, and the
weights give the next belief.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import exp
from typing import Any

import polars as pl

from parsing.correlation.assumptions import (
    ASKS_AGAIN_AFTER,
    BROKEN_AGAIN,
    CUT_AGAIN,
    ELSEWHERE,
    ENDS_SOON,
    ENDS_TOGETHER,
    FIRST_BELIEF,
    GIVES_UP_EARLY,
    LEAVES_AFTER,
    LOGGED_TOO,
    MOST_SHARE,
    REJECTED,
    UNRELATED,
    UNRELATED_BROKEN,
    UNRELATED_LATER,
    UNRELATED_OF_ONE_CLIENT,
    USUAL,
    WAITS_TO_ASK_AGAIN,
)
from parsing.correlation.logs.requests import BROKEN_WRITE, CLIENT_GONE, ENDED, UNKNOWN
from parsing.correlation.matching.stalled import CLEARLY, SENT_WITH_ROW, is_stalled, with_stalled
from parsing.correlation.server.began import BODY, SLOW_CLIENT, SLOW_READER, STALLED, ZOMBIE
from parsing.knowledge.reasons import reason

EDGES = (
    -900, -600, -400, -250, -180, -130, -120, -110, -90, -60, -40, -25, -15, -10, -8, -7, -6, -5, -4, -3, -2, -1.5,
    -1, -0.7, -0.4, -0.2, -0.1, 0, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 28, 36, 46, 60,
    80, 110, 150, 200, 300, 420, 600, 900,
)  # fmt: skip
"""Edges of the bins in seconds."""

BINS = len(EDGES) - 1


_EDGES = pl.Series("edge", EDGES, dtype=pl.Float64)


def bins_of(seconds: pl.Series) -> pl.Series:
    """The number of the bin of each lag; lags outside of all count as in the last one on their side."""
    return (_EDGES.search_sorted(seconds.cast(pl.Float64), side="right").cast(pl.Int64) - 1).clip(0, BINS - 1)


@dataclass(frozen=True, slots=True)
class Lags:
    """The share of each bin; together they are 1."""

    shares: tuple[float, ...]

    @classmethod
    def believed(cls, weight_until: Callable[[float], float]) -> Lags:
        """From a cumulative weight in seconds."""
        return cls._of([max(0.0, high - low) for low, high in pairwise(map(weight_until, EDGES))])

    @classmethod
    def _of(cls, weights: list[float]) -> Lags:
        total = sum(weights) or 1.0
        return cls(tuple(weight / total for weight in weights))

    def learned(self, counts: list[float], belief: float) -> Lags:
        """With ``counts`` found in each bin, when the belief so far weighs ``belief`` of them."""
        return self._of([count + belief * share for count, share in zip(counts, self.shares, strict=True)])

    def share_until(self, seconds: float) -> float:
        """The share of lags below an edge of the bins."""
        return sum(share for share, high in zip(self.shares, EDGES[1:], strict=True) if high <= seconds)

    def density(self) -> pl.Series:
        """The chance per second in each bin, by bin number."""
        widths = [high - low for low, high in pairwise(EDGES)]
        return pl.Series([share / width for share, width in zip(self.shares, widths, strict=True)], dtype=pl.Float64)

    def spread_density(self) -> pl.Series:
        """The chance per second of a lag up to each bin, spread evenly over the time since the first likely one."""
        likely = [place for place, share in enumerate(self.shares) if share > _LIKELY]
        first = EDGES[likely[0]] if likely else EDGES[0]
        found, total = [], 0.0
        for share, high in zip(self.shares, EDGES[1:], strict=True):
            total += share
            found.append(total / max(1.0, high - first))
        return pl.Series(found, dtype=pl.Float64)


_LIKELY = 0.005

_PROPAGATIONS = 6


def probabilities(pairs: pl.DataFrame) -> pl.Series:
    """The probability of each pair (``e row odds``) that it is the true one.

    ``odds`` are those of the pair against the error having no request at all, were there no other pair. At most one
    pair of an error and at most one of a request is true. The sums over all assignments are found by belief
    propagation, which converges for this problem (Williams and Lau 2014, "Approximate evaluation of marginal
    association probabilities with belief propagation").
    """
    state = pairs.select("e", "row", "odds", pl.lit(1.0).alias("free"))
    contested = pl.len().over("row") > 1
    has_rivals = bool(state.select(contested.any()).item()) if state.height else False
    weight = pl.col("odds") * pl.col("free")
    for _ in range(_PROPAGATIONS if has_rivals else 0):
        claim = pl.col("odds") / (1 + weight.sum().over("e") - weight)
        state = state.with_columns(claim.alias("claim"))
        state = state.with_columns(
            (1 / (1 + (pl.col("claim").sum().over("row") - pl.col("claim")).clip(0))).alias("free")
        )
    return state.select((weight / (1 + weight.sum().over("e"))).alias("probability")).to_series()


_ROUNDS = 3
_LATER = 2
_FIRST = 6


def _waited(seconds: float) -> float:
    return sum(share * (1 - exp(-seconds / mean)) for share, mean in WAITS_TO_ASK_AGAIN) if seconds > 0 else 0.0


@lru_cache(maxsize=1_024)
def _after(earliest: float, latest: float) -> Lags:
    """A client that asks again after a loss somewhere between two lags; many losses are of the same few intervals."""
    parts = 16
    starts = [earliest + (latest - earliest) * (part + 0.5) / parts for part in range(parts)]
    return Lags.believed(lambda seconds: sum(_waited(seconds - start) for start in starts) / parts)


def _stalled(span: float) -> Lags:
    """Most clients wait until the connection is closed; some give up and begin anew before that."""
    early, late = _after(-span, -1), _after(-1, 0)
    share = GIVES_UP_EARLY
    return Lags(tuple(share * one + (1 - share) * other for one, other in zip(early.shares, late.shares, strict=True)))


def _patience(seconds: float) -> float:
    late = seconds + 7
    return 0.0 if late < 0 else sum(share * (1 - exp(-late / mean)) for share, mean in LEAVES_AFTER)


def _soon(seconds: float) -> float:
    for (before, share), (after, more) in pairwise(ENDS_SOON):
        if seconds < after:
            return share + (more - share) * max(0.0, seconds - before) / (after - before)
    return 1.0


_SAME_LAGS = {"start": Lags.believed(_patience), "end": Lags.believed(_soon), "address": Lags.believed(_soon)}
_ENDINGS = {"ended": ENDED, "gone": CLIENT_GONE, "broken": BROKEN_WRITE, "unknown": UNKNOWN}
_SAME = {place: {_ENDINGS[ending]: share for ending, share in found.items()} for place, found in LOGGED_TOO.items()}


Loss = tuple[str, str, int]
"""Kind of loss, reason, and how many seconds long the interval is that holds its moment."""
Counts = Mapping[tuple[Any, ...], float]
_LOSS = ("kind", "key", "span")


@dataclass(frozen=True)
class Chances:
    """What is believed of retries, and of requests that are in both logs."""

    retries: Mapping[Loss, tuple[float, Lags]] = field(default_factory=dict)
    same: Mapping[tuple[str, str], Mapping[int, float]] = field(default_factory=lambda: dict(_SAME))

    def weighed(self, retries: pl.DataFrame, same: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The pairs of ``Pairs.retries`` and ``Pairs.same`` with ``probability``.

        Everything is weighed twice, as if each address were one client's and as if it were several clients'.
        """
        retries = self._with_density(retries).sort("e", "asked", "row")
        same = self._with_share(same.with_columns(pl.col("head").cast(pl.Int64)))
        alone, shared = (_weighed(retries, same, is_single=is_single) for is_single in (True, False))
        mixed = [
            pairs.with_columns((pl.col("single") * one + (1 - pl.col("single")) * several).alias("probability"))
            for pairs, one, several in zip((retries, same), alone, shared, strict=True)
        ]
        return mixed[0], mixed[1]

    def _with_density(self, pairs: pl.DataFrame) -> pl.DataFrame:
        tables = []
        for loss in pairs.select(_LOSS).unique().rows():
            share, lags = self.retries.get(loss) or believed_retry(loss)
            odds = share / (1 - share)
            early = lags.share_until(SENT_WITH_ROW)
            for is_spread, density in ((False, lags.density()), (True, lags.spread_density())):
                tables.append(
                    pl.DataFrame({"bin": range(BINS), "density": density * odds}).with_columns(
                        *(pl.lit(value).alias(name) for name, value in zip(_LOSS, loss, strict=True)),
                        pl.lit(is_spread).alias("is_spread"),
                        pl.lit(early).alias("early"),
                    )
                )
        if not tables:
            return pairs.with_columns(pl.lit(0.0).alias("density"), pl.lit(0.0).alias("early"))
        on = [*_LOSS, "bin", "is_spread"]
        return pairs.with_columns(pl.col("span").cast(pl.Int32)).join(
            pl.concat(tables), on=on, how="left", maintain_order="left"
        )

    def _with_share(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """With ``weight``, the chance per second that the request of an error ends (or starts) there, and in that way."""
        lags = [
            pl.DataFrame({"mode": [mode] * BINS, "bin": range(BINS), "density": lags.density()})
            for mode, lags in _SAME_LAGS.items()
        ]
        pairs = pairs.join(
            _same_table(self.same), on=["mode", "group", "ending"], how="left", maintain_order="left"
        ).join(pl.concat(lags), on=["mode", "bin"], how="left", maintain_order="left")
        is_start = pl.col("mode") == "start"
        under_way = pl.when(is_start).then(1 / (1 + pl.col("lag").clip(0) / 15)).otherwise(1.0)
        is_timer = ~is_start & (pl.col("group") != "")
        lasting = pl.when(is_timer).then((pl.col("taken") / USUAL).clip(0.2, 20)).otherwise(1.0).fill_null(1.0)
        return pairs.with_columns(
            (pl.col("share").fill_null(0.0) * pl.col("density") * lasting).alias("weight"),
            (pl.col("rate") * under_way).alias("rate"),
            pl.when(is_start).then(UNRELATED_OF_ONE_CLIENT).otherwise(ENDS_TOGETHER).alias("own_share"),
            pl.when(is_start)
            .then(UNRELATED_BROKEN)
            .otherwise(pl.max_horizontal("beside", pl.lit(UNRELATED)))
            .alias("unrelated"),
        )

    def learned(self, retries: pl.DataFrame, same: pl.DataFrame, asked: pl.DataFrame) -> Chances:
        """``asked`` is ``Pairs.asked_for`` of the same errors."""
        chances = self
        for _ in range(_ROUNDS):
            chances = learned_chances(*chances.weighed(retries, same), asked)
        return chances


def learned_chances(retries: pl.DataFrame, same: pl.DataFrame, asked: pl.DataFrame) -> Chances:
    """What pairs with their ``probability`` say; ``asked`` is as for ``Chances.learned``."""
    lost = asked.filter(pl.col("mode") == "retry").group_by(_LOSS).agg(pl.col("likely").sum())
    places: Counts = {row[:2]: row[2] for row in asked.group_by("mode", "group").len().iter_rows()}
    found = {
        (kind, key, span): _learned_retry((kind, key, span), number, retries)
        for kind, key, span, number in lost.iter_rows()
    }
    return Chances(found, _learned_same(_SAME, places, same))


def believed_retry(loss: Loss) -> tuple[float, Lags]:
    """Share and lags (from the end of the interval that holds the loss) before anything is learned."""
    kind, key, span = loss
    share = REJECTED if reason(key).group == "bad request" else ASKS_AGAIN_AFTER[kind]
    if kind == ZOMBIE:
        return share, _after(-span, -1)
    return share, _stalled(span) if kind == STALLED else _after(-0.5, 0.1)


def _learned_retry(loss: Loss, number: float, pairs: pl.DataFrame) -> tuple[float, Lags]:
    share, lags = believed_retry(loss)
    mine = pairs.filter(pl.all_horizontal(pl.col(name) == value for name, value in zip(_LOSS, loss, strict=True)))
    at = mine.filter(~pl.col("is_spread"))
    found = dict(at.group_by("bin").agg(pl.col("probability").sum()).iter_rows())
    counts = [float(found.get(place, 0.0)) for place in range(BINS)]
    share = (float(mine["probability"].sum()) + share * FIRST_BELIEF) / (number + FIRST_BELIEF)
    return min(share, MOST_SHARE), lags.learned(counts, FIRST_BELIEF)


_PARKED = ("start", ZOMBIE)
"""Drops of clients that left. Their requests are in both logs by exception; only a write to a dead connection shows how
often: another one with the client gone may as well be its retry, which was left in its turn."""


def _learned_same(
    believed: Mapping[tuple[str, str], Mapping[int, float]], number: Counts, pairs: pl.DataFrame
) -> dict[tuple[str, str], dict[int, float]]:
    sums = pairs.group_by("mode", "group", "ending").agg(pl.col("probability").sum())
    found = {row[:3]: row[3] for row in sums.iter_rows()}
    return {
        place: {
            ending: share
            if place == _PARKED and ending != BROKEN_WRITE
            else min(
                MOST_SHARE,
                (found.get((*place, ending), 0.0) + share * FIRST_BELIEF) / (number.get(place, 0) + FIRST_BELIEF),
            )
            for ending, share in endings.items()
        }
        for place, endings in believed.items()
    }


def _weighed(retries: pl.DataFrame, same: pl.DataFrame, *, is_single: bool) -> tuple[pl.Series, pl.Series]:
    """Probabilities of the pairs of both frames, on addresses of one client or of several.

    A request is not an error's own and its retry at once. One client's retry is the first request that fits, as nobody
    else asks in between.
    """
    share, least = (UNRELATED_OF_ONE_CLIENT, UNRELATED_LATER) if is_single else (1.0, UNRELATED)
    place = pl.when("is_elsewhere").then(ELSEWHERE).otherwise(1.0)
    # Until a stalled body is given up its client may go on asking for the same: only its own pace is the background.
    usual = pl.when(is_stalled()).then(1.0).otherwise(share)
    base = pl.col("density") * place / (usual * pl.col("rate") + least)
    retries = retries.with_columns(base.alias("base"))
    rivals = retries.select("e", pl.col("row").alias("head"), pl.col("base").alias("rival"))
    own_share = pl.col("own_share") if is_single else pl.lit(1.0)
    odds = pl.col("weight") / (own_share * pl.col("rate") + pl.col("unrelated"))
    if is_single:
        odds = odds * pl.lit(UNRELATED_OF_ONE_CLIENT).pow(pl.col("between").clip(0, _LATER))
    weighed = same.join(rivals, on=["e", "head"], how="left", maintain_order="left")
    is_cut = pl.col("group").is_in([BODY, SLOW_READER, SLOW_CLIENT]) & pl.col("ending").is_in(
        [CLIENT_GONE, BROKEN_WRITE]
    )
    is_broken = pl.col("ending") == BROKEN_WRITE
    again = pl.when(is_cut).then(CUT_AGAIN).when(is_broken).then(BROKEN_AGAIN).otherwise(1.0)
    rival = pl.col("rival").fill_null(0.0) * again
    weighed = weighed.with_columns((odds / (1 + rival)).alias("odds"))
    chance = probabilities(weighed)
    own = (
        weighed.select("e", pl.col("head").alias("row"), chance.alias("own"))
        .group_by("e", "row")
        .agg(pl.col("own").max())
    )
    own = own.rename({"e": "error"})
    retries = retries.join(own, on=["error", "row"], how="left", maintain_order="left").with_columns(
        pl.col("own").fill_null(0.0)
    )
    if is_single:
        is_open = (pl.col("own") < CLEARLY).cast(pl.Int64)
        earlier = (is_open.cum_sum().over("e") - is_open).clip(0, _FIRST)
        more = (is_open.sum().over("e") - 1).clip(0, _LATER)
        order = pl.lit(UNRELATED_OF_ONE_CLIENT).pow(earlier - more)
    else:
        order = pl.lit(1.0)
    retries = with_stalled(retries.with_columns((pl.col("base") * order).alias("odds")), is_single=is_single)
    retries = retries.with_columns(pl.col("odds") * (1 - pl.col("own")))
    # Either way in which the request may have been lost is as likely as is known, whatever fits it.
    fits = pl.col("likely") * pl.col("odds") / (1 + pl.col("odds").sum().over("e"))
    retries = retries.with_columns((fits / (1 - fits.sum().over("e")).clip(1e-6)).alias("odds"))
    return probabilities(retries), chance


def _same_table(same: Mapping[tuple[str, str], Mapping[int, float]]) -> pl.DataFrame:
    rows = [(mode, group, ending, share) for (mode, group), found in same.items() for ending, share in found.items()]
    schema = {"mode": pl.String(), "group": pl.String(), "ending": pl.Int8(), "share": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")
