"""Who dropped: a client whose request outlived the time-out, or an application that closed the connection itself.

Two accounts of a server compete. By the first its dead connections are dropped on the sweep of the timers, and what is off
it was the application's; that they are is an assumption (DOMAIN.md 4.2), so by the second the sweep says nothing of drops.
Within either the share of the application is not known. What clients did around each drop (``said``: how much likelier it
is if the client left one time-out before the row than if the application closed) decides between them, where it is known.
Shares and accounts are weighed by their likelihood on a grid, so that few drops leave much open.
"""

from __future__ import annotations

from math import exp, log

import polars as pl

from parsing.correlation.assumptions import NO_SWEEP, ON_SWEEP, PATH_BELIEF
from parsing.correlation.server.survey import Survey
from parsing.correlation.server.sweep import PERIOD, Sweeps

_STEPS = 20
_SHARES = [step / _STEPS for step in range(_STEPS + 1)]
"""Shares of the application that are weighed."""
_PRIOR = [0.5 * (10 * (1 - share) ** 9) + 0.5 for share in _SHARES]
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
        by_group = judged.join(self.groups, on="group").with_columns(_swept_share(pl.col("share")).alias("own"))
        belief = pl.col("share").first() * PATH_BELIEF
        self.paths = by_group.group_by("group", "path").agg(
            ((pl.col("own").sum() + belief) / (pl.len() + PATH_BELIEF)).alias("path_share"),
        )

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
