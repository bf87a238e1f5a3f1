"""Who dropped: a client whose request outlived the time-out, or an application that closed the connection itself.

Two accounts of a server compete. By the first its dead connections are dropped on the sweep of the timers, and what is off
it was the application's; that they are is an assumption (DOMAIN.md 4.2), so by the second the sweep says nothing of drops.
Within either the share of the application is not known. What clients did around each drop (``said``: how much likelier it
is if the client left one time-out before the row than if the application closed) decides between them, where it is known.
Shares and accounts are weighed by their likelihood on a grid, so that few drops leave much open.

Then each drop is reconsidered. Where the sweep cannot tell a drop by time-out from an application that closed, a client that
asked again one time-out earlier had left then, and one that asks again right after the row has lost its request only now. A
connection that was still used after the client should have left was not dead.
"""

from __future__ import annotations

from copy import copy
from math import exp, log

import polars as pl

from parsing.correlation.assumptions import (
    ASKS_AGAIN_AFTER,
    BROKEN_SPEAKS,
    FOUND_BY_CHANCE,
    HARDLY_ANY,
    MOST_SAID,
    NO_SWEEP,
    ON_SWEEP,
    PATH_BELIEF,
    USED_SPEAKS,
)
from parsing.correlation.logs.requests import BROKEN_WRITE
from parsing.correlation.logs.windows import Ordered
from parsing.correlation.server.survey import DROPPED, Survey
from parsing.correlation.server.sweep import PERIOD, Sweeps

_STEPS = 20
_SHARES = [step / _STEPS for step in range(_STEPS + 1)]
"""Shares of the application that are weighed."""
_PRIOR = [HARDLY_ANY * (10 * (1 - share) ** 9) + (1 - HARDLY_ANY) for share in _SHARES]
"""Either hardly any drop is the application's, as the article on Connection_Dropped takes for granted, or any share."""
_MUCH = 0.2


class Drops:
    """What the drops of each server and path have in common. ``groups`` and ``paths`` hold shares of the application."""

    def __init__(self, survey: Survey, sweeps: Sweeps, said: pl.DataFrame | None = None) -> None:
        """``said`` has ``source line said`` of drops that were looked at together with the requests around them."""
        drops = survey.drops.with_columns(pl.lit(value=True).alias("votes"))
        judged = drops.hstack(sweeps.phases(drops))
        if said is None:
            judged = judged.with_columns(pl.lit(1.0).alias("said"))
        else:
            judged = judged.join(said, on=["source", "line"], how="left", maintain_order="left")
            judged = judged.with_columns(pl.col("said").fill_null(1.0))
        judged = judged.with_columns(*_likelihoods())
        self.groups = _accounts(judged)
        self.paths = _shares_of_paths(judged.join(self.groups, on="group"))

    def informed(self, paths: pl.DataFrame) -> Drops:
        """The same with ``group path path_share`` as the shares of paths."""
        told = copy(self)
        told.paths = paths
        return told

    def differs_from(self, other: Drops) -> bool:
        """Whether the share of the application or the account of some server has changed much."""
        both = self.groups.join(other.groups, on="group", suffix="_before")
        changes = [(pl.col(name) - pl.col(f"{name}_before")).abs().max() for name in ("follows", "share")]
        return any((value or 0.0) > _MUCH for value in both.select(changes).row(0)) if both.height else False

    def judged(self, drops: pl.DataFrame) -> pl.DataFrame:
        """``worker``, the chance that the application closed, and ``seen``, from how many drops that is known.

        ``drops`` has ``group path is_on_sweep spread``.
        """
        facts = drops.select("group", "path", pl.lit(1.0).alias("said"), *_likelihoods())
        joined = facts.join(self.groups, on="group", how="left", maintain_order="left")
        joined = joined.join(self.paths, on=["group", "path"], how="left", nulls_equal=True, maintain_order="left")
        return joined.select(self._chance().alias("worker"), pl.col("seen").fill_null(0))

    @staticmethod
    def _chance() -> pl.Expr:
        usual = sum(share * weight for share, weight in zip(_SHARES, _PRIOR, strict=True)) / sum(_PRIOR)
        swept = _swept_share(pl.coalesce("path_share", "share", pl.lit(usual)))
        unswept = pl.col("share_without").fill_null(usual)
        follows = pl.col("follows").fill_null(1 - NO_SWEEP)
        return follows * swept + (1 - follows) * unswept


