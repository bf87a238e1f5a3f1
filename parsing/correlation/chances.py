"""How often an error has its request or a retry in the IIS log, and after which time: believed first, then learned.

What is learned on one log set is how its clients and applications behave: how many ask again, how soon, and how often
both logs got the request. It is found by expectation and maximisation: pairs are weighed with what is believed, and the
weights give the next belief.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import exp

import polars as pl

from parsing.correlation.association import probabilities
from parsing.correlation.lags import BINS, Lags
from parsing.correlation.moments import BODY, NOW, SLOW_CLIENT, SLOW_READER, STALLED, ZOMBIE
from parsing.correlation.requests import BROKEN_WRITE, CLIENT_GONE, ENDED, UNKNOWN

_ROUNDS = 3
_BELIEF = 30.0
"""How many found pairs the first belief weighs."""
_UNRELATED = 2e-5
"""Requests a second which fit by chance even where none was seen."""
_OWN = 0.03
"""Share of the requests of a single client for the URI that are not the one looked for, though they would fit."""
_MOST_ODDS = 1e6
_WAITS = ((0.35, 1.5), (0.35, 6.0), (0.2, 25.0), (0.1, 120.0))
"""Shares and means, in seconds, of the time until a client asks again."""


def _waited(seconds: float) -> float:
    return sum(share * (1 - exp(-seconds / mean)) for share, mean in _WAITS) if seconds > 0 else 0.0


def _after(earliest: float, latest: float) -> Lags:
    """A client that asks again after a loss somewhere between two lags."""
    parts = 16
    starts = [earliest + (latest - earliest) * (part + 0.5) / parts for part in range(parts)]
    return Lags.believed(lambda seconds: sum(_waited(seconds - start) for start in starts) / parts)


def _patience(seconds: float) -> float:
    return 0.0 if seconds < -7 else 1 - 0.6 * exp(-(seconds + 7) / 20) - 0.4 * exp(-(seconds + 7) / 90)


def _soon(seconds: float) -> float:
    return 0.0 if seconds < -1.5 else 0.92 * (1 - exp(-(seconds + 1.5) / 0.9)) + 0.08 * (1 - exp(-(seconds + 1.5) / 4))


_RETRIES = {ZOMBIE: (0.45, _after(-9, -1)), NOW: (0.35, _after(-1.5, -0.5)), STALLED: (0.3, _after(-127, -1))}
_SAME_LAGS = {"start": Lags.believed(_patience), "end": Lags.believed(_soon), "address": Lags.believed(_soon)}
_SAME: dict[tuple[str, str], dict[int, float]] = {
    ("start", ZOMBIE): {BROKEN_WRITE: 0.06, CLIENT_GONE: 0.004, UNKNOWN: 0.01},
    ("end", BODY): {CLIENT_GONE: 0.3, BROKEN_WRITE: 0.05, ENDED: 0.08, UNKNOWN: 0.3},
    ("end", SLOW_READER): {CLIENT_GONE: 0.4, BROKEN_WRITE: 0.05, ENDED: 0.02, UNKNOWN: 0.3},
    ("end", SLOW_CLIENT): {BROKEN_WRITE: 0.7, CLIENT_GONE: 0.1, ENDED: 0.01, UNKNOWN: 0.3},
    ("end", ""): {CLIENT_GONE: 0.02, BROKEN_WRITE: 0.02, ENDED: 0.002, UNKNOWN: 0.01},
    ("address", BODY): {CLIENT_GONE: 0.3, BROKEN_WRITE: 0.05, UNKNOWN: 0.02},
    ("address", SLOW_READER): {CLIENT_GONE: 0.4, BROKEN_WRITE: 0.05, UNKNOWN: 0.02},
    ("address", SLOW_CLIENT): {BROKEN_WRITE: 0.7, CLIENT_GONE: 0.1, UNKNOWN: 0.02},
    ("address", ""): {CLIENT_GONE: 0.02, BROKEN_WRITE: 0.02, UNKNOWN: 0.001},
}
"""Share of errors of a reason that are in the IIS log too, by how the request ended there; "" is any other reason."""


@dataclass(frozen=True)
class Chances:
    """What is believed of retries, and of requests that are in both logs."""

    retries: Mapping[str, tuple[float, Lags]] = field(default_factory=lambda: dict(_RETRIES))
    same: Mapping[tuple[str, str], Mapping[int, float]] = field(default_factory=lambda: dict(_SAME))
    same_lags: Mapping[str, Lags] = field(default_factory=lambda: dict(_SAME_LAGS))

    def retry_odds(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Pairs of ``Pairs.retries`` with ``odds``."""
        tables = [
            pl.DataFrame({"kind": [kind] * BINS, "bin": range(BINS), "density": lags.density() * share / (1 - share)})
            for kind, (share, lags) in self.retries.items()
        ]
        pairs = pairs.join(pl.concat(tables), on=["kind", "bin"], how="left", maintain_order="left")
        own = pl.col("density") / (_OWN * pl.col("rate") + _UNRELATED) * pl.lit(1 / _OWN).pow(pl.col("later"))
        others = pl.col("density") / (pl.col("rate") + _UNRELATED)
        return pairs.with_columns(_mixed(own, others).alias("odds"))

    def same_odds(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Pairs of one of the ``same_by_...`` with ``odds``."""
        table = _same_table(self.same)
        lags = [
            pl.DataFrame({"mode": [mode] * BINS, "bin": range(BINS), "density": lags.density()})
            for mode, lags in self.same_lags.items()
        ]
        pairs = pairs.join(table, on=["mode", "group", "ending"], how="left", maintain_order="left").join(
            pl.concat(lags), on=["mode", "bin"], how="left", maintain_order="left"
        )
        under_way = pl.when(pl.col("mode") == "start").then(1 / (1 + pl.col("lag").clip(0) / 15)).otherwise(1.0)
        weight = pl.col("share").fill_null(0.0) * pl.col("density")
        own = weight / ((_OWN + 0.3 * (pl.col("mode") != "start")) * pl.col("rate") * under_way + _UNRELATED)
        others = weight / (pl.col("rate") * under_way + _UNRELATED)
        return pairs.with_columns(_mixed(own, others).alias("odds"))

    def learned_retries(self, pairs: pl.DataFrame, errors: pl.DataFrame) -> Chances:
        """``errors`` has ``kind`` of every error whose retry was looked for."""
        number = dict(errors.group_by("kind").len().iter_rows())
        chances = self
        for _ in range(_ROUNDS):
            found = chances.retry_odds(pairs)
            sums = (
                found.select("kind", "bin", probabilities(found))
                .group_by("kind", "bin")
                .agg(pl.col("probability").sum())
            )
            table = {(kind, bin): weight for kind, bin, weight in sums.iter_rows()}
            updated = {}
            for kind, (share, lags) in self.retries.items():
                counts = [float(table.get((kind, bin), 0.0)) for bin in range(BINS)]
                share = (sum(counts) + share * _BELIEF) / (number.get(kind, 0) + _BELIEF)
                updated[kind] = (min(share, 0.97), lags.learned(counts, _BELIEF))
            chances = replace(chances, retries=updated)
        return chances

    def learned_same(self, pairs: pl.DataFrame, errors: pl.DataFrame) -> Chances:
        """``errors`` has ``mode`` and ``group`` of every error whose own request was looked for."""
        number = {(mode, group): count for mode, group, count in errors.group_by("mode", "group").len().iter_rows()}
        chances = self
        for _ in range(_ROUNDS):
            found = chances.same_odds(pairs)
            found = found.select("mode", "group", "ending", "bin", probabilities(found))
            sums = found.group_by("mode", "group", "ending").agg(pl.col("probability").sum())
            table = {(mode, group, ending): weight for mode, group, ending, weight in sums.iter_rows()}
            same = {
                place: {
                    ending: min(
                        0.95, (table.get((*place, ending), 0.0) + share * _BELIEF) / (number.get(place, 0) + _BELIEF)
                    )
                    for ending, share in endings.items()
                }
                for place, endings in self.same.items()
            }
            chances = replace(chances, same=same)
        return chances


def _mixed(own: pl.Expr, others: pl.Expr) -> pl.Expr:
    """Odds that are right on average when an address is one client's with the chance ``single``."""
    chance = pl.col("single") * own / (1 + own) + (1 - pl.col("single")) * others / (1 + others)
    return (chance / (1 - chance).clip(1 / _MOST_ODDS)).clip(0, _MOST_ODDS)


def _same_table(same: Mapping[tuple[str, str], Mapping[int, float]]) -> pl.DataFrame:
    rows = [(mode, group, ending, share) for (mode, group), found in same.items() for ending, share in found.items()]
    schema = {"mode": pl.String(), "group": pl.String(), "ending": pl.Int8(), "share": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")