def _likelihoods() -> tuple[pl.Expr, pl.Expr]:
    """Of where a drop lies: ``by_application`` and ``by_client``, 1 where the phase of the sweep is not known."""
    chance = pl.col("spread") / PERIOD
    application = pl.when("is_on_sweep").then(chance).otherwise(1 - chance)
    client = pl.when("is_on_sweep").then(ON_SWEEP).otherwise(1 - ON_SWEEP)
    is_known = pl.col("is_on_sweep").is_not_null()
    return (
        pl.when(is_known).then(application).otherwise(1.0).alias("by_application"),
        (pl.when(is_known).then(client).otherwise(1.0)).alias("by_client"),
    )


def _swept_share(share: pl.Expr) -> pl.Expr:
    """The chance of the application where drops follow the sweep."""
    own = share * pl.col("by_application")
    return own / (own + (1 - share) * pl.col("by_client") * pl.col("said"))


def _accounts(judged: pl.DataFrame) -> pl.DataFrame:
    """``group follows share share_without seen``: how likely drops follow the sweep, and the shares by either account."""
    said = pl.col("said").log().mul(4).round().truediv(4).exp()
    alike = judged.with_columns(said.alias("said")).group_by("group", "by_application", "by_client", "said").len()
    rows = []
    for (group,), cases in alike.sort("group").group_by("group", maintain_order=True):
        kinds = list(cases.select("by_application", "by_client", "said", "len").iter_rows())
        follows = [_likelihood(kinds, share, follows=True) + log(1 - NO_SWEEP) for share in _SHARES]
        ignores = [_likelihood(kinds, share, follows=False) + log(NO_SWEEP) for share in _SHARES]
        top = max(*follows, *ignores)
        with_sweep, without = ([exp(value - top) for value in values] for values in (follows, ignores))
        total = sum(with_sweep) + sum(without)
        rows.append((group, sum(with_sweep) / total, _mean(with_sweep), _mean(without), sum(kind[3] for kind in kinds)))
    schema = {"group": pl.UInt32(), **dict.fromkeys(("follows", "share", "share_without"), pl.Float64())}
    return pl.DataFrame(rows, schema={**schema, "seen": pl.Int64()}, orient="row")


_ROUNDS = 5


def _shares_of_paths(drops: pl.DataFrame) -> pl.DataFrame:
    """``group path path_share``, by expectation and maximisation from the ``share`` of the server on."""
    drops = drops.with_columns(pl.col("share").alias("path_share"))
    own = _swept_share(pl.col("path_share"))
    belief = pl.col("share").first() * PATH_BELIEF
    for _ in range(_ROUNDS):
        share = (own.sum() + belief) / (pl.len() + PATH_BELIEF)
        drops = drops.with_columns(share.over("group", "path").alias("path_share"))
    return drops.select("group", "path", "path_share").unique(["group", "path"])


def _likelihood(kinds: list[tuple[float, float, float, int]], share: float, *, follows: bool) -> float:
    prior = _PRIOR[round(share * _STEPS)] / sum(_PRIOR)
    found = log(prior)
    for application, client, said, number in kinds:
        if follows:
            found += number * log(share * application + (1 - share) * client * said)
        else:
            found += number * (log(application) + log(share + (1 - share) * said))
    return found


def _mean(weights: list[float]) -> float:
    total = sum(weights)
    return sum(share * weight for share, weight in zip(_SHARES, weights, strict=True)) / total if total else 0.5


_ASKS_AGAIN = ASKS_AGAIN_AFTER["zombie"]
_SECOND = 1_000
_ROUNDING = 1_500
_SOON = 15 * _SECOND
_BEFORE = 300 * _SECOND


def reconsidered(
    errors: pl.DataFrame, rows: pl.DataFrame, requests: pl.DataFrame, timeouts: pl.DataFrame
) -> pl.DataFrame:
    """Errors with ``said`` of drops (see ``Drops``), and with ``worker`` in the light of it.

    ``rows`` are the requests of targets (``rows_of_targets``).
    """
    is_drop = (pl.col("key") == DROPPED) & pl.col("target").is_not_null()
    drops = errors.filter(is_drop).join(timeouts, on="group", how="left", maintain_order="left")
    if drops.is_empty():
        return errors.with_columns(pl.lit(1.0).alias("said"))
    left = (drops["t"] - drops["zombie_longest"] - PERIOD * _SECOND - _ROUNDING, drops["t"] - drops["zombie_shortest"])
    heads = Ordered(rows.filter(pl.col("head") == pl.col("row")), "target", "asked")
    usual = _number(heads, drops, drops["t"] - _BEFORE, drops["t"])
    then = _said(_number(heads, drops, left[0], left[1] + _SOON), usual, left[1] + _SOON - left[0])
    now = _said(
        _number(heads, drops, drops["t"] - _SECOND, drops["t"] + _SOON), usual, drops["t"] * 0 + _SOON + _SECOND
    )
    facts = drops.select(
        "e",
        then.alias("then"),
        now.alias("now"),
        _spanned(drops, rows, left).alias("is_broken"),
        _used(drops, requests, left[1]).alias("is_used"),
    )
    told = pl.when("is_broken").then(BROKEN_SPEAKS).otherwise(1.0) * pl.when("is_used").then(USED_SPEAKS).otherwise(1.0)
    said = (pl.col("then") / pl.col("now") * told).clip(1 / MOST_SAID, MOST_SAID)
    errors = errors.join(facts.select("e", said.alias("said")), on="e", how="left", maintain_order="left")
    errors = errors.with_columns(pl.col("said").fill_null(1.0))
    by_client = (1 - pl.col("worker")) * pl.col("said")
    return errors.with_columns((pl.col("worker") / (pl.col("worker") + by_client)).fill_nan(1.0).alias("worker"))


def _number(rows: Ordered, drops: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.Series:
    found = rows.counts(drops["target"], low, high)
    return found["high"] - found["low"]


def _said(found: pl.Series, usual: pl.Series, length: pl.Series) -> pl.Series:
    """How much likelier it is to find so many when the client lost its request there than when it did not.

    Requests by chance are as many as elsewhere (Poisson), and a loss may add one. Finding none says little: the client
    may have given up.
    """
    frame = pl.DataFrame({"found": found, "usual": (usual - found).clip(0) * length / _BEFORE})
    chance = pl.col("usual") + FOUND_BY_CHANCE
    return frame.select((1 - _ASKS_AGAIN + _ASKS_AGAIN * pl.col("found") / chance).alias("likely")).to_series()


def _spanned(drops: pl.DataFrame, rows: pl.DataFrame, left: tuple[pl.Series, pl.Series]) -> pl.Series:
    """Whether a request of the target was under way when the client should have left, and broke off later."""
    broken = Ordered(rows.filter(pl.col("ending") == BROKEN_WRITE), "target", "asked")
    probes = drops.select("e", pl.col("target").alias("key"), "t").with_columns(
        (left[0] - 3 * _BEFORE).alias("low"), (left[1] + _ROUNDING).alias("high"), left[0].alias("left")
    )
    found = broken.within(probes, 4, latest=True).join(probes.select("e", "left"), on="e")
    return drops["e"].is_in(found.filter(pl.col("end") >= pl.col("left"))["e"].implode())


def _used(drops: pl.DataFrame, requests: pl.DataFrame, left: pl.Series) -> pl.Series:
    """Whether the connection carried a request that began after the client should have left.

    One of HTTP/2 or HTTP/3 goes on for other requests when its client leaves one. A port that is in use after the row, too,
    is another connection's by now: the dropped one is closed.
    """
    is_shared = pl.col("stream").is_not_null() | pl.col("version").str.contains(r"/[23]").fill_null(value=False)
    dead = drops.select("e", "address", "port", "t", is_shared.alias("is_shared")).with_columns(left.alias("left"))
    dead = dead.filter(~pl.col("is_shared")).drop_nulls()
    rows = requests.filter(
        pl.col("port").is_not_null() & pl.col("address").is_not_null() & pl.col("start").is_not_null()
    )
    found = rows.select("address", "port", "start", "end").join(dead, on=["address", "port"])
    later = found.filter((pl.col("start") > pl.col("left") + 3 * _SECOND) & (pl.col("end") <= pl.col("t")))
    goes_on = found.filter(pl.col("start").is_between(pl.col("t") + _SECOND, pl.col("t") + _GOES_ON))
    return drops["e"].is_in(later["e"].unique().implode()) & ~drops["e"].is_in(goes_on["e"].unique().implode())


_GOES_ON = 60 * _SECOND
"""How long after a row a request over the same port is of a connection that was there before the row."""
